"""``wangge engine golden``: files and their clusters in, one record per person out, and what to ask whom."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import connect, load_text, write
from wangge_engine.golden.choosing import COPIES, DOUBTS, GOLDEN, SOURCES, VALUES, choose
from wangge_engine.golden.evaluate import evaluate
from wangge_engine.golden.parameters import FIELDS
from wangge_engine.link.intake import Input, load, parse_inputs
from wangge_engine.link.normalise_zh import normalise
from wangge_engine.link.schema import read_schema

DATED = ("as_of", "recorded_on", "登记日期", "采集日期", "更新日期")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="NAME=FILE",
        help="a source and its file; may be repeated",
    )
    parser.add_argument(
        "--clusters",
        type=Path,
        required=True,
        metavar="FILE",
        help="source, record_id, entity_id, as link writes them",
    )
    parser.add_argument(
        "--authority",
        type=Path,
        metavar="FILE",
        help="field, source, rank: 9 is believed first, 1 last, 5 unsaid",
    )
    parser.add_argument(
        "--verified",
        action="append",
        default=[],
        metavar="NAME",
        help="a source that saw the person (visits)",
    )
    parser.add_argument(
        "--dated", default="", metavar="COLUMN", help="date of a record (default: as_of or recorded_on)"
    )
    parser.add_argument(
        "--today", default="", metavar="DATE", help="ages count to it (default: latest date told)"
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="entity_id and the true values of some fields"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", dest="form")
    parser.add_argument("--memory", default="3GB", help="limit for the database; it spills to disk beyond it")


def run(args: Namespace) -> dict[str, Any]:
    """Read, choose, write golden, values, doubts, sources and copies; with a truth, say how many are right."""
    inputs = parse_inputs(args.input)
    named = {item.source or item.path.stem for item in inputs}
    unknown = sorted(set(args.verified) - named)
    if unknown:
        raise refuse(
            "unknown_source", f"没有来源 {unknown}", f"no such source: {', '.join(unknown)}", "--verified"
        )
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    with Outputs(args.out) as out:
        con = connect(memory_limit=args.memory, temp=out.path("spill"))
        with stages.stage("read"):
            rows = load(con, inputs, read_schema("person-zh"), rejects)
            _lineage(con, inputs, args.dated, args.verified)
            _authority(con, args.authority)
        with stages.stage("normalise"):
            normalise(con)
            _entities(con, args.clusters, rejects)
        if args.strict:
            rejects.require_none()
        with stages.stage("choose"):
            report = choose(con, args.today)
        if args.truth is not None:
            report["truth"] = evaluate(con, args.truth)
        with stages.stage("write"):
            for name, query in (
                ("golden", GOLDEN), ("values", VALUES), ("doubts", DOUBTS), ("sources", SOURCES), ("copies", COPIES)
            ):  # fmt: skip
                write(con, query, out.path(f"{name}.{args.form}"))
            rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
        con.close()
    return {
        "analysis": "golden",
        "rows": rows,
        **report,
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }


def _lineage(con: duckdb.DuckDBPyConnection, inputs: list[Input], dated: str, verified: list[str]) -> None:
    """Table ``lineage``: the date of each record, and whether somebody saw the person."""
    schema = read_schema("person-zh")
    parts: list[str] = []
    for item in inputs:
        table = f"dated_{len(parts)}"
        headers = load_text(con, item.path, table)
        day = next((h for h in ((dated,) if dated else DATED) if h in headers), None)
        if dated and day is None:
            raise refuse("no_such_column", f"没有列“{dated}”", f"no column {dated}", str(item.path))
        key = next(iter(schema.mapping(headers, [[] for _ in headers]).get("record_id", ())), None)
        source = (
            "source" if item.source is None and "source" in headers else f"'{item.source or item.path.stem}'"
        )
        record = f'"{key}"' if key else "'row-' || __row"
        told = f"max(coalesce(CAST(try_cast(\"{day}\" AS DATE) AS VARCHAR), ''))" if day else "''"
        parts.append(
            f"SELECT {source} AS source, {record} AS record_id, {told} AS as_of FROM {table} GROUP BY ALL"
        )
    con.execute(f"CREATE OR REPLACE TABLE days AS {' UNION ALL '.join(parts)}")
    listed = ", ".join("'" + v.replace("'", "''") + "'" for v in verified) or "''"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE lineage AS
        SELECT r.source, r.record_id, coalesce(d.as_of, '') AS as_of, r.source IN ({listed}) AS verified
        FROM records_in r
        LEFT JOIN days d ON d.source = r.source AND d.record_id = regexp_replace(r.record_id, '#[0-9]+$', '')
        """
    )


def _authority(con: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    con.execute("CREATE OR REPLACE TABLE authority (field VARCHAR, source VARCHAR, rank INTEGER)")
    if path is None:
        return
    columns = load_text(con, path, "authority_file")
    if not {"field", "source", "rank"} <= set(columns):
        raise refuse(
            "bad_authority", "应有 field, source, rank 列", "needs columns field, source, rank", str(path)
        )
    rows = con.execute(
        "SELECT __row, field, source, try_cast(rank AS INTEGER) FROM authority_file ORDER BY 1"
    ).fetchall()
    for row, field, source, rank in rows:
        if field not in FIELDS or source is None or rank is None or not 1 <= rank <= 9:
            raise refuse(
                "bad_authority",
                f"字段应为 {'、'.join(FIELDS)}，级别为 1 至 9",
                f"a field is one of {', '.join(FIELDS)}, a rank 1 to 9",
                f"{path}, row {row}",
            )
    con.execute("INSERT INTO authority SELECT field, source, CAST(rank AS INTEGER) FROM authority_file")


def _entities(con: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects) -> None:
    """Give ``records`` its ``entity_id``; a record in no cluster is an entity by itself."""
    columns = load_text(con, path, "cluster_file")
    if not {"source", "record_id", "entity_id"} <= set(columns):
        raise refuse(
            "bad_clusters",
            "应有 source, record_id, entity_id 列",
            "needs columns source, record_id, entity_id",
            str(path),
        )
    missing = con.execute(
        "SELECT c.__row FROM cluster_file c"
        " ANTI JOIN records r ON r.source = c.source AND r.record_id = c.record_id ORDER BY 1"
    ).fetchall()
    for (row,) in missing:
        rejects.add(
            Reject(
                path.name,
                row,
                "record_id",
                "record_not_found",
                "输入里没有这条记录",
                "no such record in the input",
            )
        )
    con.execute(
        """
        CREATE OR REPLACE TABLE records AS
        SELECT coalesce(c.entity_id, 'alone:' || r.source || '/' || r.record_id) AS entity_id, r.*
        FROM records r LEFT JOIN (SELECT DISTINCT ON (source, record_id) * FROM cluster_file ORDER BY __row) c
        ON c.source = r.source AND c.record_id = r.record_id
        """
    )
    con.execute(
        "CREATE OR REPLACE TABLE households AS"
        " SELECT DISTINCT entity_id, CAST(NULL AS VARCHAR) AS household_id FROM records"
    )
