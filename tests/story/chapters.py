"""The chapters of the story up to the emergency and after it, each played by those whose part it is."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from tests.browsing import counted
from tests.story.ground import OURS
from tests.story.stage import Stage

MATTER = {"zh": "3 号楼门前井盖破损，夜间看不清", "en": "Broken manhole cover at the door of building 3"}
DONE = {"zh": "井盖已更换，周围已清理。", "en": "The cover was replaced and the place cleaned."}


def the_file_comes_in(stage: Stage) -> None:
    """Register the department's table, send its file, look at the columns, put one right, admit."""
    page = stage.who("steward_civil")
    stage.check(page, "first-page-empty")
    stage.change_purpose(page, "registry_maintenance")
    stage.go(page, "Sources")
    stage.fit(page, "sources")
    stage.press(page.locator("main"), "Register a table")
    stage.fit(page, "register-table")
    page.locator("#id_name_zh").fill("救助与高龄津贴")
    page.locator("#id_name_en").fill("Social assistance")
    page.locator("#id_code").fill(OURS)
    stage.press(page.locator("main"), "Register")
    file = stage.house.village.file("person", OURS)
    page.locator("#id_file").set_input_files(file)
    stage.press(page, "Read the file")
    expect(page.get_by_role("heading", level=1)).to_have_text(file.name)
    expect(page.locator("table.mapping")).to_have_count(3)
    kind, grade = (page.locator("tr", has_text=text).locator("select") for text in ("残疾类别", "残疾等级"))
    expect(kind).to_have_value("disability")
    expect(grade).to_have_value("")
    kind.select_option("")  # the grade says more than the kind: it is what the register shall hold
    grade.select_option("disability")
    kind.scroll_into_view_if_needed()
    stage.picture(page, "mapping")
    stage.phone(page, "mapping")
    stage.press(page, "Columns are right: check the rows")
    expect(page.locator(".badge[data-tone=done]").first).to_be_visible()
    expect(grade).to_have_value("disability")
    expect(kind).to_have_value("")


def a_row_is_put_right(stage: Stage) -> str:
    """Rows that could not stand, each with its reasons; one is corrected and comes in after all. Gives its name."""
    page = stage.who("steward_civil")
    with page.expect_navigation():
        page.locator(".page-head .actions a.button").click()
    held = page.locator("ul.cards > li.card")
    assert counted(held) >= 5
    for card in held.all():
        expect(card.locator(".reasons li").first).not_to_be_empty()
    stage.picture(page, "quarantine")
    stage.phone(page, "quarantine")
    page.locator('ul.chips a[href*="reason=impossible_date"]').click()
    page.wait_for_url("**reason=impossible_date*")
    before = counted(held)
    card = held.first
    card.locator("summary").click()
    name = _cell(card, "姓名").input_value()
    _cell(card, "出生").fill("1941-03-08")
    stage.press(card, "Judge it anew")
    expect(page.get_by_role("status").first).to_contain_text(
        stage.told("The row was admitted, marked as corrected. The original stays as it was.")
    )
    expect(held).to_have_count(before - 1)
    return name


def _cell(card: Locator, header: str) -> Locator:
    """The cell of a row under the first header that holds these words."""
    label = card.page.locator(".label", has_text=header)
    return card.locator("label.field", has=label).first.locator("input.input")


def the_register_is_linked(stage: Stage) -> None:
    """Asked for on the page, done by the worker; the page says what came of it."""
    page = stage.who("steward_civil")
    stage.go(page, "Sources")
    with page.expect_navigation():
        stage.press(page, "Link the register anew")
    run = page.locator("ol.timeline > li").first
    until = time.monotonic() + 600
    while run.get_attribute("data-step") == "now":
        assert time.monotonic() < until, "the register was not linked"
        page.wait_for_timeout(700)
        page.reload()
    expect(run).to_have_attribute("data-step", "done")
    stage.fit(page, "linked")


def care_is_planned(stage: Stage) -> None:
    """No page asks for this: gaps in care are looked for, and tasks made of them, as the main job of the demo does."""
    from wangge.flows import screening, tasking

    def plan() -> int:
        screening.screen_care()
        return tasking.task_care()

    assert stage.house.through_the_doors(plan) > 0


def worker_with_tasks(stage: Stage, emergency: UUID | None = None) -> tuple[str, str]:
    """The grid worker who has most to do, in peace or in an emergency: account and name as shown."""
    from wangge.tasks.queries import my_tasks

    staff = stage.house.village.staff
    purpose = "epidemic_response" if emergency else "care"

    def look() -> tuple[int, str, str]:
        from wangge.access.models import User

        found = []
        for username, _unit in staff.workers:
            tasks = my_tasks(staff.enter(username, purpose, emergency))
            user = User.objects.get(id=staff.users[username])
            name = user.display_zh if stage.language == "zh" else user.display_en
            found.append((sum(t.emergency == emergency for t in tasks), username, name))
        return max(found)

    most, username, name = stage.house.through_the_doors(look)
    assert most > 0, "no worker has tasks"
    return username, name


