"""The drawing of a chain: a row each, right under whom it came through, days to the right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from wangge.kernel.ids import new_id
from wangge.outbreaks.types import ChainNode
from wangge.watch.tree import SHOWN, tree

DAY = date(2026, 10, 20)


def node(after: int, through: int | None, *, joined: bool = True) -> ChainNode:
    on = DAY + timedelta(days=after)
    return ChainNode(1, on, on, None, "", None, None, "", None, "", joined, through)


def test_a_branch_follows_whom_it_came_through_and_loose_ends_come_last() -> None:
    chain = [node(1, None), node(0, None), node(4, 0), node(2, 0), node(3, None, joined=False)]
    drawn = tree("BL1", DAY, [(n, str(at)) for at, n in enumerate(chain)], back=False, classes={})
    assert drawn is not None and drawn.left_out == 0
    assert [m.label for m in drawn.marks] == ["BL1", "1", "0", "3", "2", "4"]
    assert [bool(m.line) for m in drawn.marks] == [False, True, True, True, True, False]
    by = {m.label: m for m in drawn.marks}
    assert by["BL1"].x == by["1"].x < by["0"].x < by["3"].x < by["2"].x
    assert len({m.y for m in drawn.marks}) == 6 and max(m.y for m in drawn.marks) < drawn.height


def test_traced_back_the_patient_stands_at_the_right_and_a_long_chain_says_what_is_left_out() -> None:
    chain = [(replace(node(-n % 9, None), patient_id=new_id()), str(n)) for n in range(SHOWN + 7)]
    drawn = tree("BL1", DAY + timedelta(days=9), chain, back=True, classes={})
    assert drawn is not None and drawn.left_out == 7 and len(drawn.marks) == SHOWN + 1
    assert drawn.marks[0].x == max(m.x for m in drawn.marks)
    assert tree("BL1", DAY, [], back=False, classes={}) is None


def test_many_who_met_one_person_on_one_day_are_one_mark_and_who_led_on_stands_alone() -> None:
    met = [replace(node(0, None), contact_id=new_id(), contact_class="close_contact") for _ in range(6)]
    chain = [*met, replace(node(2, 3), contact_id=new_id(), contact_class="contact_of_contact")]
    told = [(n, f"n{at}") for at, n in enumerate(chain)]
    drawn = tree("BL1", DAY, told, back=False, classes={"close_contact": "close"})
    assert drawn is not None and drawn.left_out == 0
    assert [(m.kind, m.label) for m in drawn.marks] == [
        ("root", "BL1"), ("many", "5 × close"), ("contact", "n3"), ("contact", "n6"),
    ]  # fmt: skip
