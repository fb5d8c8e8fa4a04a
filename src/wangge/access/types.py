"""What leaves the access room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.privacy import open_
from wangge.kernel.units import Interval


@dataclass(frozen=True, slots=True)
class PostView:
    """A post someone holds, with the purposes it may be used for."""

    id: UUID = open_()
    user: UUID = open_()
    role: str = open_()
    organisation: UUID | None = open_()
    organisation_zh: str = open_()
    organisation_en: str = open_()
    division: str = open_()
    scope: Interval = open_()
    purposes: tuple[str, ...] = open_()


@dataclass(frozen=True, slots=True)
class OrganisationView:
    id: UUID = open_()
    code: str = open_()
    name_zh: str = open_()
    name_en: str = open_()
    kind: str = open_()


@dataclass(frozen=True, slots=True)
class StaffView:
    """Who an actor id on a ledger row, task or step is."""

    id: UUID = open_()
    username: str = open_()
    display_zh: str = open_()
    display_en: str = open_()
    organisation: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class MandateView:
    """An extraordinary power: its basis, reach, purposes and end."""

    id: UUID = open_()
    kind: str = open_()
    legal_basis: str = open_()
    purposes: tuple[str, ...] = open_()
    scope: Interval = open_()
    valid_from: datetime = open_()
    valid_until: datetime = open_()
    closed_at: datetime | None = open_()
    in_force: bool = open_()


@dataclass(frozen=True, slots=True)
class GrantView:
    id: UUID = open_()
    user: UUID = open_()
    role: str = open_()
    purpose: str = open_()
    scope: Interval = open_()
    reason: str = open_()
    valid_from: datetime = open_()
    valid_until: datetime = open_()
    revoked_at: datetime | None = open_()


@dataclass(frozen=True, slots=True)
class Permission:
    """One cell of the permission matrix: may this role pass this door for this purpose, and what is masked."""

    door: str
    verb: str
    role: str
    purpose: str
    emergency: bool
    allowed: bool
    masks: tuple[str, ...]
