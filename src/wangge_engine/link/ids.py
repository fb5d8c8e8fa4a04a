"""Ids that stay: an entity that grows keeps its id, the largest of merged ones survives, the larger side of a split.

A merge that is undone gives the id back to the side that bore it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MERGED, SPLIT, GONE = "merged", "split", "gone"


@dataclass(frozen=True)
class Renamed:
    """What became of an id: ``merged`` into another, ``split`` (another came out of it), ``gone`` with its records."""

    old: int
    new: int | None
    why: str


@dataclass(frozen=True)
class Named:
    """The row of each new entity by its label; rows from ``first_new`` on are new, with the ids in ``made``."""

    rows: Mapping[int, int]
    made: tuple[str, ...]
    renamed: tuple[Renamed, ...]


def name_entities(
    old: Sequence[int],
    label: Sequence[int],
    *,
    vanished: Iterable[int],
    since: Callable[[int], int],
    id_of: Callable[[int], str],
    lives: Callable[[int], bool],
    former: Mapping[int, Sequence[int]],
    former_size: Mapping[int, int],
    digest_of: Callable[[int], str],
    row_of_id: Callable[[str], int | None],
    first_new: int,
    prefix: str,
) -> Named:
    """Give every label its entity.

    ``old`` and ``label`` run over the records at hand: the row of the entity that held it (-1: none) and its new
    label. ``vanished``: entities of which no record is left. ``since``, ``id_of``, ``lives``: run in which a row was
    made, its id, and whether it bore records before. ``former``: by position, the rows that ceased while bearing
    the record, and ``former_size`` how many records each of them bore. ``digest_of`` is a record's hash by
    position; ``row_of_id`` finds the row that bears or bore an id.
    """
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    members: dict[int, list[int]] = defaultdict(list)
    for position, (entity, to) in enumerate(zip(old, label, strict=True)):
        members[to].append(position)
        if entity >= 0:
            votes[entity][to] += 1
    heir = {
        entity: min(found, key=lambda to: (-found[to], members[to][0]))
        if len(found) > 1
        else next(iter(found))
        for entity, found in votes.items()
    }
    claims: dict[int, list[int]] = defaultdict(list)
    for entity, to in heir.items():
        claims[to].append(entity)
    rows: dict[int, int] = {}
    renamed: list[Renamed] = []
    for to, entities in claims.items():
        rows[to] = entities[0]
        if len(entities) > 1:
            rows[to] = min(entities, key=lambda e: (-votes[e][to], since(e), id_of(e)))
            renamed += [Renamed(e, rows[to], MERGED) for e in entities if e != rows[to]]
    taken = set(rows.values())

    def free(row: int) -> bool:
        return row not in taken and (row in votes or not lives(row))

    made: dict[str, int] = {}
    for to in sorted(set(members) - set(rows), key=lambda to: members[to][0]):
        row = _restored(Counter(r for m in members[to] for r in former.get(m, ()) if free(r)), former_size)
        if row is None:
            digest, turn = min(map(digest_of, members[to])), 0
            while row is None:
                name, turn = entity_id(prefix, digest, turn), turn + 1
                held = row_of_id(name)
                if held is None and name not in made:
                    row = made[name] = first_new + len(made)
                elif held is not None and free(held):
                    row = held
        rows[to] = row
        taken.add(row)
    for entity, found in votes.items():
        renamed += [Renamed(entity, rows[to], SPLIT) for to in sorted(found) if to != heir[entity]]
    renamed += [Renamed(entity, None, GONE) for entity in vanished]
    return Named(rows, tuple(made), tuple(renamed))


def _restored(found: Counter[int], size: Mapping[int, int]) -> int | None:
    """The entity that ceased and most of whose records are here."""
    row = min(found, key=lambda r: (-found[r], r), default=None)
    return row if row is not None and found[row] * 2 > size[row] else None


def entity_id(prefix: str, digest: str, turn: int = 0) -> str:
    """The id of an entity whose smallest record hash is this; another ``turn`` where that id is borne already."""
    if turn:
        digest = hashlib.md5(f"{digest} {turn}".encode(), usedforsecurity=False).hexdigest()
    return prefix + digest[:20]


def row_lookup(
    con: duckdb.DuckDBPyConnection, ids: pa.ChunkedArray, prefix: str, digests: Iterable[str]
) -> Callable[[str], int | None]:
    """Row of an id among all ever given; ``digests`` are of the records that a new entity may be named by."""
    first = {entity_id(prefix, digest) for digest in digests}
    con.register("__ids", pa.table({"row": np.arange(len(ids)), "id": ids}))
    con.register("__first", pa.table({"id": pa.array(sorted(first), pa.string())}))
    borne = dict(con.execute("SELECT id, row FROM __ids SEMI JOIN __first USING (id)").fetchall())
    for view in ("__ids", "__first"):
        con.unregister(view)

    def find(name: str) -> int | None:
        if name in first:
            return borne.get(name)
        row = int(pc.index(ids, name).as_py())  # a second choice of id: rare, so it is looked for one by one
        return row if row >= 0 else None

    return find
