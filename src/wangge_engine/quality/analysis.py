"""The analysis for rooms: accepted rows of many sources in, figures and the places they open to out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.snapshots import Snapshot, publish
from wangge_engine.frame.tables import connect, literal, write
from wangge_engine.golden.parameters import FIELDS
from wangge_engine.quality.measuring import MEASURES, PLACES, Delivery, empty_tables, measure


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Write a snapshot with tables measures and places.

    Tables in: ``deliveries`` (source, schema, rows: the table that holds its accepted rows, columns: a JSON list,
    as_of, cycle_days or null, word_for_word), those tables, ``aside``; after a linkage ``golden`` and ``members`` of
    `golden` (with batch, sheet, row_no, where batch is the name of a source here) and ``flags`` of `link`. Parameters:
    today (ISO), memory.
    """
    held = {table.name for table in snapshot.tables}
    with Outputs(out) as made:
        con = connect(memory_limit=params.get("memory", "2GB"), temp=made.path("spill"))
        empty_tables(con)
        con.execute(
            "INSERT INTO aside SELECT source, sheet_no, row_no, '', reason"
            f" FROM read_parquet({literal(str(snapshot.path('aside')))})"
        )
        if {"golden", "members"} <= held:
            _agreement(con, snapshot)
            if "flags" in held:
                _noticed(con, snapshot)
        facts = measure(con, _deliveries(snapshot), date.fromisoformat(params["today"]))
        write(con, MEASURES, made.path("measures.parquet"))
        write(con, PLACES, made.path("places.parquet"))
        con.close()
        return publish(
            made.aside,
            {name: made.path(f"{name}.parquet") for name in ("measures", "places")},
            purpose=snapshot.purpose,
            privacy=snapshot.privacy,
            made_by="quality",
            facts=facts,
            final=out,
        )


def _deliveries(snapshot: Snapshot) -> list[Delivery]:
    return [
        Delivery(
            row["source"],
            row["schema"],
            f"FROM read_parquet({literal(str(snapshot.path(row['rows'])))})",
            frozenset(json.loads(row["columns"])),
            date.fromisoformat(row["as_of"]),
            row["cycle_days"],
            row["word_for_word"],
        )
        for row in snapshot.read_table("deliveries").to_pylist()
    ]


def _agreement(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Each fact as it was read in linkage beside the value that survived; one agreeing reading of a cell is enough."""
    golden = f"read_parquet({literal(str(snapshot.path('golden')))})"
    members = f"read_parquet({literal(str(snapshot.path('members')))})"
    chosen = " UNION ALL ".join(
        f"SELECT entity_id, {literal(f)} AS field, CAST({f} AS VARCHAR) AS value FROM {golden} WHERE {f} IS NOT NULL"
        for f in FIELDS
    )
    con.execute(
        f"""
        INSERT INTO agreement
        SELECT m.batch, try_cast(m.sheet AS INTEGER), m.row_no, m.record_id, m.told[1], bool_or(m.told[2] = g.value)
        FROM (SELECT entity_id, batch, sheet, row_no, record_id, unnest(from_json(read, '[["VARCHAR"]]')) AS told
              FROM {members}) m
        JOIN ({chosen}) g ON g.entity_id = m.entity_id AND g.field = m.told[1]
        WHERE m.batch IS NOT NULL GROUP BY ALL
        """
    )


def _noticed(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    members = f"read_parquet({literal(str(snapshot.path('members')))})"
    flags = f"read_parquet({literal(str(snapshot.path('flags')))})"
    con.execute(
        f"""
        INSERT INTO noticed
        SELECT m.batch, try_cast(m.sheet AS INTEGER), m.row_no, m.record_id, f.reason_code || ':' || f.field
        FROM {flags} f JOIN {members} m USING (source, record_id)
        WHERE m.batch IS NOT NULL AND f.reason_code IN ({", ".join(literal(c) for c in FROM_LINKAGE)})
        """
    )


# What only linkage sees; the others are found when a row is judged, and would be counted twice.
FROM_LINKAGE = (
    "shared_phone",
    "crowded_door",
    "borrowed",
    "repeated_in_source",
    "outvoted",
    "household_loop",
    "no_name",
    "partial_name",
    "name_in_letters",
    "name_with_digits",
)
