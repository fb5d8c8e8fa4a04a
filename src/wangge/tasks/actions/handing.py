"""Open tasks follow the responsibility for their place."""

from __future__ import annotations

from collections import defaultdict

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.tasks.duty import holders, today
from wangge.tasks.models import Responsibility, Task
from wangge.tasks.rows import write_changes
from wangge.tasks.sealed import seal_reason
from wangge.tasks.states import WITH_WORKER, TaskState

OPEN = [state.value for state in (TaskState.UNASSIGNED, *WITH_WORKER)]
REASON = "责任人变更 change of the responsible person"


def pass_on(access: Access, units: set[int]) -> int:
    """Give open tasks of ``units`` to who answers today, where their worker's term there has ended.

    Where nobody answers they wait for a dispatcher; waiting ones go to who answers. Gives how many moved.
    """
    day, now = today(), timezone.now()
    current = {unit: held.actor for unit, (_, held) in holders(units, day).items()}
    former: dict[int, set[str]] = defaultdict(set)
    for held in Responsibility.objects.filter(unit_no__in=units, valid_to__lte=day):
        former[held.unit_no].add(held.actor)
    moved, steps = [], []
    for task in Task.objects.select_for_update().filter(unit_no__in=units, state__in=OPEN).order_by("id"):
        to_actor, waits = current.get(task.unit_no, ""), task.state == TaskState.UNASSIGNED
        if to_actor == task.actor or not (waits or task.actor in former[task.unit_no]):
            continue
        from_actor, from_state = task.actor, task.state
        task.actor, task.steps = to_actor, task.steps + 1
        task.state = TaskState.ASSIGNED if to_actor else TaskState.UNASSIGNED
        moved.append(task)
        steps.append(
            (
                new_id(),
                task.id,
                task.steps,
                "assign" if waits else "reassign" if to_actor else "release",
                from_state,
                task.state.value,
                access.actor,
                from_actor,
                to_actor,
                now,
                None,
                seal_reason(REASON, task.emergency_id),
                task.unit_no,
                task.emergency_id,
            )
        )
    write_changes(moved, steps)
    return len(moved)
