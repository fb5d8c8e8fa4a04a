"""What leaves the stays room, and the rows that come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject
from wangge.stays.rules.reading import StayRow, Visited, stays_of, visited

__all__ = [
    "AffectedAreaView", "ArrivalFacts", "ArrivalLink", "ArrivalResult", "ArrivalView", "StayRow", "StayedIn",
    "UnknownArrival", "Visited", "stays_of", "visited",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AffectedAreaView:
    """An area from which people come, from when to when, and the notice it rests on."""

    id: UUID = open_()
    division: str = open_()
    name: str = open_()
    since: date = open_()
    until: date | None = open_()
    ground: str = open_()


@dataclass(frozen=True, slots=True)
class StayedIn:
    """Time spent in one affected area within the window; cut stays are summed."""

    area: str = sensitive()
    name: str = sensitive()
    minutes: float = sensitive()
    first_on: date | None = sensitive()
    last_on: date | None = sensitive()


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """Somebody who stayed in an affected area for two hours or more."""

    id: UUID = open_()
    person_id: UUID | None = subject()
    unit_no: int = personal()
    name: str = personal(mask="name")
    id_no: str = personal(mask="id_no")
    phone: str = personal(mask="phone")
    matched: bool = open_()
    stays: tuple[StayedIn, ...] = sensitive()
    found_at: datetime = open_()


@dataclass(frozen=True, slots=True)
class ArrivalResult:
    """What became of a list of stays: how many people come from an affected area, and the numbers of their rows."""

    people: int = open_()
    rows: tuple[int, ...] = open_()


@dataclass(frozen=True, slots=True)
class ArrivalLink:
    """Somebody from an affected area found in the registry."""

    arrival_id: UUID
    person_id: UUID
    unit_no: int


@dataclass(frozen=True, slots=True)
class UnknownArrival:
    """Somebody from an affected area who is not yet found in the registry: what is needed to find them."""

    arrival_id: UUID = open_()
    name: str = personal(mask="name")
    id_no: str = personal(mask="id_no")
    phone: str = personal(mask="phone")


@dataclass(frozen=True, slots=True)
class ArrivalFacts:
    """When a person of the registry left the affected areas, and how long they stayed: what screening reads."""

    person_id: UUID = subject()
    unit_no: int = personal()
    left_on: date = sensitive()
    hours: float = sensitive()
