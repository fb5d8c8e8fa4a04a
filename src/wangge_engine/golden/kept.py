"""What a run keeps for the next, and what the next takes from it: only of whom something is other is chosen again.

Each entity carries a mark: a hash of its records as read and as they came, of their strongest links, of its household
and of how many others are told to have its telephones. Whoever has the mark of the run before stands as that run left
them. The others are chosen with what that run learnt of the sources, so that the two agree: the result is that of
choosing everybody with those weights (``every``). An age that was not met then weighs by its source's rank alone.
Everybody is chosen, and the sources are judged anew, where a source was not met then, the records have grown by a tenth
since they were judged, or the rule is another.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.tables import literal, write
from wangge_engine.golden import parameters as p
from wangge_engine.golden.learning import bits, keep, note_copies, note_rivals

MARKS, WEIGHTS, DOUBTS, STATE = (
    "kept-marks.parquet", "kept-weights.parquet", "kept-doubts.parquet", "kept-state.json"
)  # fmt: skip
TABLES = ("golden.parquet", "members.parquet", "copies.parquet")
FILES = (*TABLES, MARKS, WEIGHTS, DOUBTS, STATE)

_MARKS = """
CREATE OR REPLACE TABLE marks AS
WITH rows AS (
    SELECT t.entity_id, hash(t, l, e.evidence, h.household_id, u.n, u.everybody) AS h
    FROM told t LEFT JOIN lineage l ON l.source = t.source AND l.record_id = t.record_id
    LEFT JOIN evidence e ON e.source = t.source AND e.record_id = t.record_id
    LEFT JOIN households h ON h.entity_id = t.entity_id
    LEFT JOIN phone_users u ON u.value = t.phone AND u.entity_id = t.entity_id
)
SELECT entity_id, md5(string_agg(CAST(h AS VARCHAR), ' ' ORDER BY h)) AS mark FROM rows GROUP BY entity_id
"""


GROWN = 1.1  # times the records from which the sources were judged


def still_holds(con: duckdb.DuckDBPyConnection, base: Path) -> bool:
    """Whether what the base learnt may be gone on with; needs ``told``."""
    state = state_of(base)
    strangers = con.execute(
        "SELECT count(*) FROM (SELECT DISTINCT source FROM told WHERE NOT verified) t"
        f" ANTI JOIN read_parquet({literal(str(base / WEIGHTS))}) w USING (source)"
    ).fetchone()
    return state.get("rule") == p.RULE and strangers == (0,) and records_told(con) <= GROWN * state["records"]


def records_told(con: duckdb.DuckDBPyConnection) -> int:
    found = con.execute("SELECT count(*) FROM told").fetchone()
    return int(found[0]) if found else 0


def note_marks(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``marks`` of all entities; needs ``told``, ``phone_users``, ``lineage``, ``evidence``, ``households``."""
    con.execute(_MARKS)


def leave_unchanged(con: duckdb.DuckDBPyConnection, base: Path) -> int:
    """Take those whose mark is that of the base out of ``told``; table ``unchanged``; returns how many remain."""
    con.execute(
        "CREATE OR REPLACE TABLE unchanged AS SELECT entity_id FROM marks"
        f" SEMI JOIN read_parquet({literal(str(base / MARKS))}) USING (entity_id, mark)"
    )
    con.execute("CREATE OR REPLACE TABLE told AS FROM told ANTI JOIN unchanged USING (entity_id)")
    found = con.execute("SELECT count(DISTINCT entity_id) FROM told").fetchone()
    return int(found[0]) if found else 0


def take_weights(con: duckdb.DuckDBPyConnection, base: Path) -> list[dict[str, object]]:
    """Tables ``weights``, ``rivals`` and ``copies`` as the base learnt them; returns the copies."""
    note_rivals(con)
    con.execute(f"CREATE OR REPLACE TABLE weights AS FROM read_parquet({literal(str(base / WEIGHTS))})")
    unmet = con.execute(
        "SELECT DISTINCT c.field, c.source, c.band, coalesce(a.rank, ?) FROM candidates c"
        " LEFT JOIN authority a ON a.field = c.field AND a.source = c.source"
        " ANTI JOIN weights w ON w.field = c.field AND w.source = c.source AND w.band = c.band"
        " WHERE NOT c.verified",
        [p.DEFAULT_RANK],
    ).fetchall()
    for field, source, band, rank in unmet:
        share = min(0.995, p.prior(rank) * keep(field, band))
        con.execute(
            "INSERT INTO weights VALUES (?, ?, ?, ?, 0, ?)", [field, source, band, share, bits(field, share)]
        )
    rows = con.execute(f"FROM read_parquet({literal(str(base / 'copies.parquet'))})").fetchall()
    return note_copies(con, [{"source": s, "other": o, "share": share} for s, o, share in rows])


def state_of(base: Path) -> dict[str, Any]:
    """The day to which the base counted ages, its rule, and of how many records the sources were judged."""
    state: dict[str, Any] = json.loads((base / STATE).read_text(encoding="utf-8"))
    return state


def joined(query: str, table: Path, order: str) -> str:
    """Rows of a query about those chosen again, and the base's of all others."""
    old = f"(FROM read_parquet({literal(str(table))}) SEMI JOIN unchanged USING (entity_id))"
    return f"SELECT * FROM (SELECT * FROM ({query}) UNION ALL BY NAME SELECT * FROM {old}) ORDER BY {order}"


def keep_state(con: duckdb.DuckDBPyConnection, folder: Path, today: str, records: int) -> None:
    """Write what the next run needs beside the tables golden, members and copies."""
    write(con, "SELECT * FROM marks ORDER BY entity_id", folder / MARKS)
    write(con, "SELECT * FROM weights ORDER BY ALL", folder / WEIGHTS)
    write(con, "SELECT * FROM doubts ORDER BY ALL", folder / DOUBTS)
    (folder / STATE).write_text(
        json.dumps({"today": today, "rule": p.RULE, "records": records}) + "\n", encoding="utf-8"
    )
