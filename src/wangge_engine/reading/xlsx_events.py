"""Any worksheet that is XML, by the events of a parser: sure, and some three times slower than the plain way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.reading.rows import Mark, Row
from wangge_engine.reading.xlsx_cells import CellReader
from wangge_engine.reading.xlsx_parts import PIECE, Attributes, column_index, parser_for, plain
from wangge_engine.reading.zipped import damaged


def rows_by_events(stream: IO[bytes], cells: CellReader, place: str, limit: int) -> Iterator[Row]:
    """All rows that hold a cell. Raises Refused when the stream is no XML or a row is too wide."""
    reader = _RowReader(cells, place, limit)
    try:
        while piece := stream.read(PIECE):
            reader.parser.Parse(piece, False)
            yield from reader.take()
        reader.parser.Parse(b"", True)
        yield from reader.take()
    except expat.ExpatError as error:
        raise damaged(place) from error


def put(row: list[str], column: int, text: str) -> None:
    """Put a cell's text at its column, with empty cells before it where some were left out."""
    while len(row) < column:
        row.append("")
    if len(row) == column:
        row.append(text)
    else:
        row[column] = text


def too_wide(row_no: int, limit: int, place: str) -> Refused:
    return refuse(
        code="too_many_columns",
        zh=f"第 {row_no} 行超过 {limit} 列，不像表格。",
        en=f"Row {row_no} has more than {limit} columns: this is no table.",
        place=place,
    )


class _RowReader:
    """Turns the events of a sheet's XML into rows."""

    def __init__(self, cells: CellReader, place: str, limit: int) -> None:
        self._reader = cells
        self._columns: dict[str, int] = {}
        self._limit = limit
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
        self._phonetic = False
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
            if not self._phonetic:
                self.parser.CharacterDataHandler = self._pieces.append
        elif tag == "row":
            self._row_no = int(attributes.get("r", self._row_no + 1))
            self._column = -1
        elif tag == "rPh":  # a phonetic guide is no text of the cell
            self._phonetic = True

    def _end(self, name: str) -> None:
        tag = self._tags[name]
        if tag == "rPh":
            self._phonetic = False
        elif tag in ("v", "t"):
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
        text, mark = self._reader.read(self._kind, self._style, self._value, self._formula)
        if not text:
            return
        if self._column >= self._limit:
            raise too_wide(self._row_no, self._limit, self._place)
        put(self._cells, self._column, text)
        if mark is not None:
            self._marks.append((self._column, mark))
