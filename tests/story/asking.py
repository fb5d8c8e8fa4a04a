"""The chapters of asking once: a form that the register answers first, sent to the doors; how good the tables are."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.story.stage import Stage

TITLE = {"zh": "高龄津贴资格核实", "en": "Who may have the old-age allowance"}


def a_form_is_answered_and_sent(stage: Stage) -> None:
    """Drafted by a department, answered question by question, sent; the campaign stands grid by grid."""
    page = stage.who("steward_civil")
    stage.go(page, "Ask once")
    stage.check(page, "asking-none")
    stage.press(page.locator("main"), "Draft a form")
    page.locator("#id_title").fill(TITLE[stage.language])
    page.locator("#id_area").select_option(index=0)  # the whole district
    page.locator("#id_age_from").fill("70")
    page.locator("#id_purpose").fill(
        "核发高龄津贴" if stage.language == "zh" else "To pay the old-age allowance"
    )
    page.locator("#id_basis").fill("《老年人权益保障法》第三十三条")
    for field in ("name", "phone", "lives_alone"):
        page.locator(f"input[name=fields_picked][value={field}]").check()
    page.locator("#id_own").fill("是否需要助餐服务\n民族")
    stage.fit(page, "asking-draft")
    stage.press(page, "See what is known already")
    expect(page.locator("article.ask svg.answers").first).to_be_visible()
    stage.fit(page, "asking-form")
    stage.press(page, "Send to the doors")
    expect(page.locator("#live")).to_be_visible()
    page.locator("#live a.row").first.click()
    expect(page.locator("#record article[data-record^='grid:'] .row").first).to_be_visible()
    stage.fit(page, "campaign")
    stage.go(page, "Campaigns")
    expect(page.locator("a.row", has_text=TITLE[stage.language])).to_be_visible()
    stage.fit(page, "campaigns")


def tables_are_measured(stage: Stage) -> None:
    """A line for each table with its four measures; one of them opened to what should be mended."""
    page = stage.who("steward")
    stage.go(page, "Data quality")
    expect(page.locator(".quality .line").first).to_be_visible()
    stage.fit(page, "quality")
    page.locator(".quality .line a.title").first.click()
    expect(page.locator("table.items").first).to_be_visible()
    stage.fit(page, "quality-source")


def lists_are_looked_at(stage: Stage) -> None:
    """Which data sets the house holds, what was learnt of the sources, and the organisations with who told each field."""
    page = stage.who("steward")
    stage.go(page, "Catalogue")
    expect(page.locator("table.grouped tbody")).to_have_count(3)  # people, organisations, buildings
    stage.fit(page, "catalogue")
    stage.go(page, "Data quality")
    stage.press(page.locator("main"), "Trust in the sources")
    expect(page.locator("table.stacks tbody tr").first).to_be_visible()
    stage.fit(page, "trust")
    stage.go(page, "Organisations")
    page.locator("ul[data-walk] a.row").first.click()
    expect(page.locator("#record article[data-record^='organisation:'] .tellers").first).to_be_visible()
    stage.fit(page, "organisation")


def old_facts_are_listed(stage: Stage) -> None:
    """Whose facts are to be verified, grid by grid; nobody asks for this on a page, it is looked for every night."""
    from wangge.flows import screening

    stage.house.through_the_doors(screening.screen_staleness)
    page = stage.who("steward")
    stage.go(page, "To verify")
    page.locator("ul[data-walk] a.row").first.click()
    expect(page.locator("#record article[data-record^='grid:']")).to_be_visible()
    stage.fit(page, "to-verify")
