"""When a count is worth a person's look, beyond what the engine says of chance."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.kernel.problems import BadInput

WEEK = 7
HISTORY_DAYS = 28
WEEKS, LEAST_WEEKS = 8, 5  # same weekdays that a day is held against: at most, and before it is done at all
LEAST = 3  # one matter more than none is nobody's alarm
QUIET_DAYS = 3  # a series that waits for a judgement, or was just judged, does not ring again


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a day is held against: the engine's method, its baseline, and the days read, counted back, the day last.

    `name` is what an alarm says it rang by.
    """

    name: str
    method: str
    baseline: int
    back: tuple[int, ...]


def yardstick(known_days: int) -> Yardstick:
    """The same weekday of five to eight weeks where the house has counted that long, else the seven days before.

    EARS C2 over days needs no season and no years, and its guard band keeps a slow start out of the past; but where
    Mondays are busy it rings on Mondays. Over the same weekday (EARS C1) they are held against Mondays.
    """
    weeks = min(known_days // WEEK, WEEKS)
    if weeks >= LEAST_WEEKS:
        return Yardstick("ears-c1-weekday", "ears-c1", weeks, tuple(range(weeks * WEEK, -1, -WEEK)))
    return Yardstick("ears-c2", "ears-c2", WEEK, tuple(range(HISTORY_DAYS, -1, -1)))


def require_reason(reason: str) -> str:
    """The reason in full. Raises BadInput when there is none."""
    told = reason.strip()
    if len(told) < 4:
        raise BadInput(
            code="reason_missing",
            zh="请写明理由（不少于 4 个字）。",
            en="Give the reason, in at least 4 characters.",
            place="reason",
        )
    return told
