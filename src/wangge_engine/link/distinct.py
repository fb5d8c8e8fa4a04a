"""Runs a Python reader over the distinct values of a column only, so that big tables stay cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pyarrow as pa

BATCH = 50_000  # values in Python at a time; the rest waits in columns


def read_distinct(
    con: duckdb.DuckDBPyConnection,
    query: str,
    into: str,
    read: Callable[[str], Sequence[Any]],
    columns: Sequence[tuple[str, pa.DataType]],
    *,
    plain: str | None = None,
) -> None:
    """Make table ``into`` (raw, columns...) with ``read`` of each distinct text that ``query`` gives.

    ``plain`` is a query over table ``texts`` (raw) that reads some of them alone, with the same result.
    """
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE texts AS"
        f" SELECT DISTINCT raw FROM ({query}) AS t(raw) WHERE raw IS NOT NULL"
    )
    others = ""
    if plain is not None:
        con.execute(f"CREATE OR REPLACE TEMP TABLE plain_texts AS {plain}")
        others = " ANTI JOIN plain_texts USING (raw)"
    texts = con.execute(f"SELECT raw FROM texts{others}").to_arrow_table()
    schema = pa.schema([("raw", pa.string()), *columns])
    batches = []
    for start in range(0, texts.num_rows, BATCH):
        raw = texts.column(0).slice(start, BATCH).to_pylist()
        parts: list[list[Any]] = [[] for _ in columns]
        for text in raw:
            for part, value in zip(parts, read(text), strict=True):
                part.append(None if value == "" else value)
        batches.append(
            pa.RecordBatch.from_arrays(
                [pa.array(part, field.type) for part, field in zip([raw, *parts], schema, strict=True)],
                schema=schema,
            )
        )
    con.register("__made", pa.Table.from_batches(batches, schema))
    both = "" if plain is None else " UNION ALL BY NAME SELECT * FROM plain_texts"
    con.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT * FROM __made{both}")
    con.unregister("__made")
    con.execute("DROP TABLE texts; DROP TABLE IF EXISTS plain_texts")
