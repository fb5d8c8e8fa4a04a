"""Which pairs share something: the blocking rules by sorted hashes, instead of one join of the database for each.

A record's value for a rule becomes one integer, the hash above and the record below; sorted, the records that share a
value stand side by side. Where hashes meet by chance in the bits that an entry holds, all of their bits are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from wangge_engine.link.blocks import SAME, Key, Keys, bits_for, conjuncts, equal_parts, values_of
from wangge_engine.link.components import Ints

PAIRS_AT_MOST = 40  # for each record; beyond, values so common go through the database, which spills
SPARE = 1_000_000
_NONE: Keys = np.array([], dtype=np.uint64)
_ON_A_SIDE = re.compile(r"\(l\.(?P<left>.+) OR r\.(?P<right>.+)\)")


def blocked_pairs(
    con: duckdb.DuckDBPyConnection, rules: Sequence[str], rows: int
) -> tuple[Ints, Ints] | None:
    """Records a < b of table ``records`` (numbered from 0) that share what some rule wants equal, sorted.

    None where these would be too many to hold.
    """
    room = PAIRS_AT_MOST * rows + SPARE
    bits = np.uint64(bits_for(rows))
    found: list[Keys] = []
    asked = list(_keys(rules).items())
    with con.cursor() as other, ThreadPoolExecutor(1) as ahead:
        coming = [ahead.submit(_sorted, other, key, bits, rows) for key, _ in asked[:1]]
        for place, (_, condition) in enumerate(asked):
            entries = coming.pop().result()
            coming += [
                ahead.submit(_sorted, other, key, bits, rows) for key, _ in asked[place + 1 : place + 2]
            ]
            if entries.pairs() > room:
                return None
            flags = None if condition is None else _flags(con, condition, rows)
            made = list(_neighbours(entries if flags is None else entries.flagged(flags), flags))
            found.append(np.concatenate([_NONE, *made]))
            room -= len(found[-1])
    packed = np.concatenate([_NONE, *found])
    found.clear()
    packed.sort()  # np.unique hashes large arrays, which takes ten times as long
    first = np.ones(len(packed), dtype=bool)
    first[1:] = packed[1:] != packed[:-1]
    packed = packed[first]
    return (packed >> np.uint64(32)).view(np.int64), (packed & np.uint64(0xFFFFFFFF)).view(np.int64)


def _keys(rules: Sequence[str]) -> dict[Key, str | None]:
    """What each rule wants equal, and a condition that one side at least must meet, where every such rule has one."""
    found: dict[Key, str | None] = {}
    for rule in rules:
        key = Key(equal_parts(rule))
        asked = [match["left"] for term in conjuncts(rule) if (match := _on_a_side(term)) is not None]
        condition = f"({asked[0]})" if asked else None
        if key in found:
            held = found[key]
            condition = None if held is None or condition is None else f"{held} OR {condition}"
        found[key] = condition
    return found


def told_exactly(rules: Sequence[str]) -> bool:
    """Whether the rules ask nothing but what ``blocked_pairs`` looks at: equal parts, and one condition on a side."""
    for rule in rules:
        others = [t for t in conjuncts(rule) if not ((m := SAME.fullmatch(t.strip())) and m[1] == m[2])]
        if len(others) > 1 or any(_on_a_side(term) is None for term in others):
            return False
    # conditions of rules with one key are held together, or not at all where one of these rules has none
    return True


def _on_a_side(term: str) -> re.Match[str] | None:
    match = None if SAME.fullmatch(term.strip()) else _ON_A_SIDE.fullmatch(term.strip())
    return match if match is not None and match["left"] == match["right"] else None


@dataclass(frozen=True)
class _Sorted:
    """Records that have a value of some kind, by it: ``same`` where one has that of the next. ``hashes``: of each,
    where two values meet in what was sorted."""

    uid: Keys
    same: NDArray[np.bool_]
    hashes: Keys | None

    @property
    def starts(self) -> Ints:
        """Where each value begins."""
        return np.concatenate([[0], np.flatnonzero(~self.same) + 1])[: len(self.uid)]

    def pairs(self) -> int:
        sizes = np.diff(self.starts, append=len(self.uid))
        return int((sizes * (sizes - 1) // 2).sum())

    def flagged(self, flags: NDArray[np.bool_]) -> _Sorted:
        """The values that some flagged record has."""
        if not len(self.uid):
            return self
        starts = self.starts
        chosen = np.logical_or.reduceat(flags[self.uid], starts)
        kept = np.repeat(chosen, np.diff(starts, append=len(self.uid)))
        first = np.zeros(len(self.uid), dtype=bool)
        first[starts] = True
        hashes = None if self.hashes is None else self.hashes[kept]
        return _Sorted(self.uid[kept], ~first[kept][1:], hashes)


def _sorted(con: duckdb.DuckDBPyConnection, key: Key, bits: np.uint64, rows: int) -> _Sorted:
    values, uids = values_of(con, "records", (key,))
    entries: Keys = (values >> bits << bits) | uids.astype(np.uint64)
    entries.sort()
    by_record = np.zeros(rows, dtype=np.uint64)
    by_record[uids] = values
    uid = entries & np.uint64((1 << int(bits)) - 1)
    entries >>= bits
    same = entries[1:] == entries[:-1]
    hashes = by_record[uid]
    met = same & (hashes[1:] != hashes[:-1])
    return _Sorted(uid, same, hashes if met.any() else None)


def _neighbours(entries: _Sorted, flags: NDArray[np.bool_] | None) -> Iterator[Keys]:
    """Pairs of records of one value, packed: all that stand one apart, then two apart, and so on."""
    uid, same, hashes = entries.uid, entries.same, entries.hashes
    at, apart = np.flatnonzero(same), 1
    while len(at):
        one = at if hashes is None else at[hashes[at] == hashes[at + apart]]
        a, b = uid[one], uid[one + apart]
        if flags is not None:
            kept = flags[a] | flags[b]
            a, b = a[kept], b[kept]
        yield a << np.uint64(32) | b
        at = at[at + apart < len(same)]
        at = at[same[at + apart]]
        apart += 1


def _flags(con: duckdb.DuckDBPyConnection, condition: str, rows: int) -> NDArray[np.bool_]:
    told = con.execute(f"SELECT uid FROM records WHERE {condition}").fetchnumpy()["uid"]
    flags = np.zeros(rows, dtype=bool)
    flags[np.asarray(told, dtype=np.int64)] = True
    return flags
