"""Which records a batch can touch: nothing outside of them needs to be looked at again.

``core``: the fresh records, whatever they link to, and every component and entity that holds one of these.
``near``: whoever shares a door or a household with the core; linked anew with it, because housemates are evidence.
``far``: whoever shares one with those; they stand as they were, but are seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.link.arrivals import Arrivals, blocking_keys
from wangge_engine.link.blocks import DOOR, HOUSEHOLD, Key, Keys, equal_parts, values_of
from wangge_engine.link.components import Ints
from wangge_engine.link.kept import Base

LARGEST_GROUP = 400  # records; a household of twelve does not have as many
Mask = NDArray[np.bool_]
_NO_KEYS = np.array([], dtype=np.uint64)


class World:
    """The base's records and the fresh ones under one numbering: who stands, with whom, in which entity."""

    def __init__(self, con: duckdb.DuckDBPyConnection, base: Base, arrivals: Arrivals) -> None:
        self.con, self.base = con, base
        self.first = base.rows
        self.rows = base.rows + arrivals.fresh
        self.stands = np.concatenate([base.alive, np.ones(arrivals.fresh, dtype=bool)])
        self.stands[arrivals.gone] = False
        self.component = np.concatenate(
            [base.component.astype(np.int64), np.arange(base.rows, self.rows, dtype=np.int64)]
        )
        inherited = np.full(arrivals.fresh, -1, dtype=np.int64)
        replaces = arrivals.heirs >= 0
        inherited[replaces] = base.entity[arrivals.heirs[replaces]]
        self.entity = np.concatenate([base.entity.astype(np.int64), inherited])
        keys = [*blocking_keys(base), *(key for key in (DOOR, HOUSEHOLD) if key in base.keys)]
        self._fresh = {key: _sorted(*values_of(con, "fresh", (key,))) for key in dict.fromkeys(keys)}

    def mask(self, *uids: Ints) -> Mask:
        found = np.zeros(self.rows, dtype=bool)
        for some in uids:
            found[some] = True
        return found

    def closed(self, mask: Mask) -> Mask:
        """With all of every component and entity that it touches; only who stands."""
        size = -1
        mask = mask.copy()
        while (now := int(mask.sum())) != size:
            size = now
            flag = np.zeros(self.rows, dtype=bool)
            flag[self.component[mask]] = True
            mask |= flag[self.component]
            flag = np.zeros(max(self.rows, int(self.entity.max(initial=-1)) + 1) + 1, dtype=bool)
            flag[self.entity[mask]] = True
            flag[-1] = False  # entity -1 is none
            mask |= flag[self.entity]
        found: Mask = mask & self.stands
        return found

    def entities_of(self, mask: Mask) -> Mask:
        """With all of every entity that it touches; only who stands."""
        flag = np.zeros(int(self.entity.max(initial=-1)) + 2, dtype=bool)
        flag[self.entity[mask]] = True
        flag[-1] = False
        found: Mask = (mask | flag[self.entity]) & self.stands
        return found

    def take(self, mask: Mask, table: str, columns: Sequence[str] | None = None) -> None:
        """Make a table of these records, of all columns or of some: most of the bytes are in the others."""
        uids = np.flatnonzero(mask)
        self.con.register("__taken", self.base.take(uids[uids < self.first], columns))
        self.con.register("__own", pa.table({"uid": uids[uids >= self.first].astype(np.int32)}))
        chosen = ", ".join(["uid", *(columns or self.base.columns)])
        self.con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {chosen} FROM __taken UNION ALL BY NAME"
            f" SELECT {chosen} FROM fresh SEMI JOIN __own USING (uid)"
        )
        self.con.unregister("__taken")
        self.con.unregister("__own")

    def find(self, key: Key, values: Keys) -> tuple[Ints, Ints]:
        """Positions in the values and the standing records that share each."""
        position, uid = self.base.find(values)
        keep = self.stands[uid]
        own, uids = self._fresh[key]
        start, end = np.searchsorted(own, values), np.searchsorted(own, values, side="right")
        counts = end - start
        more = np.repeat(np.arange(len(values)), counts)
        offset = np.arange(len(more)) - np.repeat(np.cumsum(counts) - counts, counts)
        return (
            np.concatenate([position[keep], more]),
            np.concatenate([uid[keep], uids[np.repeat(start, counts) + offset]]),
        )

    def sharing(self, table: str, keys: Iterable[Key], largest: int | None = None) -> tuple[Ints, Keys]:
        """Records that share a key with those of a table, and the keys asked about; too large groups left out."""
        found, asked = [np.array([], dtype=np.int64)], [_NO_KEYS]
        for key in keys:
            if key not in self._fresh:
                continue
            values = np.unique(values_of(self.con, table, (key,))[0])
            if largest is not None:
                values = values[self.base.count(values) <= largest]
            asked.append(values)
            found.append(self.find(key, values)[1])
        return np.unique(np.concatenate(found)), np.concatenate(asked)


