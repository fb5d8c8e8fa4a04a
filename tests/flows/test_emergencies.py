"""An emergency's whole life: declared, filled, ended; then a planted marker is in no table and no file."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from tests.emergencies.conftest import declare, declared, investigator
from wangge.access import actions as access_actions
from wangge.access.vault import public_key
from wangge.access.wall import our_models
from wangge.emergencies import queries as emergency_queries
from wangge.emergencies.states import DataSet, EmergencyState, Law, ResponseLevel
from wangge.field import actions as field
from wangge.field.types import FoundDifferent, SubmittedVisit
from wangge.flows import emergencies as flow
from wangge.kernel.problems import Conflict, Refused
from wangge.ledger.models import Entry
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import (
    ContactHousehold,
    ContactLink,
    HouseholdExposure,
    LineListRow,
    PassengerRow,
    PersonRef,
    PlacedPatient,
)
from wangge.release import queries as release
from wangge.release.rules.certificates import signature_holds
from wangge.screening import actions as screening
from wangge.screening import queries as findings
from wangge.screening.types import fact_table
from wangge.sources import actions as sources
from wangge.stays import actions as stays
from wangge.stays.types import StayRow
from wangge.tasks import actions as tasks
from wangge.tasks.types import NewTask, Subject

__all__ = ["declare", "declared", "investigator"]
MARK = "植入标记Q7X"
ID_NO = "120110196001017Q7X"
DAY = date(2026, 10, 20)
HOME = 120110001001002


def fill(access, who: UUID, wife: UUID, neighbour: UUID | None = None) -> None:
    """Everything that these rooms can hold of an emergency, each with the marker.

    `neighbour` lives with a traveller who met the patient: a contact of a contact.
    """
    row = LineListRow(
        f"{MARK}1", name=MARK, id_no=ID_NO, phone="1390000Q7X", address=MARK, onset_on=DAY, confirmed_on=DAY
    )
    patient = actions.import_patients(access, rows=[row]).patient_ids[0]
    actions.place_patients(access, placed=[PlacedPatient(patient, HOME, who)])
    passengers = [
        PassengerRow("G1709", DAY, "05", "10A", MARK, ID_NO),
        PassengerRow("G1709", DAY, "05", "11A", MARK + "乘客", "X1"),
        PassengerRow("G1709", DAY, "06", "11A", MARK + "无关", "X2"),
    ]
    actions.import_manifest(access, rows=passengers)
    actions.record_household_exposures(
        access, households=[HouseholdExposure(patient, (PersonRef(wife, HOME),))]
    )
    traveller = queries.contacts_to_match(access)[0]
    actions.link_contacts(access, links=[ContactLink(traveller.contact_id, uuid4(), HOME)])
    if neighbour is not None:
        home = ContactHousehold(traveller.contact_id, (PersonRef(neighbour, HOME),))
        assert actions.record_contacts_of_contacts(access, households=[home]) == 1
    table = fact_table(
        subjects=[str(wife)],
        unit_nos=[HOME],
        facts={"household_contact_on": [timezone.localdate()]},
        origins={"household_contact_on": (MARK, "2026-10-20")},
    )
    screening.screen_exposure(access, table=table)
    finding = findings.exposure_findings(access).rows[0]
    screening.appeal_finding(access, finding_id=finding.id, statement=MARK)


def fill_elsewhere(emergency: UUID, access_for, system_access, who: UUID) -> None:
    """The same in the rooms round about: a file with a good and a bad row, an arrival, a task, a visit taken in, one held."""
    office = access_actions.create_organisation(
        system_access("operations"), code="cdc", name_zh="疾控", name_en="CDC", kind="department"
    )
    steward = access_for("epidemiologist", "epidemic_response", emergency=emergency, organisation=office)
    resource = sources.register_source(
        steward, code="cdc.line", name_zh=MARK, name_en=MARK, organisation=office, schema="patient",
        division="120110", emergency=emergency,
    )  # fmt: skip
    text = f"病例编号,姓名,发病日期,备注{MARK}\nP1,{MARK},2026-10-20,{MARK}\nP2,,2026-13-40,{MARK}\n"
    batch = sources.receive_file(
        steward,
        resource=resource,
        filename=f"{MARK}.csv",
        stream=io.BytesIO(text.encode()),
        emergency=emergency,
    )
    sources.confirm_mapping(steward, batch=batch.id)
    sources.admit(steward, batch=batch.id, despite="演练")
    lead = access_for("emergency_lead", "epidemic_response", emergency=emergency)
    day = timezone.localdate() - timedelta(days=3)
    named = {"division": "420100", "name": "武汉", "since": day, "ground": "通告 1 号"}
    stays.name_affected_area(lead, emergency_id=emergency, **named)
    came = StayRow(MARK, ID_NO, MARK, MARK, "", "武汉", str(day), str(day))
    assert stays.import_arrivals(steward, rows={1: came}).people == 1
    system = system_access("epidemic_response", emergency)
    subject = Subject(person_id=who, name=MARK, phone=MARK, address=MARK, reasons=(MARK,), note=MARK)
    tasks.create_tasks(system, tasks=[NewTask("exposure_visit", HOME, "finding:1", subject)])
    worker = access_for("grid_worker", "epidemic_response", emergency=emergency)
    now = timezone.now()
    visit = SubmittedVisit(
        client_id=uuid4(), form="symptom_check", started_at=now - timedelta(minutes=9), ended_at=now, saw_person=True,
        saw_dwelling=True, saw_state=True, unit_no=HOME, emergency=emergency, person_id=who, observations=MARK,
        answers={"temperature": 36.5}, corrections=(FoundDifferent("phone", MARK),), device=MARK,
    )  # fmt: skip
    field.sync(worker, visits=[visit, replace(visit, client_id=uuid4(), answers={MARK: 1})])


def everything_stored() -> str:
    """Every row of every table of ours as text, read by a superuser whom no row-level security stops."""
    with psycopg.connect(**connections["owner"].get_connection_params()) as owner:
        superuser = owner.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        text = []
        for table in (
            t
            for (t,) in owner.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
        ):
            if not (superuser and superuser[0]):
                owner.execute(
                    psycopg.sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(
                        psycopg.sql.Identifier(table)
                    )
                )
            rows = owner.execute(
                psycopg.sql.SQL("SELECT t::text FROM {} t").format(psycopg.sql.Identifier(table))
            ).fetchall()
            text += [row[0] for row in rows]
        owner.rollback()
    return "\n".join(text)


def in_files(mark: bytes) -> list[Path]:
    home = Path(settings.WANGGE_HOME)
    return [p for p in home.rglob("*") if p.is_file() and mark in p.read_bytes()]


@pytest.mark.slow
def test_after_the_end_nothing_of_it_is_left_but_its_certificate(
    committed_db, declare, access_for, system_access
) -> None:
    emergency = declare()
    access = access_for("epidemiologist", "epidemic_response", emergency=emergency)
    who, wife, neighbour = uuid4(), uuid4(), uuid4()
    fill(access, who, wife, neighbour)
    fill_elsewhere(emergency, access_for, system_access, who)
    rows = [
        str(queries.patients(access).rows[0].id),
        *(str(c.id) for c in queries.close_contacts(access).rows),
    ]
    rows.append(str(findings.exposure_findings(access).rows[0].id))
    held = everything_stored()
    assert all(row in held for row in rows), "the scan does not see what it should"
    sealed = {m._meta.label for m in our_models() if m.SCOPE in ("emergency", "unit+emergency")}
    assert {
        "outbreaks.Patient",
        "outbreaks.Exposure",
        "outbreaks.CloseContact",
        "stays.Arrival",
        "screening.Finding",
    } <= sealed

    lead = access_for("emergency_lead", emergency=emergency)
    certificate = flow.end(lead, emergency_id=emergency, reason="响应终止")

    left = everything_stored()
    assert not [row for row in rows if row in left]
    for mark in (MARK, ID_NO, *(form(p) for p in (who, wife, neighbour) for form in (str, lambda p: p.hex))):
        assert mark not in left
        assert mark.encode().hex() not in left
        assert in_files(mark.encode()) == []
    counts = {s.store: s.count for s in certificate.stores}
    for store, count in {
        "outbreaks.patient": 1,
        "stays.arrival": 1,
        "outbreaks.closecontact": 3,
        "outbreaks.exposure": 3,
        "outbreaks.manifest": 1,
        "screening.finding": 1,
        "screening.appeal": 1,
        "tasks.task": 1,
        "field.visit": 1,
        "field.quarantinedvisit": 1,
        "field.correction": 1,
        "sources.batch": 1,
        "sources.quarantinedrow": 1,
    }.items():
        assert counts[store] == count
    assert certificate.total == sum(counts.values())
    assert certificate.key_destroyed and certificate.holds
    assert signature_holds(certificate.statement.encode(), bytes.fromhex(certificate.signature), public_key())
    assert MARK not in certificate.statement
    seen = emergency_queries.emergency(access_for("auditor", "audit"), emergency_id=emergency)
    assert (seen.state, seen.certificate) == (EmergencyState.DESTROYED, certificate.id)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.patients(access)


@pytest.mark.django_db
def test_ending_twice_gives_the_same_certificate(declared, investigator, access_for) -> None:
    fill(investigator, uuid4(), uuid4())
    lead = access_for("emergency_lead", emergency=declared)
    first = flow.end(lead, emergency_id=declared)
    again = flow.end(lead, emergency_id=declared)
    assert first == again
    assert release.certificates(access_for("grid_worker", "care")) == (first,)
    assert release.certificate(lead, certificate_id=first.id).holds


@pytest.mark.django_db
def test_a_destruction_that_was_interrupted_keeps_its_counts(
    declared, investigator, access_for, system_access, monkeypatch
) -> None:
    fill(investigator, uuid4(), uuid4())
    lead = access_for("emergency_lead", emergency=declared)
    doors = flow.destroyers()

    def power_cut(*_: object, **__: object) -> tuple[()]:
        raise RuntimeError("power cut")

    monkeypatch.setattr(flow, "destroyers", lambda: {"screening": doors["screening"], "outbreaks": power_cut})
    with pytest.raises(RuntimeError, match="power cut"):
        flow.end(lead, emergency_id=declared)
    assert release.certificates(lead) == ()
    with pytest.raises(Refused):
        queries.patients(investigator)
    monkeypatch.undo()
    (certificate,) = flow.end_due()
    counts = {s.store: s.count for s in certificate.stores}
    assert (counts["screening.finding"], counts["outbreaks.patient"]) == (1, 1)


@pytest.mark.django_db
def test_an_emergency_past_its_end_is_ended_by_the_clock(declared, investigator, system_access) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1")])
    assert flow.end_due() == ()
    from wangge.emergencies.models import Emergency

    over = timezone.now() - timedelta(minutes=1)
    Emergency.objects.filter(id=declared).update(starts_at=over - timedelta(days=1), ends_at=over)
    (certificate,) = flow.end_due()
    assert certificate.emergency_id == declared
    assert flow.end_due() == ()


@pytest.mark.django_db
def test_nothing_is_certified_before_the_end(declared, system_access) -> None:
    from wangge.release.actions import issue_certificate

    with pytest.raises(Conflict, match="emergency_still_active"):
        issue_certificate(system_access("operations", declared), emergency_id=declared)
    with pytest.raises(Conflict, match="emergency_still_active"):
        flow.destroy(declared)


@pytest.mark.django_db
def test_declaring_shows_what_everybody_sees(access_for) -> None:
    seen = flow.declare(
        access_for("emergency_lead"),
        name="演练",
        law=Law.EMERGENCY_RESPONSE,
        article="第八十五条",
        areas={"120110": ResponseLevel.LEVEL_1},
        purposes=("epidemic_response", "care"),
        data_sets=(DataSet.LINE_LIST,),
        ends_at=timezone.now() + timedelta(days=14),
    )
    assert seen.in_force and seen.data_sets == ("line_list",)


@pytest.mark.django_db
def test_the_ledger_keeps_that_it_happened_and_no_word_of_whom(declared, investigator, access_for) -> None:
    who, wife = uuid4(), uuid4()
    fill(investigator, who, wife)
    flow.end(access_for("emergency_lead", emergency=declared), emergency_id=declared)
    entries = list(Entry.objects.values_list("door", "details"))
    doors = {d for d, _ in entries}
    assert {"emergencies.end_emergency", "outbreaks.destroy_emergency", "release.issue_certificate"} <= doors
    said = json.dumps([d for _, d in entries], ensure_ascii=False)
    assert MARK not in said and str(who) not in said and str(wife) not in said


def test_every_room_that_keeps_emergency_data_can_destroy_it() -> None:
    rooms = {m._meta.app_label for m in our_models() if m.SCOPE in ("emergency", "unit+emergency")}
    assert rooms <= set(flow.ROOMS)
    assert rooms <= set(flow.destroyers())
