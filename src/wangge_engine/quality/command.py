"""``wangge engine quality``: departments' files in, how good each is out, with the rows each figure opens to."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from wangge_engine.columns import schema_names
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import connect, load_text, write
from wangge_engine.link.intake import parse_inputs
from wangge_engine.quality.formulas import book
from wangge_engine.quality.measuring import MEASURES, PLACES, Delivery, empty_tables, measure
from wangge_engine.rows.plain_files import JudgedFile, judge_file
from wangge_engine.rows.reasons import REASONS, Reason


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="NAME=FILE",
        help="a source and its file (xlsx, xls or csv as it came); may be repeated",
    )
    parser.add_argument(
        "--schema", default="person", choices=sorted(set(schema_names()) & set(book().expected))
    )
    parser.add_argument(
        "--as-of",
        action="append",
        default=[],
        metavar="NAME=DATE",
        help="the day a source speaks of (default: the day its file was changed)",
    )
    parser.add_argument(
        "--cycle",
        action="append",
        default=[],
        metavar="NAME=DAYS",
        help=f"after how many days a new one was promised (default: {book().unpromised_days})",
    )
    parser.add_argument(
        "--values", type=Path, metavar="FILE", help="`values` as golden writes it: conflict is counted then"
    )
    parser.add_argument(
        "--today", type=date.fromisoformat, metavar="DATE", help="ages count to it (default: today)"
    )
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", dest="form")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="measures and places are written there"
    )


def run(args: Namespace) -> dict[str, Any]:
    """Judge the files, count, write ``measures`` and ``places``."""
    inputs = parse_inputs(args.input)
    names = [item.source or item.path.stem for item in inputs]
    today = args.today or date.today()  # noqa: DTZ011 -- a file has no zone
    as_of = {name: _day(text) for name, text in _told(args.as_of, names, "--as-of").items()}
    cycles = {name: _days(text) for name, text in _told(args.cycle, names, "--cycle").items()}
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    with Outputs(args.out) as out:
        con = connect(temp=out.path("spill"))
        empty_tables(con)
        deliveries = []
        for name, item in zip(names, inputs, strict=True):
            with stages.stage(f"read {name}"):
                told = judge_file(item.path, args.schema, {}, today)
            day = as_of.get(name) or date.fromtimestamp(item.path.stat().st_mtime)  # noqa: DTZ012
            rows, repeated = _take_in(con, name, told)
            _list_aside(item.path.name, told, rejects)
            deliveries.append(
                Delivery(name, args.schema, rows, told.columns, day, cycles.get(name), repeated)
            )
        if args.strict:
            rejects.require_none()
        if args.values is not None:
            _compare(con, args.values)
        with stages.stage("measure"):
            found = measure(con, deliveries, today)
        write(con, MEASURES, out.path(f"measures.{args.form}"))
        write(con, PLACES, out.path(f"places.{args.form}"))
        rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
        shares = con.execute(
            "SELECT source, formula, round(counted / \"of\", 4) FROM measures WHERE item = '' ORDER BY ALL"
        ).fetchall()
        con.close()
    by_source: dict[str, dict[str, float]] = {}
    for source, formula, share in shares:
        by_source.setdefault(source, {})[formula] = share
    return {
        "analysis": "quality",
        "formulas": {formula.code: formula.version for formula in book().formulas},
        **found,
        "measures": by_source,
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }


def _told(given: Sequence[str], names: Sequence[str], option: str) -> dict[str, str]:
    told = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark or name not in names:
            raise refuse("unknown_source", f"没有来源“{name}”", f"no such source: {name}", option)
        told[name] = value
    return told


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refuse("bad_date", "日期写作 2026-11-22", "write a date as 2026-11-22", text) from error


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 3660:
        raise refuse("bad_cycle", "周期为 1 至 3660 天", "a cycle is 1 to 3660 days", text)
    return int(text)


def _take_in(con: duckdb.DuckDBPyConnection, name: str, told: JudgedFile) -> tuple[str, int]:
    """The rows of a source into a table of its own, word-for-word repetitions once; SQL for them, and how many were."""
    (tables,) = con.execute("SELECT count(*) FROM duckdb_tables()").fetchone() or (0,)
    whole = pl.concat(told.accepted)
    fresh = whole.unique("row_hash", keep="first", maintain_order=True)
    con.register("__frame", fresh.to_arrow())
    con.execute(f"CREATE TABLE told_{tables} AS FROM __frame")
    con.unregister("__frame")
    if told.aside:
        con.executemany(
            "INSERT INTO aside VALUES (?, ?, ?, '', ?)",
            [(name, row.sheet_no, row.row_no, row.reasons[0]) for _, row in told.aside],
        )
    return f"FROM told_{tables}", len(whole) - len(fresh)


def _list_aside(file: str, told: JudgedFile, rejects: Rejects) -> None:
    for sheet, row in told.aside:
        code, _, column = row.reasons[0].partition(":")
        said = REASONS[Reason(code)]
        rejects.add(Reject(f"{file} / {sheet}", row.row_no, column, code, said.zh, said.en))


def _compare(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Facts beside the golden record; a record that another file's number names is found by source and number."""
    columns = load_text(con, path, "value_file")
    wanted = {"source", "record_id", "field", "chosen"}
    if not wanted <= set(columns):
        raise refuse(
            "bad_values",
            "应有 source, record_id, field, chosen 列",
            "needs columns source, record_id, field, chosen",
            str(path),
        )
    con.execute(
        "INSERT INTO agreement SELECT source, NULL, NULL, record_id, field, bool_or(lower(chosen) IN ('true', '1'))"
        " FROM value_file GROUP BY ALL"
    )
