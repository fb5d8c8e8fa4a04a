"""The tables that formulas speak of, and the formulas worked out over them; all in one database.

Tables in: for each source its accepted rows (``sheet_no, row_no, record_id``, canonical columns, ``flags``), ``aside``
(source, sheet_no, row_no, reason), ``noticed`` (source, sheet_no, row_no, reason: what linkage found), ``agreement``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from wangge_engine.frame.tables import literal, quote
from wangge_engine.quality.formulas import Formula, book

PLACES_AT_MOST = 50  # rows that a figure opens to at once; the count says how many there are
AGREEMENT = (
    "source VARCHAR, sheet_no INTEGER, row_no BIGINT, record_id VARCHAR, field VARCHAR, agrees BOOLEAN"
)
REASONED = "source VARCHAR, sheet_no INTEGER, row_no BIGINT, record_id VARCHAR, reason VARCHAR"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One source as it was delivered. `rows` is SQL that gives its accepted rows; `columns` the canonical columns the
    table has; `word_for_word` rows that were left out as repetitions; without `cycle_days` nothing was promised."""

    source: str
    schema: str
    rows: str
    columns: frozenset[str]
    as_of: date
    cycle_days: int | None = None
    word_for_word: int = 0


def measure(con: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], today: date) -> dict[str, Any]:
    """Fill ``measures`` (source, formula, version, item, counted, of) and ``places`` (source, formula, item, sheet_no,
    row_no, record_id). ``aside``, ``noticed`` and ``agreement`` stand already, perhaps empty."""
    _tables(con, deliveries, today)
    figures = [_figures(formula) for formula in book().formulas]
    con.execute(
        "CREATE OR REPLACE TABLE measures AS SELECT * FROM (" + " UNION ALL ".join(figures) + ")"
        ' WHERE "of" > 0 ORDER BY source, formula, item'
    )
    places = [_places(formula) for formula in book().formulas if formula.opens]
    con.execute(
        "CREATE OR REPLACE TABLE places AS SELECT * FROM (" + " UNION ALL ".join(places) + ")"
        " ORDER BY source, formula, item, sheet_no, row_no"
    )
    found = con.execute("SELECT count(*), count(DISTINCT source) FROM measures").fetchone()
    return {"figures": int(found[0]) if found else 0, "sources": int(found[1]) if found else 0}


def empty_tables(con: duckdb.DuckDBPyConnection) -> None:
    """``aside``, ``noticed`` and ``agreement`` with no row."""
    con.execute(f"CREATE OR REPLACE TABLE aside ({REASONED})")
    con.execute(f"CREATE OR REPLACE TABLE noticed ({REASONED})")
    con.execute(f"CREATE OR REPLACE TABLE agreement ({AGREEMENT})")


MEASURES = (
    'SELECT source, formula, version, item, counted, "of", round(counted / "of", 6) AS share FROM measures'
)
PLACES = "SELECT * FROM places"


def _tables(con: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], today: date) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE deliveries"
        " (source VARCHAR, age_days BIGINT, cycle_days BIGINT, word_for_word BIGINT)"
    )
    con.executemany(
        "INSERT INTO deliveries VALUES (?, ?, ?, ?)",
        [
            (
                d.source,
                max((today - d.as_of).days, 0),
                d.cycle_days or book().unpromised_days,
                d.word_for_word,
            )
            for d in deliveries
        ],
    )
    for table in ("aside", "noticed", "agreement"):
        con.execute(f"DELETE FROM {table} WHERE source NOT IN (SELECT source FROM deliveries)")
    views = {
        "cells": " UNION ALL ".join(part for d in deliveries for part in _cells(d)),
        "keys": " UNION ALL ".join(_keys(d) for d in deliveries),
        "flagged": " UNION ALL ".join(_flagged(d) for d in deliveries),
        "standing": " UNION ALL ".join(
            f"SELECT {literal(d.source)} AS source, sheet_no, row_no, record_id FROM ({d.rows})"
            for d in deliveries
        ),
    }
    for name, query in views.items():
        con.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
    faults = ", ".join(literal(code) for code in sorted(book().faults))
    con.execute(
        f"""
        CREATE OR REPLACE TABLE odd AS
        SELECT DISTINCT source, sheet_no, row_no, record_id, reason,
               CASE WHEN split_part(reason, ':', 1) IN ({faults}) THEN 'fault' ELSE 'remark' END AS kind
        FROM (SELECT * FROM flagged UNION ALL SELECT source, sheet_no, row_no, record_id, reason FROM noticed)
        UNION ALL
        SELECT source, sheet_no, row_no, '', split_part(min(reason), ':', 1), 'aside'
        FROM (SELECT DISTINCT ON (source, sheet_no, row_no) * FROM aside) GROUP BY source, sheet_no, row_no
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TABLE judged AS
        SELECT s.source, s.sheet_no, s.row_no, s.record_id, o.row_no IS NULL AS sound
        FROM standing s
        LEFT JOIN (SELECT DISTINCT source, sheet_no, row_no FROM odd WHERE kind = 'fault') o
        USING (source, sheet_no, row_no)
        UNION ALL
        SELECT source, sheet_no, row_no, '', false FROM odd WHERE kind = 'aside'
        """
    )
    con.execute(
        """
        CREATE OR REPLACE VIEW verdicts AS
        SELECT o.*, j.judged_rows FROM odd o
        JOIN (SELECT source, count(*) AS judged_rows FROM judged GROUP BY source) j USING (source)
        """
    )


