"""From records, lineage and authority to ``golden``, ``members``, ``doubts``: all of it in one database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.tables import literal
from wangge_engine.golden import parameters as p
from wangge_engine.golden.kept import DOUBTS as KEPT_DOUBTS
from wangge_engine.golden.kept import (
    leave_unchanged,
    note_marks,
    records_told,
    state_of,
    still_holds,
    take_weights,
)
from wangge_engine.golden.learning import learn, score
from wangge_engine.golden.statements import statements


def choose(
    con: duckdb.DuckDBPyConnection,
    today: str = "",
    *,
    base: Path | None = None,
    every: bool = False,
    marked: bool = False,
) -> dict[str, Any]:
    """Tables in: ``records`` (as `link` reads them), ``lineage``, ``authority``, ``households``.

    Leaves ``scored``, ``weighed``, ``weights``, ``copies``, ``doubts``; returns the report. `today` (ISO) is the day
    ages are counted to; by default the latest date told. With `base`, the folder of an earlier run, only those of
    whom something is other are chosen, or `every` one, with what that run learnt. `marked`: table ``marks`` is wanted.
    """
    for statement in statements("told.sql"):
        con.execute(statement)
    records = records_told(con)
    if base is not None and not still_holds(con, base):
        base = None
    if base is not None:
        state = state_of(base)
        today, records = state["today"], state["records"]
    if not today:
        found = con.execute("SELECT max(try_cast(as_of AS DATE)) FROM lineage").fetchone()
        today = str(found[0]) if found and found[0] else date(2000, 1, 1).isoformat()
    if base is not None or marked:
        note_marks(con)
    con.execute("CREATE OR REPLACE TABLE unchanged (entity_id VARCHAR)")
    if base is not None and not every:
        leave_unchanged(con, base)
    for statement in statements(
        "candidates.sql",
        latin=p.LATIN,
        checked=p.CHECKED,
        outvoted=p.OUTVOTED,
        confirmed=p.CONFIRMED,
        new_year=p.NEW_YEAR,
        bands=list(p.BANDS),
        today=literal(today),
    ):
        con.execute(statement)
    seen: list[dict[str, Any]] = []
    if base is None:
        seen, copies = learn(con)
    else:
        copies = take_weights(con, base)
    score(con, "candidates")
    for statement in statements(
        "doubts.sql",
        fixed=p.FIXED,
        importance="CASE s.field "
        + " ".join(f"WHEN {literal(f)} THEN {w}" for f, w in p.IMPORTANCE.items())
        + " END",
    ):
        con.execute(statement)
    if base is not None:
        con.execute(
            f"INSERT INTO doubts BY NAME FROM read_parquet({literal(str(base / KEPT_DOUBTS))})"
            " SEMI JOIN unchanged USING (entity_id)"
        )
    chosen = con.execute("SELECT count(DISTINCT entity_id) FROM told").fetchone()
    return {
        "added": base is not None,
        "learnt_from": records,
        "chosen": int(chosen[0]) if chosen else 0,
        "rule": p.RULE,
        "today": today,
        "sources": _reliability(con),
        "copies": copies,
        "doubts": dict(
            con.execute("SELECT reason, count(*) FROM doubts GROUP BY reason ORDER BY reason").fetchall()
        ),
        "judged": sum(row["judged"] for row in seen),
    }


def note_evidence(con: duckdb.DuckDBPyConnection, links: str | None) -> None:
    """Table ``evidence``: of each record its strongest link, as JSON (with, kind, p, weight, bits by comparison)."""
    if links is None:
        con.execute("CREATE OR REPLACE TABLE evidence (source VARCHAR, record_id VARCHAR, evidence VARCHAR)")
        return
    steps = [r[0] for r in con.execute(f"DESCRIBE FROM {links}").fetchall() if r[0].startswith("w_")]
    bits = f"struct_pack({', '.join(f'{c} := {c}' for c in steps)})" if steps else "CAST(NULL AS VARCHAR)"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE evidence AS
        WITH ways AS (
            SELECT source_a AS source, record_a AS record_id, source_b AS w, record_b AS r, * FROM {links}
            UNION ALL
            SELECT source_b, record_b, source_a, record_a, * FROM {links}
        )
        SELECT source, record_id, CAST(to_json(arg_max(
            struct_pack("with" := [w, r], kind := kind, p := probability, weight := weight, bits := {bits}),
            (coalesce(weight, -1000), w, r))) AS VARCHAR) AS evidence
        FROM ways GROUP BY source, record_id
        """
    )


