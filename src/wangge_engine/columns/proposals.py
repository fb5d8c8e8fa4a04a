"""The proposal: which source column holds which canonical value, how surely, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wangge_engine.columns.detectors import ALONE, share, tidy
from wangge_engine.columns.headers import EXCLUDED, header_likeness, known_header, normal_header
from wangge_engine.columns.schemas import Column, Schema

KEEP = 0.45  # below this nothing is proposed: a wrong proposal costs the reader more than an empty one
NAMED = 0.9  # the header is one of the column's own names
_WEAK_KINDS = frozenset(("code", "text", "count", "carriage", "seat", "age", "flag", "presence"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one source column is taken to be. `column` is None when nothing fits: it is not taken over."""

    index: int
    header: str
    column: str | None
    confidence: float
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class _Score:
    value: float
    likeness: float
    cells: float
    alias: str


def _score(header: str, cells: Sequence[str], column: Column) -> _Score:
    likeness, alias = header_likeness(header, column)
    if likeness == EXCLUDED or not (likeness or column.by_cells):
        return _Score(0.0, 0.0, 0.0, "")
    seen = share(column.kind, cells, named=likeness >= NAMED)
    if not likeness:
        contradicted = 0.75 if known_header(header) else 1.0
        return _Score(
            ALONE.get(column.kind, 0.0) * seen * contradicted if seen >= 0.6 else 0.0, 0.0, seen, ""
        )
    if not cells or column.kind in _WEAK_KINDS:
        return _Score(likeness * 0.95, likeness, seen, alias)
    if column.multiple and likeness >= NAMED:  # parts of an address look like nothing by themselves
        return _Score(likeness * max(0.9, 0.45 + 0.54 * seen), likeness, seen, alias)
    return _Score(likeness * (0.45 + 0.54 * min(1.0, seen * 1.3)), likeness, seen, alias)


def _reasons(score: _Score, column: Column, filled: int) -> tuple[str, str]:
    percent = f"{score.cells:.0%}"
    if score.likeness >= NAMED:
        said = (f"表头即“{column.zh}”的常用名“{score.alias}”", f'header is a usual name of "{column.en}"')
    elif score.likeness:
        said = (f"表头含“{score.alias}”", f'header contains "{score.alias}"')
    else:
        said = ("表头未指明此列", "header does not name it")
    if not filled:
        seen = ("无样本值", "no sample values")
    elif column.kind in _WEAK_KINDS and score.likeness:
        seen = ("内容未参与判断", "cells were not consulted")
    else:
        seen = (f"{percent} 的样本值符合“{column.zh}”", f'{percent} of the samples look like "{column.en}"')
    return f"{said[0]}；{seen[0]}。", f"{said[1]}; {seen[1]}."


def propose(headers: Sequence[str], samples: Sequence[Sequence[str]], schema: Schema) -> list[Proposal]:
    """One proposal per source column, in order. `samples` holds one sequence of cells per column.

    The surest pair is settled first; a canonical column is given once, unless it may be joined from several.
    """
    tidied = [tidy(samples[index]) if index < len(samples) else [] for index in range(len(headers))]
    ranked = sorted(
        (
            (score.value, -index, -order, index, column, score)
            for index, header in enumerate(headers)
            for order, column in enumerate(schema.columns)
            if (score := _score(header, tidied[index], column)).value >= KEEP
        ),
        key=lambda entry: entry[:3],
        reverse=True,
    )
    given: dict[int, tuple[Column, _Score]] = {}
    taken: set[str] = set()
    for _, _, _, index, column, score in ranked:
        joins = column.multiple and score.likeness >= NAMED
        if index in given or (column.name in taken and not joins):
            continue
        given[index] = (column, score)
        taken.add(column.name)
    return [
        _proposal(index, header, given.get(index), len(tidied[index])) for index, header in enumerate(headers)
    ]


def _proposal(index: int, header: str, given: tuple[Column, _Score] | None, filled: int) -> Proposal:
    if given is None:
        empty = not filled and not normal_header(header)
        zh = "空列。" if empty else "没有对应的标准列，不导入。"
        en = "Empty column." if empty else "No canonical column fits; it is not taken over."
        return Proposal(index, header, None, 0.0, zh, en)
    column, score = given
    zh, en = _reasons(score, column, filled)
    return Proposal(index, header, column.name, round(min(score.value, 0.99), 2), zh, en)
