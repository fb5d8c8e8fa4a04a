"""The end of an emergency: its visits are destroyed."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from wangge.field.models import Correction, QuarantinedVisit, Visit
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import Refused


@door(writes="visit", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every visit of an emergency, its corrections and held visits; gives the counts.

    To be called under the emergency's own access, before its key is destroyed. Peacetime visits stay.
    """
    if access.emergency != emergency:
        raise Refused(
            code="not_under_this_emergency",
            zh="只能在该应急授权之下销毁其数据。",
            en="An emergency's data is destroyed under its own power only.",
        )
    stores = []
    with connection.cursor() as cursor:
        for model in (Correction, QuarantinedVisit, Visit):  # plainly in SQL: the ORM would load every visit
            table = model._meta.db_table
            cursor.execute(f"DELETE FROM {table} WHERE emergency_id = %s", [emergency])
            stores.append(StoreCount(table, cursor.rowcount))
    return tuple(stores)
