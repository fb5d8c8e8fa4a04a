"""Forms, outcomes and receipts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.field.rules.forms import check_answers, form_named, read_form, shipped_forms
from wangge.field.rules.intake import TaskFacts, check_times, outcome_of, receipt_for
from wangge.field.states import QUARANTINE_TABLE, VISIT_TABLE, Outcome, Receipt
from wangge.kernel.problems import BadInput

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GOOD: dict[str, dict[str, Any]] = {
    "symptom_check": {"temperature": 36.6, "symptoms": ["cough"], "told": ["period", "appeal"]},
    "care_visit": {"living": "alone", "wellbeing": "fair", "next_visit_days": 30},
    "survey_visit": {"result": "empty", "residents": 0, "evidence": "水表停走"},
    "verification_visit": {"occupied": "owner", "residents": 3, "moved_away": False, "note": "好"},
}


@pytest.mark.parametrize("code", sorted({code for code, _ in shipped_forms()}))
def test_a_good_sheet_passes_each_form(code: str) -> None:
    assert check_answers(form_named(code), GOOD[code]) == ()


@pytest.mark.parametrize(
    ("code", "change", "question"),
    [
        ("symptom_check", {"temperature": 366}, "temperature"),
        ("symptom_check", {"temperature": True}, "temperature"),
        ("symptom_check", {"temperature": float("nan")}, "temperature"),
        ("symptom_check", {"temperature": None}, "temperature"),
        ("symptom_check", {"symptoms": ["love"]}, "symptoms"),
        ("symptom_check", {"symptoms": "cough"}, "symptoms"),
        ("symptom_check", {"symptoms": [["cough"]]}, "symptoms"),
        ("care_visit", {"living": ["alone"]}, "living"),
        ("verification_visit", {"moved_away": "no"}, "moved_away"),
        ("verification_visit", {"note": "字" * 501}, "note"),
        ("verification_visit", {"religion": "x"}, "religion"),
    ],
)
def test_a_wrong_answer_is_named_in_both_languages(code: str, change: dict[str, Any], question: str) -> None:
    faults = check_answers(form_named(code), GOOD[code] | change)
    assert [fault.question for fault in faults] == [question]
    assert faults[0].zh
    assert faults[0].en


def test_nobody_met_means_nothing_had_to_be_asked() -> None:
    assert check_answers(form_named("care_visit"), {}, whole=False) == ()
    assert len(check_answers(form_named("care_visit"), {})) == 2


def test_an_unknown_form_asks_for_a_newer_app() -> None:
    with pytest.raises(BadInput, match="form_unknown"):
        form_named("symptom_check", "1999.1")


def test_a_form_with_a_repeated_question_cannot_be_read() -> None:
    question = {"code": "a", "section": "", "zh": "", "en": "", "type": "text"}
    with pytest.raises(ValueError, match="repeated"):
        read_form(
            {"code": "f", "version": "1", "zh": "", "en": "", "privacy": "open", "question": [question] * 2}
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(sorted({c for c, _ in shipped_forms()})), st.data())
def test_no_answer_breaks_the_check(code: str, data: st.DataObject) -> None:
    form = form_named(code)
    keys = st.sampled_from([question.code for question in form.questions]) | st.text(max_size=3)
    answers = data.draw(st.dictionaries(keys, JSON))
    faults = check_answers(form, answers)
    known = {question.code for question in form.questions}
    assert {fault.question for fault in faults} <= known | set(answers)


@given(st.booleans(), st.booleans(), st.booleans())
def test_a_visit_counts_only_when_all_three_were_seen(person: bool, dwelling: bool, state: bool) -> None:
    outcome = outcome_of(saw_person=person, saw_dwelling=dwelling, saw_state=state)
    assert (outcome is Outcome.COMPLETE) is (person and dwelling and state)
    if not person and not state:
        assert outcome is Outcome.NOBODY


@pytest.mark.parametrize(
    ("names_task", "task", "receipt"),
    [
        (False, None, Receipt.ACCEPTED),
        (True, None, Receipt.REJECTED),
        (True, TaskFacts("me", waiting=True), Receipt.ACCEPTED),
        (True, TaskFacts("you", waiting=True), Receipt.TASK_REASSIGNED),
        (True, TaskFacts("me", waiting=False), Receipt.TASK_CLOSED),
    ],
)
def test_receipts(names_task: bool, task: TaskFacts | None, receipt: Receipt) -> None:
    assert receipt_for("me", names_task=names_task, task=task) is receipt


@pytest.mark.parametrize(
    ("start", "minutes", "code"),
    [
        (NOW - timedelta(hours=1), -1, "visit_time_order"),
        (NOW - timedelta(hours=20), 13 * 60, "visit_time_order"),
        (NOW, 30, "visit_in_the_future"),
        (NOW.replace(tzinfo=None), 5, "visit_time_without_zone"),
    ],
)
def test_times_that_cannot_be(start: datetime, minutes: int, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_times(start, start + timedelta(minutes=minutes), NOW)
    assert refused.value.code == code


@pytest.mark.parametrize("table", [VISIT_TABLE, QUARANTINE_TABLE])
def test_every_state_has_an_owner_and_a_way_out_or_is_settled(table: Any) -> None:
    for code, state in table.states.items():
        assert state.owner
        assert state.settled is table.is_final(code)
