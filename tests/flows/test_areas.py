"""An emergency reaches the areas that were declared, and nothing that lies between them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.emergencies.conftest import declare
from tests.registry.conftest import told
from tests.registry.telling import WANG
from wangge.emergencies.states import ResponseLevel
from wangge.flows.emergencies import end
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Refused
from wangge.kernel.units import interval_of
from wangge.outbreaks import actions, queries
from wangge.outbreaks.models import CloseContact
from wangge.outbreaks.sealed import seal
from wangge.outbreaks.states import ContactClass
from wangge.outbreaks.types import LineListRow
from wangge.registry import queries as people
from wangge.registry.models import Person
from wangge.tasks import actions as tasks
from wangge.tasks import queries as task_queries
from wangge.tasks.models import Task
from wangge.tasks.types import NewTask, Subject

pytestmark = pytest.mark.django_db
__all__ = ["declare", "told"]
LEVEL = ResponseLevel.LEVEL_2
APART = {"120110001": LEVEL, "120110009": LEVEL}  # 120110003, where 王建国 lives, lies between
BETWEEN = 120110003005001
INSIDE = 120110001001002


def open_wide(emergency: object = "") -> None:
    """Let the test itself see and write every row, as no door does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', %s, true)",
            [str(emergency)],
        )


def planted(emergency, unit: int) -> CloseContact:
    """A contact put straight into the table at `unit`, past every door."""
    facts = {
        "reference": f"x{unit}",
        "name": "植入",
        "person_id": None,
        "last_exposed_on": timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', %s, true)",
            [str(emergency)],
        )
    return CloseContact.objects.create(
        id=new_id(), emergency_id=emergency, unit_no=unit, subject_token=str(unit).encode(),
        contact_class=ContactClass.CLOSE_CONTACT, sealed=seal(emergency, facts), found_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def under(declare: Any, access_for: Any):
    """`under(areas)` -> an emergency over them and an epidemiologist of the whole district under it."""

    def make(areas: dict[str, ResponseLevel]) -> tuple[Any, Any]:
        emergency = declare(areas=areas)
        return emergency, access_for("epidemiologist", "epidemic_response", emergency=emergency)

    return make


def test_residents_between_the_areas_are_not_read(told, under, system_access) -> None:
    open_wide()
    assert Person.objects.filter(name="王建国").update(unit_no=BETWEEN) == 1
    emergency, access = under(APART)
    assert people.search_persons(access, text="王建国").rows == ()
    system = system_access("epidemic_response", emergency)
    assert people.match_id_numbers(system, numbers=(WANG,)) == {}
    near, there = under({"120110001": LEVEL, "120110003": LEVEL})
    assert [p.name for p in people.search_persons(there, text="王建国").rows] == ["王建国"]
    assert list(people.match_id_numbers(system_access("epidemic_response", near), numbers=(WANG,))) == [WANG]


def test_a_resident_without_a_place_is_not_in_an_area(told, under) -> None:
    _, access = under({"120110003": LEVEL})
    assert people.search_persons(access, text="赵敏").rows == ()
    _, everywhere = under({"120110": LEVEL})
    assert len(people.search_persons(everywhere, text="赵敏").rows) == 1


def test_an_emergencys_row_planted_between_its_areas_is_not_read_and_yet_destroyed(under, access_for) -> None:
    emergency, access = under(APART)
    planted(emergency, BETWEEN)
    inside = planted(emergency, INSIDE)
    assert [c.id for c in queries.close_contacts(access).rows] == [inside.id]
    assert queries.emergency_summary(access).close_contacts == 1
    certificate = end(access_for("emergency_lead", emergency=emergency), emergency_id=emergency)
    assert {s.store: s.count for s in certificate.stores}["outbreaks.closecontact"] == 2


def test_a_patient_without_a_place_is_read_where_the_list_put_them(under) -> None:
    _, access = under(APART)
    actions.import_patients(access, rows=[LineListRow("TJ1")])
    assert [p.patient_no for p in queries.patients(access).rows] == ["TJ1"]


def test_peacetime_rows_are_confined_only_while_the_power_is_used(under, access_for, system_access) -> None:
    emergency, _ = under(APART)
    peace = system_access("community_service")
    worker = access_for("grid_worker", "community_service")
    made = [
        NewTask("care_visit", unit, f"t:{unit}", Subject(name="甲"), actor=worker.actor)
        for unit in (BETWEEN, INSIDE)
    ]
    tasks.create_tasks(peace, tasks=made)
    assert len(task_queries.my_tasks(worker)) == 2
    same = access_for("grid_worker", "epidemic_response", emergency=emergency)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo','0',true), set_config('wangge.hi','999999999999999',true)"
        )

    Task.objects.update(actor=same.actor)
    assert [t.unit_no for t in task_queries.my_tasks(same)] == [INSIDE]


def test_writing_between_the_areas_is_refused(under, access_for) -> None:
    emergency, _ = under(APART)
    lead = access_for("emergency_lead", emergency=emergency)
    new = NewTask("exposure_visit", BETWEEN, "t:1", Subject(name="甲"))
    with pytest.raises(Refused, match="outside_the_areas"):
        tasks.create_tasks(lead, tasks=[new])


def test_a_territory_between_the_areas_is_not_under_the_emergency(under, access_for) -> None:
    emergency, _ = under(APART)
    aside = access_for("epidemiologist", "epidemic_response", scope="120110003", emergency=emergency)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.patients(aside)


def test_a_power_names_no_area_outside_its_scope(system_access) -> None:
    from wangge.access.actions import open_mandate

    now = timezone.now()
    with pytest.raises(BadInput, match="area_outside_scope"):
        open_mandate(
            system_access("operations"), id=new_id(), scope=interval_of("120110001"), purposes=("care",),
            valid_from=now, valid_until=now + timedelta(days=1), legal_basis="第一条",
            areas=(interval_of("120110003"),),
        )  # fmt: skip
