"""Instants in files: ISO 8601 with an offset, or local time of a named zone, as whole microseconds since 1970 in UTC.

A local time that daylight saving skips does not exist and is refused. One that comes twice is taken as the earlier. A
date alone stands for its first instant, or, where an end is meant, for the first instant of the next day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wangge_engine.frame.problems import refuse

DEFAULT_ZONE = "Asia/Shanghai"
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


class BadTime(ValueError):
    """A text that is no instant; the argument is the reason's code."""


REASONS = {
    "bad_time": ("时间应写成 ISO 8601，如 2020-01-20T10:00:00+08:00", "not an ISO 8601 time"),
    "no_such_local_time": (
        "当地没有这个时刻（夏令时跳过）",
        "there is no such local time (skipped by daylight saving)",
    ),
}


def micros(moment: datetime) -> int:
    """Microseconds since 1970; the moment has a zone."""
    return (moment - _EPOCH) // _MICRO


@dataclass(frozen=True)
class Clock:
    """What local times are of, and what times are written in."""

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str | None) -> Clock:
        """The zone called ``name`` (IANA), or the default. Raises Refused for a name that is none."""
        try:
            return cls(ZoneInfo(name or DEFAULT_ZONE))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise refuse("unknown_zone", f"没有时区 {name}", f"no time zone {name}", "--tz") from error

    def read(self, text: str, *, end: bool = False) -> int:
        """The instant that ``text`` names. Raises BadTime."""
        plain = text.strip()
        try:
            moment: datetime | None = None
            if "T" not in plain and ":" not in plain:
                return self.day_start(date.fromisoformat(plain) + timedelta(days=1 if end else 0))
            moment = datetime.fromisoformat(plain)
        except (ValueError, OverflowError) as error:
            raise BadTime("bad_time") from error
        return self.at(moment)

    def at(self, moment: datetime) -> int:
        """The instant of a datetime; without a zone it is local. Raises BadTime for a skipped one."""
        try:
            if moment.tzinfo is not None:
                return micros(moment)
            held = micros(moment.replace(tzinfo=self.zone))
            if self.local(held) != moment:
                raise BadTime("no_such_local_time")
        except OverflowError as error:
            raise BadTime("bad_time") from error
        return held

    def day_start(self, day: date) -> int:
        """The first instant of a local day, also where its midnight is skipped."""
        return micros(datetime(day.year, day.month, day.day, tzinfo=self.zone))

    def local(self, instant: int) -> datetime:
        """The local time of an instant, without zone."""
        return (_EPOCH + instant * _MICRO).astimezone(self.zone).replace(tzinfo=None)

    def text(self, instant: int) -> str:
        """The instant as ISO 8601 with the zone's offset."""
        return (_EPOCH + instant * _MICRO).astimezone(self.zone).isoformat()

    def offsets(self, low: int, high: int) -> list[tuple[int, int]]:
        """(instant from which it holds, offset in microseconds) between two instants; the first holds before, too."""
        at = max(low, _FIRST)
        found = [(at, self._offset(at))]
        while at < min(high, _LAST):
            after = at + DAY
            if self._offset(after) != found[-1][1]:
                before, changed = at, after
                while changed - before > SECOND:
                    middle = (before + changed) // 2
                    if self._offset(middle) == found[-1][1]:
                        before = middle
                    else:
                        changed = middle
                changed -= changed % SECOND
                found.append((changed, self._offset(changed)))
                after = max(changed, at + 1)
            at = after
        return found

    def _offset(self, instant: int) -> int:
        offset = (_EPOCH + instant * _MICRO).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // _MICRO

    @cached_property
    def name(self) -> str:
        return str(self.zone)


_FIRST, _LAST = micros(datetime(1900, 1, 1, tzinfo=UTC)), micros(datetime(2200, 1, 1, tzinfo=UTC))


def offset_sql(instant: str, offsets: list[tuple[int, int]]) -> str:
    """SQL: what the zone adds to ``instant`` (SQL), in microseconds."""
    first, later = offsets[0][1], offsets[1:]
    if not later:
        return str(first)
    whens = " ".join(f"WHEN {instant} >= {at} THEN {offset}" for at, offset in reversed(later))
    return f"CASE {whens} ELSE {first} END"


def instant_sql(local: str, offsets: list[tuple[int, int]]) -> str:
    """SQL: the instant of a local time in microseconds (SQL); missing where daylight saving skips it."""
    if len(offsets) == 1:
        return f"({local} - {offsets[0][1]})"
    whens = []
    for number, (at, offset) in enumerate(offsets):
        since = f"{local} >= {at + offset}" if number else "true"
        until = f"{local} < {offsets[number + 1][0] + offset}" if number + 1 < len(offsets) else "true"
        whens.append(f"WHEN {since} AND {until} THEN {local} - {offset}")
    return f"CASE {' '.join(whens)} END"


def duration(text: str, place: str) -> int:
    """Microseconds of a span such as 15d, 2h, 90m or 45s. Raises Refused."""
    sizes = {"d": DAY, "h": 60 * MINUTE, "m": MINUTE, "s": SECOND, "w": 7 * DAY}
    number, unit = text.strip()[:-1], text.strip()[-1:]
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if unit not in sizes or not 0 <= value <= 36_600:
        raise refuse("bad_duration", "时长写作 15d、2h、90m", "write a duration as 15d, 2h or 90m", place)
    return round(value * sizes[unit])


def text_sql(instant: str, offsets: list[tuple[int, int]]) -> str:
    """SQL: the instant as ISO 8601 with the zone's offset, as :meth:`Clock.text` writes it."""
    offset = offset_sql(instant, offsets)
    local = f"make_timestamp({instant} + {offset})"
    part = f"CASE WHEN ({instant}) % {SECOND} = 0 THEN '' ELSE strftime({local}, '.%f') END"
    ends = {size: _offset_text(size) for _, size in offsets}
    ending = f"'{ends[offsets[0][1]]}'"
    if len(ends) > 1:
        ending = f"CASE {offset} {' '.join(f'WHEN {size} THEN {text!r}' for size, text in ends.items())} END"
    return f"strftime({local}, '%Y-%m-%dT%H:%M:%S') || {part} || {ending}"


def _offset_text(offset: int) -> str:
    hours, minutes = divmod(abs(offset) // MINUTE, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
