"""An emergency's life: declared with an end, readable only while it stands, gone for good afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies import actions as emergency_actions
from wangge.emergencies import queries as emergency_queries
from wangge.emergencies.models import Emergency
from wangge.emergencies.states import DataSet, EmergencyState, ResponseLevel
from wangge.kernel.keystore import KeyDestroyed
from wangge.kernel.problems import BadInput, Conflict, NotFound, Problem, Refused
from wangge.ledger.models import Entry
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import LineListRow

pytestmark = pytest.mark.django_db


def test_a_declaration_is_public_to_staff_and_on_the_ledger(declared, access_for) -> None:
    seen = emergency_queries.emergency(access_for("grid_worker", "care"), emergency_id=declared)
    assert seen.in_force
    assert seen.law_zh.startswith("《中华人民共和国传染病防治法》")
    assert [(a.division, a.level) for a in seen.areas] == [("120110", "level_2")]
    assert [c.what for c in seen.changes] == ["declare"]
    assert Entry.objects.filter(door="emergencies.declare_emergency", kind="write").count() == 1
    assert emergency_queries.emergencies(access_for("auditor", "audit"))[0].id == declared


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": None}, "end_missing"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "end_before_start"),
        ({"article": ""}, "legal_basis_missing"),
        ({"areas": {}}, "area_missing"),
        ({"areas": {"330106": ResponseLevel.LEVEL_1}}, "area_outside_territory"),
        ({"purposes": ("audit",)}, "purpose_not_allowed"),
    ],
)
def test_a_declaration_with_something_open_changes_nothing(declare, changes, code) -> None:
    with pytest.raises(BadInput) as refusal:
        declare(**changes)
    assert refusal.value.code == code
    assert not Emergency.objects.exists()


def test_only_the_lead_declares(declare, access_for) -> None:
    with pytest.raises(Refused, match="not_permitted"):
        emergency_actions.end_emergency(access_for("leader", "care"), emergency_id=declare())


def test_nothing_is_read_before_it_begins(declare, access_for) -> None:
    later = declare(starts_at=timezone.now() + timedelta(days=1))
    access = access_for("epidemiologist", emergency=later)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.patients(access)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        actions.import_patients(access, rows=[LineListRow("TJ1")])


def test_nothing_is_read_without_an_emergency(access_for) -> None:
    with pytest.raises(Refused):
        queries.patients(access_for("epidemiologist"))


def test_nothing_is_read_after_its_time_even_if_nobody_ended_it(declared, investigator) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1")])
    over = timezone.now() - timedelta(seconds=1)
    from wangge.access.models import Mandate

    Mandate.objects.filter(id=declared).update(valid_from=over - timedelta(days=1), valid_until=over)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.patients(investigator)


def test_nothing_is_read_after_it_ended(declared, investigator, access_for) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1", name="张三")])
    lead = access_for("emergency_lead", emergency=declared)
    assert emergency_actions.end_emergency(lead, emergency_id=declared, reason="疫情结束") is True
    assert emergency_actions.end_emergency(lead, emergency_id=declared) is False
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.patients(investigator)
    with pytest.raises(KeyDestroyed):
        vault(declared)
    seen = emergency_queries.emergency(lead, emergency_id=declared)
    assert (seen.state, seen.in_force, seen.end_reason) == (EmergencyState.ENDED, False, "疫情结束")
    with pytest.raises(Conflict, match="emergency_ended"):
        emergency_actions.extend_emergency(
            lead,
            emergency_id=declared,
            ends_at=timezone.now() + timedelta(40),
            review="复核意见：仍有必要延长至下月。",
        )


def test_one_emergency_does_not_open_another(declared, investigator, declare, access_for) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1")])
    other = access_for("epidemiologist", emergency=declare())
    assert queries.patients(other).rows == ()
    with pytest.raises(NotFound):
        queries.patient(other, patient_id=queries.patients(investigator).rows[0].id)


def test_the_database_itself_shows_no_rows_without_the_emergency(declared, investigator) -> None:
    actions.import_patients(investigator, rows=[LineListRow("TJ1")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbreaks_patient")
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        cursor.execute("SELECT count(*) FROM outbreaks_patient")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT set_config('wangge.emergency', %s, true)", [str(declared)])
        cursor.execute("SELECT count(*) FROM outbreaks_patient")
        assert cursor.fetchone()[0] == 1


def test_a_data_set_that_was_not_declared_is_refused(declare, access_for) -> None:
    access = access_for("epidemiologist", emergency=declare(data_sets=(DataSet.LINE_LIST,)))
    with pytest.raises(Refused, match="data_set_not_declared"):
        actions.import_manifest(access, rows=[])
    assert actions.import_patients(access, rows=[LineListRow("TJ1")]).added == 1


def test_extending_needs_a_review_and_is_remembered(declared, access_for) -> None:
    lead = access_for("emergency_lead", emergency=declared)
    end = timezone.now() + timedelta(days=60)
    with pytest.raises(BadInput, match="review_missing"):
        emergency_actions.extend_emergency(lead, emergency_id=declared, ends_at=end, review="延长")
    emergency_actions.extend_emergency(
        lead, emergency_id=declared, ends_at=end, review="仍有传播链未查清，乘车数据已先行删除。"
    )
    seen = emergency_queries.emergency(lead, emergency_id=declared)
    assert seen.ends_at == end
    assert [c.what for c in seen.changes] == ["declare", "extend"]


def test_levels_rise_and_fall_area_by_area(declare, access_for) -> None:
    areas = {"120110001": ResponseLevel.LEVEL_3, "120110002": ResponseLevel.LEVEL_3}
    emergency = declare(areas=areas)
    lead = access_for("emergency_lead", emergency=emergency)
    soon = timezone.localdate() + timedelta(days=7)
    emergency_actions.set_level(
        lead,
        emergency_id=emergency,
        division="120110002",
        level=ResponseLevel.LEVEL_1,
        review_on=soon,
        measures=["停课"],
    )
    seen = {a.division: a for a in emergency_queries.emergency(lead, emergency_id=emergency).areas}
    assert (seen["120110001"].level, seen["120110002"].level) == ("level_3", "level_1")
    assert (seen["120110002"].measures, seen["120110002"].review_on) == (("停课",), soon)
    wrong: list[tuple[dict, str]] = [
        ({"division": "120110002", "review_on": date(2020, 1, 1)}, "review_in_past"),
        ({"division": "120110009", "review_on": soon}, "area_unknown"),
    ]
    for change, code in wrong:
        with pytest.raises(Problem, match=code):
            emergency_actions.set_level(lead, emergency_id=emergency, level=ResponseLevel.LEVEL_4, **change)


def test_emergencies_past_their_end_are_found(declared, declare, access_for, system_access) -> None:
    assert emergency_queries.emergencies_due(system_access("operations")) == ()
    emergency_actions.end_emergency(access_for("emergency_lead", emergency=declared), emergency_id=declared)
    declare()
    assert emergency_queries.emergencies_due(system_access("operations")) == (declared,)
