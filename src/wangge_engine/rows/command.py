"""``wangge engine rows``: a department's file in, canonical rows out, the others listed with their reasons."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from wangge_engine.columns import load_schema, schema_names
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.rows.plain_files import judge_file
from wangge_engine.rows.reasons import REASONS, Reason


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


def run(args: Namespace) -> dict[str, Any]:
    """Read, match and judge a file by what is proposed, with the columns named on the command line put over it."""
    named = _named(args.column, args.schema)
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    today = args.today or date.today()  # noqa: DTZ011 -- a file has no zone
    with stages.stage("read"):
        done = judge_file(args.input, args.schema, named, today)
    for sheet, aside in done.aside:
        for told in aside.reasons:
            code, _, column = told.partition(":")
            said = REASONS[Reason(code)]
            rejects.add(Reject(f"{args.input.name} / {sheet}", aside.row_no, column, code, said.zh, said.en))
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


def _named(given: Sequence[str], schema_name: str) -> dict[str, str | None]:
    named: dict[str, str | None] = {}
    for text in given:
        header, mark, name = text.rpartition("=")
        if not mark or (name and name not in load_schema(schema_name).column_names):
            raise refuse("bad_column", "列的写法应为 表头=标准列", "write a column as HEADER=NAME", text)
        named[header] = name or None
    return named
