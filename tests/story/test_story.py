"""The whole story: a department's file in, the register kept right by hand, an emergency declared, fed and ended,

a matter closed, all of it on the ledger.
"""

from __future__ import annotations

import pytest

from tests.story import asking, chapters, emergency, register
from tests.story.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_story(stage: Stage) -> None:
    chapters.the_file_comes_in(stage)
    corrected = chapters.a_row_is_put_right(stage)
    chapters.the_register_is_linked(stage)
    register.pairs_are_reviewed(stage)
    register.a_merged_person_says_why(stage)
    asked = register.a_doubt_is_asked_about(stage)
    register.the_department_answers(stage, asked)
    chapters.the_register_is_linked(stage)
    asking.a_form_is_answered_and_sent(stage)
    asking.tables_are_measured(stage)
    asking.lists_are_looked_at(stage)
    asking.old_facts_are_listed(stage)
    emergency.a_person_is_looked_up(stage, corrected)
    chapters.care_is_planned(stage)
    declared = emergency.it_is_declared(stage)
    emergency.the_lists_come_in(stage)
    emergency.findings_say_why(stage)
    emergency.areas_and_chains_are_looked_at(stage)
    emergency.an_alarm_is_judged(stage)
    responder, shown = chapters.worker_with_tasks(stage, declared)
    emergency.tasks_have_reached(stage, shown)
    emergency.an_exposed_person_is_visited(stage, responder)
    carer, _ = chapters.worker_with_tasks(stage)
    chapters.a_visit_opens_a_matter(stage, carer)
    chapters.the_matter_is_closed(stage)
    emergency.it_ends(stage, declared)
    chapters.the_ledger_is_read(
        stage,
        {
            "sources.receive_file": "epidemiologist",
            "sources.confirm_mapping": "epidemiologist",
            "sources.correct_quarantined": "steward_civil",
            "linkage.ask_linkage": "steward_civil",
            "registry.person": "steward_civil",
            "emergencies.declare_emergency": "emergency",
            "screening.exposure_finding": "epidemiologist",
            "field.sync": carer,
            "cases.report": carer,
            "cases.dispatch": "dispatcher",
            "cases.resolve": "water",
            "cases.close": "supervisor",
            "emergencies.end_emergency": "emergency",
        },
    )
    assert stage.unfit == [], "\n".join(map(str, stage.unfit))
    asked_for = ("400", "403", "404", "410")  # the faults and refusals that the story itself provokes
    assert [f for f in stage.faults if not any(status in f for status in asked_for)] == []
