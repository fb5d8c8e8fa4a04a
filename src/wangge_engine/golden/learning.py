"""What the data says about the sources: how often each is right about each field, and which share their errors.

Nobody tells the truth beforehand. A round chooses values with what is believed so far, then asks how often each
source's tellings were among the chosen; some rounds and it stands. Beliefs begin with the rank of authority.
"""

from __future__ import annotations

import math
from typing import Any

import duckdb
import pyarrow as pa

from wangge_engine.golden import parameters as p
from wangge_engine.golden.statements import statements

Key = tuple[str, str, int]


def keep(field: str, band: int) -> float:
    """The share of what was right that is still right in an age band."""
    half = p.HALF_LIFE.get(field)
    if half is None:
        return 1.0
    edges = (0.0, *p.BANDS)
    if band > len(p.BANDS):  # no date: as a record of a few years
        years = edges[2]
    else:
        years = (edges[band] + (edges[band + 1] if band < len(p.BANDS) else 2 * edges[band])) / 2
    return float(0.5 ** (years / half))


def bits(field: str, share: float) -> float:
    """What a telling adds: how much likelier this value is the right one than each of its rivals."""
    held = min(max(share, 0.02), 0.995)
    return max(p.LEAST_BITS, round(math.log2(p.RIVALS[field] * held / (1 - held)), 3))


def learn(con: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Leaves tables ``weights`` and ``copies``; returns what was found of sources and of pairs of sources."""
    note_rivals(con)
    entities = _number(con, "SELECT count(DISTINCT entity_id) FROM candidates")
    every = max(1, math.ceil(entities / p.SAMPLE))
    con.execute(
        f"CREATE OR REPLACE TABLE learning AS FROM candidates WHERE hash(entity_id) % {every} = 0 AND "
        "(entity_id, field) IN"
        " (SELECT (entity_id, field) FROM candidates GROUP BY ALL HAVING count(DISTINCT source) > 1)"
    )
    ranks = {
        (field, source): rank
        for field, source, rank in con.execute("SELECT field, source, rank FROM authority").fetchall()
    }
    told = con.execute(
        "SELECT field, source, band, count(*) FROM candidates GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    note_copies(con, [])
    seen = _agree(con, told, ranks)
    copies: list[dict[str, Any]] = []
    for _ in range(p.PASSES):
        found = _shared_errors(con)
        if note_copies(con, found) == copies:
            break
        # what copies made each other believed is forgotten: begin again, knowing of them
        copies = [c for c in found if c["share"] >= p.COPY_AT_LEAST]
        seen = _agree(con, told, ranks)
    return seen, copies


def note_rivals(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``rivals``: of each field how many wrong values are about as likely."""
    con.register("__rivals", pa.table({"field": list(p.RIVALS), "rivals": list(p.RIVALS.values())}))
    con.execute("CREATE OR REPLACE TABLE rivals AS FROM __rivals")
    con.unregister("__rivals")


def _agree(
    con: duckdb.DuckDBPyConnection, told: list[tuple[Any, ...]], ranks: dict[tuple[str, str], int]
) -> list[dict[str, Any]]:
    """Begin with the ranks; choose and judge the sources by turns."""
    seen: list[dict[str, Any]] = []
    for _ in range(p.ROUNDS):
        _believe(
            con, told, ranks, {(r["field"], r["source"], r["band"]): (r["right"], r["judged"]) for r in seen}
        )
        score(con, "learning")
        seen = _judge(con)
    return seen


def score(con: duckdb.DuckDBPyConnection, candidates: str) -> None:
    """Table ``scored`` of a table of candidates."""
    for statement in statements("scoring.sql", candidates=candidates, least=round(p.LEAST_BITS * 1000)):
        con.execute(statement)


def _believe(
    con: duckdb.DuckDBPyConnection,
    told: list[tuple[Any, ...]],
    ranks: dict[tuple[str, str], int],
    seen: dict[Key, tuple[float, int]],
) -> None:
    """Table ``weights``: (field, source, band, share, judged, bits); source '' is a verified telling."""
    rows = []
    for (field, source), bands in _by_source(told).items():
        believed = p.prior(ranks.get((field, source), p.DEFAULT_RANK))
        judged = [seen.get((field, source, band), (0.0, 0)) for band, _ in bands]
        whole = (p.BELIEF * believed + sum(right for right, _ in judged)) / (
            p.BELIEF + sum(n for _, n in judged)
        )
        mean = sum(keep(field, band) * n for band, n in bands) / sum(n for _, n in bands)
        for (band, _), (right, n) in zip(bands, judged, strict=True):
            expected = min(0.995, whole * keep(field, band) / mean)
            share = (p.BELIEF * expected + right) / (p.BELIEF + n)
            rows.append((field, source, band, share, n, bits(field, share)))
    for field in p.FIELDS:
        for band in range(len(p.BANDS) + 2):
            share = p.VERIFIED * keep(field, band)
            rows.append((field, "", band, share, 0, bits(field, share)))
    names = ("field", "source", "band", "share", "judged", "bits")
    con.register("__weights", pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))))
    con.execute("CREATE OR REPLACE TABLE weights AS FROM __weights")
    con.unregister("__weights")


