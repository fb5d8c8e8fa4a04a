"""Tables out after a batch: the whole of clusters, links, households, review and flags, and what changed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.frame.tables import write
from wangge_engine.link.batch import Added
from wangge_engine.link.flags import reason_words
from wangge_engine.link.kept import KINDS
from wangge_engine.link.local import evidence_of
from wangge_engine.link.outputs import REVIEW_AT_MOST


def write_added(
    con: duckdb.DuckDBPyConnection,
    added: Added,
    folder: Path,
    form: str,
    *,
    whole: bool = True,
    records: bool = False,
) -> dict[str, int]:
    """Write the tables into a folder; returns rows by table. Not ``whole``: only ``changed`` and ``renamed``.

    ``records`` adds every record as it was read.
    """
    _register(con, added)
    queries = {"changed": _CHANGED, "renamed": _RENAMED}
    if whole:
        bits = ", ".join(f"round({{0}}.{c}, 2) AS {c}" for c in ("weight", *evidence_of(added.edges.schema)))
        kinds = " ".join(f"WHEN {i} THEN '{kind}'" for i, kind in enumerate(KINDS))
        pair = "x.source AS source_a, x.record_id AS record_a, y.source AS source_b, y.record_id AS record_b"
        queries |= {
            "clusters": """
                SELECT n.source, n.record_id, e.entity_id FROM names n JOIN ids e USING (row) WHERE n.alive
                ORDER BY n.source, n.record_id
            """,
            "links": f"""
                SELECT {pair}, CASE l.kind {kinds} END AS kind, l.probability, {bits.format("l")},
                       l.shared AS shared_housemates
                FROM all_edges l JOIN names x ON x.uid = l.a JOIN names y ON y.uid = l.b WHERE NOT l.refused
                ORDER BY source_a, record_a, source_b, record_b
            """,
            "households": """
                SELECT entity_id, household_id, dwelling FROM ids WHERE lives ORDER BY household_id, entity_id
            """,
            "review": f"""
                SELECT {pair}, v.why, v.probability, v.worth, {bits.format("v")}
                FROM all_review v JOIN names x ON x.uid = v.a JOIN names y ON y.uid = v.b
                ORDER BY v.worth DESC, source_a, record_a, source_b, record_b LIMIT {REVIEW_AT_MOST}
            """,
        }
        if added.flags is not None:
            con.register("all_flags", added.flags)
            queries["flags"] = f"""
                SELECT n.source, n.record_id, f.field, f.code AS reason_code, w.zh AS reason_zh, w.en AS reason_en
                FROM all_flags f JOIN names n USING (uid) JOIN ({reason_words()}) w ON w.code = f.code
                ORDER BY n.source, n.record_id, f.field, f.code
            """
    if records:
        columns = added.base.columns
        fresh = con.execute(f"SELECT {', '.join(columns)} FROM fresh ORDER BY uid").to_arrow_table()
        every = pa.concat_tables([added.base.whole(columns), fresh.cast(added.base.whole(columns).schema)])
        con.register("every", every.append_column("uid", pa.array(np.arange(len(every), dtype=np.int32))))
        queries["records"] = """
            SELECT r.source, r.record_id, e.entity_id, e.household_id, r.* EXCLUDE (uid, source, record_id)
            FROM every r JOIN names n USING (uid) JOIN ids e USING (row) WHERE n.alive
            ORDER BY r.source, r.record_id
        """
    return {name: write(con, query, folder / f"{name}.{form}") for name, query in queries.items()}


# What a reader who holds the tables of before must change: records whose entity is another, or who are new or gone.
_CHANGED = """
SELECT n.source, n.record_id, e.entity_id, b.entity_id AS was,
       CASE WHEN NOT n.alive THEN 'removed' WHEN t.heir >= 0 THEN 'told_anew' WHEN t.uid IS NOT NULL THEN 'new'
            ELSE 'moved' END AS why
FROM touched t RIGHT JOIN names n USING (uid) LEFT JOIN ids e USING (row) LEFT JOIN ids b ON b.row = n.before
WHERE (n.row <> n.before AND n.alive OR t.uid IS NOT NULL OR n.left_now)
ORDER BY n.source, n.record_id, why
"""
_RENAMED = """
SELECT o.entity_id AS old_id, n.entity_id AS new_id, r.why FROM renamed r JOIN ids o ON o.row = r.old
LEFT JOIN ids n ON n.row = r.new ORDER BY old_id, new_id, r.why
"""


def _register(con: duckdb.DuckDBPyConnection, added: Added) -> None:
    """Views ``names``, ``ids``, ``touched``, ``all_edges``, ``all_review`` and ``renamed``."""
    base, arrivals = added.base, added.arrivals
    names = pa.concat_tables(
        [
            base.whole(["source", "record_id"]),
            con.execute("SELECT source, record_id FROM fresh ORDER BY uid").to_arrow_table(),
        ]
    )
    rows = len(added.entity)
    replaced = np.zeros(rows, dtype=bool)
    replaced[arrivals.heirs[arrivals.heirs >= 0]] = True
    left = np.zeros(rows, dtype=bool)
    left[arrivals.gone] = True
    before = added.before.copy()
    fresh = np.arange(base.rows, rows)
    heirs = np.where(arrivals.heirs >= 0, arrivals.heirs, 0)
    before[fresh] = np.where(arrivals.heirs >= 0, added.before[heirs], -1)
    names = names.append_column("uid", pa.array(np.arange(rows, dtype=np.int32)))
    names = names.append_column("row", pa.array(added.entity.astype(np.int32)))
    names = names.append_column("before", pa.array(before.astype(np.int32)))
    names = names.append_column("alive", pa.array(np.asarray(added.alive)))
    names = names.append_column("left_now", pa.array(left & ~replaced))
    lives = np.zeros(added.entities.num_rows, dtype=bool)
    lives[added.entity[added.entity >= 0]] = True
    ids = added.entities.append_column("row", pa.array(np.arange(len(lives), dtype=np.int32)))
    con.register("names", names)
    con.register("ids", ids.append_column("lives", pa.array(lives)))
    con.register("all_edges", added.edges)
    con.register("all_review", added.review)
    arrived = pa.table({"uid": fresh.astype(np.int32), "heir": arrivals.heirs})
    con.register("touched", arrived.slice(0, arrivals.new + arrivals.changed))
    con.register(
        "renamed",
        pa.table(
            {
                "old": pa.array([r.old for r in added.named.renamed], pa.int32()),
                "new": pa.array([r.new for r in added.named.renamed], pa.int32()),
                "why": pa.array([r.why for r in added.named.renamed], pa.string()),
            }
        ),
    )
