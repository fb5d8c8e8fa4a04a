"""The end of an emergency: its tasks are destroyed."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

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
    stores = []
    with connection.cursor() as cursor:
        for model in (TaskStep, Task):  # plainly in SQL: the ORM would load every task to look for its steps
            table = model._meta.db_table
            cursor.execute(f"DELETE FROM {table} WHERE emergency_id = %s", [emergency])
            stores.append(StoreCount(table, cursor.rowcount))
    return tuple(stores)