def _expected(delivery: Delivery) -> list[str]:
    """The columns whose blanks count: expected of the form, and part of this table."""
    return [c for c in book().expected.get(delivery.schema, ()) if c in delivery.columns]


def _blank(column: str) -> str:
    return f"coalesce(trim(CAST({quote(column)} AS VARCHAR)), '') = ''"


def _cells(delivery: Delivery) -> list[str]:
    named = literal(delivery.source)
    fields = _expected(delivery)
    if not fields:
        return [
            f"SELECT {named} AS source, sheet_no, row_no, record_id, '' AS field, false AS filled"
            f" FROM ({delivery.rows}) WHERE false"
        ]
    return [
        f"SELECT {named} AS source, sheet_no, row_no, record_id, {literal(field)} AS field,"
        f" NOT {_blank(field)} AS filled FROM ({delivery.rows})"
        for field in fields
    ]


def _keys(delivery: Delivery) -> str:
    """Rows numbered within their key, in the order of the file; a row without any key stands alone."""
    ways = []
    for number, key in enumerate(book().keys.get(delivery.schema, ())):
        if set(key) <= delivery.columns:
            whole = " AND ".join(f"NOT {_blank(column)}" for column in key)
            told = ", '|', ".join(f"CAST({quote(column)} AS VARCHAR)" for column in key)
            ways.append(f"WHEN {whole} THEN concat('{number}:', {told})")
    alone = "concat('row:', sheet_no, ':', row_no)"
    counted_by = f"CASE {' '.join(ways)} ELSE {alone} END" if ways else alone
    return (
        f"SELECT {literal(delivery.source)} AS source, sheet_no, row_no, record_id,"
        f" row_number() OVER (PARTITION BY {counted_by} ORDER BY sheet_no, row_no) AS copy,"
        f" {int(delivery.word_for_word)} AS word_for_word FROM ({delivery.rows})"
    )


def _flagged(delivery: Delivery) -> str:
    return (
        f"SELECT {literal(delivery.source)} AS source, sheet_no, row_no, record_id, unnest(flags) AS reason"
        f" FROM ({delivery.rows}) WHERE flags IS NOT NULL"
    )


def _figures(formula: Formula) -> str:
    head = f"SELECT source, {literal(formula.code)} AS formula, {formula.version} AS version"
    tail = f'CAST({formula.counted} AS BIGINT) AS counted, CAST({formula.of} AS BIGINT) AS "of"'
    over = f"FROM {formula.table} WHERE {formula.where}"
    parts = (
        [f"{head}, {formula.by} AS item, {tail} {over} GROUP BY source, {formula.by}"] if formula.by else []
    )
    if formula.whole:
        parts.append(f"{head}, '' AS item, {tail} {over} GROUP BY source")
    return " UNION ALL ".join(parts)


def _places(formula: Formula) -> str:
    item = formula.by or "''"
    return (
        f"SELECT source, {literal(formula.code)} AS formula, {item} AS item, sheet_no, row_no, record_id"
        f" FROM {formula.table} WHERE {formula.where} AND {formula.opens}"
        f" QUALIFY row_number() OVER (PARTITION BY source, {item} ORDER BY sheet_no, row_no) <= {PLACES_AT_MOST}"
    )
