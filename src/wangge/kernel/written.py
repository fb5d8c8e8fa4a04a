"""Values as people write them in lists: text in plain width, what stands for "not known", days in several orders."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

from wangge.kernel.problems import BadInput

MISSING = frozenset({"", "NA", "N/A", "NULL", "NONE", "-", "--", "不详", "未知", "无"})
_DATE = (
    (re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), (3, 2, 1)),  # day first, as the published list writes
)


def plain(value: object) -> str:
    """Text in plain width without outer blanks; empty for what lists write when they do not know."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip().strip("\ufeff")
    return "" if text.upper() in MISSING else text


_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]?(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2})?)?(?:\.\d+)?秒?"
)


def moment_of(value: object, *, field: str = "", place: str = "") -> datetime | date | None:
    """The local time that `value` states (2020-01-31 10:30, 2020年1月31日10时30分), or the day where it states no more.

    None when it states none. Raises BadInput when there is text that is neither.
    """
    if isinstance(value, datetime):
        return value
    text = plain(value)
    found = _MOMENT.fullmatch(text)
    if not found:
        return day_of(value, field=field, place=place)
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- the zone is the caller's
    except ValueError as error:
        raise BadInput(
            code="not_a_time",
            zh=f"“{field}”的内容“{text}”不是有效时间，请写成 2020-01-31 10:30。",
            en=f'"{text}" in "{field}" is not a time; write 2020-01-31 10:30.',
            place=place,
        ) from error


def day_of(value: object, *, field: str = "", place: str = "") -> date | None:
    """The day that `value` states: a date, ISO, Chinese, or day/month/year. None when it states none.

    Raises BadInput when there is text that is no day.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = plain(value)
    if not text:
        return None
    for pattern, (year, month, day) in _DATE:
        found = pattern.fullmatch(text)
        if found:
            try:
                return date(int(found[year]), int(found[month]), int(found[day]))
            except ValueError:
                break
    raise BadInput(
        code="not_a_date",
        zh=f"“{field}”的内容“{text}”不是有效日期，请写成 2020-01-31 或 31/01/2020。",
        en=f'"{text}" in "{field}" is not a date; write 2020-01-31 or 31/01/2020.',
        place=place,
    )
