"""People's decisions over the life of a base: kept by record, the later about a pair overrules the earlier."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, load_text
from wangge_engine.link.arrivals import Arrivals
from wangge_engine.link.blocks import RECORD, RECORD_ID, values_of
from wangge_engine.link.components import Ints, components
from wangge_engine.link.kept import Base

WORDS = ("same", "different", "withdrawn")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """A standing record and its full label."""

    uid: int
    label: str


@dataclass(frozen=True)
class Verdicts:
    """Pairs of standing records that are the same or different by decision; records that a new decision is about;
    the decisions to keep."""

    same: Ints
    different: Ints
    news: Ints
    kept: pa.Table


def read_verdicts(
    con: duckdb.DuckDBPyConnection, base: Base, arrivals: Arrivals, path: Path | None, rejects: Rejects
) -> Verdicts:
    """The base's decisions and those of a file (record_a, record_b, decision): same, different or withdrawn.

    A record is written ``source/record_id``. A decision about a record that nobody has is kept for when it comes.
    """
    held = base.table("decisions")
    kept = {
        _pair(a, b): word
        for a, b, word in zip(*(held.column(c).to_pylist() for c in ("a", "b", "verdict")), strict=True)
    }
    rows = [] if path is None else _read(con, path)
    place = _places(
        con, base, arrivals, sorted({*(x for p in kept for x in p), *(x for r in rows for x in r[1:3])})
    )
    kept = {_pair(*(place[x].label if x in place else x for x in pair)): word for pair, word in kept.items()}
    told: dict[Pair, str] = {}
    for row, a, b, word in rows:
        for label in (a, b):
            if label not in place:
                rejects.add(_unknown(str(path), row, label == a))
        pair = _pair(*(place[x].label if x in place else x for x in (a, b)))
        if told.setdefault(pair, word) != word:
            raise _contradiction(f"{path}, row {row}")
    news = {pair for pair, word in told.items() if kept.get(pair) != word}
    kept |= told
    standing = {found.label: found.uid for found in place.values()}
    found = {word: _pairs(kept, word, standing) for word in WORDS}
    labels = components(base.rows + arrivals.fresh, found["same"][:, 0], found["same"][:, 1])
    if (labels[found["different"][:, 0]] == labels[found["different"][:, 1]]).any():
        raise _contradiction(str(path or base.folder))
    lasting = sorted((pair, word) for pair, word in kept.items() if word != "withdrawn")
    return Verdicts(
        same=found["same"],
        different=found["different"],
        news=np.array(sorted({standing[x] for pair in news for x in pair if x in standing}), dtype=np.int64),
        kept=pa.table(
            {
                "a": pa.array([pair[0] for pair, _ in lasting], pa.string()),
                "b": pa.array([pair[1] for pair, _ in lasting], pa.string()),
                "verdict": pa.array([word for _, word in lasting], pa.string()),
            }
        ),
    )


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)


def _contradiction(place: str) -> Refused:
    return refuse(
        "contradicting_decisions",
        "决定互相矛盾：同一对记录既相同又不同",
        "decisions contradict each other: a pair is both the same and different",
        place,
    )


def _unknown(file: str, row: int, first: bool) -> Reject:
    return Reject(
        Path(file).name,
        row,
        "record_a" if first else "record_b",
        "record_not_found",
        "没有这条记录或编号不唯一；决定先留着，等它到来",
        "no such record, or its id is not unique; the decision is kept until it comes",
    )


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[int, str, str, str]]:
    columns = load_text(con, path, "decision_file")
    verdict = next((c for c in ("decision", "same|different", "verdict") if c in columns), None)
    if verdict is None or not {"record_a", "record_b"} <= set(columns):
        raise refuse(
            "bad_decisions",
            "决定文件应有 record_a, record_b, decision, by 列",
            "decisions need columns record_a, record_b, decision, by",
            str(path),
        )
    rows = con.execute(
        f'SELECT {ROW}, record_a, record_b, lower("{verdict}") FROM decision_file ORDER BY {ROW}'
    ).fetchall()
    con.execute("DROP TABLE decision_file")
    for row, a, b, word in rows:
        if word not in WORDS or not a or not b or a == b:
            raise refuse(
                "bad_decision",
                "决定应为 same、different 或 withdrawn，写明两条不同的记录（来源/编号）",
                "a decision is same, different or withdrawn, about two records (source/record_id)",
                f"{path}, row {row}",
            )
    return rows


def _pairs(kept: dict[Pair, str], word: str, standing: dict[str, int]) -> Ints:
    found = [
        (standing[a], standing[b])
        for (a, b), w in kept.items()
        if w == word and a in standing and b in standing
    ]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _places(
    con: duckdb.DuckDBPyConnection, base: Base, arrivals: Arrivals, labels: list[str]
) -> dict[str, Place]:
    """The standing record of each label, ``source/record_id`` or a record id that only one bears."""
    if not labels:
        return {}
    slashes = [(label, at) for label in labels for at, sign in enumerate(label) if sign == "/"]
    cuts = [*((label, label[:at], label[at + 1 :]) for label, at in slashes), *((x, None, x) for x in labels)]
    con.register(
        "__labels",
        pa.table(
            {
                "uid": np.arange(len(cuts)),
                **{
                    name: pa.array([cut[i] for cut in cuts], pa.string())
                    for i, name in enumerate(("label", "source", "record_id"))
                },
            }
        ),
    )
    values, cut = values_of(con, "__labels", (RECORD,))
    more, bare = values_of(con, "(FROM __labels WHERE source IS NULL)", (RECORD_ID,))
    position, uid = base.find(np.concatenate([values, more]))
    stands = ~np.isin(uid, arrivals.gone)
    asked = np.concatenate([cut, bare])[position[stands]]
    con.register("__named", base.take(np.unique(uid[stands]), ["source", "record_id"]))
    con.register("__asked", pa.table({"cut": asked, "uid": uid[stands]}))
    found = con.execute(
        """
        WITH known AS (
            SELECT DISTINCT l.label, l.source IS NULL AS bare, n.uid, n.source, n.record_id
            FROM __asked a JOIN __labels l ON l.uid = a.cut JOIN __named n ON n.uid = a.uid
            WHERE l.record_id = n.record_id AND (l.source IS NULL OR l.source = n.source)
            UNION
            SELECT l.label, l.source IS NULL, f.uid, f.source, f.record_id
            FROM __labels l JOIN fresh f ON l.record_id = f.record_id AND (l.source IS NULL OR l.source = f.source)
        )
        SELECT label, uid, source || '/' || record_id FROM known
        WHERE true QUALIFY bare = min(bare) OVER (PARTITION BY label)
                   AND count(*) OVER (PARTITION BY label, bare) = 1
        """
    ).fetchall()
    for view in ("__labels", "__named", "__asked"):
        con.unregister(view)
    return {label: Place(uid, name) for label, uid, name in found}
