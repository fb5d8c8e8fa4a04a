"""Files in: columns found, rows numbered, one table ``records_in`` of text columns in an order of its own.

The order (by source, record id, content) does not depend on the order of files or rows, and neither does
anything after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from wangge_engine.columns import refused_columns
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, literal, load_text, quote
from wangge_engine.link.schema import Schema

SAMPLE_ROWS = 400  # cells per column that the header matcher may look at


@dataclass(frozen=True)
class Input:
    """One file under the name of its source; without a name its column ``source`` tells."""

    source: str | None
    path: Path


def parse_inputs(texts: Sequence[str]) -> list[Input]:
    """``NAME=FILE`` each; the name may be left out and is then the file's stem."""
    inputs = []
    for text in texts:
        name, sign, file = text.partition("=")
        inputs.append(Input(name, Path(file)) if sign else Input(Path(text).stem, Path(text)))
    names = [item.source or "" for item in inputs]
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
    parts, counts = [], {}
    for index, item in enumerate(inputs):
        table = f"file_{index}"
        headers = load_text(con, item.path, table)
        samples = _samples(con, table, headers)
        _refuse_forbidden(headers, samples, item.path)
        mapping = schema.mapping(headers, samples)
        if not set(mapping) & {"name", "given_name", "surname", "full_name", "id_no"}:
            raise refuse(
                "no_name_column",
                "没有找到姓名或证件号列",
                f"no column for name or identity number among: {', '.join(headers)}",
                str(item.path),
            )
        parts.append(_select(con, table, item, mapping, fields, rejects=rejects))
        counted = con.execute(f"SELECT count(*) FROM {table}").fetchone()
        counts[item.source or item.path.stem] = int(counted[0]) if counted else 0
    _number_rows(con, " UNION ALL ".join(parts), fields)
    for index in range(len(inputs)):
        con.execute(f"DROP TABLE file_{index}")
    return counts


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


def _select(
    con: duckdb.DuckDBPyConnection,
    table: str,
    item: Input,
    mapping: dict[str, tuple[str, ...]],
    fields: Sequence[str],
    *,
    rejects: Rejects,
) -> str:
    """The select that gives one file its canonical columns; rows without record id take their row number."""
    key = next(iter(mapping.get("record_id", ())), None)
    if key is None:
        record_id = f"'row-' || {ROW}"
    else:
        record_id = f"coalesce({quote(key)}, 'row-' || {ROW})"
        within = "" if item.source is not None else "source, "
        for (row,) in con.execute(f"SELECT {ROW} FROM {table} WHERE {quote(key)} IS NULL").fetchall():
            rejects.add(
                Reject(
                    item.path.name,
                    row,
                    key,
                    "no_record_id",
                    "没有编号，以行号代替",
                    "no record id: row number used",
                )
            )
        for (row,) in con.execute(
            f"SELECT {ROW} FROM {table} WHERE {quote(key)} IS NOT NULL"
            f" QUALIFY row_number() OVER (PARTITION BY {within}{quote(key)} ORDER BY {ROW}) > 1"
        ).fetchall():
            rejects.add(
                Reject(
                    item.path.name,
                    row,
                    key,
                    "repeated_record_id",
                    "编号重复，按另一条记录处理",
                    "the record id is repeated: treated as a record of its own",
                )
            )
    chosen = [f"{_cell(mapping.get(field, ()))} AS {field}" for field in fields]
    source = literal(item.source) if item.source is not None else "source"
    return f"SELECT {source} AS source, {record_id} AS record_id, {', '.join(chosen)} FROM {table}"


def _cell(headers: Sequence[str]) -> str:
    """SQL for one field: its column, or several joined in the order of the file (street + building + room)."""
    if not headers:
        return "CAST(NULL AS VARCHAR)"
    if len(headers) == 1:
        return quote(headers[0])
    return f"nullif(concat_ws('', {', '.join(quote(header) for header in headers)}), '')"


def _number_rows(con: duckdb.DuckDBPyConnection, union: str, fields: Sequence[str]) -> None:
    content = ", ".join(fields)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE records_in AS
        SELECT CAST(row_number() OVER (ORDER BY source, record_id, {content}) - 1 AS INTEGER) AS uid,
               source,
               -- a repeated id stays distinguishable: the second is id#2, in order of content
               CASE WHEN copy = 1 THEN record_id ELSE record_id || '#' || copy END AS record_id,
               {content}
        FROM (SELECT *, row_number() OVER (PARTITION BY source, record_id ORDER BY {content}) AS copy
              FROM ({union}))
        ORDER BY uid
        """
    )
