"""The three heavy statements on Spark; what is small (visits' slots, local days) is made by the caller's database."""

from __future__ import annotations

from pathlib import Path

import duckdb

from wangge_engine.contacts import statements as sql
from wangge_engine.contacts import tracing
from wangge_engine.contacts.tracing import Tracing
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.spark import Exchange, session


def on_spark(
    con: duckdb.DuckDBPyConnection, run: Tracing, folder: Path, master: str, stages: Stages
) -> Tracing:
    """Tables ``own``, ``visits``, ``found`` as DuckDB would make them."""
    folder.mkdir(mode=0o700)
    with stages.stage("spark"), session(master, folder) as spark:
        there = Exchange(con, spark, folder, run.presence.source)
        there.offer(run.presence.parquet)
        with stages.stage("visits"):
            there.send("windows")
            there.send("variants")
            there.fetch("own", tracing.own_sql(run))
            there.send("own")
            there.fetch("visits", sql.visits("SELECT * FROM own", run.pack, tracing.seated(run)))
            run = tracing.span_of_visits(con, run)
            con.execute(f"CREATE OR REPLACE TABLE slots AS {sql.slots()}")
        with stages.stage("meetings"):
            there.send("slots")
            there.send("days")
            there.keep("meetings", tracing.meetings_sql(run))
            there.fetch("found", tracing.counted_sql(run))
    return run