def a_visit_opens_a_matter(stage: Stage, username: str) -> None:
    """On a phone: the doors, one of them, its visit, and what must be put right there."""
    page = stage.who(username, phone=True)
    page.goto(f"{stage.house.address}/field/")
    work_for(page, "community_service")
    stage.picture(page, "phone-doors")
    page.locator("a.door").first.click()
    with page.expect_navigation():
        stage.press(page, "Begin the visit")
    answer_everything(page)
    page.locator("details:has(#matter-category) > summary").click()
    page.locator("#matter-category").select_option("F0103")
    page.locator("#matter-title").fill(MATTER[stage.language])
    page.evaluate("scrollTo(0, 0)")
    stage.picture(page, "phone-visit")
    hand_in(stage, page)
    page.get_by_role("link", name=stage.told("Visited"), exact=True).click()
    done = page.locator("a.door[data-state=done]").first
    done.click()
    expect(page.get_by_text(stage.told("Complete"), exact=True)).to_be_visible()
    stage.check(page, "phone-receipt")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def work_for(page: Page, purpose: str) -> None:
    page.locator("details:has(button[name=purpose]) > summary").click()
    with page.expect_navigation():
        page.locator(f"button[name=purpose][value={purpose}]").click()


def answer_everything(page: Page) -> None:
    """The first answer to every question that must be answered."""
    for question in page.locator("fieldset.question:has(input[required])").all():
        question.locator("label.choice").first.click()
    for several in page.locator(
        "fieldset.question:has(input[type=checkbox]):not(:has(input[required]))"
    ).all():
        several.locator("label.choice").first.click()
    for number in page.locator("form#visit input[type=number]").all():
        number.fill("36.6" if number.get_attribute("name") == "q_temperature" else "14")
    page.locator("#observations").fill(
        "一切正常。" if page.locator("html[lang^=zh]").count() else "All is well."
    )


def hand_in(stage: Stage, page: Page) -> None:
    """Through the outbox of the phone, until the centre has said that it is there."""
    stage.press(page, "Hand in")
    page.wait_for_url("**/field/")
    stage.handed[page] = stage.handed.get(page, 0) + 1  # one worker may be the busiest in peace and emergency
    expect(page.locator('[data-count="sent"] b')).to_have_text(str(stage.handed[page]))
    expect(page.locator('[data-count="waiting"] b')).to_have_text("0")
    expect(page.locator('[data-count="refused"] b')).to_have_text("0")


def the_matter_is_closed(stage: Stage) -> None:
    """Accepted and dispatched, resolved by the department, verified and closed by somebody else."""
    dispatcher = stage.who("dispatcher")
    stage.change_purpose(dispatcher, "case_handling")
    stage.go(dispatcher, "Today")
    stage.picture(dispatcher, "first-page")
    _case(stage, "dispatcher")
    _at_once(dispatcher, "accept")
    water = stage.house.village.staff.organisations["water"]
    _with_words(
        dispatcher, "dispatch", lambda form: form.locator("#id_organisation").select_option(str(water))
    )
    stage.picture(dispatcher, "cases")
    stage.go(dispatcher, "Who answers")
    dispatcher.locator("a[data-select^='grid:']").first.click()
    expect(dispatcher.locator("#record [data-record^='grid:']")).to_be_visible()
    stage.check(dispatcher, "responsible")
    handler = _case(stage, "water")
    _with_words(handler, "resolve", lambda form: form.locator("#id_note").fill(DONE[stage.language]))
    supervisor = _case(stage, "supervisor")
    _at_once(supervisor, "verify")
    _at_once(supervisor, "close")
    expect(supervisor.locator('#record .badge[data-tone="closed"], #record .badge').first).to_be_visible()
    steps = supervisor.locator("#record ol.timeline li[data-step=done]")
    expect(steps).to_have_count(6)  # reported, accepted, dispatched, resolved, verified, closed
    stage.picture(supervisor, "case-closed")


def _case(stage: Stage, username: str) -> Page:
    page = stage.who(username)
    stage.change_purpose(page, "case_handling")
    stage.go(page, "Cases")
    page.locator("a[data-select]", has_text=MATTER[stage.language]).first.click()
    expect(page.locator("#record h2")).to_have_text(MATTER[stage.language])
    return page


def _at_once(page: Page, verb: str) -> None:
    done = page.locator("#record ol.timeline li[data-step=done]")
    before = counted(done)
    page.locator(f'#record form[action$="/{verb}/"] button').click()
    expect(done).to_have_count(before + 1)


def _with_words(page: Page, verb: str, fill: Any) -> None:
    done = page.locator("#record ol.timeline li[data-step=done]")
    before = counted(done)
    page.locator(f'#record a[href*="act={verb}"]').click()
    form = page.locator(f'#record form[action$="/{verb}/"]')
    fill(form)
    form.locator("button[type=submit]").click()
    expect(done).to_have_count(before + 1)


def the_ledger_is_read(stage: Stage, acts: dict[str, str]) -> None:
    """Every act of the story stands there with who did it; the whole chain is checked by a button.

    `acts`: door -> account, in the order of the story.
    """
    page = stage.who("auditor")
    stage.go(page, "Ledger")
    names = stage.house.through_the_doors(lambda: _names(stage, set(acts.values())))
    for door, username in acts.items():
        page.locator("select[name=door]").select_option(door)
        page.wait_for_url(f"**door={door}*")
        expect(page.locator("a[data-select]", has_text=door).first).to_contain_text(names[username])
    stage.go(page, "Ledger")
    page.locator("a[data-select^='entry:']").nth(2).click()
    expect(page.locator("#record [data-record^='entry:']")).to_be_visible()
    page.locator('form[action$="/ledger/verify/"] button').click()
    expect(page.locator("#verification")).to_contain_text(stage.told("The chain holds."))
    stage.picture(page, "ledger")


def _names(stage: Stage, usernames: set[str]) -> dict[str, str]:
    from wangge.access.models import User

    column = "display_zh" if stage.language == "zh" else "display_en"
    return dict(User.objects.filter(username__in=usernames).values_list("username", column))
