"""A plain file read and judged in one go, by the columns that are proposed: for commands, without the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from wangge_engine.columns import known_header, load_schema, propose, refused_columns
from wangge_engine.columns.command import refusal
from wangge_engine.frame.problems import refuse
from wangge_engine.reading import Table, blocks, open_file, tables_of
from wangge_engine.rows.canonical import Reading
from wangge_engine.rows.dates import Order, find_order
from wangge_engine.rows.raw import raw_frame, raw_name
from wangge_engine.rows.validation import Quarantined, judge

SAMPLES = 400


@dataclass(slots=True)
class JudgedFile:
    """What a file held. `mapping`: sheet, header, column, confidence and reason of each column; `columns`: the
    canonical columns it has."""

    accepted: list[pl.DataFrame] = field(default_factory=list)
    aside: list[tuple[str, Quarantined]] = field(default_factory=list)
    mapping: list[tuple[Any, ...]] = field(default_factory=list)
    rows: int = 0

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(entry[2] for entry in self.mapping if entry[2])


def judge_file(path: Path, schema: str, named: Mapping[str, str | None], today: date) -> JudgedFile:
    """Read all tables of a file and judge their rows; `named` (header -> column, None for none) goes over what is
    proposed. Refuses a file without a table, and one with a column that may not be held."""
    done = JudgedFile()
    with _open(path) as raw:
        for table in tables_of(open_file(raw, path.name), known_header):
            if table.layout is not None:
                _take(table, path, schema, named=named, today=today, done=done)
    if not done.accepted:
        raise refuse(
            "header_not_found", "没有找到带表头的数据表", "no table with a header was found", str(path)
        )
    return done


def _open(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise refuse(
            "no_such_file", "文件打不开", f"the file cannot be opened: {error}", str(path)
        ) from error


def _take(
    table: Table, path: Path, form: str, *, named: Mapping[str, str | None], today: date, done: JudgedFile
) -> None:
    assert table.layout is not None
    headers, schema = table.layout.headers, load_schema(form)
    frames = [raw_frame(block) for block in blocks(table)]
    samples = [_sample(frames, index) for index in range(len(headers))]
    if refused := refused_columns(headers, samples):
        raise refusal(refused, f"{path.name} / {table.name}")
    columns: dict[str, tuple[int, ...]] = {}
    orders: dict[str, Order] = {}
    for proposal in propose(headers, samples, schema):
        name = named.get(proposal.header, proposal.column)
        done.mapping.append(
            (
                table.name,
                proposal.header,
                name or "",
                proposal.confidence,
                proposal.reason_zh,
                proposal.reason_en,
            )
        )
        if name:
            columns[name] = (*columns.get(name, ()), proposal.index)
            if order := find_order(samples[proposal.index]):
                orders[name] = order
    reading = Reading(schema, headers, columns, today, table.sheet_no, orders)
    for frame in frames:
        verdict = judge(frame, reading)
        done.rows += len(frame)
        done.accepted.append(verdict.accepted)
        done.aside += [(table.name, row) for row in verdict.quarantined]


def _sample(frames: Sequence[pl.DataFrame], index: int) -> list[str]:
    cells: list[str] = []
    for frame in frames:
        step = max(1, len(frame) // SAMPLES)
        cells += [cell for cell in frame.gather_every(step)[raw_name(index)].to_list() if cell]
    return cells[:: max(1, len(cells) // SAMPLES)]
