"""Open tasks whose grounds changed go on under the new ones: same worker, same visits, nothing done twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.tasks.models import Task
from wangge.tasks.rows import write_changes
from wangge.tasks.sealed import seal_reason, seal_subject, unseal_subject
from wangge.tasks.states import TASK_TABLE, WAITING, TaskState
from wangge.tasks.types import Aim

_UPDATE = """
UPDATE tasks_task AS task
SET origin_key = aim.origin_key, grade = aim.grade, deadline_at = aim.deadline_at, subject_sealed = aim.sealed
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[])
  AS aim(id, origin_key, grade, deadline_at, sealed)
WHERE task.id = aim.id
"""


@door(writes="task", act="create")
def reaim(access: Access, *, aims: Sequence[Aim], reason: str) -> tuple[UUID, ...]:
    """Put open tasks on new grounds, with the reason; gives the ids of those that were.

    The deadline never moves back. A task that has ended, or whose new origin has a task already, is left alone.
    """
    taken = set(
        Task.objects.filter(origin_key__in=[a.origin_key for a in aims]).values_list("origin_key", flat=True)
    )
    wanted: dict[UUID, Aim] = {}
    for aim in aims:
        if aim.origin_key not in taken:
            taken.add(aim.origin_key)
            wanted[aim.task_id] = aim
    rows = list(
        Task.objects.select_for_update()
        .filter(
            id__in=list(wanted),
            state__in=WAITING,
            unit_no__gte=access.scope.lo,
            unit_no__lte=access.scope.hi,
            emergency_id=access.emergency,
        )
        .order_by("id")
    )
    now = timezone.now()
    steps, changes = [], []
    for task in rows:
        aim, state = wanted[task.id], TaskState(task.state)
        TASK_TABLE.apply(state, "reaim", role=access.role, reason=reason)
        task.steps += 1
        about = replace(unseal_subject(task.subject_sealed, task.emergency_id), reasons=aim.reasons)
        changes.append(
            (
                task.id,
                aim.origin_key,
                aim.grade,
                min(task.deadline_at, aim.deadline_at),
                seal_subject(about, task.emergency_id),
            )
        )
        steps.append(
            (
                new_id(), task.id, task.steps, "reaim", state.value, state.value, access.actor, task.actor, task.actor,
                now, None, seal_reason(reason.strip(), task.emergency_id), task.unit_no, task.emergency_id,
            )
        )  # fmt: skip
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in zip(*changes, strict=True)])
        write_changes(rows, steps)
    return tuple(task.id for task in rows)
