"""Clustering that refuses impossible merges.

Links are taken strongest first; a link is refused if it would put two different trusted numbers, two
records that a person called different, or (between files) two records of one file into one cluster. Where no
such conflict lies in a connected component, the order does not matter and the component is the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wangge_engine.link.components import Ints, components


@dataclass
class Edges:
    """Links as parallel arrays, which of them are weak (None: none is), and which were refused in the end."""

    left: Ints
    right: Ints
    weight: NDArray[np.float64]
    weak: NDArray[np.bool_] | None = None
    refused: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Constraints:
    """What may not stand together. ``keys``: per kind, an integer per record (-1: none); two different
    values of one kind exclude each other. ``apart``: pairs that a person called different. ``together``:
    pairs that a person called the same, which no key overrules. ``single``: per record its file, when a
    cluster may hold one record of each file. ``spread``: a number per record (NaN: unknown) and how far apart
    the numbers of one cluster may lie: births years apart are two people, whatever joins them. ``weak``:
    weak links join only groups whose numbers lie no farther apart than this: a rare name alone does not outweigh
    another birthday.
    """

    keys: tuple[Ints, ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    together: tuple[tuple[int, int], ...] = ()
    single: Ints | None = None
    spread: tuple[NDArray[np.float64], float] | None = None
    weak: float | None = None

    def among(self, members: Ints, place: Ints) -> Constraints:
        """The same for some records, by their own numbers: ``place`` tells each record's, -1 for who is left out."""

        def inside(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            found = place[np.asarray(pairs, dtype=np.int64).reshape(-1, 2)]
            return tuple((int(a), int(b)) for a, b in found[(found >= 0).all(axis=1)])

        return Constraints(
            keys=tuple(key[members] for key in self.keys),
            apart=inside(self.apart),
            together=inside(self.together),
            single=None if self.single is None else self.single[members],
            spread=None if self.spread is None else (self.spread[0][members], self.spread[1]),
            weak=self.weak,
        )


def cluster(nodes: int, edges: Edges, constraints: Constraints) -> Ints:
    """Label of each record: the smallest record of its cluster. ``edges.refused`` gets the refused links."""
    together = np.asarray(constraints.together, dtype=np.int64).reshape(-1, 2)
    labels = components(
        nodes, np.concatenate([edges.left, together[:, 0]]), np.concatenate([edges.right, together[:, 1]])
    )
    weak = np.zeros(len(edges.weight), dtype=bool) if edges.weak is None else edges.weak
    suspect = _suspect(nodes, labels, constraints, labels[edges.left[weak]])
    if not suspect.any():
        return labels
    inside = suspect[labels[edges.left]]
    chosen = np.flatnonzero(inside)
    order = chosen[np.lexsort((edges.right[chosen], edges.left[chosen], -edges.weight[chosen]))]
    suspect_member = suspect[labels]
    members = np.flatnonzero(suspect_member)
    groups = _Groups(members, constraints)
    for a, b in constraints.together:
        if suspect_member[a]:
            groups.join(a, b, forced=True)
    for edge in order.tolist():
        if not groups.join(int(edges.left[edge]), int(edges.right[edge]), weak=bool(weak[edge])):
            edges.refused.append(edge)
    for member in members.tolist():
        labels[member] = groups.root(member)
    return _smallest(labels)


def _smallest(labels: Ints) -> Ints:
    """Rename every label to the smallest member of its group."""
    first = np.full(len(labels), len(labels), dtype=np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    return first[labels]


def _suspect(nodes: int, labels: Ints, constraints: Constraints, weak: Ints) -> NDArray[np.bool_]:
    """By label: components in which some constraint could bite; ``weak``: labels of those with a weak link."""
    suspect = np.zeros(nodes, dtype=bool)
    for key in constraints.keys:
        known = np.flatnonzero(key >= 0)
        first = np.full(nodes, -1, dtype=np.int64)
        first[labels[known]] = key[known]  # any of them: where all are equal, they equal this one
        suspect[labels[known[first[labels[known]] != key[known]]]] = True
    if constraints.single is not None:
        order = np.lexsort((constraints.single, labels))
        pairs = np.stack([labels[order], constraints.single[order]])
        suspect[pairs[0, 1:][(np.diff(pairs) == 0).all(axis=0)]] = True
    if constraints.spread is not None:
        value, limit = constraints.spread
        known = ~np.isnan(value)
        low, high = np.full(nodes, np.inf), np.full(nodes, -np.inf)
        np.minimum.at(low, labels[known], value[known])
        np.maximum.at(high, labels[known], value[known])
        suspect |= high - low > limit
        if constraints.weak is not None:
            has_weak = np.zeros(nodes, dtype=bool)
            has_weak[weak] = True
            suspect |= has_weak & (high - low > constraints.weak)
    for a, b in constraints.apart:
        if labels[a] == labels[b]:
            suspect[labels[a]] = True
    return suspect


class _Groups:
    """Union-find over some records that knows what each group holds."""

    def __init__(self, members: Ints, constraints: Constraints) -> None:
        self.parent: dict[int, int] = {int(m): int(m) for m in members}
        self.keys: dict[int, list[set[int]]] = {
            int(m): [{int(key[m])} if key[m] >= 0 else set() for key in constraints.keys] for m in members
        }
        self.files: dict[int, set[int]] | None = (
            None if constraints.single is None else {int(m): {int(constraints.single[m])} for m in members}
        )
        self.limit = 0.0 if constraints.spread is None else constraints.spread[1]
        self.weak_limit = self.limit if constraints.weak is None else constraints.weak
        self.range: dict[int, tuple[float, float]] = {}
        if constraints.spread is not None:
            known = members[~np.isnan(constraints.spread[0][members])]
            self.range = {int(m): (float(constraints.spread[0][m]),) * 2 for m in known}
        self.enemies: dict[int, set[int]] = {}
        for a, b in constraints.apart:
            if a in self.parent and b in self.parent:
                self.enemies.setdefault(a, set()).add(b)
                self.enemies.setdefault(b, set()).add(a)

    def root(self, node: int) -> int:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, a: int, b: int, *, forced: bool = False, weak: bool = False) -> bool:
        """Join the groups of two records; False if something in them excludes it."""
        ra, rb = self.root(a), self.root(b)
        if ra == rb:
            return True
        if not forced and self._conflict(ra, rb, self.weak_limit if weak else self.limit):
            return False
        if rb < ra:
            ra, rb = rb, ra
        self.parent[rb] = ra
        for mine, theirs in zip(self.keys[ra], self.keys.pop(rb), strict=True):
            mine.update(theirs)
        if self.files is not None:
            self.files[ra] |= self.files.pop(rb)
        if rb in self.range:
            low, high = self.range.pop(rb)
            mine_low, mine_high = self.range.get(ra, (low, high))
            self.range[ra] = (min(low, mine_low), max(high, mine_high))
        if rb in self.enemies:
            self.enemies.setdefault(ra, set()).update(self.enemies.pop(rb))
        return True

    def _conflict(self, ra: int, rb: int, limit: float) -> bool:
        for mine, theirs in zip(self.keys[ra], self.keys[rb], strict=True):
            if mine and theirs and not (mine <= theirs or theirs <= mine):
                return True
        if self.files is not None and self.files[ra] & self.files[rb]:
            return True
        if ra in self.range and rb in self.range:
            (low, high), (other_low, other_high) = self.range[ra], self.range[rb]
            if max(high, other_high) - min(low, other_low) > max(limit, high - low, other_high - other_low):
                return True
        return any(self.root(enemy) == rb for enemy in self.enemies.get(ra, ())) or any(
            self.root(enemy) == ra for enemy in self.enemies.get(rb, ())
        )


def codes(values: Sequence[str | None] | Iterable[str | None]) -> Ints:
    """Integers for texts, equal for equal texts; -1 for none."""
    seen: dict[str, int] = {}
    return np.array(
        [-1 if value is None else seen.setdefault(value, len(seen)) for value in values], dtype=np.int64
    )
