"""Cells that a spreadsheet program will show and never run.

Text that begins with = + - @, a tab or a line break, also in full width or after blanks, is taken for a formula by
some program (OWASP, CSV injection). It gets a leading apostrophe, which such programs hide. Numbers stay numbers.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from uuid import UUID

_STARTERS = frozenset("=+-@\t\r\n＝＋－＠")
Cell = str | int | float | None
MAX_CELL = 32_767  # what one cell of a workbook can hold


def safe_text(text: str) -> str:
    """`text` with a leading apostrophe where a program could take it for a formula."""
    if not text:
        return text
    first = text.lstrip(" \u00a0\u3000\ufeff\0")[:1]
    return f"'{text}" if text[0] in _STARTERS or first in _STARTERS else text


def safe_cell(value: object) -> Cell:  # noqa: PLR0911 -- one line a type
    """A value as it may stand in a file that leaves: plain numbers, everything else as safe text."""
    if value is None:
        return None
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        # beyond 15 digits a spreadsheet rounds: such a number leaves as text
        return value if abs(value) < 10**15 else safe_text(str(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return safe_text("; ".join(str(item) for item in value))
    text = "".join(c for c in str(value) if c in "\t\n\r" or ord(c) >= 32)
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written
    return safe_text(text[:MAX_CELL])
