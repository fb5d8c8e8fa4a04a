"""What all readers give: rows of text with their place, and marks on odd cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol


class Mark(StrEnum):
    """What was odd about a cell before anyone read a meaning into it."""

    FORMULA = "formula"  # the value is the one the sheet had kept; nothing was computed
    FORMULA_TEXT = "formula_text"  # no value was kept: the cell's text is the formula itself
    CELL_ERROR = "cell_error"  # #N/A, #REF! and the like
    PRECISION_LOST = "precision_lost"  # a number of more than 15 digits: a spreadsheet keeps only 15
    STRAY_QUOTE = "stray_quote"  # a quotation mark that never closes; the line was read without quoting


class Row(NamedTuple):
    """One row: its number in the sheet (from 1; for csv the number of the record), its cells, marks by column."""

    no: int
    cells: list[str]
    marks: tuple[tuple[int, Mark], ...] = ()


class Merge(NamedTuple):
    """A merged area: first and last row (from 1) and column (from 0), all included."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(Protocol):
    """One sheet, read from the top as often as asked."""

    @property
    def name(self) -> str: ...
    def merges(self) -> tuple[Merge, ...]: ...
    def rows(self) -> Iterator[Row]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it can hurt. Sizes in bytes; `ratio` is unpacked to packed."""

    file_bytes: int = 512 * 1024 * 1024
    unpacked_bytes: int = 3 * 1024 * 1024 * 1024
    ratio: int = 150
    ratio_from_bytes: int = 8 * 1024 * 1024
    entries: int = 2_000
    xls_bytes: int = 128 * 1024 * 1024
    strings: int = 20_000_000
    columns: int = 512
    cell_characters: int = 32_768
    quoted_lines: int = 200


@dataclass(slots=True)
class Block:
    """Up to some thousand data rows of one table, by column.

    `columns` are as wide as the headers. `overflow` holds the whole original row where it had more cells than
    there are headers; `marks` are (position in block, column, mark).
    """

    row_nos: list[int]
    columns: list[tuple[str, ...]]
    overflow: dict[int, list[str]] = field(default_factory=dict)
    marks: list[tuple[int, int, Mark]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_nos)
