"""Tasks change hands, are seen, done or cancelled: in bulk, one step each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from wangge.access import queries as access_queries
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound
from wangge.tasks.models import Task, TaskStep
from wangge.tasks.rows import write_changes
from wangge.tasks.sealed import seal_reason
from wangge.tasks.states import TASK_TABLE, WAITING, TaskState
from wangge.tasks.types import Completed, Completion


@dataclass(slots=True)
class _Ledger:
    """Tasks changed in memory and their steps, to be written together."""

    access: Access
    now: datetime
    changed: dict[UUID, Task] = field(default_factory=dict)
    steps: list[tuple[Any, ...]] = field(default_factory=list)

    def take(
        self,
        task: Task,
        verb: str,
        *,
        reason: str = "",
        actor: str | None = None,
        visit_id: UUID | None = None,
    ) -> None:
        """Take one step of one task; refusals as the table says them."""
        before, from_actor = TaskState(task.state), task.actor
        after = TASK_TABLE.apply(before, verb, role=self.access.role, reason=reason)
        task.state = after
        task.steps += 1
        if actor is not None:
            task.actor = actor
        if after in TASK_TABLE.settled:
            task.ended_at = self.now
        self.changed[task.id] = task
        self.steps.append(
            (
                new_id(),
                task.id,
                task.steps,
                verb,
                before.value,
                after.value,
                self.access.actor,
                from_actor,
                task.actor,
                self.now,
                visit_id,
                seal_reason(reason.strip(), task.emergency_id),
                task.unit_no,
                task.emergency_id,
            )
        )

    def write(self) -> None:
        write_changes(self.changed.values(), self.steps)


def _locked(access: Access, chosen: Q) -> list[Task]:
    """Tasks of the territory, locked in the order of their ids so that two calls never wait for each other."""
    return list(
        Task.objects.select_for_update()
        .defer("subject_sealed")  # no step needs to know whom a task is about
        .filter(chosen, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
        .order_by("id")
    )


def _check_worker(access: Access, actor: str) -> None:
    """Raise BadInput unless ``actor`` is an account."""
    try:
        UUID(actor)
    except ValueError:
        known = False
    else:
        known = bool(access_queries.staff(access, ids=[actor]))
    if not known:
        raise BadInput(
            code="worker_unknown", zh="没有此工作人员账号。", en="There is no account of this worker."
        )


@door(writes="task", act="reassign")
def reassign(access: Access, *, task_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Give tasks to ``actor``, with the reason (分派 改派); gives how many changed hands.

    A visit that the former worker still sends is kept and referred to the new one. Raises BadInput for an
    unknown account, NotFound when a task is not there, Conflict for one that has ended: then none is changed.
    """
    _check_worker(access, actor)
    tasks = _locked(access, Q(id__in=list(task_ids)))
    if len(tasks) != len(set(task_ids)):
        raise NotFound(code="task_unknown", zh="有任务不存在或不在辖区内。", en="A task does not exist here.")
    desk = _Ledger(access, timezone.now())
    for task in tasks:
        if task.state == TaskState.UNASSIGNED:
            desk.take(task, "assign", actor=actor, reason=reason)
        elif task.actor != actor or TaskState(task.state) not in WAITING:
            desk.take(task, "reassign", actor=actor, reason=reason)
    desk.write()
    return len(desk.changed)


@door(writes="task", act="see")
def mark_seen(access: Access, *, task_ids: Sequence[UUID]) -> int:
    """The worker has looked at these tasks; gives how many were new to them. Others' tasks are left alone."""
    chosen = Q(id__in=list(task_ids), actor=access.actor, state=TaskState.ASSIGNED)
    desk = _Ledger(access, timezone.now())
    for task in _locked(access, chosen):
        desk.take(task, "see")
    desk.write()
    return len(desk.changed)


@door(writes="task", act="cancel")
def cancel(
    access: Access, *, reason: str, task_ids: Sequence[UUID] = (), origin_keys: Iterable[str] = ()
) -> int:
    """Cancel open tasks by id or by origin, with the reason; gives how many. Ended ones are left alone."""
    chosen = Q(id__in=list(task_ids)) | Q(origin_key__in=list(origin_keys))
    desk = _Ledger(access, timezone.now())
    for task in _locked(access, chosen & Q(state__in=WAITING)):
        desk.take(task, "cancel", reason=reason)
    desk.write()
    return len(desk.changed)


@door(writes="task", act="complete")
def complete(access: Access, *, completions: Sequence[Completion]) -> tuple[Completed, ...]:
    """Enter what visits did for tasks, one answer each, in order.

    done, or attempted when nobody was met; already: this very visit was entered before; closed: the task had
    ended; not_yours: it is another worker's now; unknown: it is not there. Sent again, nothing changes.
    """
    tasks = {task.id: task for task in _locked(access, Q(id__in=[c.task_id for c in completions]))}
    attempts = set(
        TaskStep.objects.filter(
            task_id__in=list(tasks), visit_id__in=[c.visit_id for c in completions]
        ).values_list("task_id", "visit_id")
    )
    desk = _Ledger(access, timezone.now())
    answers = []
    for completion in completions:
        task = tasks.get(completion.task_id)
        status = _enter(desk, task, completion, attempts) if task is not None else "unknown"
        answers.append(Completed(completion.task_id, status))
    desk.write()
    return tuple(answers)


def _enter(desk: _Ledger, task: Task, completion: Completion, entered: set[tuple[UUID, UUID | None]]) -> str:
    if (task.id, completion.visit_id) in entered:
        return "already"
    if TaskState(task.state) not in WAITING:
        return "closed"
    if task.actor != desk.access.actor and desk.access.role != "system":
        return "not_yours"
    if task.state == TaskState.UNASSIGNED:
        return "not_yours"
    entered.add((task.id, completion.visit_id))
    if not completion.met:
        task.attempts += 1
        desk.take(task, "attempt", visit_id=completion.visit_id)
        return "attempted"
    task.visit_id = completion.visit_id
    desk.take(task, "complete", visit_id=completion.visit_id)
    return "done"
