"""Keeping count of what every room destroyed at an emergency's end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from wangge.emergencies.models import DestructionNote
from wangge.emergencies.standing import over
from wangge.emergencies.states import EmergencyState
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door


@door(writes="emergency_data", act="count")
def note_destroyed(access: Access, *, emergency_id: UUID, stores: Sequence[StoreCount]) -> None:
    """Keep count of what a room destroyed, in the transaction that destroyed it, so that no crash loses the count."""
    emergency = over(emergency_id, lock=True)
    now = timezone.now()
    DestructionNote.objects.bulk_create(
        DestructionNote(emergency=emergency, store=s.store, count=s.count, at=now) for s in stores
    )


@door(writes="emergency_data", act="certify")
def certify_destroyed(access: Access, *, emergency_id: UUID, certificate: UUID) -> None:
    """The certificate stands: the emergency is over for good."""
    emergency = over(emergency_id, lock=True)
    emergency.state = EmergencyState.DESTROYED
    emergency.destroyed_at = timezone.now()
    emergency.certificate = certificate
    emergency.save(update_fields=["state", "destroyed_at", "certificate"])
