"""Tables out: clusters, links with their evidence, households, review, and records as read."""

from __future__ import annotations

from pathlib import Path

import duckdb

from wangge_engine.frame.tables import has_table, write
from wangge_engine.link.flags import write_query

REVIEW_AT_MOST = 50_000


def write_outputs(
    con: duckdb.DuckDBPyConnection, folder: Path, form: str, *, records: bool
) -> dict[str, int]:
    """Write the tables into a folder; returns rows by table. ``records`` adds every record as it was read."""
    queries = {
        "clusters": """
            SELECT r.source, r.record_id, e.entity_id FROM records r JOIN entity_of e USING (uid)
            ORDER BY r.source, r.record_id
        """,
        "links": f"""
            SELECT x.source AS source_a, x.record_id AS record_a, y.source AS source_b, y.record_id AS record_b,
                   l.kind, l.probability, {_evidence(con, "p")}, l.shared AS shared_housemates
            FROM links l JOIN records x ON x.uid = l.a JOIN records y ON y.uid = l.b
            LEFT JOIN pairs p ON p.a = l.a AND p.b = l.b
            ORDER BY l.a, l.b  -- as the records are numbered, which is by source and record id
        """,
        "households": """
            SELECT entity_id, household_id, dwelling FROM households ORDER BY household_id, entity_id
        """,
        "review": f"""
            SELECT x.source AS source_a, x.record_id AS record_a, y.source AS source_b, y.record_id AS record_b,
                   v.why, v.probability, v.worth, {_evidence(con, "p")}
            FROM review v JOIN records x ON x.uid = v.a JOIN records y ON y.uid = v.b
            LEFT JOIN pairs p ON p.a = v.a AND p.b = v.b
            ORDER BY v.worth DESC, source_a, record_a, source_b, record_b LIMIT {REVIEW_AT_MOST}
        """,
    }
    if has_table(con, "flags"):
        queries["flags"] = write_query()
    if records:
        queries["records"] = """
            SELECT r.source, r.record_id, e.entity_id, h.household_id, r.* EXCLUDE (uid, source, record_id)
            FROM records r JOIN entity_of e USING (uid) JOIN households h USING (entity_id)
            ORDER BY r.source, r.record_id
        """
    return {name: write(con, query, folder / f"{name}.{form}") for name, query in queries.items()}


def _evidence(con: duckdb.DuckDBPyConnection, alias: str) -> str:
    """The waterfall: the bits that each comparison added or took, after the prior; missing fields add nothing."""
    columns = [row[0] for row in con.execute("DESCRIBE pairs").fetchall() if row[0].startswith("w_")]
    return ", ".join(
        [f"round({alias}.weight, 2) AS weight"] + [f"round({alias}.{c}, 2) AS {c}" for c in columns]
    )
