"""The epidemic curve as numbers a drawing can use: one bar a day, by onset and by confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wangge.outbreaks.types import DayCount

WIDTH, HEIGHT, FOOT = 640, 150, 22
MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: where its bars stand, how high, and what is written under it."""

    day: date
    onset: int
    confirmed: int
    x: float
    half: float
    middle: float
    onset_y: float
    onset_h: float
    confirmed_x: float
    confirmed_y: float
    confirmed_h: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawing's frame and its bars. `top` is the count that the highest line stands for."""

    width: int
    height: int
    floor: int
    top: int
    bars: tuple[Bar, ...]


def bars(days: Sequence[DayCount]) -> Curve | None:
    """The curve, or None when there is no day to draw."""
    if not days:
        return None
    top = max(1, *(max(d.onset, d.confirmed) for d in days))
    step = WIDTH / len(days)
    half = round(min(step * 0.42, 22), 2)
    every = -(-len(days) // MOST_LABELS)
    drawn = []
    for n, day in enumerate(days):
        middle = round((n + 0.5) * step, 2)
        onset, confirmed = (round(HEIGHT * count / top, 2) for count in (day.onset, day.confirmed))
        drawn.append(
            Bar(
                day.day, day.onset, day.confirmed, round(middle - half, 2), half, middle, HEIGHT - onset, onset, middle,
                HEIGHT - confirmed, confirmed, f"{day.day:%m-%d}" if n % every == 0 else "",
            )
        )  # fmt: skip
    return Curve(WIDTH, HEIGHT + FOOT, HEIGHT, top, tuple(drawn))
