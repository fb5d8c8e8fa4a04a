"""xlsx sheets, streamed row by row in bounded memory; formulas are seen and never evaluated.

Written for what the usual readers hide: whether a value came from a formula, which number lost its last digits,
and where the merged areas of a header lie - without loading a sheet whole.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import IO, BinaryIO

from wangge_engine.reading.rows import Limits, Merge, Row
from wangge_engine.reading.xlsx_cells import CellReader
from wangge_engine.reading.xlsx_events import rows_by_events
from wangge_engine.reading.xlsx_parts import Book, read_book, read_date_styles, read_merges, read_strings
from wangge_engine.reading.xlsx_plain import NotPlainError, plain_rows
from wangge_engine.reading.zipped import damaged, open_zip


class Workbook:
    """An xlsx file, its small parts read once and shared by its sheets."""

    def __init__(self, file: BinaryIO, place: str, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.container = open_zip(file, place, limits)
        self.book: Book = read_book(self.container, place)
        self._date_styles = read_date_styles(self.container, place)

    @cached_property
    def cells(self) -> CellReader:
        strings = read_strings(self.container, self.place, self.limits)
        return CellReader(strings, self._date_styles, self.place, since_1904=self.book.date1904)

    def sheets(self) -> tuple[XlsxSheet, ...]:
        return tuple(XlsxSheet(self, part.name, part.entry) for part in self.book.sheets)


class XlsxSheet:
    """One worksheet."""

    def __init__(self, workbook: Workbook, name: str, entry: str) -> None:
        self._workbook = workbook
        self._entry = entry
        self.name = name

    @property
    def _place(self) -> str:
        return f"{self._workbook.place} / {self.name}"

    def merges(self) -> tuple[Merge, ...]:
        return read_merges(self._workbook.container, self._entry, self._place)

    def rows(self) -> Iterator[Row]:
        """All rows that hold a cell, from the top."""
        given = 0
        try:
            try:
                for row in self._read(plain_rows):
                    given += 1
                    yield row
            except NotPlainError:
                yield from islice(self._read(rows_by_events), given, None)
        except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
            raise damaged(self._place) from error

    def rows_surely(self) -> Iterator[Row]:
        """The same rows by the parser alone."""
        return self._read(rows_by_events)

    def _read(self, way: Callable[[IO[bytes], CellReader, str, int], Iterator[Row]]) -> Iterator[Row]:
        with self._workbook.container.open(self._entry) as stream:
            yield from way(stream, self._workbook.cells, self._place, self._workbook.limits.columns)
