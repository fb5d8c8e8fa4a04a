"""Early warning: what rooms count by day and place goes through the engine, and what is unusual becomes an alarm."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.cases.queries import daily_tallies
from wangge.insight.actions import raise_alarms
from wangge.insight.types import CountedSeries
from wangge.kernel.units import interval_of

HISTORY = timedelta(days=60)  # eight weeks, and a few days


def warn(on: date | None = None) -> int:
    """Matters by category and street: alarms of a day, default yesterday, the last whole one; gives how many.

    Who must look: the departments that handled matters of that category there in the last weeks.
    """
    day = on or timezone.localdate() - timedelta(days=1)
    access = enter_system(name="warning", purpose="case_handling")
    series = [
        CountedSeries(
            f"case:{tally.category}",
            tally.street,
            interval_of(tally.street).lo,
            dict(tally.days),
            tally.organisations,
        )
        for tally in daily_tallies(access, since=day - HISTORY)
    ]
    return raise_alarms(access, series=series, on=day)
