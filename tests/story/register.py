"""The chapters of the register: reviewed by keyboard, looked into, a doubtful fact asked about and answered."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browsing import counted
from tests.story.ground import OURS
from tests.story.stage import Stage


def press(page: Page, key: str) -> None:
    """A key, once the page's script listens."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def pairs_are_reviewed(stage: Stage) -> None:
    """With the keyboard alone: look through the queue, say different, take it back, say same."""
    page = stage.who("steward")
    stage.go(page, "Same or not")
    rows = page.locator("ul[data-arrows] a.row")
    assert counted(rows) >= 3
    page.keyboard.press("ArrowDown")
    record = page.locator("article[data-record^='pair:']")
    expect(record).to_be_visible()
    first = record.get_attribute("data-record")
    stage.fit(page, "review")
    page.keyboard.press("ArrowDown")
    expect(record).not_to_have_attribute("data-record", first or "")
    page.keyboard.press("ArrowUp")
    expect(record).to_have_attribute("data-record", first or "")
    page.locator("h1").first.click()
    press(page, "d")
    expect(page.get_by_role("status").first).to_contain_text(stage.told("Kept apart."))
    expect(record).not_to_have_attribute("data-record", first or "")
    press(page, "z")
    expect(page.get_by_role("status").first).to_contain_text(stage.told("Taken back."))
    expect(page.locator(f"a[data-select='{first}']")).to_have_count(1)
    page.locator(f"a[data-select='{first}']").click()
    expect(record).to_have_attribute("data-record", first or "")
    press(page, "s")
    expect(page.get_by_role("status").first).to_contain_text(stage.told("Merged."))
    expect(record).not_to_have_attribute("data-record", first or "")
    press(page, "u")
    expect(
        page.locator("#record a[href='#reason']").or_(page.locator("a[href='#reason']")).first
    ).to_be_visible()


def a_merged_person_says_why(stage: Stage) -> None:
    """The page of a person of several records: evidence of each link, what was changed by hand, a split looked at."""
    page = stage.who("steward")
    with page.expect_navigation():
        page.locator("table.beside a").first.click()
    expect(page.locator("article[data-record^='person:']")).to_be_visible()
    more = page.locator("details:has(.link)")
    if more.count():
        more.locator("summary").first.click()
    stage.fit(page, "person")
    split = page.get_by_role("link", name=stage.told("Split"), exact=True)
    if split.count():
        split.click()
        page.locator("input[name=records]").first.check()
        stage.press(page.locator("main"), "Look at both sides")
        expect(page.locator(".pair .card")).to_have_count(2)
        stage.fit(page, "split")


def a_doubt_is_asked_about(stage: Stage) -> str:
    """The grid centre sends the dearest doubts of one department; gives the address of one."""
    page = stage.who("steward")
    stage.go(page, "Correction requests")
    page.goto(page.url + f"?source={OURS}&reason=check_digit")
    ticks = page.locator("input[name=requests]")
    expect(ticks.first).to_be_visible()
    stage.fit(page, "doubts")
    asked = ticks.first.get_attribute("value")
    ticks.first.check()
    stage.press(page, "Send the ticked ones")
    expect(page.locator(f"a[data-select='request:{asked}']")).to_be_visible()
    return str(asked)


def the_department_answers(stage: Stage, asked: str) -> None:
    """It waits on the department's first page; the answer goes back as a batch."""
    page = stage.who("steward_civil")
    page.goto(stage.house.address + "/")
    page.locator(f"a[href$='/requests/{asked}/']").first.click()
    expect(page.locator(f"article[data-record='request:{asked}']")).to_be_visible()
    page.locator("input[name=answer][value=confirm]").check()
    stage.fit(page, "answer")
    page.locator("input[name=answer][value=correct]").check()
    page.locator("#value").fill("120110194103080017")
    stage.press(page.locator("article"), "Answer")
    expect(page.get_by_role("status").first).to_contain_text(stage.told("Answered. The answer went to the sources; the register follows when it is linked anew.")[:12])  # fmt: skip
    stage.fit(page, "answered")
