"""Registered stays: who shared a place with a patient, who comes from an affected area, nobody else."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from wangge.emergencies.states import DataSet
from wangge.kernel.problems import Refused
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import LineListRow
from wangge.stays import actions as stays_actions
from wangge.stays import queries as stays_queries
from wangge.stays.types import ArrivalLink, StayRow

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
WENT = TODAY - timedelta(days=4)
HOME = 120110001001002
PATIENT = LineListRow("TJ5", name="李病", id_no="120110196001010011", onset_on=WENT, confirmed_on=TODAY)


def at(hour: int, minute: int = 0) -> str:
    return f"{WENT} {hour:02d}:{minute:02d}"


def stay(who: str, start: str, end: str, *, place: str = "新世纪商场", area: str = "") -> StayRow:
    number = PATIENT.id_no if who == "李病" else f"ID{who}"
    return StayRow(who, number, "", place, "商场", area, start, end)


@pytest.fixture
def lead(declared, access_for):
    return access_for("emergency_lead", "epidemic_response", emergency=declared)


def affect(lead, division="420100", name="武汉", since=TODAY - timedelta(days=30), **more):
    return stays_actions.name_affected_area(
        lead,
        emergency_id=lead.emergency,
        division=division,
        name=name,
        since=since,
        ground="通告〔2020〕1 号",
        **more,
    )


def test_who_shared_a_venue_is_a_contact_with_the_minutes_and_others_are_dropped(investigator) -> None:
    actions.import_patients(investigator, rows=[PATIENT])
    rows = [
        stay("李病", at(10), at(12)),
        stay("同场", at(11), at(11, 30)),
        stay("同场", at(11, 20), at(11, 50)),
        stay("晚到", at(12), at(13)),
        stay("别处", at(10), at(12), place="图书馆"),
    ]
    got = actions.import_stays(investigator, rows=rows)
    assert (got.patients_found, got.close_contacts, got.general_contacts, got.dropped) == (1, 0, 1, 2)
    (contact,) = queries.close_contacts(investigator).rows
    (exposure,) = queries.close_contact(investigator, contact_id=contact.id).exposures
    assert (contact.name, exposure.kind, exposure.overlap_minutes) == ("同场", "venue", 50)
    assert (exposure.rule, exposure.exposed_on) == ("cn2020rows.venue", WENT)
    assert "新世纪商场" in exposure.reason_zh and "50 minutes" in exposure.reason_en
    actions.import_stays(investigator, rows=rows)
    assert queries.emergency_summary(investigator).general_contacts == 1
    strict = actions.import_stays(investigator, rows=rows, rule="cdna-2020")
    assert (strict.close_contacts, strict.general_contacts) == (0, 0), "fifty minutes are not two hours"


def test_two_hours_in_an_affected_area_within_fifteen_days(investigator, lead) -> None:
    affect(lead)
    long_ago = f"{TODAY - timedelta(days=16)}"
    rows = [
        stay("返津", at(8), at(9), place="", area="420106"),
        stay("返津", at(8, 30), at(10, 15), place="", area="湖北省武汉市"),
        stay("路过", at(8), at(9, 59), place="", area="420106"),
        stay("早回", long_ago, long_ago, place="", area="420100"),
        stay("别处", at(8), at(18), place="", area="410100"),
    ]
    got = actions.import_stays(investigator, rows=rows)
    assert (got.arrivals, got.dropped, got.refused) == (1, 3, ())
    (arrival,) = stays_queries.arrivals(investigator).rows
    assert (arrival.name, [s.minutes for s in arrival.stays]) == ("返津", [135])
    assert (arrival.stays[0].area, arrival.stays[0].name) == ("420100", "武汉")
    who = uuid4()
    (known,) = stays_queries.arrivals_to_match(investigator)
    stays_actions.link_arrivals(investigator, links=[ArrivalLink(known.arrival_id, who, HOME)])
    (facts,) = queries.exposure_facts(investigator)
    assert (facts.person_id, facts.affected_area_left_on, facts.affected_area_hours) == (who, WENT, 2.2)
    actions.import_stays(investigator, rows=rows)
    assert stays_queries.arrivals(investigator).rows[0].person_id == who, "the same list again changes nobody"


def test_only_what_the_declaration_names_is_done(declare, access_for) -> None:
    narrow = declare(data_sets=(DataSet.LINE_LIST, DataSet.VENUE))
    access = access_for("epidemiologist", "epidemic_response", emergency=narrow)
    got = actions.import_stays(access, rows=[stay("甲", at(8), at(11), area="420100")])
    assert (got.arrivals, got.left_out) == (0, ("arrival",))
    none = declare(data_sets=(DataSet.LINE_LIST,))
    with pytest.raises(Refused, match="data_set_not_declared"):
        actions.import_stays(
            access_for("epidemiologist", "epidemic_response", emergency=none),
            rows=[stay("甲", at(8), at(11))],
        )
