"""The end of an emergency: its tasks are destroyed."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import Refused
from wangge.tasks.models import Task, TaskStep


@door(writes="task", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every task of an emergency and its steps; gives the counts for the certificate.

    To be called under the emergency's own access, before its key is destroyed. Peacetime tasks stay.
    """
    if access.emergency != emergency:
        raise Refused(
            code="not_under_this_emergency",
            zh="只能在该应急授权之下销毁其数据。",
            en="An emergency's data is destroyed under its own power only.",
        )
    steps, _ = TaskStep.objects.filter(emergency_id=emergency).delete()
    tasks, _ = Task.objects.filter(emergency_id=emergency).delete()
    return (StoreCount("tasks_taskstep", steps), StoreCount("tasks_task", tasks))
