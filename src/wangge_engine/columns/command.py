"""``wangge engine columns``: a table in, a proposal of what each of its columns is out."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from wangge_engine.columns.proposals import propose
from wangge_engine.columns.refusals import refused_columns
from wangge_engine.columns.schemas import load_schema, schema_names
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import connect, load_text, quote

SAMPLES = 400
FIELDS = ("index", "header", "column", "confidence", "reason_zh", "reason_en")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input", type=Path, required=True, metavar="FILE", help="csv (UTF-8), Parquet or xlsx"
    )
    parser.add_argument("--schema", default="person", choices=schema_names(), help="the canonical form")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="columns.csv is written there")


def run(args: Namespace) -> dict[str, Any]:
    """Propose, or refuse the table for a column that no import may bring (named, never quoted)."""
    con = connect()
    try:
        headers = load_text(con, args.input, "input")
        samples = [_sample(con, header) for header in headers]
    finally:
        con.close()
    refused = refused_columns(headers, samples)
    if refused:
        named = ", ".join(f'{r.index + 1} "{r.header}" ({r.zh} {r.en})' for r in refused)
        raise refuse(
            f"column_refused_{refused[0].kind}",
            f"表中有不得收集的列：{named}",
            f"the table has columns that no import may bring: {named}",
            str(args.input),
        )
    proposals = propose(headers, samples, load_schema(args.schema))
    with Outputs(args.out) as out, out.path("columns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(
            (p.index, p.header, p.column or "", p.confidence, p.reason_zh, p.reason_en) for p in proposals
        )
    found = [p for p in proposals if p.column]
    return {
        "schema": args.schema,
        "columns": len(headers),
        "found": len(found),
        "mapping": {p.header: p.column for p in found},
    }


def _sample(con: Any, header: str) -> list[str]:
    name = quote(header)
    rows = con.execute(f"SELECT {name} FROM input WHERE {name} IS NOT NULL LIMIT {SAMPLES}").fetchall()
    return [row[0] for row in rows]
