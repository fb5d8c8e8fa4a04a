"""``wangge engine encode``: persons in, keyed encodings out."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.encode.keys import Encoder
from wangge_engine.encode.records import COLUMNS, FIELDS, encode
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect, quote, write
from wangge_engine.link.flags import flag_counts
from wangge_engine.link.intake import Input, load, parse_inputs
from wangge_engine.link.pipeline import normalise_records
from wangge_engine.link.schema import read_schema

AT_ONCE = 20_000  # records in Python at a time
IDS_LIKE_IDENTIFIERS = 0.05  # of the record ids; more, and they are taken for numbers of persons


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the shared key, 32 bytes at least"
    )
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="NAME=FILE",
        help="a source and its file; may be repeated",
    )
    parser.add_argument("--schema", default="person-zh", help="person-zh, or a TOML file based on it")
    parser.add_argument(
        "--record-ids",
        choices=("plain", "coded"),
        default="plain",
        help="coded: tokens in place of the record ids; needs --map",
    )
    parser.add_argument(
        "--map",
        type=Path,
        metavar="FILE",
        help="source, record_id, code: stays at home, never beside the output",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for NAME.csv of each source"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="counts and stage seconds")
    parser.add_argument(
        "--format", choices=("csv", "parquet"), default="csv", dest="form", help="of the tables"
    )
    parser.add_argument("--memory", default="3GB", help="limit for the database; it spills to disk beyond it")


def run(args: Namespace) -> dict[str, Any]:
    encoder = Encoder.from_file(args.key)
    schema = read_schema(args.schema)
    if schema.kind != "zh":
        raise refuse(
            "wrong_schema", "只能编码人员数据（person-zh）", "only person-zh can be encoded", "--schema"
        )
    coded = args.record_ids == "coded"
    if coded != (args.map is not None):
        raise refuse(
            "map_needed",
            "--record-ids coded 与 --map 须一同给出",
            "--record-ids coded and --map go together",
            "--map",
        )
    if coded and args.map.resolve().parent == args.out.resolve():
        raise refuse(
            "map_beside", "对照表不得放在输出文件夹里", "the map must not stand in the output", str(args.map)
        )
    rejects, stages = Rejects(), Stages(quiet=args.quiet)
    report: dict[str, Any] = {"analysis": "encode", "encoding": encoder.encoding, "rows": {}, "flags": {}}
    with Outputs(args.out) as out:
        mapped: list[tuple[str, str, str]] = []
        for item in parse_inputs(args.input):
            # One by one: what a file becomes must not depend on the files beside it.
            con = connect(memory_limit=args.memory, temp=out.path("spill"))
            with stages.stage("normalise"):
                report["rows"] |= load(con, [item], schema, rejects)
                if args.strict:
                    rejects.require_none()
                normalise_records(con, schema.kind, confused={})
            _refuse_telling_ids(con, item, coded)
            report["flags"][item.source or item.path.stem] = flag_counts(con)
            with stages.stage("encode"):
                _encode(con, encoder, out, args.form, mapped if coded else None)
            con.close()
        if coded:
            kept = out.elsewhere(args.map)
            kept.touch(mode=0o600)
            with kept.open("w", encoding="utf-8", newline="") as handle:
                csv.writer(handle).writerows([("source", "record_id", "code"), *mapped])
        rejects.write(out.elsewhere(args.rejects) if args.rejects else out.path("rejects.csv"))
        report |= {"rejects": rejects.counts(), "stages": stages.report(), "peak_memory_mb": peak_memory_mb()}
        if args.report:
            out.elsewhere(args.report).write_text(
                json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
    return report


def _refuse_telling_ids(con: duckdb.DuckDBPyConnection, item: Input, coded: bool) -> None:
    """Record ids that are identity numbers, telephones or names would carry out what the encoding hides."""
    if coded:
        return
    found = con.execute(
        """
        SELECT avg(CAST(regexp_full_match(record_id, '[1-9][0-9]{16}[0-9Xx](#[0-9]+)?|1[3-9][0-9]{9}(#[0-9]+)?')
                        OR regexp_matches(record_id, '[\u3400-\u9fff]{2}') AS INTEGER))
        FROM records
        """
    ).fetchone()
    if found and (found[0] or 0) > IDS_LIKE_IDENTIFIERS:
        raise refuse(
            "telling_record_ids",
            "记录编号像身份证号、电话或姓名：请用 --record-ids coded --map 文件",
            "record ids look like numbers or names of persons: use --record-ids coded --map FILE",
            str(item.path),
        )


def _encode(
    con: duckdb.DuckDBPyConnection,
    encoder: Encoder,
    out: Outputs,
    form: str,
    mapped: list[tuple[str, str, str]] | None,
) -> None:
    """Write one table per source from ``records``, in the order of the encoded ids."""
    columns = ", ".join(f"{quote(c)} VARCHAR" for c in ("source", *COLUMNS))
    con.execute(f"CREATE OR REPLACE TABLE encoded ({columns})")
    cursor = con.cursor().execute(f"SELECT source, {', '.join(FIELDS)} FROM records ORDER BY uid")
    while rows := cursor.fetchmany(AT_ONCE):
        _store(con, [_row(encoder, row, mapped) for row in rows])
    for (source,) in con.execute("SELECT DISTINCT source FROM encoded ORDER BY source").fetchall():
        chosen = ", ".join(f"nullif({c}, '') AS {c}" for c in COLUMNS)
        name = source.replace("'", "''")
        # Not in the order of the file: the order of a department's list is known to the department's staff.
        query = f"SELECT {chosen} FROM encoded WHERE source = '{name}' ORDER BY md5(record_id), record_id"
        write(con, query, out.path(f"{source}.{form}"))


def _row(encoder: Encoder, row: tuple[Any, ...], mapped: list[tuple[str, str, str]] | None) -> list[str]:
    source, *fields = row
    record = dict(zip(FIELDS, fields, strict=True))
    made = encode(encoder, record)
    made["record_id"] = record["record_id"]
    if mapped is not None:
        made["record_id"] = encoder.token("record_id", source, record["record_id"])
        mapped.append((source, record["record_id"], made["record_id"]))
    return [source, *(made[column] for column in COLUMNS)]


def _store(con: duckdb.DuckDBPyConnection, rows: list[list[str]]) -> None:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True))
    con.register("__rows", pa.table({n: list(c) for n, c in zip(("source", *COLUMNS), columns, strict=True)}))
    con.execute("INSERT INTO encoded SELECT * FROM __rows")
    con.unregister("__rows")
