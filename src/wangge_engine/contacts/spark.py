"""The three heavy statements on Spark; what is small (visits' slots, local days) is made by the caller's database."""

from __future__ import annotations

from pathlib import Path

import duckdb

from wangge_engine.contacts import statements as sql
from wangge_engine.contacts import tracing
from wangge_engine.contacts.tracing import Tracing
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.spark import session, translated
from wangge_engine.frame.tables import literal, quote

RAW = "presence_rows"


def on_spark(
    con: duckdb.DuckDBPyConnection, run: Tracing, folder: Path, master: str, stages: Stages
) -> Tracing:
    """Tables ``own``, ``visits``, ``found`` as DuckDB would make them."""
    exchange = folder / "spark"
    exchange.mkdir(mode=0o700)
    with stages.stage("spark"), session(master, exchange) as spark:

        def send(table: str) -> None:
            path = exchange / f"{table}.parquet"
            con.execute(f"COPY {quote(table)} TO {literal(str(path))} (FORMAT parquet)")
            spark.read.parquet(str(path)).createOrReplaceTempView(table)

        def fetch(table: str, statement: str) -> None:
            path = exchange / f"{table}_out"
            made = spark.sql(translated(statement.replace(run.presence.source, RAW)))
            made.write.parquet(str(path))
            held = ", ".join(
                f"CAST(NULL AS {_TYPES.get(field.dataType.simpleString(), 'VARCHAR')}) AS {quote(field.name)}"
                for field in made.schema.fields
            )
            files = sorted(path.glob("*.parquet"))
            rows = (
                f"SELECT * FROM read_parquet({[str(file) for file in files]})"
                if files
                else f"SELECT {held} LIMIT 0"
            )
            con.execute(f"CREATE OR REPLACE TABLE {quote(table)} AS {rows}")

        if run.presence.parquet is None:
            con.execute(f"CREATE OR REPLACE VIEW {RAW} AS FROM {run.presence.source}")
            send(RAW)
        else:
            spark.read.parquet(str(run.presence.parquet)).createOrReplaceTempView(RAW)
        with stages.stage("visits"):
            for table in ("windows", "variants"):
                send(table)
            fetch("own", tracing.own_sql(run))
            send("own")
            fetch("visits", sql.visits("SELECT * FROM own", run.pack, tracing.seated(run)))
            run = tracing.span_of_visits(con, run)
            for table in ("slots", "days"):
                send(table)
        with stages.stage("meetings"):
            spark.sql(
                translated(tracing.meetings_sql(run).replace(run.presence.source, RAW))
            ).createOrReplaceTempView("meetings")
            fetch("found", tracing.counted_sql(run))
    return run


_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "string": "VARCHAR", "boolean": "BOOLEAN"}
