"""``wangge engine link``: many tables in, one entity per person out."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import parse_inputs
from wangge_engine.link.outputs import write_outputs
from wangge_engine.link.pipeline import THRESHOLD, Request, link
from wangge_engine.link.schema import read_schema


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="NAME=FILE",
        help="a source and its file; may be repeated",
    )
    parser.add_argument(
        "--schema", default="person-zh", help="person-zh, person, organisation, or a TOML file"
    )
    parser.add_argument(
        "--mode", choices=("all", "between"), default="all", help="between: no matches inside a file"
    )
    parser.add_argument("--decisions", type=Path, metavar="FILE", help="record_a, record_b, decision, by")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="record_id, entity_id[, source]")
    parser.add_argument(
        "--threshold", type=float, default=THRESHOLD, help="probability from which a pair is a link"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="counts, stage seconds, memory, the model"
    )
    parser.add_argument(
        "--format", choices=("csv", "parquet"), default="csv", dest="form", help="of the tables"
    )
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="spark: not yet")
    parser.add_argument("--base", type=Path, metavar="DIR", help="an earlier output to add to (not yet)")
    parser.add_argument("--memory", default="3GB", help="limit for the database; it spills to disk beyond it")


def run(args: Namespace) -> dict[str, Any]:
    _refuse_what_is_not_built(args)
    if not 0 < args.threshold < 1:
        raise refuse(
            "bad_threshold", "阈值应在 0 与 1 之间", "the threshold lies between 0 and 1", "--threshold"
        )
    schema = read_schema(args.schema)
    inputs = parse_inputs(args.input)
    if args.mode == "between" and len(inputs) < 2:
        raise refuse(
            "one_input", "--mode between 需要至少两个输入", "--mode between needs at least two inputs"
        )
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    with Outputs(args.out) as out:
        con = connect(memory_limit=args.memory, temp=out.path("spill"))
        request = Request(
            inputs=inputs,
            schema=schema,
            between=args.mode == "between",
            decisions=args.decisions,
            truth=args.truth,
            strict=args.strict,
            threshold=args.threshold,
        )
        report = link(con, request, rejects, stages)
        with stages.stage("write"):
            report["tables"] = write_outputs(con, out.aside, args.form, records=False)
        con.close()
        rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
        report["stages"] = stages.report()
        if args.report:
            out.elsewhere(args.report).write_text(
                json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
    return report


def _refuse_what_is_not_built(args: Namespace) -> None:
    if args.engine == "spark":
        raise refuse("not_yet", "Spark 尚未实现，请用 --engine duckdb", "Spark is not built yet", "--engine")
    if args.base is not None:
        raise refuse("not_yet", "增量联接尚未实现", "adding to an earlier output is not built yet", "--base")
