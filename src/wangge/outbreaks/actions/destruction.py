"""Destroying the rows of an emergency."""

from __future__ import annotations

from uuid import UUID

from wangge.emergencies.queries import ended
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.outbreaks.models import CloseContact, Exposure, Manifest, Patient

STORES = (Exposure, CloseContact, Manifest, Patient)  # children first


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row of the ended emergency in this room. The access must be made under that emergency."""
    ended(access, emergency_id=emergency)
    counts = []
    for model in STORES:
        gone, _ = model.objects.filter(emergency_id=emergency).delete()
        counts.append(StoreCount(f"outbreaks.{model._meta.model_name}", gone))
    return tuple(counts)