def _by_source(told: list[tuple[Any, ...]]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for field, source, band, n in told:
        found.setdefault((field, source), []).append((band, n))
    return found


def _judge(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """How much of what each source told is believed right, where an independent source told too."""
    rows = con.execute(
        """
        WITH heard AS (
            SELECT entity_id, field FROM learning c LEFT JOIN hands h USING (source)
            GROUP BY ALL HAVING count(DISTINCT coalesce(h.hand, source)) > 1
        )
        SELECT c.field, c.source, c.band, sum(s.p), count(*)
        FROM learning c JOIN scored s USING (entity_id, field, value) SEMI JOIN heard USING (entity_id, field)
        WHERE c.tier > 0 AND NOT c.verified GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    return [dict(zip(("field", "source", "band", "right", "judged"), row, strict=True)) for row in rows]


def _shared_errors(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Pairs of sources by how much of the one's errors the other has too, where both tell the field."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE wrong AS
        SELECT DISTINCT c.entity_id, c.field, c.value, c.source FROM learning c
        JOIN scored s USING (entity_id, field, value)
        WHERE s.p < 0.2 AND NOT c.verified AND c.field IN {p.FIXED!r}
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE tells AS
        SELECT DISTINCT entity_id, field, source FROM learning WHERE NOT verified AND field IN {p.FIXED!r}
        """
    )
    rows = con.execute(
        f"""
        WITH both_tell AS (
            SELECT w.source, t.source AS other, count(*) AS errors,
                   count(*) FILTER (WHERE o.source IS NOT NULL) AS shared
            FROM wrong w JOIN tells t ON t.entity_id = w.entity_id AND t.field = w.field AND t.source <> w.source
            LEFT JOIN wrong o ON o.entity_id = w.entity_id AND o.field = w.field AND o.value = w.value
                 AND o.source = t.source
            GROUP BY ALL
        )
        SELECT a.source, a.other,
               CASE WHEN a.shared < {p.COPY_SHARED} THEN 0
                    ELSE greatest(a.shared / (a.errors + {p.COPY_BELIEF}), b.shared / (b.errors + {p.COPY_BELIEF})) END,
               a.shared, least(a.errors, b.errors)
        FROM both_tell a JOIN both_tell b ON b.source = a.other AND b.other = a.source
        ORDER BY a.source, a.other
        """
    ).fetchall()
    return [
        {"source": s, "other": o, "share": round(share, 3), "shared": shared, "errors": errors}
        for s, o, share, shared, errors in rows
    ]


def note_copies(con: duckdb.DuckDBPyConnection, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Table ``copies``: the pairs that are not independent, both ways round; ``hands``: who writes with whose hand."""
    kept = [r for r in found if r["share"] >= p.COPY_AT_LEAST]
    held = [(r["source"], r["other"], r["share"]) for r in kept]
    con.execute("CREATE OR REPLACE TABLE copies (source VARCHAR, other VARCHAR, share DOUBLE)")
    if held:
        con.executemany("INSERT INTO copies VALUES (?, ?, ?)", held)
    hand = {source: source for source, _, _ in held}
    for source, other, _ in held:
        old, new = sorted((hand[source], hand[other]), reverse=True)
        hand = {s: new if h == old else h for s, h in hand.items()}
    con.execute("CREATE OR REPLACE TABLE hands (source VARCHAR, hand VARCHAR)")
    if hand:
        con.executemany("INSERT INTO hands VALUES (?, ?)", list(hand.items()))
    return kept


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    found = con.execute(query).fetchone()
    return int(found[0]) if found else 0
