"""Colours of areas: graded by the flow over cases by place, told to everybody with coarse facts, gone with the END."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.emergencies.conftest import declare, declared
from wangge.emergencies import actions as emergency_actions
from wangge.insight import actions, queries
from wangge.insight.rules.grading import told_facts
from wangge.insight.types import AreaToGrade, CaseAt
from wangge.kernel.disclosure import coarse
from wangge.kernel.problems import Conflict, Refused
from wangge.outbreaks import actions as outbreaks
from wangge.outbreaks.queries import cases_by_place
from wangge.outbreaks.rules.infection_sources import infection_source
from wangge.outbreaks.types import LineListRow, PlacedPatient

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared"]
TODAY = timezone.localdate()
STREET, BIG, SMALL, FREE = "120110001000", "120110001001", "120110001002", "120110001003"
AREAS = [
    AreaToGrade(STREET, "street", "万新街道", 120110001000000, 900),
    AreaToGrade(BIG, "community", "嘉春园", 120110001001000, 500),
    AreaToGrade(SMALL, "community", "小院", 120110001002000, 12),
    AreaToGrade(FREE, "community", "新村", 120110001003000, None),
]


def case(division: str, ago: int, **more) -> CaseAt:
    return CaseAt(division, TODAY - timedelta(days=ago), more.get("local", True), more.get("cluster", ""))


@pytest.fixture
def graded(declared, system_access):
    cases = [case(d, n % 3) for n in range(12) for d in (STREET, BIG)] + [case(SMALL, 1), case(STREET, 1)]
    actions.note_tiers(system_access("epidemic_response", declared), areas=AREAS, cases=cases)
    return declared


def test_everybody_is_told_the_colour_the_rule_and_when_it_would_change(graded, access_for) -> None:
    tiers = {
        t.division: t for t in queries.area_tiers(access_for("grid_worker", "care"), emergency_id=graded)
    }
    big, free = tiers[BIG], tiers[FREE]
    assert (big.colour, big.rule, free.colour) == ("yellow", "yellow", "green")
    assert big.rule_zh and big.rule_en and big.changes_on > TODAY and free.changes_on is None
    assert dict(big.facts)["cumulative"] == "10" and dict(free.facts)["cumulative"] == "0"
    assert "last_onset" not in dict(big.facts)
    pack = queries.tier_pack(access_for("grid_worker", "care"))
    assert "yellow" in {r.code for r in pack.rules} and pack.source


def test_an_area_of_few_doors_has_no_colour_of_its_own(graded, access_for) -> None:
    tiers = {t.division: t for t in queries.area_tiers(access_for("leader", "care"), emergency_id=graded)}
    assert (tiers[SMALL].colour, tiers[SMALL].facts, tiers[SMALL].changes_on) == ("", (), None)


def test_grading_again_replaces_the_day_and_destruction_leaves_nothing(
    graded, access_for, system_access
) -> None:
    system = system_access("epidemic_response", graded)
    actions.note_tiers(system, areas=AREAS, cases=[])
    reader = access_for("leader", "care")
    assert {t.colour for t in queries.area_tiers(reader, emergency_id=graded)} == {"green", ""}
    with pytest.raises(Refused):
        actions.note_tiers(access_for("leader", "care"), areas=AREAS, cases=[])
    clock = system_access("operations", graded)
    with pytest.raises(Conflict):
        actions.destroy_emergency(clock, emergency=graded)
    emergency_actions.end_emergency(access_for("emergency_lead", emergency=graded), emergency_id=graded)
    (gone,) = actions.destroy_emergency(clock, emergency=graded)
    assert (gone.store, gone.count) == ("insight.areatier", len(AREAS))
    assert queries.area_tiers(reader, emergency_id=graded) == ()


def test_cases_go_out_by_place_without_a_name(declared, access_for, system_access) -> None:
    doctor = access_for("epidemiologist", "epidemic_response", emergency=declared)
    rows = [
        LineListRow("A1", onset_on=TODAY, source=infection_source("武汉返津", own_no="A1")),
        LineListRow("A2", onset_on=TODAY, source=infection_source("A1 家属", own_no="A2")),
        LineListRow("A3", confirmed_on=TODAY, source=infection_source("", own_no="A3")),
    ]
    ids = outbreaks.import_patients(doctor, rows=rows).patient_ids
    outbreaks.place_patients(doctor, placed=[PlacedPatient(ids[1], 120110001001002)])
    one, two, three = cases_by_place(system_access("epidemic_response", declared))
    assert (one.local, two.local, three.local) == (False, True, True)
    assert one.cluster == two.cluster != "" and three.cluster == ""
    assert (two.unit_no, three.began_on) == (120110001001002, TODAY)


@given(st.integers(0, 10_000))
def test_a_coarse_count_hides_small_ones_and_is_never_far_off(count: int) -> None:
    told = coarse(count)
    if count == 0:
        assert told == "0"
    elif count <= 7:
        assert told == "1–7"
    else:
        assert int(told) % 5 == 0 and abs(int(told) - count) <= 2


def test_a_share_of_few_is_not_told() -> None:
    assert "local_share" not in told_facts({"cumulative": 5, "local_share": 0.4, "last_onset": "2026-01-01"})
    assert told_facts({"cumulative": 20, "local_share": 0.44}) == {"cumulative": "20", "local_share": "40 %"}
