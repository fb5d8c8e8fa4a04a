"""Precision and recall by group: whom the linkage serves worse, by the shape of the name and by age.

A pair counts for every group that one of its records belongs to. The shape is that of the name as this record has it;
the age is the person's, from the birth date that most of their records give. Beside the recall stands a group's own
ceiling, so that a reader sees whether the linkage falls behind or the data do: the recall of joining, of one person,
all records that share a number, birth date, telephone or door, directly or through other records of that person.
Names can take a linkage above it.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.link.components import components

BEHIND_AT_MOST = 0.01  # a group more than this below the whole is named
FEWEST_PAIRS = 50  # true pairs of a group, to say anything about it
KINDS = {"name_shape": "shape", "age": "age"}
SHARED = ("id_number", "birth", "phone_key", "door")

_GROUPED = """
CREATE OR REPLACE TEMP TABLE grouped AS
WITH told AS (
    SELECT j.uid, j.made, j.true_id, c.chain, r.birth,
           CASE WHEN r.name_kind = 'partial' THEN 'partial'
                WHEN r.name_kind = 'transliterated' THEN 'transliterated'
                WHEN r.name_kind <> 'full' THEN 'none or latin'
                WHEN length(r.surname) = 2 THEN 'compound surname'
                WHEN length(r.name) <= 2 THEN '2 characters'
                WHEN length(r.name) = 3 THEN '3 characters' ELSE '4 or more characters' END AS shape
    FROM judged j JOIN records r USING (uid) JOIN chained c USING (uid)
), births AS (
    SELECT true_id, arg_max(birth, (n, birth)) AS birth
    FROM (SELECT true_id, birth, count(*) AS n FROM told WHERE birth IS NOT NULL GROUP BY ALL) GROUP BY true_id
), latest AS (
    SELECT max(CAST(birth[1:4] AS INTEGER)) AS year FROM births
)
SELECT t.made, t.true_id, t.chain, t.shape,
       CASE WHEN b.birth IS NULL THEN 'unknown'
            ELSE (SELECT band FROM (VALUES (0, '00-05'), (6, '06-17'), (18, '18-39'), (40, '40-59'), (60, '60-79'),
                                    (80, '80 and over')) bands(low, band)
                  WHERE low <= l.year - CAST(b.birth[1:4] AS INTEGER) ORDER BY low DESC LIMIT 1) END AS age
FROM told t LEFT JOIN births b USING (true_id), latest l
"""
# Pairs that touch a group: all pairs less those among the others.
_TOUCHING = """
WITH cells AS (
    SELECT {by}, count(*) AS n FROM grouped GROUP BY {by}
), held AS (
    SELECT {group} AS grp, {by}, count(*) AS k FROM grouped GROUP BY ALL
)
SELECT grp, sum(n * (n - 1) / 2 - (n - k) * (n - k - 1) / 2) AS pairs, sum(k) AS records
FROM held JOIN cells USING ({by}) GROUP BY grp
"""


def by_group(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, Any]]]:
    """Kind -> group -> records, precision, recall, ceiling and whether it falls behind; needs table ``judged``."""
    _chain(con)
    con.execute(_GROUPED)
    found = {}
    for kind, column in KINDS.items():
        both, made, true, chain = (
            {name: (pairs, records) for name, pairs, records in _touching(con, column, by)}
            for by in ("made, true_id", "made", "true_id", "chain")
        )
        whole = [sum(pairs for pairs, _ in side.values()) for side in (both, made, true)]
        overall = _share(whole[0], whole[1]), _share(whole[0], whole[2])
        found[kind] = {
            name: {
                **_row(both[name][0], made[name][0], true[name][0], true[name][1], overall),
                "ceiling": round(_share(chain[name][0], true[name][0]), 6),
            }
            for name in sorted(true)
        }
    con.execute("DROP TABLE grouped; DROP TABLE chained")
    return found


def _chain(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``chained``: per record, the records of the same person that a chain of shared values joins it to."""
    left, right = [], []
    # One at a time and without windows: windows side by side can wait for each other's memory for ever.
    for column in SHARED:
        query = (
            f"SELECT uid, hash(true_id, {column}) AS k FROM judged JOIN records USING (uid)"
            f" WHERE {column} IS NOT NULL"
        )
        found = con.execute(query).fetchnumpy()
        key, uid = found["k"], found["uid"].astype(np.int64)
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order][1:] == key[order][:-1])
        left.append(uid[order[same]])
        right.append(uid[order[same + 1]])
    last = con.execute("SELECT coalesce(max(uid), -1) FROM records").fetchall()[0][0]
    labels = components(last + 1, np.concatenate(left), np.concatenate(right))
    con.register("__chains", pa.table({"uid": np.arange(last + 1), "chain": labels}))
    con.execute("CREATE OR REPLACE TEMP TABLE chained AS SELECT * FROM __chains")
    con.unregister("__chains")


def _touching(con: duckdb.DuckDBPyConnection, group: str, by: str) -> list[tuple[str, float, int]]:
    return con.execute(_TOUCHING.format(group=group, by=by)).fetchall()


def _row(both: float, made: float, true: float, records: int, overall: tuple[float, float]) -> dict[str, Any]:
    precision, recall = _share(both, made), _share(both, true)
    return {
        "records": int(records),
        "true_pairs": int(true),
        "precision": round(precision, 6),
        "recall": round(recall, 6),
        "behind": true >= FEWEST_PAIRS
        and (precision < overall[0] - BEHIND_AT_MOST or recall < overall[1] - BEHIND_AT_MOST),
    }


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 1.0