def _sorted(values: Keys, uids: Ints) -> tuple[Keys, Ints]:
    order = np.argsort(values, kind="stable")
    return values[order], uids[order]


def candidate_pairs(world: World) -> tuple[Ints, Ints]:
    """Pairs of a fresh record and any other that share a blocking key."""
    pairs = [np.array([], dtype=np.int64)]
    for key in blocking_keys(world.base):
        values, uids = values_of(world.con, "fresh", (key,))
        position, other = world.find(key, values)
        own = uids[position]
        apart = own != other
        low, high = np.minimum(own, other)[apart], np.maximum(own, other)[apart]
        pairs.append(np.unique(low << 32 | high))
    packed = np.unique(np.concatenate(pairs))
    return packed >> 32, packed & 0xFFFFFFFF


@dataclass(frozen=True)
class Closure:
    """Records to link anew (``again``), all records to be seen (``seen``), and the living groups that are whole."""

    again: Mask
    seen: Mask
    whole_groups: Keys


def close(world: World, touched: Ints, candidates: Ints, partial: bool) -> Closure:
    """The closure of the records that a batch touches; ``candidates`` are those that were only compared."""
    core = world.closed(world.mask(touched))
    titles = title_keys(world.base) if partial else []
    columns = named_columns(world.base, [part for k in (DOOR, HOUSEHOLD, *titles) for part in k.parts])
    if titles:
        # A title stands for whoever alone fits it: it is asked again when anybody near it changed.
        world.take(core, "part", columns)
        core = world.closed(core | world.mask(_partial(world, world.sharing("part", titles)[0])))
    world.take(core, "part", columns)
    if not partial:
        return Closure(core, world.entities_of(core | world.mask(candidates)), _NO_KEYS)
    living = (DOOR, HOUSEHOLD)
    near, asked = world.sharing("part", living, LARGEST_GROUP)
    again = world.closed(core | world.mask(near))
    world.take(again, "part", columns)
    far, more = world.sharing("part", living, LARGEST_GROUP)
    world.con.execute("CREATE OR REPLACE TABLE titled AS SELECT * FROM part WHERE name_kind = 'partial'")
    rivals = world.sharing("titled", titles)[0]
    seen = world.entities_of(again | world.mask(far, rivals, candidates))
    return Closure(again, seen, np.unique(np.concatenate([asked, more])))


def named_columns(base: Base, texts: Iterable[str]) -> list[str]:
    """The base's columns that some texts (SQL) name, and what kind of name a record has."""
    words = {word for text in texts for word in re.findall(r"\w+", text)} | {"name_kind"}
    return [column for column in base.columns if column in words]


def title_keys(base: Base) -> list[Key]:
    """Keys of the rules by which a name that is not whole is compared."""
    return [Key(equal_parts(rule)) for rule in base.model.blocking if "'partial'" in rule]


def _partial(world: World, uids: Ints) -> Ints:
    old = uids[uids < world.first]
    kinds = world.base.take(old, ["name_kind"]).column("name_kind").to_pylist()
    found = old[np.array([kind == "partial" for kind in kinds], dtype=bool)]
    return np.concatenate([found, uids[uids >= world.first]])
