"""The loop of a matter: six steps, each state owned, supervision apart, and the drawing true."""

from pathlib import Path

import pytest

from wangge.cases.states import (
    CASE_TABLE,
    CLOCK_STOPS,
    HANDLING_VERBS,
    SIX_STEPS,
    SUPERVISING_VERBS,
    CaseState,
    diagram_page,
)

PAGE = Path(__file__).parents[2] / "docs" / "cases-transitions.md"


@pytest.mark.parametrize("state", CaseState)
def test_every_state_has_an_owner_and_a_way_out_or_is_settled(state: CaseState) -> None:
    known = CASE_TABLE.states[state]
    assert known.owner
    assert known.zh
    assert known.en
    assert CASE_TABLE.steps(state) or known.settled


@pytest.mark.parametrize("state", [s for s in CaseState if not CASE_TABLE.states[s].settled])
def test_the_owner_of_a_waiting_state_can_act(state: CaseState) -> None:
    assert CASE_TABLE.steps(state, CASE_TABLE.states[state].owner)


def test_the_six_steps_hold_every_state_once() -> None:
    listed = [state for _, _, states in SIX_STEPS for state in states]
    assert len(SIX_STEPS) == 6
    assert sorted(listed) == sorted(CaseState)


def test_the_straight_way_walks_the_six_steps() -> None:
    state = CASE_TABLE.initial
    for verb, role in [
        ("accept", "dispatcher"),
        ("dispatch", "dispatcher"),
        ("resolve", "handler"),
        ("verify", "supervisor"),
        ("close", "supervisor"),
        ("evaluate", "supervisor"),
    ]:
        state = CASE_TABLE.apply(state, verb, role=role, reason="feedback")
    assert state is CaseState.EVALUATED


def test_no_step_is_both_handling_and_judging() -> None:
    assert not HANDLING_VERBS & SUPERVISING_VERBS
    assert set(CASE_TABLE.verbs) >= HANDLING_VERBS | SUPERVISING_VERBS
    departments = {t.verb for t in CASE_TABLE.transitions if t.allows("handler")}
    assert not departments & SUPERVISING_VERBS


def test_the_clock_stops_wherever_nothing_is_left_to_handle() -> None:
    assert CASE_TABLE.settled < CLOCK_STOPS
    assert CaseState.DISPATCHED not in CLOCK_STOPS


def test_the_page_in_the_docs_is_drawn_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == diagram_page(), "run ./wangge docs"
