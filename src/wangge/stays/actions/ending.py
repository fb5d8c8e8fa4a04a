"""Destroying the rows of an emergency."""

from __future__ import annotations

from uuid import UUID

from wangge.emergencies.queries import ended
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.stays.models import Arrival


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete who came from where under the ended emergency; the areas that were named stay, as its terms do."""
    ended(access, emergency_id=emergency)
    gone, _ = Arrival.objects.filter(emergency_id=emergency).delete()
    return (StoreCount("stays.arrival", gone),)
