"""``wangge engine rows``: a department's file in, canonical rows out, the others listed with their reasons."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from wangge_engine.columns import known_header, load_schema, propose, refused_columns, schema_names
from wangge_engine.columns.command import refusal
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.reading import Table, blocks, open_file, tables_of
from wangge_engine.rows.canonical import Reading
from wangge_engine.rows.dates import Order, find_order
from wangge_engine.rows.raw import raw_frame, raw_name
from wangge_engine.rows.reasons import REASONS, Reason
from wangge_engine.rows.validation import judge

SAMPLES = 400


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input", type=Path, required=True, metavar="FILE", help="xlsx, xls or csv as it came"
    )
    parser.add_argument("--schema", default="person", choices=schema_names(), help="the canonical form")
    parser.add_argument(
        "--column", action="append", default=[], metavar="HEADER=NAME", help="name a column yourself"
    )
    parser.add_argument(
        "--today", type=date.fromisoformat, help="the day dates are held against (default: today)"
    )
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", dest="form")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="rows.csv and columns.csv go there"
    )


@dataclass(slots=True)
class _Run:
    """What was read so far."""

    accepted: list[pl.DataFrame] = field(default_factory=list)
    mapping: list[tuple[Any, ...]] = field(default_factory=list)
    rows: int = 0


def run(args: Namespace) -> dict[str, Any]:
    """Read, match and judge a file by what is proposed, with the columns named on the command line put over it."""
    named = _named(args.column, args.schema)
    rejects, stages, done = Rejects(), Stages(quiet=args.quiet), _Run()
    with stages.stage("read"), _open(args.input) as raw:
        for table in tables_of(open_file(raw, args.input.name), known_header):
            if table.layout is not None:
                _take(table, args, named, rejects, done)
    if not done.accepted:
        raise refuse(
            "header_not_found", "没有找到带表头的数据表", "no table with a header was found", str(args.input)
        )
    if args.strict:
        rejects.require_none()
    frame = pl.concat(done.accepted)
    with stages.stage("write"), Outputs(args.out) as out:
        if args.form == "parquet":
            frame.write_parquet(out.path("rows.parquet"))
        else:
            numbers = pl.selectors.boolean().cast(pl.Int8)  # booleans are 0 and 1 in all our csv
            frame.with_columns(pl.col("flags").list.join(";"), numbers).write_csv(out.path("rows.csv"))
        with out.path("columns.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("sheet", "header", "column", "confidence", "reason_zh", "reason_en"))
            writer.writerows(done.mapping)
        rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
    flags = Counter(flag for flags in frame["flags"].drop_nulls().to_list() for flag in flags)
    return {
        "schema": args.schema,
        "rows": done.rows,
        "accepted": len(frame),
        "rejected": rejects.counts(),
        "flags": dict(sorted(flags.items())),
        "stages": stages.report(),
    }


def _open(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise refuse(
            "no_such_file", "文件打不开", f"the file cannot be opened: {error}", str(path)
        ) from error


def _named(given: Sequence[str], schema_name: str) -> dict[str, str | None]:
    named: dict[str, str | None] = {}
    for text in given:
        header, mark, name = text.rpartition("=")
        if not mark or (name and name not in load_schema(schema_name).column_names):
            raise refuse("bad_column", "列的写法应为 表头=标准列", "write a column as HEADER=NAME", text)
        named[header] = name or None
    return named


def _take(
    table: Table, args: Namespace, named: Mapping[str, str | None], rejects: Rejects, done: _Run
) -> None:
    assert table.layout is not None
    headers = table.layout.headers
    frames = [raw_frame(block) for block in blocks(table)]
    samples = [_sample(frames, index) for index in range(len(headers))]
    if refused := refused_columns(headers, samples):
        raise refusal(refused, f"{args.input.name} / {table.name}")
    columns: dict[str, tuple[int, ...]] = {}
    orders: dict[str, Order] = {}
    for proposal in propose(headers, samples, load_schema(args.schema)):
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
    today = args.today or date.today()  # noqa: DTZ011 -- a file has no zone
    reading = Reading(load_schema(args.schema), headers, columns, today, table.sheet_no, orders)
    for frame in frames:
        verdict = judge(frame, reading)
        done.rows += len(frame)
        done.accepted.append(verdict.accepted)
        for aside in verdict.quarantined:
            for told in aside.reasons:
                code, _, column = told.partition(":")
                said = REASONS[Reason(code)]
                place = f"{args.input.name} / {table.name}"
                rejects.add(Reject(place, aside.row_no, column, code, said.zh, said.en))


def _sample(frames: Sequence[pl.DataFrame], index: int) -> list[str]:
    cells: list[str] = []
    for frame in frames:
        step = max(1, len(frame) // SAMPLES)
        cells += [cell for cell in frame.gather_every(step)[raw_name(index)].to_list() if cell]
    return cells[:: max(1, len(cells) // SAMPLES)]
