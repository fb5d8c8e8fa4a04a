"""Contacts through their doors: from a manifest, from a household, made one when they are one."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from wangge.emergencies import actions as emergency_actions
from wangge.kernel.problems import NotFound, Refused
from wangge.outbreaks import actions, queries
from wangge.outbreaks.models import CloseContact, Exposure
from wangge.outbreaks.states import ContactClass
from wangge.outbreaks.types import (
    ContactLink,
    HouseholdExposure,
    LineListRow,
    PassengerRow,
    PersonRef,
    PlacedPatient,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)
HOME = 120110001001002
PATIENT = LineListRow(
    "TJ5",
    name="李病",
    id_no="120110196001010011",
    phone="13900000001",
    onset_on=DAY,
    confirmed_on=date(2026, 10, 23),
)


def passenger(
    seat: str, carriage: str = "05", *, id_no: str = "", name: str = "", phone: str = ""
) -> PassengerRow:
    return PassengerRow(
        "G1709", DAY, carriage, seat, name or f"乘客{carriage}{seat}", id_no or f"ID{carriage}{seat}", phone
    )


MANIFEST = [
    passenger("10A", id_no=PATIENT.id_no, name=PATIENT.name),
    passenger("12C"),
    passenger("18F"),
    passenger("无座"),
    passenger("10B", "06"),
    passenger("11B", "07"),
]


@pytest.fixture
def patient_id(investigator):
    return actions.import_patients(investigator, rows=[PATIENT]).patient_ids[0]


def test_a_manifest_leaves_contacts_and_nobody_else(investigator, patient_id) -> None:
    got = actions.import_manifest(investigator, rows=MANIFEST)
    assert (got.passengers, got.patients_aboard, got.close_contacts, got.general_contacts) == (6, 1, 1, 2)
    assert (got.widened, got.non_contacts_dropped, got.refused) == (1, 2, ())
    names = {c.name for c in queries.close_contacts(investigator).rows}
    assert names == {"乘客0512C", "乘客0518F", "乘客05无座"}
    assert {t.id_no for t in queries.contacts_to_match(investigator)} == {"ID0512C", "ID0518F", "ID05无座"}


def test_each_contact_says_why(investigator, patient_id) -> None:
    actions.import_manifest(investigator, rows=MANIFEST)
    by_name = {c.name: c for c in queries.close_contacts(investigator).rows}
    near = queries.close_contact(investigator, contact_id=by_name["乘客0512C"].id).exposures[0]
    assert (near.patient_no, near.rule, near.rule_version, near.exposed_on) == (
        "TJ5",
        "cn2020rows.train.rows",
        "2020.5.1",
        DAY,
    )
    assert "2 排" in near.reason_zh and "2 rows" in near.reason_en
    unknown = queries.close_contact(investigator, contact_id=by_name["乘客05无座"].id).exposures[0]
    assert (unknown.widened, unknown.contact_class) == ("seat", ContactClass.GENERAL_CONTACT)


def test_the_same_manifest_again_adds_nothing(investigator, patient_id) -> None:
    actions.import_manifest(investigator, rows=MANIFEST)
    actions.import_manifest(investigator, rows=MANIFEST)
    summary = queries.emergency_summary(investigator)
    assert (summary.manifests, summary.close_contacts, summary.general_contacts) == (1, 1, 2)
    assert summary.non_contacts_dropped == 2
    contact = queries.close_contacts(investigator).rows[0]
    assert len(queries.close_contact(investigator, contact_id=contact.id).exposures) == 1


def test_a_manifest_without_a_patient_leaves_nothing_and_says_so(investigator) -> None:
    got = actions.import_manifest(investigator, rows=MANIFEST)
    assert (got.patients_aboard, got.close_contacts, got.non_contacts_dropped) == (0, 0, 6)
    assert queries.close_contacts(investigator).rows == ()


def test_a_patient_without_a_number_is_found_by_name_and_phone(investigator) -> None:
    actions.import_patients(investigator, rows=[PATIENT])
    row = PassengerRow("G1709", DAY, "05", "10A", PATIENT.name, "", PATIENT.phone)
    assert actions.import_manifest(investigator, rows=[row, passenger("11A")]).close_contacts == 1


def test_the_chosen_rule_decides(investigator, patient_id) -> None:
    got = actions.import_manifest(investigator, rows=MANIFEST, rule="cn-2020-carriage")
    assert (got.close_contacts, got.general_contacts, got.widened) == (3, 0, 0)


def test_a_patient_whose_seat_is_unknown_makes_the_carriage_close_and_says_so(
    investigator, patient_id
) -> None:
    aboard = passenger("无座", id_no=PATIENT.id_no, name=PATIENT.name)
    got = actions.import_manifest(investigator, rows=[aboard, *MANIFEST[1:]])
    assert (got.close_contacts, got.general_contacts, got.widened, got.non_contacts_dropped) == (3, 0, 3, 2)
    contact = queries.close_contacts(investigator).rows[0]
    (exposure,) = queries.close_contact(investigator, contact_id=contact.id).exposures
    assert (exposure.rule, exposure.widened) == ("cn2020carriage.train.carriage", "patient_seat")
    assert "病例座位不详" in exposure.reason_zh and "patient's seat is not known" in exposure.reason_en


def test_a_flight_is_read_by_rows_and_the_others_aboard_are_general(investigator, patient_id) -> None:
    def seat(at: str, number: str) -> PassengerRow:
        return PassengerRow("MF8315", DAY, "", at, f"客{at}", number)

    rows = [seat("31K", PATIENT.id_no), seat("34A", "F1"), seat("12C", "F2"), seat("机组", "F3")]
    got = actions.import_manifest(investigator, rows=rows)
    assert (got.close_contacts, got.general_contacts, got.non_contacts_dropped) == (2, 1, 0)
    near = next(c for c in queries.close_contacts(investigator).rows if c.name == "客34A")
    (exposure,) = queries.close_contact(investigator, contact_id=near.id).exposures
    assert (exposure.kind, exposure.rows_apart, exposure.overlap_minutes) == ("flight", 3, None)


def test_who_rode_twice_with_a_patient_keeps_both_rides(investigator, patient_id) -> None:
    back = [
        PassengerRow("G1710", DAY, "01", "02A", PATIENT.name, PATIENT.id_no),
        PassengerRow("G1710", DAY, "01", "03A", "乘客0512C", "ID0512C"),
    ]
    assert actions.import_manifest(investigator, rows=[*MANIFEST, *back]).close_contacts == 1
    near = next(c for c in queries.close_contacts(investigator).rows if c.name == "乘客0512C")
    rows = {x.rows_apart for x in queries.close_contact(investigator, contact_id=near.id).exposures}
    assert rows == {1, 2}


def test_rows_that_cannot_be_read_come_back_with_their_place(investigator, patient_id) -> None:
    rows = [
        *MANIFEST,
        PassengerRow("车", DAY, "05", "1A", "甲", "X1"),
        PassengerRow("G1709", "2026-13-01", "05", "1A", "乙", "X2"),
        PassengerRow("G1709", "", "05", "1A", "丙", "X3"),
        PassengerRow("G1709", date(2999, 1, 1), "05", "1A", "丁", "X4"),
        PassengerRow("G1709", DAY, "05", "1A", "", ""),
    ]
    got = actions.import_manifest(investigator, rows=rows)
    assert [(r.row, r.problem.code) for r in got.refused] == [
        (7, "train_unknown"),
        (8, "not_a_date"),
        (9, "travel_date_missing"),
        (10, "date_in_future"),
        (11, "passenger_without_name"),
    ]
    assert got.close_contacts == 1
    assert all(r.problem.zh and r.problem.en and r.problem.place == f"row {r.row}" for r in got.refused)


def test_a_household_is_close_until_the_patient_was_confirmed(investigator, patient_id) -> None:
    patient, wife, child = uuid4(), uuid4(), uuid4()
    actions.place_patients(investigator, placed=[PlacedPatient(patient_id, HOME, patient)])
    members = tuple(PersonRef(p, HOME) for p in (patient, wife, child))
    household = HouseholdExposure(patient_id, members)
    assert actions.record_household_exposures(investigator, households=[household]) == 2
    assert actions.record_household_exposures(investigator, households=[household]) == 0
    facts = {f.person_id: f for f in queries.exposure_facts(investigator)}
    assert set(facts) == {patient, wife, child}
    assert facts[wife].household_contact_on == PATIENT.confirmed_on
    assert facts[wife].close_contact_on is None
    contact = next(c for c in queries.close_contacts(investigator).rows if c.person_id == wife)
    (exposure,) = queries.close_contact(investigator, contact_id=contact.id).exposures
    assert (exposure.rule, exposure.overlap_minutes) == ("cn2020rows.household", 6 * 24 * 60)
    assert facts[patient].patient_confirmed_on == PATIENT.confirmed_on
    assert facts[patient].household_contact_on is None
    with pytest.raises(NotFound, match="patient_unknown"):
        actions.record_household_exposures(investigator, households=[HouseholdExposure(uuid4(), members)])


def test_a_traveller_who_is_a_household_member_becomes_one_contact(investigator, patient_id) -> None:
    wife = uuid4()
    actions.record_household_exposures(
        investigator, households=[HouseholdExposure(patient_id, (PersonRef(wife, HOME),))]
    )
    actions.import_manifest(investigator, rows=MANIFEST)
    far = next(t for t in queries.contacts_to_match(investigator) if t.name == "乘客0518F")
    actions.link_contacts(investigator, links=[ContactLink(far.contact_id, wife, HOME)])
    mine = [c for c in queries.close_contacts(investigator).rows if c.person_id == wife]
    assert len(mine) == 1
    detail = queries.close_contact(investigator, contact_id=mine[0].id)
    assert {x.kind for x in detail.exposures} == {"train", "household"}
    assert mine[0].contact_class == ContactClass.CLOSE_CONTACT
    assert mine[0].last_exposed_on == PATIENT.confirmed_on
    facts = next(f for f in queries.exposure_facts(investigator) if f.person_id == wife)
    assert (facts.household_contact_on, facts.general_contact_on) == (PATIENT.confirmed_on, DAY)


def test_only_matched_people_are_screened(investigator, patient_id) -> None:
    actions.import_manifest(investigator, rows=MANIFEST)
    assert queries.exposure_facts(investigator) == ()
    who = uuid4()
    near = next(t for t in queries.contacts_to_match(investigator) if t.name == "乘客0512C")
    actions.link_contacts(investigator, links=[ContactLink(near.contact_id, who, HOME)])
    assert [(f.person_id, f.close_contact_on) for f in queries.exposure_facts(investigator)] == [(who, DAY)]
    assert queries.close_contacts(investigator, matched=True).rows[0].unit_no == HOME


def test_destruction_waits_for_the_end_and_leaves_no_row(
    investigator, patient_id, declared, access_for, system_access
) -> None:
    actions.import_manifest(investigator, rows=MANIFEST)
    system = system_access("operations", declared)
    from wangge.kernel.problems import Conflict

    with pytest.raises(Conflict, match="emergency_still_active"):
        actions.destroy_emergency(system, emergency=declared)
    emergency_actions.end_emergency(access_for("emergency_lead", emergency=declared), emergency_id=declared)
    with pytest.raises(Refused):
        actions.destroy_emergency(access_for("leader", "care", emergency=declared), emergency=declared)
    counts = {s.store: s.count for s in actions.destroy_emergency(system, emergency=declared)}
    assert counts == {
        "outbreaks.exposure": 3,
        "outbreaks.closecontact": 3,
        "outbreaks.manifest": 1,
        "outbreaks.patient": 1,
    }
    assert not CloseContact.objects.exists() and not Exposure.objects.exists()
    assert sum(s.count for s in actions.destroy_emergency(system, emergency=declared)) == 0
