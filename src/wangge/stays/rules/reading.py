"""Registered stays: who was at a venue, in a lodging, or by their own word in an area, and when. No database."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path

from wangge.kernel.problems import BadInput
from wangge.kernel.written import moment_of, plain

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))["place_kind"]
_KINDS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _WORDS.items()}
_CODE = re.compile(r"\d{2,12}")


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay as it was registered or declared; text as written."""

    name: str = ""
    id_no: str = ""
    phone: str = ""
    place: str = ""
    place_kind: str = ""
    area: str = ""
    start: object = ""
    end: object = ""


@dataclass(frozen=True, slots=True)
class Visited:
    """A stay that can be used. `timed`: its row stated times, not only days."""

    place: str
    kind: str
    area: str
    start: datetime
    end: datetime


def stays_of(rows: Iterable[Mapping[str, object]]) -> list[StayRow]:
    """Stays from accepted rows of the form `stay`; nothing is judged here."""
    text = ("name", "id_no", "phone", "place", "place_kind", "area")
    return [
        StayRow(**{n: plain(row.get(n)) for n in text}, start=row.get("start"), end=row.get("end"))
        for row in rows
    ]


def visited(row: StayRow, number: int, now: datetime) -> Visited:
    """The stay of a row, in the zone of `now`. A day alone is that whole day; without an end it lasted that day.

    Raises BadInput with its place for a row that cannot be used.
    """
    place = f"row {number}"
    zone = now.tzinfo
    since = moment_of(row.start, field="start", place=place)
    until = moment_of(row.end, field="end", place=place)
    if since is None:
        raise _wrong("stay_without_start", "缺少开始时间。", "The start is missing.", place)
    if not plain(row.name) and not plain(row.id_no):
        raise _wrong(
            "stay_of_nobody", "既无姓名也无证件号码。", "There is neither a name nor a number.", place
        )
    start, day = _at(since, zone), _day(since)
    end = _at(until, zone, whole=True) if until is not None else _at(day, zone, whole=True)
    if end <= start:
        raise _wrong("end_before_start", "结束不晚于开始。", "The end is not after the start.", place)
    if start > now:
        raise _wrong("date_in_future", "开始时间晚于现在。", "The start is still to come.", place)
    kind = next((kind for kind, word in _KINDS.items() if word.search(plain(row.place_kind))), "venue")
    return Visited(plain(row.place), kind, plain(row.area), start, min(end, now))


def _at(moment: datetime | date, zone: tzinfo | None, *, whole: bool = False) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=moment.tzinfo or zone)
    return datetime.combine(moment + timedelta(days=whole), time.min, zone)


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _wrong(code: str, zh: str, en: str, place: str) -> BadInput:
    return BadInput(code=code, zh=zh, en=en, place=place)


def affected_by(area: str, affected: Sequence[tuple[str, str]]) -> str:
    """The code of the affected area (code, name) that a stated area lies in, by code, else by name; or empty."""
    text = plain(area)
    for code, name in affected:
        if text.startswith(_stem(code)) if _CODE.fullmatch(text) else name and name in text:
            return code
    return ""


def _stem(code: str) -> str:
    """The digits that every code inside the area begins with: 420100 is a city, 420000 a province."""
    stem = code[:6].rstrip("0") if not code[6:].strip("0") else code.rstrip("0")
    lengths = (2, 4, 6, 9, 12)
    return code[: next((n for n in lengths if n >= len(stem)), len(code))]
