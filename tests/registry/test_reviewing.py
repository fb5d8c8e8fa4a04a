"""What a person says about records is obeyed at once, by the next linkage too, and can be taken back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, transaction

from tests.registry.telling import NOWHERE, TOLD, relinked, row
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.ledger.models import Entry
from wangge.registry import actions, queries
from wangge.registry.models import ReviewPair

pytestmark = pytest.mark.django_db
ZHAO2 = row("hotline", "t9", name="赵敏", phone="13712345670", address="嘉春园12号楼3单元601")


def one(access, text: str) -> UUID:
    return queries.search_persons(access, text=text).rows[0].person_id


def where(access, person: UUID) -> set[tuple[str, str]]:
    return {(t.source, t.record_id) for f in queries.person(access, person_id=person).fields for t in f.told}


def record(access, text: str, source: str) -> UUID:
    links = queries.person(access, person_id=one(access, text)).links
    return next(link.record for link in links if link.source == source)


@pytest.fixture
def two_zhao(told, system_access, tmp_path, steward):
    """Two of one name, whom the files alone cannot tell together or apart; the pair waits in the queue."""
    access = system_access("registry_maintenance")
    relinked(access, tmp_path / "second", [*TOLD, ZHAO2])
    rows = queries.search_persons(steward, text="赵敏").rows
    assert len(rows) == 2
    return [r.person_id for r in rows]


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


def test_a_merge_is_shown_before_it_is_done_then_done_and_undone(two_zhao, steward) -> None:
    a, b = two_zhao
    shown = queries.preview_merge(steward, person_id=a, other=b)
    assert shown.kind == "merge" and len(shown.sides[0].records) == 2 and {shown.keep, shown.other} == {a, b}
    phone = next(f for f in shown.sides[0].fields if f.field == "phone")
    assert phone.after == "13712345670"
    act = actions.merge_persons(steward, keep=shown.keep, other=shown.other, reason="本人来电确认")
    assert [p.person_id for p in queries.search_persons(steward, text="赵敏").rows] == [shown.keep]
    merged = queries.person(steward, person_id=shown.keep)
    assert merged.phone == "13712345670" and merged.records == 2 and merged.id_no
    assert where(steward, shown.keep) == {("health", "k2"), ("hotline", "t9")}
    with pytest.raises(NotFound):
        queries.person(steward, person_id=shown.other)
    actions.undo(steward, act=act, reason="弄错了")
    assert {p.person_id for p in queries.search_persons(steward, text="赵敏").rows} == {a, b}
    assert len(where(steward, a)) == len(where(steward, b)) == 1
    with pytest.raises(Conflict, match="act_undone"):
        actions.undo(steward, act=act)
    (seen,) = queries.acts_about(steward, person_id=a)
    assert seen.kind == "merge" and seen.undone_at is not None and seen.reason == "本人来电确认"


def test_a_merge_by_hand_survives_the_next_linkage_and_its_undoing_too(
    two_zhao, steward, system_access, tmp_path
) -> None:
    a, b = two_zhao
    access = system_access("registry_maintenance")
    act = actions.merge_persons(steward, keep=a, other=b, reason="同一人")
    relinked(access, tmp_path / "third", [*TOLD, ZHAO2])
    assert [p.person_id for p in queries.search_persons(steward, text="赵敏").rows] == [a]
    actions.undo(steward, act=act)
    relinked(access, tmp_path / "fourth", [*TOLD, ZHAO2])
    assert {p.person_id for p in queries.search_persons(steward, text="赵敏").rows} == {a, b}


def test_a_split_is_shown_before_it_is_done_and_carries_its_facts(
    told, steward, system_access, tmp_path
) -> None:
    wang = one(steward, "王建国")
    grid = record(steward, "王建国", "grid_office")
    shown = queries.preview_split(steward, person_id=wang, records=(grid,))
    stays, goes = shown.sides
    assert len(stays.records) == 2 and len(goes.records) == 1 and goes.person_id is None
    assert goes.facts == ("lives_alone",) and stays.facts == ()
    act = actions.split_person(steward, person_id=wang, records=(grid,), reason="两个同名的人")
    other = next(a.other for a in queries.acts_about(steward, person_id=wang) if a.id == act)
    assert where(steward, other) == {("grid_office", "g1")}
    assert [f.fact for f in queries.person(steward, person_id=other).facts] == ["lives_alone"]
    assert queries.person(steward, person_id=wang).phone == "13712340000"
    relinked(system_access("registry_maintenance"), tmp_path / "again", TOLD)
    assert where(steward, wang) == {("public_security", "p1"), ("health", "k1")}, "linkage obeys"
    assert where(steward, other) == {("grid_office", "g1")}
    actions.undo(steward, act=act, reason="查实为一人")
    assert len(where(steward, wang)) == 3 and queries.person(steward, person_id=wang).phone == "13812345678"
    relinked(system_access("registry_maintenance"), tmp_path / "more", TOLD)
    assert len(where(steward, wang)) == 3


def test_a_side_without_a_record_is_no_split(told, steward) -> None:
    wang = one(steward, "王建国")
    everything = tuple(link.record for link in queries.person(steward, person_id=wang).links)
    for some in ((), everything):
        with pytest.raises(BadInput, match="one_side_empty"):
            queries.preview_split(steward, person_id=wang, records=some)
        with pytest.raises(BadInput, match="one_side_empty"):
            actions.split_person(steward, person_id=wang, records=some, reason="x")
    with pytest.raises(NotFound, match="record_unknown"):
        actions.split_person(
            steward, person_id=wang, records=(record(steward, "赵敏", "health"),), reason="x"
        )
    with pytest.raises(BadInput, match="reason_missing"):
        actions.split_person(steward, person_id=wang, records=everything[:1], reason=" ")


def test_two_valid_numbers_warn_but_a_person_may_say_so(told, steward) -> None:
    wang, li = one(steward, "王建国"), one(steward, "李梅")
    shown = queries.preview_merge(steward, person_id=wang, other=li)
    assert set(shown.warnings) == {"two_valid_numbers", "births_differ", "sexes_differ", "names_differ"}
    with pytest.raises(BadInput, match="one_person_twice"):
        actions.merge_persons(steward, keep=wang, other=wang, reason="x")


def test_a_later_verdict_overrules_an_earlier_and_undoing_lets_it_hold_again(two_zhao, steward, pair) -> None:
    a, b = two_zhao
    actions.decide_pair(steward, pair=pair, verdict="different")
    assert queries.preview_merge(steward, person_id=a, other=b).overruled == 1
    act = actions.merge_persons(steward, keep=a, other=b, reason="新证据")
    actions.undo(steward, act=act)
    assert queries.preview_merge(steward, person_id=a, other=b).overruled == 1


def test_the_queue_shows_both_sides_and_what_same_would_do(two_zhao, steward, pair) -> None:
    assert actions.claim_pair(steward, pair=pair)
    shown = queries.review_pair(steward, pair=pair)
    assert {s.source for s in shown.sides} == {"health", "hotline"} and not shown.one_person
    agreement = {v.field: v.agreement for v in shown.values}
    assert agreement["name"] == "same" and agreement["birth"] == "missing"
    assert shown.bits and shown.preview is not None and len(shown.preview.sides[0].records) == 2
    act = actions.decide_pair(steward, pair=pair, verdict="same", reason="姓名一致，电话核实")
    assert act is not None and len(queries.search_persons(steward, text="赵敏").rows) == 1
    assert queries.review_counts(steward).same == 1
    assert queries.review_pair(steward, pair=pair).one_person
    with pytest.raises(Conflict, match="pair_settled"):
        actions.decide_pair(steward, pair=pair, verdict="different")
    with pytest.raises(Conflict, match="pair_settled"):
        actions.decide_pair(steward, pair=pair, verdict="same")
    actions.undo(steward, act=act)
    assert queries.review_counts(steward).waiting >= 1
    assert len(queries.search_persons(steward, text="赵敏").rows) == 2


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
    entry = Entry.objects.filter(door="registry.decide_pair").latest("seq")
    assert "赵敏" not in str(entry.details)
