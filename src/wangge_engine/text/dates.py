"""Dates as written in forms and spreadsheets."""

from __future__ import annotations

import re
from datetime import date, timedelta

from wangge_engine.text.hanzi import NUMERAL, number, plain

_PARTS = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"([1-9]\d{3,4})(?:\.\d+)?")
_CHINESE = re.compile(f"([{NUMERAL}]{{4}})年([{NUMERAL}]{{1,3}})月([{NUMERAL}]{{1,3}})日?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_EPOCH = date(1899, 12, 30)  # spreadsheet day 0, as all spreadsheets count since 1 March 1900
_EARLIEST_YEAR = 1880
_LARGEST_YEAR_READ_AS_YEAR = 2100


def parse_date(text: str | None) -> str:
    """ISO date, or empty if none can be read or the day does not exist or is before 1880."""
    if not text:
        return ""
    raw = plain(text)
    match = _PARTS.fullmatch(raw) or _COMPACT.fullmatch(raw)
    if match:
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    match = _CHINESE.fullmatch(raw)
    if match:
        return _iso(*(number(part) or 0 for part in match.groups()))
    match = _DAY_FIRST.fullmatch(raw)
    if match:
        return _iso(int(match[3]), int(match[2]), int(match[1]))
    match = _SERIAL.fullmatch(raw)
    if match and int(match[1]) > _LARGEST_YEAR_READ_AS_YEAR:
        day = _EPOCH + timedelta(days=int(match[1]))
        return _iso(day.year, day.month, day.day)
    return ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        found = date(year, month, day)
    except ValueError:
        return ""
    return found.isoformat() if found.year >= _EARLIEST_YEAR else ""
