"""csv and its kin: streamed, whatever the encoding, with records that span lines and quotes that never close."""

from __future__ import annotations

import codecs
import csv
from collections import Counter, deque
from collections.abc import Iterator
from typing import BinaryIO

from wangge_engine.frame.problems import refuse
from wangge_engine.reading.encodings import CHUNK, detect_encoding
from wangge_engine.reading.rows import Limits, Mark, Merge, Row

DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE_LINES = 30
_STRAY = ((0, Mark.STRAY_QUOTE),)


class DelimitedSheet:
    """The one sheet of a text file."""

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.name = name
        self.encoding = detect_encoding(file, name)
        self.delimiter, self._width = self._find_delimiter()
        self._record = _Record()
        self._reader = csv.reader(self._record, delimiter=self.delimiter)

    def merges(self) -> tuple[Merge, ...]:
        return ()

    def rows(self) -> Iterator[Row]:
        """All records from the top, blank ones too. Raises Refused for a line longer than the limit."""
        lines = _Lines(self._lines())
        number = 0
        while (line := lines.take()) is not None:
            number += 1
            if '"' not in line:
                yield Row(number, self._split(line))
                continue
            waiting = self._quoted(line, lines)
            cells = self._parse(waiting)
            if cells is None:
                lines.give_back(waiting[1:])
                yield Row(number, self._split(waiting[0]), _STRAY)
            else:
                yield Row(number, cells)

    def _split(self, line: str) -> list[str]:
        return line.rstrip("\n").split(self.delimiter)

    def _quoted(self, line: str, lines: _Lines) -> list[str]:
        """The line and those after it until its quotes close, or until that is hopeless."""
        waiting = [line]
        quotes = line.count('"')
        while quotes % 2 and len(waiting) <= self._limits.quoted_lines:
            following = lines.take()
            if following is None:
                break
            waiting.append(following)
            quotes += following.count('"')
        return waiting

    def _parse(self, waiting: list[str]) -> list[str] | None:
        """The cells of a record, or None where its quotes do not make one (they are then plain characters)."""
        text = "".join(waiting)
        if text.count('"') % 2:
            return None
        try:
            self._record.text = text
            cells: list[str] = next(self._reader, [])
        except csv.Error:
            return None
        swallowed = len(waiting) > 1 and len(cells) != self._width
        return None if swallowed and len(self._split(waiting[0])) == self._width else cells

    def _lines(self) -> Iterator[str]:
        """Lines ending in LF; CR LF and lone CR end one too."""
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="strict")
        self._file.seek(0)
        rest = ""
        while True:
            piece = self._file.read(CHUNK)
            text = rest + decoder.decode(piece, not piece)
            held = "\r" if piece and text.endswith("\r") else ""
            if "\r" in text:
                text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
            lines = text.split("\n")
            rest = lines.pop() + held
            if len(rest) > self._limits.cell_characters * 8:
                raise refuse(
                    code="line_too_long",
                    zh=f"有一行超过 {len(rest)} 个字符，不像表格。",
                    en=f"A line has more than {len(rest)} characters: this is no table.",
                    place=self.name,
                )
            for line in lines:
                yield line + "\n"
            if not piece:
                break
        if rest:
            yield rest

    def _find_delimiter(self) -> tuple[str, int]:
        """The mark that splits the first lines into the most columns, the same number in most lines."""
        lines = [line for line, _ in zip(self._lines(), range(_SAMPLE_LINES), strict=False) if line.strip()]
        best, best_width, best_score = ",", 1, 0.0
        for mark in DELIMITERS:
            counts = Counter(len(_cells(line, mark)) for line in lines)
            width, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
            score = times * (width - 1) ** 0.5
            if width > 1 and score > best_score:
                best, best_width, best_score = mark, width, score
        return best, best_width


class _Record:
    """Gives one record at a time to a csv reader that is kept, because making one costs more than a row."""

    def __init__(self) -> None:
        self.text: str | None = None

    def __iter__(self) -> _Record:
        return self

    def __next__(self) -> str:
        text, self.text = self.text, None
        if text is None:
            raise StopIteration
        return text


class _Lines:
    """Lines that can be given back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._returned: deque[str] = deque()

    def take(self) -> str | None:
        return self._returned.popleft() if self._returned else next(self._source, None)

    def give_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return line.split(mark)
