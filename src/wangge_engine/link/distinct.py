"""Runs a Python reader over the distinct values of a column only, so that big tables stay cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pyarrow as pa


def read_distinct(
    con: duckdb.DuckDBPyConnection,
    query: str,
    into: str,
    read: Callable[[str], Sequence[Any]],
    columns: Sequence[tuple[str, pa.DataType]],
) -> None:
    """Make table ``into`` (raw, columns...) with ``read`` of each distinct text that ``query`` gives."""
    texts = con.execute(
        f"SELECT DISTINCT raw FROM ({query}) AS t(raw) WHERE raw IS NOT NULL"
    ).to_arrow_table()
    raw = texts.column(0).combine_chunks()
    parts: list[list[Any]] = [[] for _ in columns]
    for text in raw.to_pylist():
        for part, value in zip(parts, read(text), strict=True):
            part.append(None if value == "" else value)
    arrays = {name: pa.array(part, kind) for (name, kind), part in zip(columns, parts, strict=True)}
    made = pa.table({"raw": raw, **arrays})
    con.register("__made", made)
    con.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT * FROM __made")
    con.unregister("__made")
