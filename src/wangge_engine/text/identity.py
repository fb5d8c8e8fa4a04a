"""Citizen identity numbers, GB 11643-1999: 18 characters, the last a check by ISO 7064 MOD 11-2."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from wangge_engine.text.hanzi import plain

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
_PROVINCES_BY_REGION = {
    "1": "12345",
    "2": "123",
    "3": "1234567",
    "4": "123456",
    "5": "01234",
    "6": "12345",
    "7": "1",
    "8": "123",
}
PROVINCES = frozenset(region + digit for region, digits in _PROVINCES_BY_REGION.items() for digit in digits)
_FORM18 = re.compile("[0-9]{17}[0-9X]")
_FORM15 = re.compile("[0-9]{15}")
_FLOAT = re.compile(r"[0-9]\.[0-9]+E\+?1[4-7]")
_EARLIEST_YEAR = 1880
FLOAT_STEP = (
    16  # between 2^56 and 2^59 a double keeps multiples of 16 only (8 below 2^56): the last digit is gone
)


class Identity(NamedTuple):
    """A number as read. ``number`` is the 18-character form where there is one (valid or not).

    ``problem``: empty, ``lost_digits`` (went through a float), ``masked``, ``bad_form``, ``bad_check``,
    ``bad_date``, ``bad_place``. Only a number without problem is ``valid``; ``birth`` (ISO) and ``sex`` (M, F)
    are read from any number whose date is real. ``younger`` is the number of a 15-digit form read as born after
    1999: such forms should not exist, but systems that cut all numbers to 15 digits make them.
    """

    number: str
    valid: bool
    birth: str
    sex: str
    problem: str
    younger: str = ""


NO_IDENTITY = Identity("", False, "", "", "")


def check_character(first17: str) -> str:
    """The 18th character for 17 digits."""
    return CHECK[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def parse_identity(text: str | None) -> Identity:  # noqa: PLR0911 - one return a form
    """Read a number as written: full-width, spaces, lower-case x, 15 digits, floats, masks."""
    if not text:
        return NO_IDENTITY
    raw = plain(text).upper().replace("×", "X").replace("*X*", "***").lstrip("'`‘’\"").strip()
    floated = raw.endswith(".0")
    raw = re.sub(r"\.0$|[\s\-_.](?!\d*E)", "", raw)
    floated = floated and len(raw) == 18
    if not raw:
        return NO_IDENTITY
    if _FLOAT.fullmatch(raw):
        return Identity("", False, "", "", "lost_digits")
    if "*" in raw or re.search("XX", raw):
        return Identity("", False, "", "", "masked")
    younger = ""
    if _FORM15.fullmatch(raw):
        younger = _lengthen(raw, "20")
        raw = _lengthen(raw, "19")
    if floated and raw.isdigit() and int(raw) % FLOAT_STEP == 0:
        return Identity(raw, False, _birth(raw[6:14]), "", "lost_digits")
    if not _FORM18.fullmatch(raw):
        return Identity(raw if 14 <= len(raw) <= 20 else "", False, "", "", "bad_form")
    if raw[:17] == raw[0] * 17:
        return Identity("", False, "", "", "bad_form")
    birth = _birth(raw[6:14])
    sex = "" if not birth else "M" if int(raw[16]) % 2 else "F"
    if raw[17] != check_character(raw[:17]):
        # A spreadsheet keeps 15 digits of a number and fills up with zeros.
        problem = "lost_digits" if raw.endswith("000") else "bad_check"
    elif not birth:
        problem = "bad_date"
    elif raw[:2] not in PROVINCES:
        problem = "bad_place"
    else:
        problem = ""
    return Identity(raw, not problem, birth, sex, problem, younger)


def _lengthen(form15: str, century: str) -> str:
    first17 = form15[:6] + century + form15[6:]
    return first17 + check_character(first17)


def _birth(digits: str) -> str:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return ""
    return born.isoformat() if born.year >= _EARLIEST_YEAR and born <= date.today() else ""  # noqa: DTZ011
