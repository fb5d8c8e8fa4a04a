"""Pages by key: a list is read on from the last row seen, never by counting rows over."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from wangge.kernel.problems import BadInput

T = TypeVar("T")
PAGE_SIZE = 50
COUNT_CAP = 1000
_LARGEST = 2**63 - 1


def number(value: Any) -> int:
    """A whole number of a mark that the database can hold. Raises ValueError."""
    if type(value) is not int or not -_LARGEST <= value <= _LARGEST:
        raise ValueError("not a number of a mark")
    return value


def word(value: Any) -> str:
    """A text of a mark. Raises ValueError for what no column holds (a number, a zero byte)."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text of a mark")
    value.encode()  # a lone surrogate is no text either: UnicodeEncodeError is a ValueError
    return value


def instant(value: Any) -> datetime:
    """An instant of a mark, with its zone. Raises ValueError, and TypeError for no text."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("an instant of a mark has a zone")
    return found


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key of the last row shown."""

    values: tuple[Any, ...]

    def encode(self) -> str:
        raw = json.dumps(self.values, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @staticmethod
    def decode(text: str | None, length: int, *kinds: Callable[[Any], Any]) -> Cursor | None:
        """The cursor in `text`, or None for none. Raises BadInput when it does not hold `length` values.

        `kinds` read the values (`number`, `word`, `instant`, `UUID`): what was tampered with is refused here
        and not by the database.
        """
        if not text:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            values = json.loads(raw)
        except (binascii.Error, ValueError) as error:
            raise _bad_cursor() from error
        plain = isinstance(values, list) and all(
            v is None or isinstance(v, str | int | float) for v in values
        )
        if not plain or len(values) != length:
            raise _bad_cursor()
        if not kinds:
            return Cursor(tuple(values))
        try:
            return Cursor(tuple(kind(value) for kind, value in zip(kinds, values, strict=True)))
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise _bad_cursor() from error


def _bad_cursor() -> BadInput:
    return BadInput(
        code="page_mark_unreadable",
        zh="翻页标记无法识别，请从第一页重新开始。",
        en="The page mark cannot be read. Start again from the first page.",
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Up to `size` rows, the mark to read on with, and a count that stops at COUNT_CAP and says so."""

    rows: tuple[T, ...]
    next: str | None = None
    total: int | None = None

    @property
    def more(self) -> bool:
        return self.next is not None

    @property
    def capped(self) -> bool:
        return self.total is not None and self.total > COUNT_CAP
