"""Whom contacts met in turn: the next link of the chain, from the register and from a later train, to a blue finding."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from django.utils import timezone

from tests.emergencies.conftest import declare, declared
from tests.registry.telling import LI, NOWHERE, TOLD, WANG, linked, row, valid
from wangge.emergencies.states import DataSet
from wangge.flows.screening import screen_emergency
from wangge.flows.tasking import task_emergency
from wangge.flows.tracing import trace
from wangge.ledger.models import Entry
from wangge.linkage.analysis import Publication
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import LineListRow, PassengerRow
from wangge.registry import actions as registry
from wangge.registry import queries as people
from wangge.screening import queries as findings

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared"]
TODAY = timezone.localdate()
RODE = TODAY - timedelta(days=6)
ZHAO = valid("12011019700505004")
SON = valid("12011020000808001")
AT_ZHAO = "天津市东丽区万新街道嘉春园社区嘉春园14号楼1单元101室"
MORE = [
    row("public_security", "p8", name="赵敏", id_no=ZHAO, sex="女", birth="19700505", household_ref="h2",
        phone="13700000001", address=AT_ZHAO),
    row("public_security", "p9", name="周强", id_no=SON, sex="男", birth="20000808", household_ref="h2",
        phone="13700000009", address=AT_ZHAO),
]  # fmt: skip


@pytest.fixture
def register(system_access, tmp_path):
    """王建国 with wife and child in one household; 赵敏 with 周强 in another. Gives person ids by identity number."""
    publication = Publication(tmp_path / "in")
    publication.add(pa.Table.from_pylist(TOLD + MORE))
    access = system_access("registry_maintenance")
    found = linked(publication.finish(people.decisions(access)), tmp_path / "work")
    registry.import_linkage(access, golden=found.golden, members=found.members, unlocated=NOWHERE)


def rider(name: str, id_no: str, seat: str, *, on=RODE, train: str = "G1709") -> PassengerRow:
    return PassengerRow(train, on, "01", seat, name, id_no)


@pytest.fixture
def met(register, declared, access_for):
    """王建国 is a patient; 赵敏 sat two rows away, 周强 and nobody else lives with her. Gives an epidemiologist."""
    access = access_for("epidemiologist", "epidemic_response", emergency=declared)
    patient = LineListRow(
        "BL1", name="王建国", id_no=WANG, onset_on=RODE, confirmed_on=RODE + timedelta(days=2)
    )
    actions.import_patients(access, rows=[patient])
    actions.import_manifest(
        access,
        rows=[rider("王建国", WANG, "08A"), rider("赵敏", ZHAO, "10C"), rider("过客", "X1", "15A")],
    )
    return access


def person(system_access, emergency, number):
    access = system_access("epidemic_response", emergency)
    return people.match_id_numbers(access, numbers=(number,))[number]


def test_who_lives_with_a_close_contact_is_blue_with_its_reason(met, declared, system_access) -> None:
    traced = trace(declared)
    assert traced.contacts_of_contacts == 1
    screen_emergency(declared)
    son = person(system_access, declared, SON)
    (finding,) = [f for f in findings.exposure_findings_of(met, person_id=son) if f.kind == "exposure"]
    assert (finding.tier, finding.rule, finding.task) == (
        "blue",
        "exposure.contact_of_contact",
        "symptom_check",
    )
    tiers = {c.tier: c.count for c in findings.exposure_counts(met) if c.kind == "exposure"}
    assert tiers["red"] == 4 and tiers["blue"] == 1
    contact = next(c for c in queries.close_contacts(met).rows if c.person_id == son)
    (exposure,) = queries.close_contact(met, contact_id=contact.id).exposures
    assert (exposure.rule, exposure.rule_version) == ("contact_of_contact.household", "2021.8.1")
    assert exposure.exposed_on == TODAY, "she was found today, and is looked after from today on"
    assert exposure.counts_until == TODAY + timedelta(days=14)
    assert str(RODE) in exposure.reason_zh and str(RODE) in exposure.reason_en
    zhao = person(system_access, declared, ZHAO)
    via = next(c for c in queries.close_contacts(met).rows if c.person_id == zhao)
    assert exposure.via == via.id
    assert task_emergency(declared) > 0


def test_what_the_declaration_does_not_name_is_left_out_and_said(register, declare, access_for) -> None:
    narrow = declare(data_sets=(DataSet.LINE_LIST,))
    access = access_for("epidemiologist", "epidemic_response", emergency=narrow)
    patient = LineListRow("BL1", name="王建国", id_no=WANG, onset_on=RODE, confirmed_on=TODAY)
    actions.import_patients(access, rows=[patient])
    traced = trace(narrow)
    assert (traced.patients, traced.patients_placed, traced.household_contacts) == (1, 1, 0)
    assert [step.data_set for step in traced.left_out] == ["manifest", "household"]
    assert all("未列入" in step.zh and "does not name" in step.en for step in traced.left_out)
    asked = set(Entry.objects.values_list("door", flat=True))
    assert "registry.households_of" not in asked, "who lives with whom is not even read"
    assert screen_emergency(narrow).persons == 1
    assert task_emergency(narrow) >= 1
    homes = declare(data_sets=(DataSet.LINE_LIST, DataSet.HOUSEHOLD))
    actions.import_patients(
        access_for("epidemiologist", "epidemic_response", emergency=homes), rows=[patient]
    )
    at_home = trace(homes)
    assert at_home.household_contacts == 2 and [s.data_set for s in at_home.left_out] == ["manifest"]


def test_tracing_again_adds_no_contact_of_a_contact(met, declared) -> None:
    assert trace(declared).contacts_of_contacts == 1
    before = [queries.close_contact(met, contact_id=c.id) for c in queries.close_contacts(met).rows]
    assert trace(declared).contacts_of_contacts == 0
    again = [queries.close_contact(met, contact_id=c.id) for c in queries.close_contacts(met).rows]
    assert again == before and len(again) == 5


def test_nobody_of_a_patients_household_is_a_contact_of_a_contact(met, declared, system_access) -> None:
    trace(declared)
    wife = person(system_access, declared, LI)
    facts = {f.person_id: f for f in queries.exposure_facts(met)}
    assert facts[wife].contact_of_contact_on is None
    assert facts[wife].household_contact_on == RODE + timedelta(days=2)


def test_who_sat_by_a_close_contact_on_a_later_train_is_a_contact_of_a_contact(
    met, declared, system_access
) -> None:
    trace(declared)
    later = RODE + timedelta(days=3)
    zhao = person(system_access, declared, ZHAO)
    rows = [
        rider("赵敏", ZHAO, "03A", on=later, train="K1020"),
        rider("邻座", "X7", "04C", on=later, train="K1020"),
        rider("远座", "X8", "12C", on=later, train="K1020"),
        rider("无座", "X9", "无座", on=later, train="K1020"),
    ]
    got = actions.import_manifest(met, rows=rows, persons={ZHAO: zhao})
    assert (got.patients_aboard, got.contacts_aboard, got.contacts_of_contacts) == (0, 1, 1)
    assert got.non_contacts_dropped == 2
    names = {c.name for c in queries.close_contacts(met).rows if c.contact_class == "contact_of_contact"}
    assert "邻座" in names and not {"远座", "无座"} & names


def test_a_train_before_or_on_the_day_of_the_first_meeting_counts_for_nobody(
    met, declared, system_access
) -> None:
    trace(declared)
    zhao = person(system_access, declared, ZHAO)
    for on in (RODE - timedelta(days=1), RODE):
        rows = [
            rider("赵敏", ZHAO, "03A", on=on, train="K1020"),
            rider("邻座", "X7", "04C", on=on, train="K1020"),
        ]
        got = actions.import_manifest(met, rows=rows, persons={ZHAO: zhao})
        assert (got.contacts_aboard, got.contacts_of_contacts) == (0, 0)


def test_a_contact_of_a_contact_who_meets_a_patient_becomes_a_close_contact(
    met, declared, system_access
) -> None:
    trace(declared)
    rows = [rider("王建国", WANG, "08A"), rider("周强", SON, "09A")]
    actions.import_manifest(met, rows=rows)
    trace(declared)
    son = person(system_access, declared, SON)
    (contact,) = [c for c in queries.close_contacts(met).rows if c.person_id == son]
    assert contact.contact_class == "close_contact"
    screen_emergency(declared)
    tiers = [f.tier for f in findings.exposure_findings_of(met, person_id=son) if f.kind == "exposure"]
    assert tiers == ["red"]
