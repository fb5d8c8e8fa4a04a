"""Runs a Python reader over the distinct values of a column only, so that big tables stay cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import duckdb
import pyarrow as pa

from wangge_engine.link.readers import WORTH_A_PROCESS, Read, Readers, name_of, read_batch

BATCH = 50_000  # values in Python at a time; the rest waits in columns
Columns = Sequence[tuple[str, pa.DataType]]


def read_distinct(
    con: duckdb.DuckDBPyConnection,
    query: str,
    into: str,
    read: Read,
    columns: Columns,
    *,
    plain: str | None = None,
) -> None:
    """Make table ``into`` (raw, columns...) with ``read`` of each distinct text that ``query`` gives.

    ``plain`` is a query over table ``texts`` (raw) that reads some of them alone, with the same result.
    """
    begin_reading(con, query, into, read, columns, plain=plain)()


def begin_reading(
    con: duckdb.DuckDBPyConnection,
    query: str,
    into: str,
    read: Read,
    columns: Columns,
    *,
    plain: str | None = None,
    readers: Readers | None = None,
) -> Callable[[], None]:
    """As ``read_distinct``, but other processes read while the caller goes on; the call returned makes the table."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE texts AS"
        f" SELECT DISTINCT raw FROM ({query}) AS t(raw) WHERE raw IS NOT NULL"
    )
    others, alone = "", f"plain_{into}"
    if plain is not None:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {alone} AS {plain}")
        others = f" ANTI JOIN {alone} USING (raw)"
    texts = con.execute(f"SELECT raw FROM texts{others}").to_arrow_table().column(0).combine_chunks()
    con.execute("DROP TABLE texts")
    schema = pa.schema(list(columns))
    raws = [texts.slice(start, BATCH) for start in range(0, len(texts), BATCH)]
    elsewhere = readers if len(texts) >= WORTH_A_PROCESS and name_of(read) else None
    begun: list[Future[pa.RecordBatch]] = (
        [elsewhere.submit(raw, read, schema) for raw in raws] if elsewhere else []
    )

    def finish() -> None:
        made = [future.result() for future in begun] or [read_batch(raw, read, schema) for raw in raws]
        whole = pa.schema([("raw", pa.string()), *columns])
        batches = [
            pa.RecordBatch.from_arrays([raw, *batch.columns], schema=whole)
            for raw, batch in zip(raws, made, strict=True)
        ]
        con.register("__made", pa.Table.from_batches(batches, whole))
        both = "" if plain is None else f" UNION ALL BY NAME SELECT * FROM {alone}"
        con.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT * FROM __made{both}")
        con.unregister("__made")
        con.execute(f"DROP TABLE IF EXISTS {alone}")

    return finish
