"""Precision, recall and F1 against a truth file, pairwise and B-cubed; people exactly right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import load_text


def evaluate(con: duckdb.DuckDBPyConnection, truth: Path) -> dict[str, Any]:
    """Compare ``entity_of`` with a truth file (record_id, entity_id, and source where ids repeat)."""
    columns = load_text(con, truth, "truth_file")
    if not {"record_id", "entity_id"} <= set(columns):
        raise refuse(
            "bad_truth",
            "真值文件应有 record_id, entity_id 列",
            "truth needs columns record_id, entity_id",
            str(truth),
        )
    same_source = "AND t.source = r.source" if "source" in columns else ""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE judged AS
        SELECT r.uid, e.entity AS made, t.entity_id AS true_id
        FROM records r JOIN entity_of e USING (uid)
        JOIN truth_file t ON t.record_id = r.record_id {same_source}
        """
    )
    # Sizes by window, not by join: equal sizes joined to each other would be a product of all people.
    found = con.execute(
        """
        WITH cells AS (
            SELECT made, true_id, count(*) AS n FROM judged GROUP BY made, true_id
        ), sized AS (
            SELECT n, sum(n) OVER (PARTITION BY made) AS in_made, sum(n) OVER (PARTITION BY true_id) AS in_truth
            FROM cells
        )
        SELECT sum(n * (n - 1) / 2), sum(n * (in_made - 1) / 2), sum(n * (in_truth - 1) / 2),
               sum(n * n / in_made) / sum(n), sum(n * n / in_truth) / sum(n),
               (SELECT count(DISTINCT true_id) FROM judged),
               count(*) FILTER (WHERE n = in_made AND n = in_truth),
               sum(n), (SELECT count(DISTINCT made) FROM judged)
        FROM sized
        """
    ).fetchone()
    assert found is not None
    both, made, true, b_precision, b_recall, people, exact, records, entities = found
    con.execute("DROP TABLE truth_file")
    return {
        "records": int(records or 0),
        "people": int(people),
        "entities": int(entities),
        "pairwise": _scores(_ratio(both, made), _ratio(both, true)),
        "b_cubed": _scores(float(b_precision or 1.0), float(b_recall or 1.0)),
        "exactly_right": round(_ratio(exact, people), 6),
    }


def _ratio(part: float | None, whole: float | None) -> float:
    """Share; an empty whole has nothing wrong in it."""
    return float(part or 0) / float(whole) if whole else 1.0


def _scores(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": round(precision, 6), "recall": round(recall, 6), "f1": round(f1, 6)}
