"""A visit and its task, in one transaction, however often and by whomever it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from wangge.field.states import Receipt
from wangge.field.types import SubmittedVisit
from wangge.flows.visits import confirm, submit
from wangge.tasks import actions, queries
from wangge.tasks.states import TaskState
from wangge.tasks.types import NewTask, Subject

pytestmark = pytest.mark.django_db
UNIT = 120110001005003


@pytest.fixture
def staff(access_for: Callable[..., Any]) -> dict[str, Any]:
    return {
        "li": access_for("grid_worker", "community_service"),
        "zhao": access_for("grid_worker", "community_service"),
        "dispatcher": access_for("dispatcher", "community_service"),
    }


def _task_of(staff: dict[str, Any], who: str) -> UUID:
    new = NewTask("care_visit", UNIT, f"test:{uuid4()}", Subject(name="王奶奶"), actor=staff[who].actor)
    actions.create_tasks(staff["dispatcher"], tasks=[new])
    return queries.my_tasks(staff[who])[-1].task_id


def _visit(task_id: UUID, *, met: bool = True) -> SubmittedVisit:
    now = timezone.now()
    return SubmittedVisit(
        client_id=uuid4(),
        form="care_visit",
        started_at=now - timedelta(minutes=9),
        ended_at=now - timedelta(minutes=1),
        saw_person=met,
        saw_dwelling=True,
        saw_state=met,
        task_id=task_id,
        answers={"living": "alone", "wellbeing": "well"} if met else {},
    )


def test_a_visit_completes_its_task_once(staff: dict[str, Any]) -> None:
    task_id = _task_of(staff, "li")
    missed, done = _visit(task_id, met=False), _visit(task_id)
    for _ in range(2):
        submit(staff["li"], visits=[missed])
    assert queries.task(staff["li"], task_id=task_id).state is TaskState.ATTEMPTED
    for _ in range(2):
        submit(staff["li"], visits=[missed, done])
    seen = queries.task(staff["li"], task_id=task_id)
    assert (seen.state, seen.attempts, len(seen.steps)) == (TaskState.DONE, 1, 2)


def test_a_visit_of_the_former_worker_counts_when_the_new_one_says_so(staff: dict[str, Any]) -> None:
    task_id = _task_of(staff, "li")
    actions.reassign(staff["dispatcher"], task_ids=[task_id], actor=staff["zhao"].actor, reason="病假")
    (receipt,) = submit(staff["li"], visits=[_visit(task_id)])
    assert receipt.status is Receipt.TASK_REASSIGNED
    assert queries.task(staff["zhao"], task_id=task_id).state is TaskState.ASSIGNED
    assert receipt.visit_id is not None
    confirm(staff["zhao"], visit_id=receipt.visit_id)
    seen = queries.task(staff["zhao"], task_id=task_id)
    assert (seen.state, seen.visit_id) == (TaskState.DONE, receipt.visit_id)
