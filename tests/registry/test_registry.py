"""From what sources told to one person: linked, chosen, imported, searched, with every source in view."""

from __future__ import annotations

from uuid import UUID

import pyarrow as pa
import pytest

from tests.registry.telling import NOWHERE, TOLD, WANG, linked
from wangge.kernel.pages import Cursor
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.ledger.models import Entry
from wangge.linkage.analysis import Publication
from wangge.registry import actions, queries
from wangge.registry.models import Person, SourceRecord

pytestmark = pytest.mark.django_db


def test_six_records_are_four_people_in_two_households(told) -> None:
    assert (told.persons, told.new_persons, told.records, told.retired) == (4, 4, 6, 0)
    assert SourceRecord.objects.count() == 0, "no scope, no rows"


def test_the_golden_record_names_its_sources(told, steward) -> None:
    (found,) = queries.search_persons(steward, text="王建国").rows
    person = queries.person(steward, person_id=found.person_id)
    fields = {f.field: f for f in person.fields}
    assert person.id_no == WANG and person.phone == "13812345678"
    phone = fields["phone"]
    assert [(t.source, t.chosen) for t in phone.told] == [("grid_office", True), ("health", False)]
    assert (phone.told[0].why, phone.told[0].sheet, phone.told[0].row_no) == ("more_reliable", "表1", 1)
    assert fields["name"].agreeing == 2 and fields["name"].different == 2
    assert {m.name for m in person.members} == {"李梅", "王小明"}


@pytest.mark.parametrize(
    "text", ["王建国", "王建", "建国", "wangjianguo", "wjg", WANG, "138 1234 5678", "１３８１２３４５６７８"]
)
def test_a_person_is_found_by_name_sound_number_and_phone(told, steward, text: str) -> None:
    assert "王建国" in [p.name for p in queries.search_persons(steward, text=text).rows]


def test_the_page_says_why_each_record_is_this_person(told, steward) -> None:
    (found,) = queries.search_persons(steward, text="王建国").rows
    person = queries.person(steward, person_id=found.person_id)
    assert len(person.links) == 3 and {link.kind for link in person.links} == {"scored"}
    steps = {s.comparison: s.bits for s in person.links[0].bits}
    assert steps["id_no"] > 5 and all(link.probability > 0.99 for link in person.links)
    assert all(f.sure > 0.5 for f in person.fields if f.field in ("name", "id_no", "birth"))


def test_names_come_in_pinyin_order_page_by_page(told, steward) -> None:
    first = queries.search_persons(steward, text="w", size=1)
    second = queries.search_persons(steward, text="w", size=1, after=first.next)
    assert [first.rows[0].name, second.rows[0].name] == ["王建国", "王小明"]
    assert second.next is None


def test_a_page_mark_names_nobody_and_a_broken_one_is_refused(told, steward) -> None:
    first = queries.search_persons(steward, text="w", size=1)
    assert first.next is not None
    mark = Cursor.decode(first.next, 1)
    assert mark is not None and mark.values == (str(first.rows[0].person_id),)
    for broken in (Cursor(("x",)).encode(), Cursor((str(UUID(int=5)),)).encode(), "###"):
        with pytest.raises(BadInput, match="page_mark_unreadable"):
            queries.search_persons(steward, text="w", after=broken)


def test_an_empty_search_is_refused(told, steward) -> None:
    with pytest.raises(BadInput, match="search_empty"):
        queries.search_persons(steward, text="  ")


def test_another_district_sees_nobody(told, access_for) -> None:
    stranger = access_for("data_steward", "registry_maintenance", scope="330110")
    assert queries.search_persons(stranger, text="王").rows == ()
    with pytest.raises(NotFound):
        queries.person(stranger, person_id=UUID(int=0))


def test_a_dispatcher_sees_masked_names(told, access_for) -> None:
    dispatcher = access_for("dispatcher", "community_service")
    assert {p.name for p in queries.search_persons(dispatcher, text="王").rows} == {"王**"}
    with pytest.raises(Refused):
        queries.match_id_numbers(dispatcher, numbers=(WANG,))


def test_whom_a_read_concerned_stands_on_the_ledger_as_a_hash(told, steward) -> None:
    (found,) = queries.search_persons(steward, text="赵敏").rows
    queries.person(steward, person_id=found.person_id)
    entry = Entry.objects.filter(door="registry.person").latest("seq")
    assert len(entry.subjects) == 1 and str(found.person_id) not in str(entry.details)


