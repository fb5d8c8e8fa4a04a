"""Dates as departments write them: 2019-03-05, 2019.3.5, 20190305, 二〇一九年三月五日, a spreadsheet's 43529.

A date is read or it is not; nothing is guessed quietly. Whatever had to be assumed is told as a flag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

EARLIEST = date(1880, 1, 1)
SERIAL_EPOCH = date(1899, 12, 30)


class Outcome(StrEnum):
    """What came of reading a date."""

    READ = "read"
    EMPTY = "empty"
    NOTE = "note"  # words that are no date ("不详", "85岁"): no date is held, the row stands
    IMPOSSIBLE = "impossible"  # shaped like a date, and no day in the calendar or not possible here


class Order(StrEnum):
    """Whether 3/4/2020 is the third of April or the fourth of March."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class ReadDate:
    """The outcome, the day where there is one, and flags for what was assumed."""

    outcome: Outcome
    day: date | None = None
    flags: tuple[str, ...] = ()


_EMPTY = ReadDate(Outcome.EMPTY)
_NOTE = ReadDate(Outcome.NOTE, flags=("note_in_cell",))
_IMPOSSIBLE = ReadDate(Outcome.IMPOSSIBLE)

_DIGITS = {"〇": 0, "零": 0, "○": 0, "O": 0, "o": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9, "元": 1, "两": 2}
_TIME = (
    r"(?:[ T]*(?:上午|下午)?\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[秒分]?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_FULL = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*[日号]?{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6}|[ T]\d{1,2}:\d{2}(?::\d{2})?)?(?:\.0)?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_COMPACT_MONTH = re.compile(r"((?:18|19|20)\d{2})(0\d|1[0-9])")
_YEAR = re.compile(r"((?:18|19|20|21)\d{2})\s*年?(?:\.0)?")
_SERIAL = re.compile(r"(\d{1,5})(?:\.\d+)?")
_DAY_OR_MONTH_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")
_SHORT_YEAR = re.compile(r"(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?")
_CHINESE = re.compile(
    r"([〇零○Oo一二三四五六七八九]{4}|\d{4})年"
    r"([元一二三四五六七八九十〇零]{1,3})月(?:([一二三四五六七八九十〇零廿]{1,4})[日号]?)?"
)
_ENGLISH = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})")
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REMARK = re.compile(r"[(（\[【].*?[)）\]】]|^(?:约|大约|大概|出生于|生于|于)|(?:左右|前后|出生|生)$")
_NONE = re.compile(r"0?|[\-/.: ]+")
PLACEHOLDERS = frozenset((date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(9999, 12, 31)))


def _day(year: int, month: int, day: int, *flags: str) -> ReadDate:
    try:
        return ReadDate(Outcome.READ, date(year, month, day), flags)
    except ValueError:
        return _IMPOSSIBLE


def _full(found: re.Match[str]) -> ReadDate:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _month(found: re.Match[str]) -> ReadDate:
    return _day(int(found[1]), int(found[2]), 1, "date_without_day")


def _year(found: re.Match[str]) -> ReadDate:
    return _day(int(found[1]), 1, 1, "date_without_month")


def _serial(found: re.Match[str]) -> ReadDate:
    number = int(found[1])
    if number < 366:  # smaller numbers are ages or counts, and no one alive was born in 1900
        return _NOTE
    return ReadDate(Outcome.READ, SERIAL_EPOCH + timedelta(days=number), ("date_from_serial",))


def _chinese(found: re.Match[str]) -> ReadDate:
    year = int("".join(str(_DIGITS.get(c, c)) for c in found[1]))
    month = chinese_number(found[2])
    if found[3] is None:
        return _day(year, month, 1, "date_without_day")
    return _day(year, month, chinese_number(found[3]))


def _english(found: re.Match[str]) -> ReadDate:
    name = found[2].lower()
    return (
        _day(int(found[3]), _ENGLISH_MONTHS.index(name) + 1, int(found[1]))
        if name in _ENGLISH_MONTHS
        else _NOTE
    )


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ReadDate]], ...] = (
    (_FULL, _full),
    (_COMPACT, _full),
    (_COMPACT_MONTH, _month),
    (_MONTH, _month),
    (_YEAR, _year),
    (_SERIAL, _serial),
    (_CHINESE, _chinese),
    (_ENGLISH, _english),
)


def chinese_number(text: str) -> int:
    """Days and months: 三 is 3, 十二 is 12, 二十三 and 廿三 and 二三 are 23, 三十 is 30; 0 for what is none."""
    plain = text.replace("廿", "二十").replace("卅", "三十").lstrip("〇零")
    if "十" in plain:
        tens, _, ones = plain.partition("十")
        return _DIGITS.get(tens, 1 if not tens else 0) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return int("".join(str(_DIGITS[c]) for c in plain)) if plain and all(c in _DIGITS for c in plain) else 0


def read_date(
    text: str | None,
    *,
    today: date,
    order: Order = Order.MONTH_FIRST,
    latest: date | None = None,
    nothing: Callable[[str], bool] = lambda _: False,
) -> ReadDate:
    """Read one date. `latest` is the last day possible here (births: today); `nothing` tells words that say that
    there is no value. `order` decides dates such as 3/4/2020."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("'\"`") if text else ""
    if _NONE.fullmatch(plain) or nothing(plain):
        return _EMPTY
    read = _read(plain, today, order)
    if read.outcome is Outcome.NOTE:
        bare = _REMARK.sub("", plain).strip()
        lunar = any(word in plain for word in ("农历", "阴历", "旧历"))
        if lunar:
            return ReadDate(Outcome.NOTE, flags=("date_lunar",))
        if bare and bare != plain:
            again = _read(bare, today, order)
            read = ReadDate(again.outcome, again.day, ("note_in_cell", *again.flags)) if again.day else read
    if read.day is None:
        return read
    if read.day in PLACEHOLDERS:
        return ReadDate(Outcome.EMPTY, flags=("date_placeholder",))
    if not EARLIEST <= read.day <= (latest or today + timedelta(days=3650)):
        return _IMPOSSIBLE
    return read


def _read(plain: str, today: date, order: Order) -> ReadDate:
    for shape, reading in _SHAPES:
        if found := shape.fullmatch(plain):
            return reading(found)
    if found := _DAY_OR_MONTH_FIRST.fullmatch(plain):
        first, second, year = (int(part) for part in found.groups()[:3])
        month, day = (first, second) if order is Order.MONTH_FIRST else (second, first)
        return _day(year, month, day)
    if found := _SHORT_YEAR.fullmatch(plain):
        short = int(found[1])
        century = 2000 if short <= today.year % 100 else 1900
        return _day(century + short, int(found[2]), int(found[3]), "date_short_year")
    return _NOTE


def find_order(texts: Iterable[str]) -> Order | None:
    """The order that all of these dates allow, when they decide it; None when no date does or they disagree."""
    seen: set[Order] = set()
    for text in texts:
        found = _DAY_OR_MONTH_FIRST.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found:
            if int(found[1]) > 12:
                seen.add(Order.DAY_FIRST)
            if int(found[2]) > 12:
                seen.add(Order.MONTH_FIRST)
    return seen.pop() if len(seen) == 1 else None
