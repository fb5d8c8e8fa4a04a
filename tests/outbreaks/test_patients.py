"""The line list through its door: the published list, again and again, sealed and shown to few."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from tests.outbreaks.tianjin import TIANJIN
from wangge.kernel.problems import BadInput, Refused
from wangge.kernel.units import interval_of
from wangge.ledger.models import Entry
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import LineListRow, PlacedPatient, read_line_list

pytestmark = pytest.mark.django_db
HOME = 120110001001002


@pytest.mark.shared_data
def test_the_published_list_comes_in_and_again_changes_nothing(investigator, shared_data: Path) -> None:
    path = shared_data / "outbreaks" / "Tianjin135cases_revised.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = read_line_list(csv.DictReader(file), today=timezone.localdate(), columns=TIANJIN).rows
    first = actions.import_patients(investigator, rows=rows)
    again = actions.import_patients(investigator, rows=rows)
    assert (first.added, again.added, again.unchanged) == (135, 0, 135)
    assert first.patient_ids == again.patient_ids
    seen = []
    after = None
    while True:
        page = queries.patients(investigator, after=after)
        seen += page.rows
        if (after := page.next) is None:
            break
    assert [p.patient_no for p in seen] == [r.patient_no for r in rows]
    assert seen[42].source_patient_nos == ("TJ34", "TJ37")
    curve = queries.epidemic_curve(investigator)
    assert (sum(d.onset for d in curve), sum(d.confirmed for d in curve)) == (125, 135)
    assert curve[0].day == min(r.onset_on for r in rows if r.onset_on)
    assert queries.emergency_summary(investigator).patients == 135


def test_nothing_about_a_patient_stands_readable_in_the_table(investigator) -> None:
    row = LineListRow(
        "MARK7", name="标记人", id_no="120110199001010011", phone="13800001111", address="标记小区"
    )
    actions.import_patients(investigator, rows=[row])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', %s, true)",
            [str(investigator.emergency)],
        )
        cursor.execute("SELECT p::text FROM outbreaks_patient p")
        stored = cursor.fetchone()[0]
    for mark in ("MARK7", "标记", "120110199001010011", "13800001111"):
        assert mark not in stored
        assert mark.encode().hex() not in stored


def test_a_changed_row_replaces_and_keeps_the_match(investigator) -> None:
    who = uuid4()
    made = actions.import_patients(investigator, rows=[LineListRow("TJ1", age=40)])
    actions.place_patients(investigator, placed=[PlacedPatient(made.patient_ids[0], HOME, who)])
    changed = actions.import_patients(investigator, rows=[LineListRow("TJ1", age=41), LineListRow("TJ2")])
    assert (changed.added, changed.changed, changed.unchanged) == (1, 1, 0)
    seen = queries.patient(investigator, patient_id=made.patient_ids[0])
    assert (seen.age, seen.person_id, seen.unit_no) == (41, who, HOME)


def test_a_patient_without_a_home_stands_at_the_areas_first_number(investigator) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1")])
    assert queries.patients(investigator).rows[0].unit_no == interval_of("120110").lo


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([LineListRow("TJ1"), LineListRow("TJ1")], "patient_no_twice", "row 2"),
        (
            [LineListRow("TJ1", onset_on=date(2020, 2, 2), died_on=date(2020, 2, 1))],
            "dates_out_of_order",
            "row 1",
        ),
        ([LineListRow("TJ1", onset_on=date(2999, 1, 1))], "date_in_future", "row 1"),
    ],
)
def test_a_row_that_cannot_stand_stops_the_list_and_stores_nothing(investigator, rows, code, place) -> None:
    with pytest.raises(BadInput) as refusal:
        actions.import_patients(investigator, rows=rows)
    assert (refusal.value.code, refusal.value.place) == (code, place)
    assert queries.patients(investigator).rows == ()


@pytest.mark.parametrize("role", ["grid_worker", "leader", "dispatcher", "auditor", "administrator"])
def test_nobody_but_investigators_reads_patients(declared, access_for, role) -> None:
    with pytest.raises(Refused):
        queries.patients(access_for(role, emergency=declared))


def test_a_reading_names_the_person_on_the_ledger_by_hash_only(investigator) -> None:
    who = uuid4()
    made = actions.import_patients(investigator, rows=[LineListRow("TJ1", name="张三")])
    actions.place_patients(investigator, placed=[PlacedPatient(made.patient_ids[0], HOME, who)])
    queries.patient(investigator, patient_id=made.patient_ids[0])
    entry = Entry.objects.filter(door="outbreaks.patient").get()
    assert len(entry.subjects) == 1
    assert "张三" not in repr(Entry.objects.values_list("details", flat=True))


def test_territory_limits_what_an_investigator_sees(declared, investigator, access_for) -> None:
    sick = date(2026, 11, 2)
    made = actions.import_patients(
        investigator, rows=[LineListRow("TJ1", onset_on=sick), LineListRow("TJ2", onset_on=date(2026, 11, 9))]
    )
    actions.place_patients(investigator, placed=[PlacedPatient(made.patient_ids[0], HOME)])
    street = access_for("epidemiologist", scope="120110001", emergency=declared)
    assert [p.patient_no for p in queries.patients(street).rows] == ["TJ1"]
    assert [(d.day, d.onset) for d in queries.epidemic_curve(street)] == [(sick, 1)], (
        "the curve counts the same"
    )
    assert (queries.emergency_summary(street).patients, queries.emergency_summary(investigator).patients) == (
        1,
        2,
    )
