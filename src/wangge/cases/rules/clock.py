"""Deadlines: a limit and a unit become an instant, under a calendar whose version is kept with the result.

Four units are in use (see ``states.LimitUnit``): emergency hours and calendar days run through nights and
holidays; working hours and working days count only the calendar's working periods, and one working day is as
many hours as the calendar's periods hold in a day (8).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from wangge.cases.states import LimitUnit
from wangge.kernel.problems import BadInput

FURTHEST = timedelta(days=3660)
"""No limit reaches further; beyond it the search for working time gives up."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working periods of a day and the days that differ; ``zone`` is where the clock on the wall hangs."""

    version: str
    zone: ZoneInfo
    periods: tuple[tuple[time, time], ...]
    rest_weekdays: frozenset[int]
    holidays: frozenset[date]
    make_up_days: frozenset[date]

    @property
    def day_length(self) -> timedelta:
        """Working time in one working day."""
        return sum((_span(a, b) for a, b in self.periods), timedelta())

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is worked: make-up days beat holidays, holidays beat weekdays."""
        if day in self.make_up_days:
            return True
        return day not in self.holidays and day.isoweekday() not in self.rest_weekdays

    def working_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working periods from ``start`` on, as instants, the first cut at ``start``."""
        begin = start.astimezone(self.zone)
        day, last = begin.date(), (begin + FURTHEST).date()
        while day <= last:
            if self.works_on(day):
                for opens, shuts in self.periods:
                    since = max(datetime.combine(day, opens, self.zone), begin)
                    until = datetime.combine(day, shuts, self.zone)
                    if since < until:
                        yield since, until
            day += timedelta(days=1)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants."""
        total = timedelta()
        for since, until in self.working_spans(start):
            if since >= end:
                break
            total += min(until, end) - since
        return total


def _span(a: time, b: time) -> timedelta:
    return timedelta(hours=b.hour - a.hour, minutes=b.minute - a.minute)


def read_calendar(raw: dict[str, Any]) -> WorkCalendar:
    """A calendar from its TOML document."""
    return WorkCalendar(
        version=raw["version"],
        zone=ZoneInfo(raw["timezone"]),
        periods=tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in raw["periods"]),
        rest_weekdays=frozenset(raw["rest_weekdays"]),
        holidays=frozenset(
            first + timedelta(days=n)
            for first, last in raw["holidays"]
            for n in range((last - first).days + 1)
        ),
        make_up_days=frozenset(raw["make_up_days"]),
    )


@cache
def shipped_calendar() -> WorkCalendar:
    """The calendar in ``data/calendar.toml``."""
    return read_calendar(
        tomllib.loads(files("wangge.cases").joinpath("data/calendar.toml").read_text("utf-8"))
    )


def deadline_after(start: datetime, amount: float, unit: LimitUnit, calendar: WorkCalendar) -> datetime:
    """The instant at which a limit of ``amount`` ``unit`` that starts at ``start`` runs out, in UTC.

    Raises BadInput for an amount that is not positive or reaches further than ten years, and for
    ``LimitUnit.OWN_DATE``, which has no length.
    """
    if unit is LimitUnit.OWN_DATE or not 0 < amount <= FURTHEST.days:
        raise BadInput(
            code="limit_out_of_range",
            zh=f"时限“{amount} {unit.value}”无效：须为正数且不超过十年。",
            en=f'The limit "{amount} {unit.value}" cannot stand: it must be positive and within ten years.',
        )
    if unit is LimitUnit.EMERGENCY_HOURS:
        return (start + timedelta(hours=amount)).astimezone(_UTC)
    if unit is LimitUnit.CALENDAR_DAYS:
        return (start + timedelta(days=amount)).astimezone(_UTC)
    left = timedelta(hours=amount) if unit is LimitUnit.WORKING_HOURS else amount * calendar.day_length
    for since, until in calendar.working_spans(start):
        if left <= until - since:
            return (since + left).astimezone(_UTC)
        left -= until - since
    raise BadInput(
        code="limit_without_working_time",
        zh=f"工作日历“{calendar.version}”中没有足够的工作时间。",
        en=f'The working calendar "{calendar.version}" holds too little working time for this limit.',
    )


_UTC = ZoneInfo("UTC")
