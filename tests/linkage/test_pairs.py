"""The queue of pairs: shown side by side, decided by one hand, obeyed at once, asked again when it is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction

from tests.registry.conftest import steward, told
from tests.registry.telling import NOWHERE
from tests.registry.test_reviewing import two_zhao
from wangge.flows import reviewing
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.ledger.models import Entry
from wangge.linkage import actions, queries
from wangge.linkage.models import ReviewPair
from wangge.registry import queries as people

__all__ = ["steward", "told", "two_zhao"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(two_zhao, steward, db):
    """The waiting pair; made here where the engine found none worth asking."""
    found = queries.review_queue(steward).rows
    if found:
        return found[0].id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        made = ReviewPair.objects.create(
            unit_no=NOWHERE, source_a="health", record_a="k2", source_b="hotline", record_b="t9", why="unsure",
            probability=0.4, worth=1.0, evidence={"w_name": 8.5, "w_place": -3.1}, state="waiting",
        )  # fmt: skip
    return made.id


def test_a_later_verdict_overrules_an_earlier_and_undoing_lets_it_hold_again(two_zhao, steward, pair) -> None:
    a, b = two_zhao
    actions.decide_pair(steward, pair=pair, verdict="different")
    assert people.preview_merge(steward, person_id=a, other=b).overruled == 1
    act = reviewing.merge_persons(steward, keep=a, other=b, reason="新证据")
    reviewing.undo(steward, act=act)
    assert people.preview_merge(steward, person_id=a, other=b).overruled == 1


def test_the_queue_shows_both_sides_and_what_same_would_do(two_zhao, steward, pair) -> None:
    assert actions.claim_pair(steward, pair=pair)
    shown = queries.review_pair(steward, pair=pair)
    assert {s.source for s in shown.sides} == {"health", "hotline"} and not shown.one_person
    agreement = {v.field: v.agreement for v in shown.values}
    assert agreement["name"] == "same" and agreement["birth"] == "missing"
    assert shown.bits and shown.preview is not None and len(shown.preview.sides[0].records) == 2
    act = actions.decide_pair(steward, pair=pair, verdict="same", reason="姓名一致，电话核实")
    assert act is not None and len(people.search_persons(steward, text="赵敏").rows) == 1
    assert queries.review_counts(steward).same == 1
    assert queries.review_pair(steward, pair=pair).one_person
    with pytest.raises(Conflict, match="pair_settled"):
        actions.decide_pair(steward, pair=pair, verdict="different")
    with pytest.raises(Conflict, match="pair_settled"):
        actions.decide_pair(steward, pair=pair, verdict="same")
    reviewing.undo(steward, act=act)
    assert queries.review_counts(steward).waiting >= 1
    assert len(people.search_persons(steward, text="赵敏").rows) == 2


def test_unsure_wants_a_reason_and_comes_back_later(two_zhao, steward, pair) -> None:
    with pytest.raises(BadInput, match="reason_missing"):
        actions.decide_pair(steward, pair=pair, verdict="unsure")
    with pytest.raises(BadInput, match="verdict_unknown"):
        actions.decide_pair(steward, pair=pair, verdict="maybe")
    assert actions.decide_pair(steward, pair=pair, verdict="unsure", reason="等走访") is None
    assert [p.id for p in queries.review_queue(steward, state="unsure").rows] == [pair]
    assert actions.decide_pair(steward, pair=pair, verdict="different") is not None


def test_one_pair_is_in_one_hand(two_zhao, steward, pair, access_for) -> None:
    other = access_for("data_steward", "registry_maintenance")
    assert actions.claim_pair(steward, pair=pair) and actions.claim_pair(steward, pair=pair)
    assert not actions.claim_pair(other, pair=pair)
    assert [p.taken for p in queries.review_queue(other).rows if p.id == pair] == [True]


def test_only_a_steward_of_the_place_reviews_and_it_stands_on_the_ledger(
    two_zhao, steward, pair, access_for
) -> None:
    stranger = access_for("data_steward", "registry_maintenance", scope="330110")
    assert queries.review_queue(stranger).rows == ()
    with pytest.raises(NotFound):
        actions.decide_pair(stranger, pair=pair, verdict="different")
    with pytest.raises(Refused):
        queries.review_queue(access_for("grid_worker", "care"))
    masked = queries.review_queue(access_for("auditor", "audit")).rows
    assert {r.name_a for r in masked if r.id == pair} == {"赵*"}
    actions.decide_pair(steward, pair=pair, verdict="different", reason="不同人")
    entry = Entry.objects.filter(door="linkage.decide_pair").latest("seq")
    assert "赵敏" not in str(entry.details)


@pytest.fixture
def by_name(two_zhao: Any, steward: Any, system_access: Any, tmp_path: Path) -> Any:
    """The two as linkage joins them on their rare name alone; gives the one person and the pair that asks."""
    a, b = two_zhao
    reviewing.merge_persons(steward, keep=a, other=b, reason="如归并所得")
    ends = {"source_a": "health", "record_a": "k2", "source_b": "hotline", "record_b": "t9"}
    tables = {
        "review": pl.DataFrame(
            schema=dict.fromkeys(("source_a", "record_a", "source_b", "record_b"), pl.String)
        ),
        "links": pl.DataFrame([{**ends, "kind": "namesake", "probability": 0.94}]),
        "doubts": pl.DataFrame(schema=dict.fromkeys(("source", "record_id", "field"), pl.String)),
    }
    for name, table in tables.items():
        table.write_parquet(tmp_path / f"{name}.parquet")
    grounds = {name: tmp_path / f"{name}.parquet" for name in tables}
    actions.import_grounds(system_access("registry_maintenance"), grounds=grounds, owners={})
    (row,) = queries.review_queue(steward, why="namesake").rows
    return a, row.id


def test_who_was_joined_on_a_rare_name_alone_is_asked_about_and_confirmed(by_name: Any, steward: Any) -> None:
    person, pair = by_name
    shown = queries.review_pair(steward, pair=pair)
    assert shown.one_person and shown.probability == 0.94
    assert shown.preview is not None and shown.preview.kind == "split"
    assert [[r.record_id for r in s.records] for s in shown.preview.sides] == [["k2"], ["t9"]]
    act = actions.decide_pair(steward, pair=pair, verdict="same")
    assert people.acts_about(steward, person_id=person)[0].kind == "together"
    assert act is not None and people.bearers(steward, person_id=person).others == 0
    reviewing.undo(steward, act=act)
    assert [r.id for r in queries.review_queue(steward, why="namesake").rows] == [pair]


def test_who_was_wrongly_joined_on_a_name_is_parted_at_once_and_it_can_be_taken_back(
    by_name: Any, steward: Any
) -> None:
    person, pair = by_name
    act = actions.decide_pair(steward, pair=pair, verdict="different", reason="电话核实")
    assert act is not None and len(people.search_persons(steward, text="赵敏").rows) == 2
    assert people.bearers(steward, person_id=person).others == 1
    last = people.decisions(steward)[-1]
    assert (last.record_a, last.record_b, last.verdict) == ("k2", "t9", "different")
    reviewing.undo(steward, act=act)
    assert len(people.search_persons(steward, text="赵敏").rows) == 1
