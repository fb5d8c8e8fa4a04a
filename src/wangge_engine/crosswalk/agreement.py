"""How nets relate grid by grid, and the fewest changes that make them one: a heaviest matching, exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from wangge_engine.crosswalk.overlay import OPEN, Pair, weights_of

_SAME, _COUNTS = 0.95, 0.02  # of a grid: as good as all of it; less than this is a border drawn twice


class Relation(StrEnum):
    """How a grid of one net stands to the other net."""

    SAME = "same"
    SPLIT = "split"
    PART = "part"
    CROSSED = "crossed"
    ALONE = "alone"


@dataclass(frozen=True)
class Change:
    """A piece that must be handed over; ``to_a`` and ``to_b`` empty: a new grid would be needed there."""

    pair: Pair
    weight: float
    to_a: str
    to_b: str


@dataclass(frozen=True)
class Agreement:
    """Partners, what stays with them, and the pieces that move; no other choice of partners moves less."""

    partners: dict[str, str]
    stays: float
    moves: float
    changes: list[Change]
    alone_a: list[str]
    alone_b: list[str]


def fewest_changes(pairs: Sequence[Pair]) -> Agreement:
    """The partners for which the least weight moves."""
    shared = [pair for pair in pairs if OPEN not in (pair.a, pair.b)]
    weight = weights_of(list(pairs))
    load = {(pair.a, pair.b): float(value) for pair, value in zip(pairs, weight.tolist(), strict=True)}
    partners = heaviest_matching({(pair.a, pair.b): load[pair.a, pair.b] for pair in shared})
    back = {b: a for a, b in partners.items()}
    changes = [
        Change(pair, load[pair.a, pair.b], back.get(pair.b, ""), partners.get(pair.a, ""))
        for pair in shared
        if partners.get(pair.a) != pair.b
    ]
    changes.sort(key=lambda one: (-one.weight, one.pair.a, one.pair.b))
    stays = sum(load[a, b] for a, b in partners.items())
    names_a, names_b = {pair.a for pair in pairs} - {OPEN}, {pair.b for pair in pairs} - {OPEN}
    return Agreement(
        partners,
        stays,
        sum(one.weight for one in changes),
        changes,
        sorted(names_a - set(partners)),
        sorted(names_b - set(back)),
    )


def heaviest_matching(load: dict[tuple[str, str], float]) -> dict[str, str]:
    """Partners of greatest weight together; pairs of no weight are partners only where nothing forbids it."""
    if not load:
        return {}
    ours, theirs = sorted({a for a, _ in load}), sorted({b for _, b in load})
    row, column = {a: n for n, a in enumerate(ours)}, {b: n for n, b in enumerate(theirs)}
    most = max(load.values()) + 1.0
    # every grid of `a` may stay alone with a place of its own, so that a full matching always exists; a pair without
    # weight is still a little better than that
    at = [(row[a], column[b], most - value - 1e-6) for (a, b), value in load.items()]
    at += [(n, len(theirs) + n, most) for n in range(len(ours))]
    rows, columns, costs = (np.array(told) for told in zip(*at, strict=True))
    table = csr_array((costs, (rows, columns)), shape=(len(ours), len(theirs) + len(ours)))
    chosen, matched = min_weight_full_bipartite_matching(table)
    return {
        ours[one]: theirs[two]
        for one, two in zip(chosen.tolist(), matched.tolist(), strict=True)
        if two < len(theirs)
    }


def relations(pairs: Sequence[Pair]) -> tuple[dict[str, Relation], dict[str, Relation]]:
    """How each grid of `a` stands to `b`, and each of `b` to `a`; shares under 2 % on both sides do not count."""
    real = [
        pair
        for pair in pairs
        if OPEN not in (pair.a, pair.b) and max(pair.share_a or 0.0, pair.share_b or 0.0) >= _COUNTS
    ]
    same = {(p.a, p.b) for p in real if min(p.share_a or 0.0, p.share_b or 0.0) >= _SAME}
    of_a, of_b = Counter[str](), Counter[str]()
    inside_a: dict[str, list[Pair]] = defaultdict(list)
    inside_b: dict[str, list[Pair]] = defaultdict(list)
    for pair in real:
        if (pair.share_a or 0.0) >= _COUNTS:
            of_a[pair.a] += 1
            inside_a[pair.a].append(pair)
        if (pair.share_b or 0.0) >= _COUNTS:
            of_b[pair.b] += 1
            inside_b[pair.b].append(pair)
    names_a, names_b = {p.a for p in pairs} - {OPEN}, {p.b for p in pairs} - {OPEN}
    told_a = {
        code: Relation.SAME
        if any(a == code for a, _ in same)
        else _relation(of_a[code], max((of_b[pair.b] for pair in inside_a[code]), default=0))
        for code in sorted(names_a)
    }
    told_b = {
        code: Relation.SAME
        if any(b == code for _, b in same)
        else _relation(of_b[code], max((of_a[pair.a] for pair in inside_b[code]), default=0))
        for code in sorted(names_b)
    }
    return told_a, told_b


def _relation(others: int, back: int) -> Relation:
    if not others:
        return Relation.ALONE
    if others == 1:
        return Relation.PART if back > 1 else Relation.SAME
    return Relation.SPLIT if back <= 1 else Relation.CROSSED
