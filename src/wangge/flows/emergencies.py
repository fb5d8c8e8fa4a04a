"""An emergency from its declaration to the certificate that nothing is left of it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.util import find_spec
from uuid import UUID

from django.db import transaction

from wangge.access.actions import enter_system
from wangge.emergencies import actions as emergencies
from wangge.emergencies.queries import emergencies_due, emergency
from wangge.emergencies.states import DataSet, EmergencyState, Law, ResponseLevel
from wangge.emergencies.types import EmergencyView
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.release.actions import issue_certificate
from wangge.release.types import CertificateView

Destroyer = Callable[..., Sequence[StoreCount]]
# Rows that point at others go first. A room that keeps emergency data has a door `destroy_emergency`.
ROOMS = (
    "insight", "cases", "field", "tasks", "credentials", "screening", "outbreaks", "stays", "registry", "sources",
)  # fmt: skip


def declare(
    access: Access,
    *,
    name: str,
    law: Law,
    article: str,
    areas: dict[str, ResponseLevel],
    purposes: Sequence[str],
    data_sets: Sequence[DataSet],
    ends_at: datetime | None,
    starts_at: datetime | None = None,
    instrument: str = "",
) -> EmergencyView:
    """Declare an emergency and show it as everybody sees it. Refusals as in `emergencies.declare_emergency`."""
    made = emergencies.declare_emergency(
        access,
        name=name,
        law=law,
        article=article,
        areas=areas,
        purposes=purposes,
        data_sets=data_sets,
        ends_at=ends_at,
        starts_at=starts_at,
        instrument=instrument,
    )
    return emergency(access, emergency_id=made)


def end(access: Access, *, emergency_id: UUID, reason: str = "") -> CertificateView:
    """End an emergency now, destroy what was gathered under it, and certify that.

    The end closes access and destroys the key first, in one step: whatever happens next, nothing can be read. Stopped
    half-way (a crash, a power cut) it is simply called again: each room deletes in the transaction that notes its
    counts, so no count is lost and none is taken twice.
    """
    emergencies.end_emergency(access, emergency_id=emergency_id, reason=reason)
    return destroy(emergency_id)


def destroy(emergency_id: UUID) -> CertificateView:
    """Have every room delete its part of an ended emergency, then sign and keep the certificate."""
    access = enter_system(name="destruction", purpose="operations", emergency=emergency_id)
    for room, destroy_part in destroyers().items():
        with transaction.atomic():
            stores = destroy_part(access, emergency=emergency_id)
            counted = [StoreCount(_named(room, s.store), s.count) for s in stores]
            emergencies.note_destroyed(access, emergency_id=emergency_id, stores=counted)
    with transaction.atomic():
        certificate = issue_certificate(access, emergency_id=emergency_id)
        if emergency(access, emergency_id=emergency_id).state != EmergencyState.DESTROYED:
            emergencies.certify_destroyed(access, emergency_id=emergency_id, certificate=certificate.id)
    return certificate


def _named(room: str, store: str) -> str:
    """One spelling for all stores: "room.store"."""
    return store if store.startswith(f"{room}.") else f"{room}.{store.removeprefix(f'{room}_')}"


def end_due() -> tuple[CertificateView, ...]:
    """End every emergency whose END has passed, and finish destructions that were interrupted. For a clock to call."""
    access = enter_system(name="emergency-clock", purpose="operations")
    return tuple(
        end(access, emergency_id=due, reason="期限届满 its END has passed") for due in emergencies_due(access)
    )


def destroyers() -> dict[str, Destroyer]:
    """The doors by which rooms destroy an emergency's data, in the order that deletion needs."""
    found: dict[str, Destroyer] = {}
    for room in ROOMS:
        if find_spec(f"wangge.{room}") is None or find_spec(f"wangge.{room}.actions") is None:
            continue
        destroy_part = getattr(importlib.import_module(f"wangge.{room}.actions"), "destroy_emergency", None)
        if destroy_part is not None:
            found[room] = destroy_part
    return found