def test_numbers_and_phones_are_sealed_at_rest(told, steward) -> None:
    from django.db import connection

    queries.counts(steward)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        cursor.execute(
            "SELECT p::text FROM registry_person p UNION ALL SELECT s::text FROM registry_sourcerecord s"
        )
        everything = "\n".join(r[0] for r in cursor.fetchall())
    assert everything and WANG not in everything and "13812345678" not in everything


def test_the_same_again_keeps_every_id(told, system_access, tmp_path) -> None:
    access = system_access("registry_maintenance")
    before = _ids()
    publication = Publication(tmp_path / "again")
    publication.add(pa.Table.from_pylist(TOLD[::-1]))
    found = linked(publication.finish(), tmp_path / "work2")
    report = actions.import_linkage(access, golden=found.golden, members=found.members, unlocated=NOWHERE)
    assert (report.new_persons, report.retired) == (0, 0)
    assert _ids() == before


def test_a_merge_can_be_undone_and_stays_undone(told, system_access, steward, tmp_path) -> None:
    actions.decide(
        steward, a=("public_security", "p1"), b=("health", "k1"), verdict="different", reason="本人否认"
    )
    access = system_access("registry_maintenance")
    publication = Publication(tmp_path / "again")
    publication.add(pa.Table.from_pylist(TOLD))
    found = linked(publication.finish(queries.decisions(access)), tmp_path / "work2")
    report = actions.import_linkage(access, golden=found.golden, members=found.members, unlocated=NOWHERE)
    assert report.new_persons == 1
    ids = _ids()
    assert ids[("public_security", "p1")] != ids[("health", "k1")]


def _ids() -> dict[tuple[str, str], UUID]:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        cursor.execute("SELECT source, record_id, person_id FROM registry_sourcerecord")
        return {(s, r): p for s, r, p in cursor.fetchall()}


def test_people_without_a_door_are_in_the_district_only(told, steward, access_for) -> None:
    assert [p.unit_no for p in queries.search_persons(steward, text="赵敏").rows] == [NOWHERE]
    worker = access_for("grid_worker", "care", scope="120110003005")
    assert queries.search_persons(worker, text="赵敏").rows == ()


def test_facts_for_rules_count_the_household(told, system_access) -> None:
    columns = queries.screening_columns(system_access("care"))
    by_age = dict(zip(columns.facts["age"], columns.facts["adults_at_home"], strict=True))
    assert len(columns.subjects) == 4
    child = min(age for age in by_age if age is not None)
    assert by_age[child] == 2, "both parents"
    assert by_age[max(age for age in by_age if age is not None)] is None, (
        "no household known: nothing is concluded"
    )
    assert Person.objects.count() == 0
    one = queries.screening_columns(system_access("care"), ids=(UUID(columns.subjects[0]),))
    assert one.subjects == columns.subjects[:1]
    assert one.facts["adults_at_home"] == columns.facts["adults_at_home"][:1]


def test_a_visits_correction_belongs_to_the_person_it_is_about(
    told, steward, system_access, tmp_path
) -> None:
    """A row that says nothing but a new phone links by the person it names, and is believed first."""
    from datetime import date
    from uuid import uuid4

    import polars as pl

    (zhao,) = queries.search_persons(steward, text="赵敏").rows
    access = system_access("registry_maintenance")
    publication = Publication(tmp_path / "again")
    publication.add(pa.Table.from_pylist(TOLD))
    blank = dict.fromkeys(("name", "id_no", "sex", "birth", "address", "household_ref", "relation"), None)
    correction = {
        "record_id": "v1",
        "phone": "13700001111",
        "person_ref": str(zhao.person_id),
        "recorded_on": date(2026, 11, 20),
        "sheet_no": 1,
        "row_no": 1,
    }
    frame = pl.DataFrame([blank | correction], schema_overrides=dict.fromkeys(blank, pl.String))
    publication.add_frame(frame, source="visit", batch=uuid4(), as_of=date(2026, 11, 20))
    anchors = queries.anchors(access, persons=tuple(p for _, _, p in publication.about))
    found = linked(publication.finish((), anchors), tmp_path / "work2")
    report = actions.import_linkage(access, golden=found.golden, members=found.members, unlocated=NOWHERE)
    assert report.persons == 4
    person = queries.person(steward, person_id=zhao.person_id)
    assert person.phone == "13700001111" and person.name == "赵敏"
