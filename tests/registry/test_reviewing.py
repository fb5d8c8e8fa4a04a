"""What a person says about records is obeyed at once, by the next linkage too, and can be taken back."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.registry.telling import TOLD, relinked, row
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.registry import actions, queries

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
