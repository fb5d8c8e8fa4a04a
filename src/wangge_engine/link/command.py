"""``wangge engine link``: many tables in, one entity per person out."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.plots import plot_argument, require_known_picture
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.batch import BatchRequest, add_batch, keep_added, report_of
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.intake import parse_inputs
from wangge_engine.link.kept import Base, forget_old_state
from wangge_engine.link.outputs import write_outputs
from wangge_engine.link.pipeline import THRESHOLD, Request, link
from wangge_engine.link.schema import read_schema
from wangge_engine.link.spark import Spark
from wangge_engine.link.whole import write_added


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a source and its file; may be repeated; required without --base",
    )
    parser.add_argument(
        "--schema",
        help="person-zh (used when none is named), person, organisation, encoded, or a TOML file;"
        " a base's own is kept",
    )
    parser.add_argument(
        "--mode", choices=("all", "between"), help="between: no matches inside a file; a base's own is kept"
    )
    parser.add_argument(
        "--decisions",
        type=Path,
        metavar="FILE",
        help="record_a, record_b, decision, by; with --base they are added to the earlier ones",
    )
    parser.add_argument("--truth", type=Path, metavar="FILE", help="record_id, entity_id[, source]")
    parser.add_argument(
        "--threshold",
        type=float,
        help=f"probability from which a pair is a link ({THRESHOLD}, or the base's own)",
    )
    parser.add_argument(
        "--no-namesakes",
        action="store_true",
        help="join nobody on a rare name alone; else two of a name are one where it is 85 %% likely, within a bound",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="counts, stage seconds, memory, the model"
    )
    parser.add_argument(
        "--format", choices=("csv", "parquet"), default="csv", dest="form", help="of the tables"
    )
    parser.add_argument(
        "--engine", choices=("duckdb", "spark"), default="duckdb", help="spark: finds and scores the pairs"
    )
    parser.add_argument(
        "--master",
        default="local[*]",
        metavar="URL",
        help="with --engine spark: of the cluster; its workers must see the folder of --out",
    )
    parser.add_argument("--base", type=Path, metavar="DIR", help="an earlier output to add the inputs to")
    parser.add_argument(
        "--resent",
        action="append",
        default=[],
        metavar="NAME",
        help="with --base: this input is the whole source again, and what it lacks has left",
    )
    parser.add_argument(
        "--changes-only",
        action="store_true",
        help="with --base: write changed and renamed, not the whole tables",
    )
    parser.add_argument(
        "--no-base",
        action="store_true",
        help="do not keep what --base needs (0.7 GB for a million records)",
    )
    plot_argument(parser, "the weights of all pairs, what a link is made of and, with truth, each group")
    parser.add_argument("--memory", default="3GB", help="limit for the database; it spills to disk beyond it")


def run(args: Namespace) -> dict[str, Any]:
    if args.engine == "spark" and args.base is not None:
        raise refuse(
            "no_batch_on_spark",
            "增量不需要 Spark：请去掉 --engine spark",
            "a batch needs no Spark: leave out --engine spark",
            "--engine",
        )
    if args.plot is not None and args.base is not None:
        raise refuse(
            "no_picture_of_a_batch",
            "图只画整次联接：增量时请去掉 --plot",
            "the picture is of a whole linkage: leave out --plot with --base",
            "--plot",
        )
    if not 0 < (THRESHOLD if args.threshold is None else args.threshold) < 1:
        raise refuse(
            "bad_threshold", "阈值应在 0 与 1 之间", "the threshold lies between 0 and 1", "--threshold"
        )
    require_known_picture(args.plot)
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    with Outputs(args.out) as out:
        con = connect(memory_limit=args.memory, temp=out.path("spill"))
        try:
            work = _link_anew if args.base is None else _add
            report = work(args, con, out.aside, rejects, stages)
            if args.plot is not None:
                from wangge_engine.link.drawing import draw_linkage

                draw_linkage(out.elsewhere(args.plot), con, report, args.threshold or THRESHOLD)
        finally:
            con.close()
        rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
        report["stages"] = stages.report()
        report["peak_memory_mb"] = peak_memory_mb()
        if args.report:
            out.elsewhere(args.report).write_text(
                json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
    if not args.no_base:
        forget_old_state(args.out)
    return report


def _link_anew(
    args: Namespace, con: duckdb.DuckDBPyConnection, folder: Path, rejects: Rejects, stages: Stages
) -> dict[str, Any]:
    schema = read_schema(args.schema or "person-zh")
    inputs = parse_inputs(args.input)
    if args.resent or args.changes_only:
        raise refuse(
            "needs_base", "--resent 与 --changes-only 要同 --base 一起用", "needs --base", "--resent"
        )
    if args.mode == "between" and len(inputs) < 2:
        raise refuse(
            "one_input", "--mode between 需要至少两个输入", "--mode between needs at least two inputs"
        )
    request = Request(
        inputs=inputs,
        schema=schema,
        between=args.mode == "between",
        decisions=args.decisions,
        truth=args.truth,
        strict=args.strict,
        threshold=args.threshold or THRESHOLD,
        namesakes=not args.no_namesakes,
        keep=None if args.no_base else folder,
        spark=Spark(folder.resolve(), args.master) if args.engine == "spark" else None,
    )
    report = link(con, request, rejects, stages)
    with stages.stage("write"):
        report["tables"] = write_outputs(con, folder, args.form, records=False)
    return report


def _add(
    args: Namespace, con: duckdb.DuckDBPyConnection, folder: Path, rejects: Rejects, stages: Stages
) -> dict[str, Any]:
    base = Base(args.base)
    _refuse_another_base(args, base)
    request = BatchRequest(
        inputs=parse_inputs(args.input) if args.input else (),
        resent=tuple(args.resent),
        decisions=args.decisions,
        strict=args.strict,
    )
    added = add_batch(con, base, request, rejects, stages)
    with stages.stage("write"):
        tables = write_added(con, added, folder, args.form, whole=not args.changes_only)
    if not args.no_base:
        with stages.stage("keep"):
            keep_added(con, added, folder)
    report = report_of(added, rejects)
    report["tables"] = tables
    if args.truth is not None:
        with stages.stage("evaluate"):
            con.execute(
                "CREATE OR REPLACE TABLE records AS SELECT uid, source, record_id FROM names WHERE alive"
            )
            con.execute(
                "CREATE OR REPLACE TABLE entity_of AS SELECT uid, row AS entity FROM names WHERE alive"
            )
            report["truth"] = evaluate(con, args.truth)
    return report


def _refuse_another_base(args: Namespace, base: Base) -> None:
    """The base's model, mode and threshold hold; a wish for others is refused, because they are in every link."""
    asked = {
        "--schema": (args.schema and read_schema(args.schema).name, base.meta["schema"]["name"]),
        "--mode": (args.mode and args.mode == "between", base.between),
        "--threshold": (args.threshold, base.meta["threshold"]),
        "--no-namesakes": (args.no_namesakes or None, False),
    }
    for option, (wish, held) in asked.items():
        if wish is not None and wish != held:
            raise refuse(
                "base_differs",
                f"{option} 与原来的联接结果不同，请重新联接全部记录",
                f"{option} differs from the base's; link all records anew",
                option,
            )
    if not args.input and args.decisions is None:
        raise refuse("no_input", "没有输入，也没有决定", "neither inputs nor decisions", "--input")
