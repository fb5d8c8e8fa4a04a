"""The chapters of the emergency: declared with all its terms, fed two lists, judged, ended, gone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Page, expect

from demo.staffing import DISTRICT
from tests.browsing import counted, map_ready
from tests.story.chapters import answer_everything, hand_in, work_for
from tests.story.stage import Stage
from wangge.access.actions import enter_system
from wangge.cases.queries import categories
from wangge.insight.actions import raise_alarms
from wangge.insight.types import CountedSeries
from wangge.kernel.units import interval_of

NAME = {"zh": "呼吸道传染病应急响应（演示）", "en": "Respiratory outbreak response (demo)"}


def a_person_is_looked_up(stage: Stage, name: str) -> None:
    """Every fact with the sources that told it, and when; from there to the row as the department sent it."""
    page = stage.who("steward_civil")
    stage.go(page, "People")
    page.locator("#people-q").fill(name)
    stage.press(page.locator("main"), "Find")
    page.locator("a[data-select^='person:']", has_text=name).first.click()
    record = page.locator("#record [data-record^='person:']")
    expect(record.locator("h2")).to_have_text(name)
    told = record.locator("details.where")
    told.first.locator("summary").click()
    expect(told.first.locator(".kept")).to_have_count(1)
    expect(told.first.locator(".source").first).not_to_be_empty()
    expect(told.first.locator("time").first).to_be_visible()
    stage.picture(page, "person")
    with page.expect_navigation():
        told.first.get_by_role("link", name=stage.told("As it came")).first.click()
    expect(page.get_by_text(name).first).to_be_visible()


def it_is_declared(stage: Stage) -> UUID:
    """By the lead, with law, article, area, purposes, data and END; a declaration without an area is refused."""
    page = stage.who("emergency")
    stage.go(page, "Emergencies")
    stage.check(page, "emergencies")
    stage.press(page, "Declare an emergency")
    page.locator("#id_name").fill(NAME[stage.language])
    page.locator("#id_article").fill("第五十三条")
    page.locator("#id_instrument").fill("2026-1")
    stage.press(page, "Declare")
    expect(page.locator(".error-summary")).to_be_visible()  # no area has been named
    stage.check(page, "declare-refused")
    page.locator(f'select[name^="area-{DISTRICT}"]').first.select_option(index=2)
    stage.picture(page, "declare", full=True)
    stage.press(page, "Declare")
    page.wait_for_url(re.compile(r"/emergencies/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME[stage.language])
    return UUID(page.url.rstrip("/").rsplit("/", 1)[1])


def the_lists_come_in(stage: Stage) -> None:
    """By the epidemiologist: first who is ill, then who sat in the train with them."""
    page = stage.who("epidemiologist")
    for schema, kind in (("patient", "patients"), ("passenger", "manifest")):
        stage.go(page, "Emergencies")
        page.get_by_role("link", name=NAME[stage.language]).first.click()
        page.locator(f'input[name=schema][value="{schema}"]').check()
        page.locator("#id_file").set_input_files(stage.house.village.file(kind))
        stage.press(page, "Read the file")
        expect(page.locator("table.mapping").first).to_be_visible()
        stage.press(page, "Columns are right: check the rows")
        stage.press(page, "Take into the emergency")
        page.wait_for_url(re.compile(r"/emergencies/[0-9a-f-]{36}/$"))
        expect(page.locator('.notice[data-tone="good"]').first).to_be_visible()
    stage.picture(page, "emergency")


def findings_say_why(stage: Stage) -> None:
    """Each finding with its rule, the facts it rests on and what would change it.

    Blue is for contacts of contacts: its filter is there, however many they are.
    """
    page = stage.who("epidemiologist")
    stage.go(page, "Exposure")
    expect(page.locator('ul.chips a[href*="tier=blue"]')).to_be_visible()
    for tier in ("red", "yellow"):
        page.locator(f'ul.chips a[href*="tier={tier}"]').click()
        page.wait_for_url(f"**tier={tier}*")
        row = page.locator("a[data-select^='finding:']").first
        expect(row.locator(".title")).not_to_be_empty()
        row.click()
        record = page.locator("#record [data-record^='finding:']")
        expect(record.get_by_text(stage.told("Would change it")).first).to_be_visible()
        expect(record.get_by_text(stage.told("Facts used"))).to_be_visible()
        if tier == "red":
            stage.picture(page, "findings")
        stage.go(page, "Exposure")


def areas_and_chains_are_looked_at(stage: Stage) -> None:
    """Each street and community in its colour with the rule that gave it; a patient's chain forward and back."""
    page = stage.who("epidemiologist")
    stage.go(page, "Emergencies")
    page.get_by_role("link", name=NAME[stage.language]).first.click()
    expect(page.locator("#yield-title")).to_be_visible()
    stage.fit(page, "response")
    with page.expect_navigation():
        page.locator("#colours-title a").click()
    map_ready(page)
    row = page.locator("a.row:has(.tier)").first
    row.click()
    record = page.locator("#record [data-record]")
    expect(record.get_by_text(stage.told("Would change")).first).to_be_visible()
    stage.fit(page, "colours")
    stage.go(page, "Emergencies")
    page.get_by_role("link", name=NAME[stage.language]).first.click()
    with page.expect_navigation():
        page.locator('a[href$="/patients/"]').first.click()
    chains = [a.get_attribute("href") for a in page.locator("table tbody th a").all()]
    for href in chains:
        page.goto(f"{stage.house.address}{href}")
        if page.locator("section.card a.row").count():
            break
    expect(page.locator("section.card a.row").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("BL")
    stage.fit(page, "chain")
    page.locator('ul.chips a[href*="to=sources"]').click()
    page.wait_for_url("**to=sources*")


def an_alarm_is_judged(stage: Stage) -> None:
    """A surge over a month's quiet: the centre sees what was expected, says why, issues it."""
    day = timezone.localdate() - timedelta(days=1)

    def ring() -> int:
        access = enter_system(name="warning", purpose="case_handling")
        quiet = {day - timedelta(days=n): 1 for n in range(30)}
        place, burst = interval_of(f"{DISTRICT}001").lo, categories(access)[0].code
        surge = CountedSeries(f"case:{burst}", f"{DISTRICT}001000", place, {**quiet, day: 9}, ())
        return raise_alarms(access, series=[surge], on=day)

    assert stage.house.through_the_doors(ring) == 1
    page = stage.who("dispatcher")
    stage.change_purpose(page, "case_handling")
    stage.go(page, "Alarms")
    page.locator("a.row[data-select^='alarm:']").first.click()
    expect(page.locator("#record").get_by_text(stage.told("Who must look"))).to_be_visible()
    stage.fit(page, "alarm")
    page.locator("#alarm-reason").fill(
        "同日多处，须查看" if stage.language == "zh" else "Several doors on one day"
    )
    stage.press(page, "Issue to the departments")
    expect(page.locator("#record").get_by_text(stage.told("Judgement"))).to_be_visible()


def tasks_have_reached(stage: Stage, worker: str) -> None:
    """The lead sees at whose door each task is."""
    page = stage.who("emergency")
    stage.go(page, "Tasks")
    row = page.locator("a[data-select^='task:']", has_text=worker).first
    row.click()
    expect(page.locator("#record [data-record^='task:']")).to_contain_text(worker)
    stage.picture(page, "tasks")


def an_exposed_person_is_visited(stage: Stage, username: str) -> None:
    """The worker, on a phone, for the response: the door, the reason, the symptom check."""
    page = stage.who(username, phone=True)
    page.goto(f"{stage.house.address}/field/")
    work_for(page, "epidemic_response")
    page.locator("a.door:has(.tier)").first.click()
    with page.expect_navigation():
        stage.press(page, "Begin the visit")
    answer_everything(page)
    hand_in(stage, page)


def it_ends(stage: Stage, emergency: UUID) -> None:
    """The lead ends it: the certificate stands, its data is closed to those who read it a moment ago."""
    reader = stage.who("epidemiologist")
    patients = f"{stage.house.address}/emergencies/{emergency}/patients/"
    answer: Any = reader.goto(patients)
    assert answer.status == 200
    rows = reader.locator("table tbody tr")
    assert counted(rows) >= 5
    ill = rows.first.locator("th").inner_text()
    stage.check(reader, "patients")
    page = stage.who("emergency")
    stage.go(page, "Emergencies")
    page.get_by_role("link", name=NAME[stage.language]).first.click()
    stage.press(page, "End it now")
    stage.check(page, "end")
    page.locator("#id_name").fill(NAME[stage.language])
    page.locator("#id_reason").fill("演示结束" if stage.language == "zh" else "The demonstration is over")
    stage.press(page, "End it and destroy its data")
    page.wait_for_url("**/certificates/**")
    expect(page.get_by_text(stage.told("Signature holds"))).to_be_visible()
    stage.picture(page, "certificate", full=True)
    _is_closed(reader, patients, ill)
    _is_closed(reader, f"{stage.house.address}/findings/", ill)


def _is_closed(page: Page, address: str, name: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status in (403, 404, 410), answer.status
    assert name not in page.content()
