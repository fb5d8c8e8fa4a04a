"""Files in: columns found, rows numbered, one table ``records_in`` of text columns in an order of its own.

The order (by source, record id, content) does not depend on the order of files or rows, and neither does
anything after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from wangge_engine.columns import refused_columns
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, literal, load_text, quote
from wangge_engine.link.schema import Schema

NAMING = {
    "name",
    "given_name",
    "surname",
    "full_name",
    "id_no",
    "credit_code",
    "encoding",
}  # a file needs one of these
SAMPLE_ROWS = 400  # cells per column that the header matcher may look at


@dataclass(frozen=True)
class Input:
    """One file under the name of its source; without a name its column ``source`` tells."""

    source: str | None
    path: Path


def parse_inputs(texts: Sequence[str]) -> list[Input]:
    """``NAME=FILE`` each; without a name the file's column ``source`` tells, or else its stem."""
    inputs = []
    for text in texts:
        name, sign, file = text.partition("=")
        inputs.append(Input(name, Path(file)) if sign else Input(None, Path(text)))
    names = [item.source or str(item.path) for item in inputs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refuse("source_named_twice", f"来源重名：{twice}", f"sources named twice: {', '.join(twice)}")
    if not inputs:
        raise refuse("no_input", "没有输入", "no input")
    return inputs


def load(
    con: duckdb.DuckDBPyConnection, inputs: Sequence[Input], schema: Schema, rejects: Rejects
) -> dict[str, int]:
    """Build ``records_in``; returns rows per source."""
    fields = [field for field in schema.columns if field != "record_id"]
    parts = []
    told_columns: list[tuple[str, str, str]] = []
    for index, item in enumerate(inputs):
        table = f"file_{index}"
        headers = load_text(con, item.path, table)
        samples = _samples(con, table, headers)
        _refuse_forbidden(headers, samples, item.path)
        mapping = schema.mapping(headers, samples)
        if schema.kind == "encoded" and "encoding" not in mapping:
            raise refuse(
                "not_encoded",
                "不是 wangge engine encode 写出的文件",
                "not written by wangge engine encode",
                str(item.path),
            )
        if not set(mapping) & NAMING:
            raise refuse(
                "no_name_column",
                "没有找到姓名或证件号列",
                f"no column for name or identity number among: {', '.join(headers)}",
                str(item.path),
            )
        told = item.source is None and "source" in headers
        named = "" if told else item.source or item.path.stem
        told_columns += [(named, field, "+".join(found)) for field, found in mapping.items()]
        source = "source" if told else literal(item.source or item.path.stem)
        record_id = _record_id(con, table, item, mapping, source, rejects=rejects)
        chosen = [f"{_cell(mapping.get(field, ()))} AS {field}" for field in fields]
        parts.append(f"SELECT {source} AS source, {record_id} AS record_id, {', '.join(chosen)} FROM {table}")
    con.register(
        "__told",
        pa.table(dict(zip(("source", "field", "header"), zip(*told_columns, strict=True), strict=True))),
    )
    con.execute("CREATE OR REPLACE TABLE columns_in AS FROM __told")
    con.unregister("__told")
    _number_rows(con, " UNION ALL ".join(parts), fields)
    for index in range(len(inputs)):
        con.execute(f"DROP TABLE file_{index}")
    return dict(
        con.execute("SELECT source, count(*) FROM records_in GROUP BY source ORDER BY source").fetchall()
    )


def _samples(con: duckdb.DuckDBPyConnection, table: str, headers: Sequence[str]) -> list[list[str]]:
    """Some non-empty cells of each column, from the top of the file."""
    chosen = ", ".join(quote(header) for header in headers)
    rows = con.execute(f"SELECT {chosen} FROM {table} ORDER BY {ROW} LIMIT {SAMPLE_ROWS}").fetchall()
    return [[row[i] for row in rows if row[i] is not None] for i in range(len(headers))]


def _refuse_forbidden(headers: Sequence[str], samples: Sequence[Sequence[str]], path: Path) -> None:
    found = refused_columns(headers, samples)
    if found:
        raise Refused(
            *(
                Problem(
                    "forbidden_column",
                    f"不得导入{refusal.zh}一列，请删去后再试",
                    f"a column about {refusal.en} must not be imported; remove it",
                    f"{path}, {refusal.header}",
                )
                for refusal in found
            )
        )


def _record_id(
    con: duckdb.DuckDBPyConnection,
    table: str,
    item: Input,
    mapping: dict[str, tuple[str, ...]],
    source: str,
    *,
    rejects: Rejects,
) -> str:
    """SQL for the record id. A row without one takes its row number; a repeated one is told apart later."""
    key = next(iter(mapping.get("record_id", ())), None)
    if key is None:
        return f"'row-' || {ROW}"
    faults = (
        (
            f"WHERE {quote(key)} IS NULL",
            ("no_record_id", "没有编号，以行号代替", "no record id: row number used"),
        ),
        (
            f"WHERE {quote(key)} IS NOT NULL"
            f" QUALIFY row_number() OVER (PARTITION BY {source}, {quote(key)} ORDER BY {ROW}) > 1",
            (
                "repeated_record_id",
                "编号重复，按另一条记录处理",
                "the record id is repeated: treated as a record of its own",
            ),
        ),
    )
    for condition, reason in faults:
        for (row,) in con.execute(f"SELECT {ROW} FROM {table} {condition}").fetchall():
            rejects.add(Reject(item.path.name, row, key, *reason))
    return f"coalesce({quote(key)}, 'row-' || {ROW})"


def _cell(headers: Sequence[str]) -> str:
    """SQL for one field: its column, or several joined in the order of the file (street + building + room)."""
    if not headers:
        return "CAST(NULL AS VARCHAR)"
    if len(headers) == 1:
        return quote(headers[0])
    return f"nullif(concat_ws('', {', '.join(quote(header) for header in headers)}), '')"


def _number_rows(con: duckdb.DuckDBPyConnection, union: str, fields: Sequence[str]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP VIEW united AS {union}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS"
        " SELECT source, record_id FROM united GROUP BY ALL HAVING count(*) > 1"
    )
    # Content decides the order of those with one id only: as a key of every row it would be most of the work.
    content = ", ".join(f"CASE WHEN repeats THEN {field} END" for field in fields)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE records_in AS
        SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS uid, source, record_id, {", ".join(fields)}
        FROM (SELECT u.*, r.source IS NOT NULL AS repeats FROM united u LEFT JOIN repeated r USING (source, record_id)
              ORDER BY source, record_id, {content})
        """
    )
    # A repeated id stays distinguishable: the second is id#2, in order of content.
    con.execute(
        """
        UPDATE records_in SET record_id = records_in.record_id || '#' || c.copy
        FROM (SELECT uid, row_number() OVER (PARTITION BY source, record_id ORDER BY uid) AS copy
              FROM records_in SEMI JOIN repeated USING (source, record_id)) c
        WHERE c.uid = records_in.uid AND c.copy > 1
        """
    )
    con.execute("DROP VIEW united; DROP TABLE repeated")
