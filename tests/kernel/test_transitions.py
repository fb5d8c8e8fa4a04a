"""A transition table is checked when it is built, and no sequence of steps leaves it."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.states import CASE_TABLE
from wangge.kernel.problems import Conflict, Refused
from wangge.kernel.transitions import State, Transition, TransitionTable


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


def _table(*transitions: Transition[Light], states: tuple[State[Light], ...] = ()) -> TransitionTable[Light]:
    return TransitionTable(
        "light",
        initial=Light.RED,
        states=states
        or (
            State(Light.RED, "红", "red", "driver"),
            State(Light.GREEN, "绿", "green", "driver"),
            State(Light.BROKEN, "坏", "broken", "mechanic", settled=True),
        ),
        transitions=transitions,
    )


GO = Transition(Light.RED, "go", Light.GREEN, frozenset({"driver"}), "走", "go")
STOP = Transition(Light.GREEN, "stop", Light.RED, frozenset({"driver"}), "停", "stop", reason=True)
BREAK = Transition(Light.RED, "break", Light.BROKEN, frozenset(), "坏掉", "break")


@pytest.mark.parametrize(
    ("transitions", "words"),
    [
        ((GO, BREAK), "no way out"),
        ((GO, STOP), "unreachable"),
        ((GO, STOP, BREAK, Transition(Light.RED, "go", Light.RED)), "ambiguous"),
    ],
)
def test_a_broken_table_cannot_be_built(transitions: tuple[Transition[Light], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _table(*transitions)


def test_a_state_needs_an_owner() -> None:
    with pytest.raises(ValueError, match="owner"):
        _table(
            GO, STOP, states=(State(Light.RED, "红", "red", ""), State(Light.GREEN, "绿", "green", "driver"))
        )


def test_refusals_say_what_is_possible_in_both_languages() -> None:
    table = _table(GO, STOP, BREAK)
    with pytest.raises(Conflict) as wrong:
        table.apply(Light.RED, "stop")
    assert "走" in wrong.value.zh
    assert "go" in wrong.value.en
    with pytest.raises(Refused) as role:
        table.apply(Light.RED, "go", role="mechanic")
    assert "driver" in role.value.en
    with pytest.raises(Refused) as reason:
        table.apply(Light.GREEN, "stop", role="driver", reason="  ")
    assert reason.value.code == "light_reason_missing"
    with pytest.raises(Conflict) as ended:
        table.apply(Light.BROKEN, "go")
    assert "nothing can follow" in ended.value.en


@given(
    st.lists(
        st.tuples(st.sampled_from([*CASE_TABLE.verbs, "nonsense"]), st.sampled_from(["dispatcher", "x"]))
    )
)
def test_no_sequence_of_actions_leaves_the_table(sequence: list[tuple[str, str]]) -> None:
    state = CASE_TABLE.initial
    drawn = {(t.source, t.verb, t.target) for t in CASE_TABLE.transitions}
    for verb, role in sequence:
        may = CASE_TABLE.may(state, verb, role)
        try:
            after = CASE_TABLE.apply(state, verb, role=role, reason="because")
        except (Conflict, Refused):
            assert not may
        else:
            assert may
            assert (state, verb, after) in drawn
            state = after
        assert state in CASE_TABLE.states
