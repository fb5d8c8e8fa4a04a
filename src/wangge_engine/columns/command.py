"""``wangge engine columns``: a table in, a proposal of what each of its columns is out."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from wangge_engine.columns.headers import known_header
from wangge_engine.columns.proposals import Proposal, propose
from wangge_engine.columns.refusals import Refusal, refused_columns
from wangge_engine.columns.schemas import load_schema, schema_names
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.reading import Table, blocks, open_file, tables_of

SAMPLES = 400
FIELDS = ("sheet", "index", "header", "column", "confidence", "reason_zh", "reason_en")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input", type=Path, required=True, metavar="FILE", help="xlsx, xls or csv as it came"
    )
    parser.add_argument("--schema", default="person", choices=schema_names(), help="the canonical form")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="columns.csv is written there")


def run(args: Namespace) -> dict[str, Any]:
    """Propose, or refuse the table for a column that no import may bring (named, never quoted)."""
    try:
        with args.input.open("rb") as raw:
            tables = [t for t in tables_of(open_file(raw, args.input.name), known_header) if t.layout]
            found = [(table.name, proposal) for table in tables for proposal in _proposals(table, args)]
    except OSError as error:
        raise refuse(
            "no_such_file", "文件打不开", f"the file cannot be opened: {error}", str(args.input)
        ) from error
    if not found:
        raise refuse(
            "header_not_found", "没有找到带表头的数据表", "no table with a header was found", str(args.input)
        )
    with Outputs(args.out) as out, out.path("columns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(
            (sheet, p.index, p.header, p.column or "", p.confidence, p.reason_zh, p.reason_en)
            for sheet, p in found
        )
    named = [p for _, p in found if p.column]
    return {
        "schema": args.schema,
        "columns": len(found),
        "found": len(named),
        "mapping": {p.header: p.column for p in named},
    }


def _proposals(table: Table, args: Namespace) -> list[Proposal]:
    assert table.layout is not None
    headers = table.layout.headers
    block = next(blocks(table, SAMPLES), None)
    samples = block.columns if block else [() for _ in headers]
    if refused := refused_columns(headers, samples):
        raise refusal(refused, f"{args.input.name} / {table.name}")
    return propose(headers, samples, load_schema(args.schema))


def refusal(refused: list[Refusal], place: str) -> Refused:
    """The columns that stop a table, named and never quoted."""
    words = ", ".join(f'{r.index + 1} "{r.header}" ({r.zh} {r.en})' for r in refused)
    return refuse(
        f"column_refused_{refused[0].kind}",
        f"表中有不得收集的列：{words}",
        f"the table has columns that no import may bring: {words}",
        place,
    )
