"""Worksheets as the usual programs write them, by one pattern a cell; anything else is left to the parser.

The pattern takes a row only when it accounts for every cell of it. A comment, a processing instruction, a prefix,
rich text, a shared formula, another encoding: `NotPlainError`, and the sheet is read by events from where this
reader stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import IO

from wangge_engine.reading.rows import Mark, Row
from wangge_engine.reading.xlsx_cells import CellReader
from wangge_engine.reading.xlsx_events import put, too_wide
from wangge_engine.reading.xlsx_parts import PIECE, column_index

_CELL = re.compile(
    r'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(\w+)")?'
    r"(?:/>|>(?:<f>([^<]*)</f>)?"
    r"(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)?</c>)"
)
_ROW_NO = re.compile(r'\sr="(\d+)"')
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_HEAD_AT_MOST = 1 << 20


class NotPlainError(Exception):
    """The sheet is not written the usual way."""


def plain_rows(stream: IO[bytes], cells: CellReader, place: str, limit: int) -> Iterator[Row]:
    """All rows that hold a cell, from the top. Raises NotPlainError at the first thing that is not usual."""
    rest = _after_head(stream)
    number = 0
    columns: dict[str, int] = {}
    while True:
        end = rest.rfind(_ROW_END)
        if end >= 0:
            body, rest = rest[: end + len(_ROW_END)], rest[end + len(_ROW_END) :]
            if b"<!" in body or b"<?" in body or b"\r" in body or _CLOSE in body:
                raise NotPlainError
            for segment in _decoded(body).split("</row>")[:-1]:
                row = _row(segment, number, columns, cells)
                number = row.no
                if len(row.cells) > limit:
                    raise too_wide(row.no, limit, place)
                if row.cells:
                    yield row
        if _CLOSE in rest:
            break
        piece = stream.read(PIECE)
        if not piece:
            raise NotPlainError
        rest += piece
    left = rest[: rest.index(_CLOSE)]
    if b"<c" in left or b"<!" in left:
        raise NotPlainError


def _after_head(stream: IO[bytes]) -> bytes:
    """What follows the opening of the rows; the head before it is looked at for what is not usual."""
    head = b""
    while _OPEN not in head:
        piece = stream.read(PIECE)
        if not piece or len(head) > _HEAD_AT_MOST:
            raise NotPlainError
        head += piece
    before, _, rest = head.partition(_OPEN)
    declared = before[:100].lower()
    if b"<!" in before or (b"encoding=" in declared and b"utf-8" not in declared):
        raise NotPlainError
    return rest


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error


def _row(segment: str, last: int, columns: dict[str, int], reader: CellReader) -> Row:
    at = segment.rfind("<row")
    close = segment.find(">", at)
    if at < 0 or close < 0 or "<c " in segment[:at]:
        raise NotPlainError
    told = _ROW_NO.search(segment, at, close + 1)
    number = int(told[1]) if told else last + 1
    found = _CELL.findall(segment, close + 1)
    if len(found) != segment.count("<c", close + 1):
        raise NotPlainError
    cells: list[str] = []
    marks: list[tuple[int, Mark]] = []
    for letters, style, kind, formula, value, inline in found:
        text = value or inline
        if not text and not formula:
            continue
        if "&" in text or "&" in formula:
            text, formula = unescape(text), unescape(formula)  # noqa: PLW2901
        text, mark = reader.read(kind or "n", int(style or 0), text, formula or None)
        if not text:
            continue
        column = columns.get(letters)
        if column is None:
            column = columns[letters] = column_index(letters)
        put(cells, column, text)
        if mark is not None:
            marks.append((column, mark))
    return Row(number, cells, tuple(marks))
