"""Days as instants: lists state days, the engine counts minutes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def day_begins(day: date) -> datetime:
    """The first instant of a local day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def day_ends(day: date) -> datetime:
    """The first instant after a local day."""
    return day_begins(day + timedelta(days=1))


def last_day(until: datetime) -> date:
    """The local day of the last instant before `until`."""
    return timezone.localdate(until - timedelta(microseconds=1))
