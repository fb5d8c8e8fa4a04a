"""Times as people say them: "3 h left", with the exact instant one hover away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Said:
    """A time in words; `tone` is late, soon or plain."""

    text: str
    exact: str
    iso: str
    tone: str


def _amount(span: timedelta) -> tuple[str, int]:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return "minute", max(minutes, 1)
    if minutes < 48 * 60:
        return "hour", minutes // 60
    return "day", minutes // (24 * 60)


def _left(unit: str, n: int) -> str:
    words = {"minute": _("%(n)d min left"), "hour": _("%(n)d h left"), "day": _("%(n)d d left")}
    return words[unit] % {"n": n}


def _over(unit: str, n: int) -> str:
    words = {"minute": _("%(n)d min over"), "hour": _("%(n)d h over"), "day": _("%(n)d d over")}
    return words[unit] % {"n": n}


def _ago(unit: str, n: int) -> str:
    words = {"minute": _("%(n)d min ago"), "hour": _("%(n)d h ago"), "day": _("%(n)d d ago")}
    return words[unit] % {"n": n}


def _ahead(unit: str, n: int) -> str:
    words = {"minute": _("in %(n)d min"), "hour": _("in %(n)d h"), "day": _("in %(n)d d")}
    return words[unit] % {"n": n}


def exact(instant: datetime) -> str:
    """The instant in the place's own time, with its offset."""
    local = timezone.localtime(instant)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def say(instant: datetime, *, deadline: bool = False, now: datetime | None = None) -> Said:
    """`instant` against now: as a deadline (left, over) or as an event (ago, ahead).

    Instants are UTC and aware. Up to 48 hours are said in hours; an event longer ago than 30 days as its date.
    """
    ahead = instant - (now or timezone.now())
    unit, n = _amount(abs(ahead))
    future = ahead >= timedelta()
    if deadline:
        text = _left(unit, n) if future else _over(unit, n)
        tone = "late" if not future else "soon" if ahead <= SOON else "plain"
    elif abs(ahead) > timedelta(days=30):
        text, tone = f"{timezone.localtime(instant):%Y-%m-%d}", "plain"
    elif abs(ahead) < timedelta(minutes=1):
        text, tone = _("just now"), "plain"
    else:
        text, tone = _ahead(unit, n) if future else _ago(unit, n), "plain"
    return Said(text, exact(instant), instant.isoformat(timespec="seconds"), tone)


def say_day(day: date) -> Said:
    """A date without a clock, as it stands on paper."""
    return Said(f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}", day.isoformat(), "plain")
