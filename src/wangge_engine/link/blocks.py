"""The index of a kept linkage: which records share a value that blocking, a door, a number or a decision looks at.

Every such value becomes one sorted integer: the high bits are a hash of the value, the low bits the record. A
sorted array on disk needs no server, is mapped and not read, and answers in microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from wangge_engine.link.components import Ints
from wangge_engine.link.model import Model

Keys = NDArray[np.uint64]
FEWEST_BITS = 20
SAME = re.compile(r"l\.(\w+(?:\[\d+:\d+\])?) = r\.(\w+(?:\[\d+:\d+\])?)")


@dataclass(frozen=True)
class Key:
    """SQL expressions over one record; records share the key when all are equal and none is missing."""

    parts: tuple[str, ...]

    @property
    def present(self) -> str:
        return " AND ".join(f"({part}) IS NOT NULL" for part in self.parts)

    @property
    def value(self) -> str:
        name = " ".join(self.parts).replace("'", "''")
        return f"hash('{name}', {', '.join(self.parts)})"


RECORD = Key(("source", "record_id"))
RECORD_ID = Key(("record_id",))
NUMBER = Key(("id_number",))
SLIP = Key(("pinyin", "id_number[1:14]"))
PHONE = Key(("phone",))
DOOR = Key(("place", "coalesce(building, '')", "room"))
HOUSEHOLD = Key(("source", "household_ref"))
_NAMED = (RECORD, RECORD_ID, NUMBER, SLIP, PHONE, DOOR, HOUSEHOLD)


def keys_of(model: Model, columns: Iterable[str]) -> list[Key]:
    """The keys to index: one per blocking rule, and the named ones whose columns the records have."""
    have = set(columns)
    found = [Key(equal_parts(rule)) for rule in model.blocking]
    words = re.compile(r"[a-z_]+")
    found += [
        key for key in _NAMED if {w for part in key.parts for w in words.findall(part)} - {"coalesce"} <= have
    ]
    return list(dict.fromkeys(found))


def equal_parts(rule: str) -> tuple[str, ...]:
    """The expressions that a blocking rule wants equal on both sides; what else it asks is asked later."""
    parts = tuple(
        sorted(
            match[1]
            for term in conjuncts(rule)
            if (match := SAME.fullmatch(term.strip())) and match[1] == match[2]
        )
    )
    if not parts:
        raise ValueError(f"no column stands on both sides of the rule: {rule}")
    return parts


def conjuncts(rule: str) -> list[str]:
    """The terms of a rule between the ANDs that stand in no parentheses."""
    terms, depth, start = [], 0, 0
    for match in re.finditer(r"\(|\)| AND ", rule):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        elif depth == 0:
            terms.append(rule[start : match.start()])
            start = match.end()
    return [*terms, rule[start:]]


def bits_for(rows: int) -> int:
    """Low bits that hold a record's number."""
    return max(FEWEST_BITS, rows.bit_length())


def make_index(
    con: duckdb.DuckDBPyConnection, table: str, first: int, rows: int, keys: Sequence[Key]
) -> Keys:
    """Sorted entries of a table of records with column ``uid``; ``first`` is the smallest uid."""
    bits = np.uint64(bits_for(rows))
    parts = []
    for key in keys:
        value, uid = values_of(con, table, (key,))
        parts.append((value >> bits << bits) | (uid - first).astype(np.uint64))
    found = np.concatenate(parts) if parts else np.array([], dtype=np.uint64)
    found.sort()
    return found


def values_of(con: duckdb.DuckDBPyConnection, table: str, keys: Sequence[Key]) -> tuple[Keys, Ints]:
    """Hashes and uids of the keys that the records of a table have."""
    values, uids = [np.array([], dtype=np.uint64)], [np.array([], dtype=np.int64)]
    for key in keys:
        found = con.execute(f"SELECT {key.value} AS k, uid FROM {table} WHERE {key.present}").fetchnumpy()
        values.append(np.asarray(found["k"], dtype=np.uint64))
        uids.append(np.asarray(found["uid"], dtype=np.int64))
    return np.concatenate(values), np.concatenate(uids)


class Index:
    """One sorted file of entries, mapped; its records have the numbers ``first`` and up."""

    def __init__(self, path: Path, first: int, rows: int) -> None:
        self._entries: Keys = np.load(path, mmap_mode="r")
        self._first = first
        self._bits = np.uint64(bits_for(rows))

    def counts(self, values: Keys) -> tuple[Ints, Ints]:
        """First entry and number of entries of each value; values are best sorted."""
        low = values >> self._bits << self._bits
        high = low | np.uint64((1 << int(self._bits)) - 1)
        start = np.searchsorted(self._entries, low)
        return start, np.searchsorted(self._entries, high, side="right") - start

    def find(self, values: Keys) -> tuple[Ints, Ints]:
        """Positions in ``values`` and the records found there, as parallel arrays."""
        start, counts = self.counts(values)
        position = np.repeat(np.arange(len(values)), counts)
        offset = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = self._entries[np.repeat(start, counts) + offset]
        mask = np.uint64((1 << int(self._bits)) - 1)
        return position, (entries & mask).astype(np.int64) + self._first
