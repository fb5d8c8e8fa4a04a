"""What a grid that ends had goes on: its team, who answers, its open tasks, the accounts' posts. Nothing is orphaned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from tests.engine.gridfiles import COMMUNITY
from tests.planning.ground import TARGET, draw, drawn
from tests.territory.ground import DIVISIONS
from wangge.access.queries import posts_of
from wangge.flows import publishing
from wangge.planning import actions as planning
from wangge.planning import queries as plans
from wangge.planning.states import Approach
from wangge.tasks import actions as tasks
from wangge.tasks import queries as task_reads
from wangge.tasks.jobs import hand_over
from wangge.tasks.models import Responsibility
from wangge.tasks.types import Appointment, NewTask, Subject
from wangge.territory import actions as territory
from wangge.territory.states import ImportState

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def staffed(access_for: Any) -> dict[str, Any]:
    """Four grids, each with a worker who answers for it, a volunteer and a task."""
    steward = access_for("data_steward", "territory_management")
    territory.import_divisions(steward, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    draw(steward)
    desk = access_for("dispatcher", "community_service")
    workers = {}
    for number in (1, 2, 3, 4):
        code = f"{COMMUNITY}{number:03d}"
        worker = access_for("grid_worker", "community_service", scope=code, username=f"w{number}")
        workers[int(code)] = worker
        tasks.appoint(
            desk,
            appointments=[
                Appointment(int(code), "manager", f"网格员{number}", actor=worker.actor, phone="13900001111",
                            valid_from=TODAY - timedelta(days=9)),
                Appointment(int(code), "volunteer", f"志愿者{number}", phone=f"1390000222{number}",
                            valid_from=TODAY - timedelta(days=9)),
            ],
        )  # fmt: skip
        tasks.create_tasks(
            desk, tasks=[NewTask("care_visit", int(code), f"finding:{number}", Subject(name="王"))]
        )
    return {"steward": steward, "desk": desk, "workers": workers}


@pytest.fixture
def planned(staffed: dict[str, Any], system_access: Any) -> dict[str, Any]:
    """And a plan that makes two grids of the four."""
    plan = planning.draft_plan(
        staffed["steward"], under=COMMUNITY, approach=Approach.AFRESH, target=2 * TARGET
    )
    drawn(system_access("territory_management"), plan)
    return {**staffed, "plan": plan}


def open_now(system_access: Any) -> dict[str, tuple[int, str]]:
    """Place and worker of each open task, by what it comes from."""
    system = system_access("community_service")
    told = {one.task_id: one for one in task_reads.open_origins(system, prefix="finding:")}
    return {
        told[one.task_id].origin_key: (one.unit_no, one.actor)
        for one in task_reads.assignments(system, task_ids=told)
    }


@pytest.mark.parametrize("days", [0, 4])
def test_publishing_hands_on_what_ended_grids_had(
    planned: dict[str, Any], days: int, system_access: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steward, desk, plan = planned["steward"], planned["desk"], planned["plan"]
    heirs = {int(one.code): int(one.heir) for one in plans.plan_heirs(steward, plan=plan)}
    assert len(heirs) == 2
    told = {one.unit_no: one for one in publishing.handing(steward, plan)}
    assert {unit: one.heir_no for unit, one in told.items()} == heirs
    assert all((one.tasks, one.members, one.freed, one.whole) == (1, 1, 1, False) for one in told.values())
    day = TODAY + timedelta(days=days)
    done = publishing.publish(steward, plan=plan, valid_from=day)
    assert done.report.state is ImportState.IMPORTED
    assert (done.handed.members, done.handed.freed, done.handed.tasks) == (2, 2, 0 if days else 2)
    if days:
        assert {unit for unit, _ in open_now(system_access).values()} >= set(heirs), "until the day all stays"
        late = timezone.now() + timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: late)
        assert hand_over(0) == 2
    assert hand_over(0) == 0, "told again, nothing is done twice"
    for unit, heir in heirs.items():
        answers = task_reads.who_is_responsible(desk, unit_no=heir, on=day)
        assert answers is not None
        assert answers.name == told[unit].after
        assert answers.unit_no == heir
        team = task_reads.team(desk, unit_no=heir, on=day)
        assert team is not None
        assert len([m for m in team.members if m.post == "volunteer"]) == 2
        assert task_reads.team(desk, unit_no=unit, on=day) is None
    open_tasks = list(open_now(system_access).values())
    assert len(open_tasks) == 4
    held = {unit: worker.actor for unit, worker in planned["workers"].items()}
    assert all(unit in held and unit not in heirs and actor == held[unit] for unit, actor in open_tasks)
    assert not Responsibility.objects.filter(unit_no__in=heirs, valid_to=None).exists()
    for unit in heirs:
        posts = [p for p in posts_of(UUID(planned["workers"][unit].actor)) if p.valid_until is None]
        assert posts == [], "who answers for nothing any more keeps no key to it"


def test_a_team_goes_over_whole_where_the_heir_has_none(staffed: dict[str, Any], system_access: Any) -> None:
    system, desk = system_access("territory_management"), staffed["desk"]
    old, new = int(f"{COMMUNITY}001"), int(f"{COMMUNITY}009")
    worker = staffed["workers"][old]
    given = staffed["workers"][int(f"{COMMUNITY}002")]
    (mine,) = task_reads.my_tasks(worker)
    second = tasks.create_tasks(desk, tasks=[NewTask("care_visit", old, "finding:9", Subject(name="李"))])
    assert second.created == 1
    (other,) = [one for one in task_reads.my_tasks(worker) if one.task_id != mine.task_id]
    tasks.reassign(desk, task_ids=[other.task_id], actor=given.actor, reason="熟悉情况")
    handed = tasks.hand_on(system, heirs=[publishing.Heir(old, new)], on=TODAY)
    assert (handed.teams, handed.members, handed.freed, handed.tasks) == (1, 2, 0, 2)
    assert handed.left == ()
    found = {key: at for key, at in open_now(system_access).items() if at[0] == new}
    assert found == {"finding:1": (new, worker.actor), "finding:9": (new, given.actor)}
    assert mine.unit_no == old
    answers = task_reads.who_is_responsible(desk, unit_no=new)
    assert answers is not None
    assert (answers.level, answers.actor) == ("grid", worker.actor)
    later = tasks.create_tasks(desk, tasks=[NewTask("care_visit", old, "finding:10", Subject(name="赵"))])
    assert later.created == 1
    assert hand_over(0) == 1, "what is still made for the old number follows"
    assert open_now(system_access)["finding:10"] == (new, worker.actor)
