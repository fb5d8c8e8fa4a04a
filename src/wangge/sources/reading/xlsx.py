"""xlsx sheets, streamed row by row in bounded memory; formulas are seen and never evaluated.

Written for what the usual readers hide: whether a value came from a formula, which number lost its last digits,
and where the merged areas of a header lie - without loading a sheet whole.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO
from xml.parsers import expat

from wangge.kernel.problems import BadInput
from wangge.sources.reading.rows import Limits, Mark, Merge, Row
from wangge.sources.reading.xlsx_parts import (
    PIECE,
    Attributes,
    Book,
    column_index,
    date_text,
    parser_for,
    plain,
    read_book,
    read_date_styles,
    read_merges,
    read_strings,
)
from wangge.sources.reading.zipped import damaged, open_zip

SAFE_DIGITS = 15  # a double keeps 15 significant decimal digits, and a spreadsheet shows no more


class Workbook:
    """An xlsx file, its small parts read once and shared by its sheets."""

    def __init__(self, file: BinaryIO, place: str, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.container = open_zip(file, place, limits)
        self.book: Book = read_book(self.container, place)
        self.date_styles = read_date_styles(self.container, place)

    @cached_property
    def strings(self) -> list[str]:
        return read_strings(self.container, self.place, self.limits)

    def sheets(self) -> tuple[XlsxSheet, ...]:
        return tuple(XlsxSheet(self, part.name, part.entry) for part in self.book.sheets)


class XlsxSheet:
    """One worksheet."""

    def __init__(self, workbook: Workbook, name: str, entry: str) -> None:
        self._workbook = workbook
        self._entry = entry
        self.name = name

    def merges(self) -> tuple[Merge, ...]:
        return read_merges(self._workbook.container, self._entry, f"{self._workbook.place} / {self.name}")

    def rows(self) -> Iterator[Row]:
        """All rows that hold a cell, from the top."""
        place = f"{self._workbook.place} / {self.name}"
        reader = _RowReader(self._workbook, place)
        try:
            with self._workbook.container.open(self._entry) as stream:
                while piece := stream.read(PIECE):
                    reader.parser.Parse(piece, False)
                    yield from reader.take()
                reader.parser.Parse(b"", True)
                yield from reader.take()
        except (expat.ExpatError, zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
            raise damaged(place) from error


class _RowReader:
    """Turns the events of a sheet's XML into rows."""

    def __init__(self, workbook: Workbook, place: str) -> None:
        self._strings = workbook.strings
        self._dates = workbook.date_styles
        self._since_1904 = workbook.book.date1904
        self._columns: dict[str, int] = {}
        self._limit = workbook.limits.columns
        self._place = place
        self._done: list[Row] = []
        self._row_no = 0
        self._cells: list[str] = []
        self._marks: list[tuple[int, Mark]] = []
        self._column = -1
        self._kind = "n"
        self._style = 0
        self._value = ""
        self._formula: str | None = None
        self._pieces: list[str] = []
        self._tags: dict[str, str] = {}
        self.parser = parser_for(place)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def take(self) -> list[Row]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: Attributes) -> None:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = plain(name)
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters = reference.rstrip("0123456789")
                column = self._columns.get(letters)
                if column is None:
                    column = self._columns[letters] = column_index(letters)
                self._column = column
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._value = ""
            self._formula = None
        elif tag in ("v", "t", "f"):
            self._pieces.clear()
            self.parser.CharacterDataHandler = self._pieces.append
        elif tag == "row":
            self._row_no = int(attributes.get("r", self._row_no + 1))
            self._column = -1
        elif tag == "rPh":
            self._pieces.clear()

    def _end(self, name: str) -> None:
        tag = self._tags[name]
        if tag in ("v", "t"):
            self._value += "".join(self._pieces)
            self.parser.CharacterDataHandler = None
        elif tag == "c":
            if self._value or self._formula is not None:
                self._put()
        elif tag == "f":
            self._formula = "".join(self._pieces)
            self.parser.CharacterDataHandler = None
        elif tag == "row" and self._cells:
            self._done.append(Row(self._row_no, self._cells, tuple(self._marks)))
            self._cells, self._marks = [], []

    def _put(self) -> None:
        column = self._column
        text, mark = self._text()
        if not text:
            return
        if self._formula is not None:
            mark = Mark.FORMULA if self._value else Mark.FORMULA_TEXT
        if column >= self._limit:
            raise BadInput(
                code="too_many_columns",
                zh=f"第 {self._row_no} 行超过 {self._limit} 列，不像表格。",
                en=f"Row {self._row_no} has more than {self._limit} columns: this is no table.",
                place=self._place,
            )
        cells = self._cells
        while len(cells) < column:
            cells.append("")
        if len(cells) == column:
            cells.append(text)
        else:
            cells[column] = text
        if mark is not None:
            self._marks.append((column, mark))

    def _text(self) -> tuple[str, Mark | None]:
        value, kind = self._value, self._kind
        if kind == "s":
            try:
                value = self._strings[int(value)]
            except (ValueError, IndexError) as error:
                raise damaged(self._place) from error
        elif not value:
            value = "=" + self._formula if self._formula else ""
        elif kind == "n":
            return self._number(value)
        elif kind == "b":
            value = "TRUE" if value == "1" else "FALSE"
        elif kind == "d":
            value = value.replace("T00:00:00", "").replace("T", " ").removesuffix("Z")
        return value, (Mark.CELL_ERROR if kind == "e" else None)

    def _number(self, value: str) -> tuple[str, Mark | None]:
        if self._style in self._dates:
            try:
                shown = date_text(float(value), since_1904=self._since_1904)
            except ValueError:
                shown = ""
            if shown:
                return shown, None
        if value.isdigit() and len(value) <= SAFE_DIGITS:
            return value, None
        return number_text(value)


def number_text(value: str) -> tuple[str, Mark | None]:
    """A number as people would have typed it: no ".0", no exponent, no noise in the 16th digit; marked where it
    had more digits than a spreadsheet keeps."""
    try:
        number = float(value)
    except ValueError:
        return value, None
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 -- NaN
        return value, None
    if abs(number) >= 10**SAFE_DIGITS:
        return (_long_number(number) if abs(number) < 1e21 else value), Mark.PRECISION_LOST
    if number.is_integer():
        return str(int(number)), None
    return f"{number:.15g}", None


def _long_number(number: float) -> str:
    """A whole number of more than fifteen digits, with zeros where a spreadsheet had put zeros."""
    exact = int(number)
    unit = 10 ** (len(str(abs(exact))) - SAFE_DIGITS)
    zeroed = round(exact / unit) * unit
    return str(zeroed if abs(exact - zeroed) <= math.ulp(number) / 2 else exact)
