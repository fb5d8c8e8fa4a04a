"""What a plan of rounds is made of. Minutes of day count from midnight; distances are metres."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Home:
    """A home to be verified. ``x``, ``y``: metres. ``good``: minutes of day in which somebody is in, if known."""

    id: str
    x: float
    y: float
    priority: float
    good: tuple[int, int] | None


@dataclass(frozen=True)
class Terms:
    """What a round may be. ``starts``: for each round of a day the minutes at which it may begin."""

    minutes: int
    visit: float
    metres_a_minute: float
    starts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Slot:
    """One round: the day, its number that day (from 1), and when it may begin."""

    day: date
    number: int
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """One home in one part of the month (``part`` from 0)."""

    home: int
    part: int


@dataclass
class Round:
    """A planned round: when it begins, the homes in walking order, and each arrival (minutes of day)."""

    slot: int
    start: int
    order: list[int] = field(default_factory=list)
    arrive: list[float] = field(default_factory=list)
    metres: float = 0.0


@dataclass
class Plan:
    """All rounds, and what did not fit: ``left_out`` homes and their missing visits."""

    rounds: list[Round]
    left_out: dict[int, int]
    proven: bool
