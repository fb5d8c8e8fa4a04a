"""Telephone numbers as written: +86, full-width, spaces, area codes, extensions."""

from __future__ import annotations

import re
from typing import NamedTuple

from wangge_engine.text.hanzi import plain

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))?([2-8]\d{6,7})")
_EXTENSION = re.compile(r"(?:转|ext\.?|#).*$", re.IGNORECASE)
_SPLIT = re.compile(r"[;；,，、/|]| 或 ")
_COUNTRY = re.compile(r"^(?:\+?86|0086)(?=1[3-9]\d{9}$|0?\d{2,3}[2-8]\d{6,7}$)")
_RUNS = re.compile(r"(\d)\1{6,}")


class Phone(NamedTuple):
    """``number``: digits with area code where given; ``kind``: mobile, landline or none.

    ``key`` is what two spellings of one line share: a landline with and without its area code are one.
    """

    number: str
    key: str
    kind: str


NO_PHONE = Phone("", "", "none")


def parse_phone(text: str | None) -> Phone:
    """The first usable number in the text; a number nobody can own (13800000000) is none."""
    if not text:
        return NO_PHONE
    for part in _SPLIT.split(plain(text)):
        digits = re.sub(r"[^\d+]", "", _EXTENSION.sub("", part.removesuffix(".0")))
        digits = _COUNTRY.sub("", digits).lstrip("+")
        if _RUNS.search(digits[2:]):
            continue
        mobile = digits[1:] if re.fullmatch(r"01[3-9]\d{9}", digits) else digits
        if _MOBILE.fullmatch(mobile):
            return Phone(mobile, mobile, "mobile")
        landline = _LANDLINE.fullmatch(digits)
        if landline:
            return Phone((landline[1] or "") + landline[2], landline[2], "landline")
    return NO_PHONE
