"""Which days of a month are worked: the limits of rest, which nothing overrides."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date, timedelta

IN_A_ROW = 6  # Labour Law of the PRC, article 38: at least one day of rest a week


def working_days(year: int, month: int, *, most: int, off: Collection[date] = ()) -> list[date]:
    """At most ``most`` days, rising: Mondays to Fridays first, then Saturdays from the earliest.

    Every Sunday is free, so no run of days, not even across the end of the month, is longer than six.
    """
    days = [date(year, month, number + 1) for number in range(calendar.monthrange(year, month)[1])]
    free = set(off)
    weekdays = [day for day in days if day.weekday() < 5 and day not in free]
    saturdays = [day for day in days if day.weekday() == 5 and day not in free]
    chosen = _spread(weekdays, most)
    chosen += saturdays[: most - len(chosen)]
    return sorted(chosen)


def _spread(days: list[date], most: int) -> list[date]:
    """``most`` of the days, evenly over the month (all of them where there are fewer)."""
    if len(days) <= most:
        return list(days)
    if most <= 0:
        return []
    return [days[index * len(days) // most] for index in range(most)]


def longest_run(days: Collection[date]) -> int:
    """How many days in a row are worked at the most."""
    worked, best = set(days), 0
    for day in worked:
        if day - timedelta(days=1) not in worked:
            length = 1
            while day + timedelta(days=length) in worked:
                length += 1
            best = max(best, length)
    return best
