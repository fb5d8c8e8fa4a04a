"""Columns that no import may bring: ethnicity, religion, politics, biometrics - named or disguised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from wangge_engine.columns.headers import SEGMENT, normal_header
from wangge_engine.columns.schemas import REFUSED, read_contract

_SPLIT = re.compile(r"[\s,，;；、/|·()（）]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One column that stops the import. `index` counts from 0; `by` is "header" or "cells".

    It carries the header but never a cell: the column is not kept, nor quoted.
    """

    index: int
    header: str
    kind: str
    zh: str
    en: str
    by: str


@dataclass(frozen=True, slots=True)
class _Ban:
    kind: str
    zh: str
    en: str
    headers: frozenset[str]
    contains: tuple[str, ...]
    values: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    share: float
    cells: int

    def names(self, header: str) -> bool:
        full = normal_header(header)
        lines = {full, *(normal_header(line) for line in header.split(SEGMENT))}
        bare = re.sub(r"[(（\[【].*?[)）\]】]", "", header)
        return bool((lines | {normal_header(bare)}) & self.headers) or any(
            word in full for word in self.contains
        )

    def said_by(self, cells: Sequence[str]) -> bool:
        """Whether enough of these non-empty cells say a refused value.

        One-character names (回, 满, 白) are words of their own too: they count only beside a full one.
        """
        whole = single = 0
        for cell in cells:
            if self.patterns and any(pattern.search(cell) for pattern in self.patterns):
                whole += 1
                continue
            words = _SPLIT.split(unicodedata.normalize("NFKC", cell)) if self.values else []
            hits = [word for word in words if word in self.values]
            if any(len(word) > 1 or word == "汉" for word in hits):
                whole += 1
            elif hits:
                single += 1
        said = whole + single if whole else 0
        return said >= self.cells and said >= self.share * len(cells)


@cache
def _bans() -> tuple[_Ban, ...]:
    return tuple(
        _Ban(
            kind=kind,
            zh=entry["zh"],
            en=entry["en"],
            headers=frozenset(normal_header(header) for header in entry["headers"]),
            contains=tuple(normal_header(word) for word in entry["contains"]),
            values=frozenset(entry.get("values", ())),
            patterns=tuple(re.compile(pattern) for pattern in entry.get("patterns", ())),
            share=entry["share"],
            cells=entry["cells"],
        )
        for kind, entry in read_contract(REFUSED).items()
    )


def refuse_by_header(index: int, header: str) -> Refusal | None:
    """The refusal of a column for its header, if it earns one."""
    for ban in _bans():
        if header and ban.names(header):
            return Refusal(index, header, ban.kind, ban.zh, ban.en, "header")
    return None


def refuse_by_cells(index: int, header: str, cells: Sequence[str]) -> Refusal | None:
    """The refusal of a column for what its cells say, if it earns one. Empty cells are left out by us."""
    filled = [cell for cell in cells if cell and not cell.isspace()]
    for ban in _bans():
        if filled and ban.said_by(filled):
            return Refusal(index, header, ban.kind, ban.zh, ban.en, "cells")
    return None


def refused_columns(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> list[Refusal]:
    """All columns to be refused, by header or by cells; `samples` holds one sequence of cells per column."""
    found = []
    for index, header in enumerate(headers):
        cells = samples[index] if index < len(samples) else ()
        refusal = refuse_by_header(index, header) or refuse_by_cells(index, header, cells)
        if refusal is not None:
            found.append(refusal)
    return found
