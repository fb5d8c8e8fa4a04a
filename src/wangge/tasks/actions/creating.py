"""Tasks are made, each once, for the one who answers for the place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Problem
from wangge.tasks.duty import holders, today
from wangge.tasks.models import Task
from wangge.tasks.rules.kinds import check_deadline, default_deadline, kind_named
from wangge.tasks.sealed import seal_subject, subject_token
from wangge.tasks.states import TaskState
from wangge.tasks.types import Created, NewTask

_COLUMNS = (
    "id",
    "origin_key",
    "kind",
    "unit_no",
    "emergency_id",
    "actor",
    "grade",
    "state",
    "attempts",
    "steps",
    "created_at",
    "created_by",
    "deadline_at",
    "subject_token",
    "subject_sealed",
)


@door(writes="task", act="create")
def create_tasks(access: Access, *, tasks: Iterable[NewTask]) -> Created:
    """Make tasks; the same origin makes one task however often it is sent.

    A task goes to the one who answers for its place today (else for the division above); where nobody answers
    it is kept unassigned for a dispatcher. Under an emergency's access the tasks are the emergency's and sealed
    under its key. Nothing is made when one of them cannot stand: BadInput says which and why (unknown kind,
    deadline in the past, place outside the territory).
    """
    now = timezone.now()
    wanted: dict[str, tuple[NewTask, datetime]] = {}
    sent = 0
    for number, task in enumerate(tasks, 1):
        sent += 1
        wanted.setdefault(task.origin_key, (task, _due(access, task, now, number)))
    duty = holders({task.unit_no for task, _ in wanted.values() if not task.actor}, today())
    rows = []
    for task, due in wanted.values():
        answering = duty.get(task.unit_no)
        actor = task.actor or (answering[1].actor if answering else "")
        rows.append(_row(access, task, due, actor, now))
    fresh = insert_rows(
        Task,
        _COLUMNS,
        rows,
        on_conflict="ON CONFLICT (origin_key) DO NOTHING",
        returning=("actor",),
    )
    return Created(len(fresh), sent - len(fresh), sum(actor == "" for (actor,) in fresh))


def _due(access: Access, task: NewTask, now: datetime, number: int) -> datetime:
    """The deadline of a task that can stand."""
    place = f"task {number} ({task.origin_key})"
    if not task.origin_key or len(task.origin_key) > 160:
        raise BadInput(
            code="task_without_origin",
            zh="任务缺少来源，或来源超过 160 字。",
            en="The task does not say where it comes from, or says it in more than 160 characters.",
            place=place,
        )
    if task.unit_no not in access.scope:
        raise BadInput(
            code="unit_outside_scope",
            zh=f"网格“{task.unit_no}”不在辖区内。",
            en=f'The grid "{task.unit_no}" lies outside the territory.',
            place=place,
        )
    try:
        kind = kind_named(task.kind)
    except Problem as problem:
        problem.place = place
        raise
    if task.deadline_at is None:
        return default_deadline(kind, now)
    check_deadline(task.deadline_at, now, place)
    return task.deadline_at


def _row(access: Access, task: NewTask, due: datetime, actor: str, now: datetime) -> tuple[Any, ...]:
    return (
        new_id(),
        task.origin_key,
        task.kind,
        task.unit_no,
        access.emergency,
        actor,
        task.grade,
        (TaskState.ASSIGNED if actor else TaskState.UNASSIGNED).value,
        0,
        0,
        now,
        access.actor,
        due,
        subject_token(task.subject.person_id, access.emergency),
        seal_subject(task.subject, access.emergency),
    )
