"""What people decided about pairs: always obeyed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, load_text
from wangge_engine.link.components import components


@dataclass(frozen=True)
class Decisions:
    """Pairs of record numbers that a person called the same or different."""

    same: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[int, int], ...] = ()


def read_decisions(con: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects) -> Decisions:
    """Columns ``record_a, record_b, decision (same|different), by``; ids may be written ``source/record_id``.

    A record that is not in the input is rejected by row (its file may come later); two decisions that cannot
    both be obeyed refuse the input.
    """
    columns = load_text(con, path, "decision_file")
    verdict = next((c for c in ("decision", "same|different", "verdict") if c in columns), None)
    if verdict is None or not {"record_a", "record_b"} <= set(columns):
        raise refuse(
            "bad_decisions",
            "决定文件应有 record_a, record_b, decision, by 列",
            "decisions need columns record_a, record_b, decision, by",
            str(path),
        )
    con.execute(
        """
        CREATE OR REPLACE TABLE record_names AS
        SELECT source || '/' || record_id AS label, uid FROM records
        UNION ALL
        SELECT record_id, min(uid) FROM records GROUP BY record_id HAVING count(*) = 1
        """
    )
    rows = con.execute(
        f"""
        SELECT d.{ROW}, a.uid, b.uid, lower(d."{verdict}") FROM decision_file d
        LEFT JOIN record_names a ON a.label = d.record_a LEFT JOIN record_names b ON b.label = d.record_b
        ORDER BY d.{ROW}
        """
    ).fetchall()
    con.execute(
        f"""
        CREATE OR REPLACE TABLE decided AS
        SELECT coalesce(x.source || '/' || x.record_id, d.record_a) AS a,
               coalesce(y.source || '/' || y.record_id, d.record_b) AS b, lower(d."{verdict}") AS verdict
        FROM decision_file d
        LEFT JOIN record_names i ON i.label = d.record_a LEFT JOIN records x ON x.uid = i.uid
        LEFT JOIN record_names j ON j.label = d.record_b LEFT JOIN records y ON y.uid = j.uid
        ORDER BY d.{ROW}
        """
    )
    con.execute("DROP TABLE decision_file")
    con.execute("DROP TABLE record_names")
    same: list[tuple[int, int]] = []
    different: list[tuple[int, int]] = []
    for row, a, b, word in rows:
        if word not in ("same", "different"):
            raise refuse(
                "bad_decision",
                "决定应为 same 或 different",
                "a decision is same or different",
                f"{path}, row {row}",
            )
        if a is None or b is None or a == b:
            column = "record_a" if a is None else "record_b"
            rejects.add(
                Reject(
                    path.name,
                    row,
                    column,
                    "record_not_found",
                    "输入里没有这条记录或编号不唯一",
                    "no such record in the input, or its id is not unique",
                )
            )
            continue
        (same if word == "same" else different).append((a, b))
    _refuse_contradictions(con, same, different, path)
    return Decisions(tuple(same), tuple(different))


def no_decisions(con: duckdb.DuckDBPyConnection) -> Decisions:
    """None were given: table ``decided`` is empty."""
    con.execute("CREATE OR REPLACE TABLE decided (a VARCHAR, b VARCHAR, verdict VARCHAR)")
    return Decisions()


def _refuse_contradictions(
    con: duckdb.DuckDBPyConnection, same: list[tuple[int, int]], different: list[tuple[int, int]], path: Path
) -> None:
    counted = con.execute("SELECT count(*) FROM records").fetchone()
    pairs = np.asarray(same, dtype=np.int64).reshape(-1, 2)
    labels = components(int(counted[0]) if counted else 0, pairs[:, 0], pairs[:, 1])
    for a, b in different:
        if labels[a] == labels[b]:
            raise refuse(
                "contradicting_decisions",
                "决定互相矛盾：同一对记录既相同又不同",
                "decisions contradict each other: a pair is both the same and different",
                f"{path}, {_label(con, a)} – {_label(con, b)}",
            )


def _label(con: duckdb.DuckDBPyConnection, uid: int) -> str:
    found = con.execute("SELECT source || '/' || record_id FROM records WHERE uid = ?", [uid]).fetchone()
    return str(found[0]) if found else "?"