def _reliability(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """By source and field: tellings judged against others' and the share believed right, all ages together."""
    rows = con.execute(
        """
        SELECT source, field, sum(judged), round(sum(share * greatest(judged, 1)) / sum(greatest(judged, 1)), 4)
        FROM weights WHERE source <> '' GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    return [dict(zip(("source", "field", "judged", "share"), row, strict=True)) for row in rows]


def _field(name: str) -> str:
    at = f"FILTER (field = '{name}')"
    return (
        f"any_value(value) {at} AS {name}, any_value(best.source) {at} AS {name}_source, "
        f"any_value(best.record_id) {at} AS {name}_record, any_value(best.as_of) {at} AS {name}_as_of, "
        f"any_value(agreeing) {at} AS {name}_agreeing, any_value(different) {at} AS {name}_different, "
        f"any_value(round(p, 4)) {at} AS {name}_sure"
    )


GOLDEN = f"""
WITH wide AS (
    SELECT entity_id, {", ".join(_field(f) for f in p.FIELDS)} FROM scored WHERE place = 1 GROUP BY entity_id
),
size AS (SELECT entity_id, count(*) AS records, max(as_of) AS newest FROM told GROUP BY entity_id)
SELECT size.entity_id, size.records, size.newest, wide.* EXCLUDE (entity_id),
       n.surname, n.given, n.pinyin, a.place, a.building, a.unit, a.room, h.household_id
FROM size
LEFT JOIN wide USING (entity_id)
LEFT JOIN told n ON n.source = wide.name_source AND n.record_id = wide.name_record
LEFT JOIN told a ON a.source = wide.address_source AND a.record_id = wide.address_record
LEFT JOIN households h ON h.entity_id = size.entity_id
ORDER BY size.entity_id
"""
VALUES = """
SELECT w.entity_id, w.field, w.source, w.record_id, w.as_of, w.value, w.tier, w.verified, max(w.mb) / 1000 AS bits,
       round(any_value(s.p), 4) AS sure, any_value(s.place = 1) AS chosen
FROM weighed w JOIN scored s USING (entity_id, field, value)
GROUP BY ALL ORDER BY ALL
"""
# What each record told, read: enough to choose again in a merge or a split without the engine.
MEMBERS = """
WITH read_as AS (
    SELECT source, record_id, list([field, value, CAST(tier AS VARCHAR), CAST(mb AS VARCHAR)]
                ORDER BY field, mb DESC, value) AS told_values
    FROM (SELECT source, record_id, field, value, tier, max(mb) AS mb FROM weighed GROUP BY ALL) GROUP BY ALL
)
SELECT t.entity_id, l.*, coalesce(CAST(to_json(r.told_values) AS VARCHAR), '[]') AS read,
       t.given, t.place, t.building, t.unit, t.room, e.evidence
FROM lineage l JOIN told t USING (source, record_id) LEFT JOIN read_as r USING (source, record_id)
LEFT JOIN evidence e USING (source, record_id)
ORDER BY t.entity_id, l.source, l.record_id
"""
DOUBTS = f"SELECT * FROM doubts ORDER BY worth DESC, source, record_id, field LIMIT {p.DOUBTS_AT_MOST}"
SOURCES = """
SELECT source, field, band, judged, round(share, 4) AS share, bits FROM weights WHERE source <> '' ORDER BY ALL
"""
COPIES = "SELECT source, other, share FROM copies ORDER BY ALL"
