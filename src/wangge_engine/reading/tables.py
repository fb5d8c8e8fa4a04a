"""Sheets as tables: header found, data rows in blocks by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from wangge_engine.reading.files import TableFile
from wangge_engine.reading.layout import LOOK_AT, Layout, find_layout
from wangge_engine.reading.rows import Block, Row, Sheet

BLOCK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its header. `layout` is None where no header was found: notes, or nothing."""

    sheet_no: int
    sheet: Sheet
    layout: Layout | None

    @property
    def name(self) -> str:
        return self.sheet.name


def tables_of(file: TableFile, known: Callable[[str], bool]) -> list[Table]:
    """All sheets of a file in order, each with its header where it has one. Sheets count from 1."""
    tables = []
    for number, sheet in enumerate(file.sheets, start=1):
        head = list(islice(sheet.rows(), LOOK_AT + 10))
        layout = find_layout(head, sheet.merges(), known) if head else None
        tables.append(Table(number, sheet, layout))
    return tables


def _is_blank(row: Row) -> bool:
    return not "".join(row.cells).strip()


def blocks(table: Table, size: int = BLOCK_ROWS) -> Iterator[Block]:
    """The data rows of a table, `size` at a time. Blank rows are no rows; no other row is left out."""
    if table.layout is None:
        return
    width = len(table.layout.headers)
    first = table.layout.first_data_row
    rows = (row for row in table.sheet.rows() if row.no >= first and not _is_blank(row))
    while batch := list(islice(rows, size)):
        yield _block(batch, width)


def _block(batch: Sequence[Row], width: int) -> Block:
    block = Block([row.no for row in batch], [])
    table: list[list[str]] = []
    for position, row in enumerate(batch):
        cells = row.cells
        if len(cells) > width:
            if any(cell and not cell.isspace() for cell in cells[width:]):
                block.overflow[position] = cells
            cells = cells[:width]
        elif len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        table.append(cells)
        for column, mark in row.marks:
            block.marks.append((position, column, mark))
    block.columns = list(zip(*table, strict=True)) if width else []
    return block
