"""What leaves the emergencies room. Nothing in it is about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_


@dataclass(frozen=True, slots=True)
class AreaView:
    """A division under an emergency and the level there."""

    division: str = open_()
    lo: int = open_()
    hi: int = open_()
    level: str = open_()
    measures: tuple[str, ...] = open_()
    review_on: date | None = open_()


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change to an emergency."""

    at: datetime = open_()
    by: str = open_()
    what: str = open_()
    note: str = open_()


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """An emergency as everybody may see it; nothing in it is about a person."""

    id: UUID = open_()
    name: str = open_()
    law: str = open_()
    law_zh: str = open_()
    law_en: str = open_()
    article: str = open_()
    instrument: str = open_()
    areas: tuple[AreaView, ...] = open_()
    purposes: tuple[str, ...] = open_()
    data_sets: tuple[str, ...] = open_()
    declared_at: datetime = open_()
    declared_by: str = open_()
    starts_at: datetime = open_()
    ends_at: datetime = open_()
    state: str = open_()
    in_force: bool = open_()
    ended_at: datetime | None = open_()
    end_reason: str = open_()
    destroyed_at: datetime | None = open_()
    certificate: UUID | None = open_()
    changes: tuple[ChangeView, ...] = open_()


@dataclass(frozen=True, slots=True)
class Standing:
    """An emergency in force, as a room needs it that keeps rows under it.

    `unlocated` is the unit number for those not yet placed: the first number of the first area.
    """

    id: UUID = open_()
    name: str = open_()
    data_sets: tuple[str, ...] = open_()
    unlocated: int = open_()
