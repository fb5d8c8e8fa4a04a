"""Destroying an emergency's rows, and keeping count of what every room destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict
from wangge.outbreaks.models import (
    Arrival,
    CloseContact,
    DestructionNote,
    Emergency,
    Exposure,
    Manifest,
    Patient,
)
from wangge.outbreaks.standing import find
from wangge.outbreaks.states import EmergencyState

STORES = (Exposure, CloseContact, Arrival, Manifest, Patient)  # children first


def ended(emergency_id: UUID) -> Emergency:
    """The emergency, which must have ended. Raises Conflict while it is active."""
    emergency = find(emergency_id, lock=True)
    if emergency.state == EmergencyState.ACTIVE:
        raise Conflict(
            code="emergency_still_active",
            zh=f"应急事件“{emergency.name}”尚未结束，不能销毁其数据。",
            en=f'The emergency "{emergency.name}" has not ended; its data cannot be destroyed yet.',
        )
    return emergency


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row of the ended emergency in this room. The access must be made under that emergency."""
    over = ended(emergency)
    counts = []
    for model in STORES:
        gone, _ = model.objects.filter(emergency=over).delete()
        counts.append(StoreCount(f"outbreaks.{model._meta.model_name}", gone))
    return tuple(counts)


@door(writes="emergency_data", act="count")
def note_destroyed(access: Access, *, emergency_id: UUID, stores: Sequence[StoreCount]) -> None:
    """Keep count of what a room destroyed, in the transaction that destroyed it, so that no crash loses the count."""
    emergency = ended(emergency_id)
    now = timezone.now()
    DestructionNote.objects.bulk_create(
        DestructionNote(emergency=emergency, store=s.store, count=s.count, at=now) for s in stores
    )


@door(writes="emergency_data", act="certify")
def certify_destroyed(access: Access, *, emergency_id: UUID, certificate: UUID) -> None:
    """The certificate stands: the emergency is over for good."""
    emergency = ended(emergency_id)
    emergency.state = EmergencyState.DESTROYED
    emergency.destroyed_at = timezone.now()
    emergency.certificate = certificate
    emergency.save(update_fields=["state", "destroyed_at", "certificate"])
