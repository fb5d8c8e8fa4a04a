"""A whole table shifted by a column: what stands under several headers is not what they say.

By the rule that linkage refuses a file by, too (`text/shifted.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from wangge_engine.rows.canonical import Reading
from wangge_engine.rows.raw import raw_name
from wangge_engine.text.dates import parse_date
from wangge_engine.text.identity import parse_identity
from wangge_engine.text.names import parse_name
from wangge_engine.text.phones import parse_phone
from wangge_engine.text.shifted import COLUMNS, WORDS, speaks_against

LOOKED_AT = 2_000  # rows of a table
_DATED = re.compile(r"(19|20)?\d{2}[-./年]\d{1,2}([-./月]\d{1,2}日?|月?)|(19|20)\d{2}(年|\d{2})?|农历.*")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A column whose cells are not what its header says: its header, and what it should hold."""

    header: str
    zh: str
    en: str


def _no_identity(text: str) -> bool:
    told = parse_identity(text)
    return not told.number and told.problem == "bad_form"


# a serial number of a day and a year with a month are dates to the platform, if not to the linker
_UNREADABLE: dict[str, Callable[[str], bool]] = {
    "name": lambda text: not parse_name(text).kind or parse_name(text).kind == "none",
    "id_no": _no_identity,
    "birth": lambda text: not parse_date(text) and _DATED.fullmatch(text) is None,
    "phone": lambda text: not parse_phone(text).number,
}


def misplaced(raw: pl.DataFrame, reading: Reading) -> tuple[Misplaced, ...]:
    """The columns by which a table is seen to be shifted; empty for one that is not."""
    found = []
    for name, unreadable in _UNREADABLE.items():
        indexes = reading.columns.get(name, ())
        if not indexes:
            continue
        cells = raw[raw_name(indexes[0])].head(LOOKED_AT).drop_nulls().str.strip_chars()
        filled = cells.filter(cells != "").to_list()
        if speaks_against(len(filled), sum(map(unreadable, filled))):
            found.append(Misplaced(reading.headers[indexes[0]], *WORDS[name]))
    return tuple(found) if len(found) >= COLUMNS else ()
