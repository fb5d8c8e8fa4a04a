"""What is divided: units with their weight, community, estate and kind, and the borders they share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

RESIDENTIAL, EXCLUSIVE, OPEN = 0, 1, 2
KINDS = ("residential", "exclusive", "open")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a good grid is: the weight wanted, and how far from it is still good and still bearable."""

    target: float = 300.0
    tolerance: float = 0.10
    bearable: float = 0.25

    @property
    def slack(self) -> float:
        """How far a grid may be at most; never tighter than the tolerance asked for."""
        return max(self.bearable, self.tolerance)

    @property
    def small(self) -> float:
        """The largest estate that fits into one grid."""
        return self.target * (1.0 + self.tolerance)


@dataclass(frozen=True)
class Territory:
    """Units in the order of the input. ``community`` and ``estate`` index their names; -1 is no estate.

    Edges are pairs of units that share a border: its length in metres, and whether a barrier runs along it.
    ``shapes`` are the polygons in metres of a local frame and in degrees, where the input has any.
    """

    ids: list[str]
    weight: Floats
    community: Ints
    communities: list[str]
    estate: Ints
    estates: list[str]
    kind: Ints
    x: Floats
    y: Floats
    area: Floats
    perimeter: Floats
    pairs: Ints
    metres: Floats
    barrier: Bools
    shapes: list[Any] | None = None
    notes: list[dict[str, str]] = field(default_factory=list)

    @property
    def measured(self) -> bool:
        """Whether every unit that is divided has an area and a perimeter."""
        return bool(np.isfinite(self.area).all() and np.isfinite(self.perimeter).all() and len(self.ids))


@dataclass(frozen=True)
class Region:
    """A part of one community that is divided by itself: units that hang together, exclusive ones left out.

    ``units`` are numbers in the territory; everything else is by position here. ``soft`` borders are those that a
    grid should not cross: a barrier, or (``virtual``) a leap to a piece that touches nothing.
    """

    community: int
    units: Ints
    weight: Floats
    estate: Ints
    area: Floats
    perimeter: Floats
    x: Floats
    y: Floats
    pairs: Ints
    metres: Floats
    soft: Bools
    virtual: Bools

    @property
    def size(self) -> int:
        return len(self.units)


def sums(at: Ints, values: npt.NDArray[Any], count: int = 0) -> Floats:
    """The values added up by where they belong, as floats."""
    return np.asarray(np.bincount(at, weights=values, minlength=count), dtype=np.float64)


def components(count: int, pairs: Ints) -> Ints:
    """A number for each position: the smallest position it hangs together with."""
    root = list(range(count))
    for one, two in pairs.tolist():
        a, b = one, two
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a != b:
            root[max(a, b)] = min(a, b)
    for i in range(count):
        root[i] = root[root[i]]
    return np.array(root, dtype=np.int64)


def host_open_land(land: Territory) -> Ints:
    """For each unit the unit whose grid it shares: itself, or for open land a residential unit nearby.

    Open land joins a neighbour of its own estate, else of no barrier, else the one with the longest border; open land
    that touches only open land follows that. -1: open land without such a neighbour, and exclusive units.
    """
    host = np.where(land.kind == RESIDENTIAL, np.arange(len(land.ids)), -1).astype(np.int64)
    near: dict[int, list[tuple[int, float, bool]]] = defaultdict(list)
    for (a, b), metres, barrier in zip(
        land.pairs.tolist(), land.metres.tolist(), land.barrier.tolist(), strict=True
    ):
        if land.community[a] == land.community[b]:
            for one, other in ((a, b), (b, a)):
                if land.kind[one] == OPEN and land.kind[other] != EXCLUSIVE:
                    near[one].append((other, metres, barrier))
    waiting = sorted(near)
    while waiting:
        settled: dict[int, int] = {}
        for unit in waiting:
            known = [(other, metres, barrier) for other, metres, barrier in near[unit] if host[other] >= 0]
            if known:
                best = max(
                    known,
                    key=lambda item: (
                        land.estate[unit] >= 0 and land.estate[host[item[0]]] == land.estate[unit],
                        not item[2],
                        item[1],
                        -item[0],
                    ),
                )
                settled[unit] = int(host[best[0]])
        if not settled:
            break
        for unit, other in settled.items():
            host[unit] = other
        waiting = [unit for unit in waiting if unit not in settled]
    return host


def regions_of(land: Territory, host: Ints, rule: Rule) -> list[Region]:
    """Every community's regions, largest first within a community; positions are residential units only."""
    hosted = host >= 0
    area, perimeter = _with_open_land(land, host)
    ours = hosted[land.pairs].all(axis=1) if len(land.pairs) else np.zeros(0, dtype=bool)
    pairs = host[land.pairs[ours]]
    same = (land.community[pairs[:, 0]] == land.community[pairs[:, 1]]) & (pairs[:, 0] != pairs[:, 1])
    pairs, metres, soft = pairs[same], land.metres[ours][same], land.barrier[ours][same]
    pairs, metres, soft = _merged(pairs, metres, soft)
    residents = np.flatnonzero(land.kind == RESIDENTIAL)
    by_community: dict[int, list[int]] = defaultdict(list)
    for unit in residents.tolist():
        by_community[int(land.community[unit])].append(unit)
    owner = land.community[pairs[:, 0]] if len(pairs) else np.zeros(0, dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(land.communities) + 1))
    out: list[Region] = []
    for community in sorted(by_community):
        units = np.array(by_community[community], dtype=np.int64)
        chosen = order[starts[community] : starts[community + 1]]
        local = np.searchsorted(units, pairs[chosen]).reshape(-1, 2)
        whole = Region(
            community,
            units,
            land.weight[units],
            land.estate[units],
            area[units],
            perimeter[units],
            land.x[units],
            land.y[units],
            local,
            metres[chosen],
            soft[chosen],
            np.zeros(len(chosen), dtype=bool),
        )
        out += _apart(_bridged(whole, land, rule), rule)
    return out


def _merged(pairs: Ints, metres: Floats, soft: Bools) -> tuple[Ints, Floats, Bools]:
    """One edge for each pair: metres summed; soft only where all its parts are."""
    if not len(pairs):
        return pairs.reshape(0, 2), metres, soft
    ordered = np.sort(pairs, axis=1)
    unique, back = np.unique(ordered, axis=0, return_inverse=True)
    back = back.reshape(-1)
    total = sums(back, metres, len(unique))
    hard = sums(back, ~soft, len(unique)) > 0
    return unique.astype(np.int64), total, ~hard


def _with_open_land(land: Territory, host: Ints) -> tuple[Floats, Floats]:
    """Area and perimeter of each residential unit together with the open land that joined it."""
    joined = host >= 0
    area = sums(host[joined], land.area[joined], len(land.ids))
    perimeter = sums(host[joined], land.perimeter[joined], len(land.ids))
    if len(land.pairs):
        a, b = land.pairs.T
        inside = joined[a] & joined[b] & (host[a] == host[b])
        perimeter -= 2.0 * sums(host[a[inside]], land.metres[inside], len(land.ids))
    return area, perimeter


def _bridged(whole: Region, land: Territory, rule: Rule) -> Region:
    """A community in pieces: a piece too small for a grid of its own gets a leap to the nearest other piece.

    Only where the community itself is in pieces: what exclusive units cut off stays by itself.
    """
    pieces = components(whole.size, whole.pairs)
    names = np.unique(pieces)
    if len(names) < 2 or not np.isfinite(whole.x).all() or not np.isfinite(whole.y).all():
        return whole
    everything = np.flatnonzero(land.community == whole.community)
    at = np.full(len(land.ids), -1)
    at[everything] = np.arange(len(everything))
    inside = (at[land.pairs] >= 0).all(axis=1) if len(land.pairs) else np.zeros(0, dtype=bool)
    ground = components(len(everything), at[land.pairs[inside]])[at[whole.units]]
    leaps: list[tuple[int, int]] = []
    for name in names.tolist():
        own = np.flatnonzero(pieces == name)
        if whole.weight[own].sum() >= rule.target * (1.0 - rule.slack):
            continue
        others = np.flatnonzero((pieces != name) & (ground != ground[own[0]]))
        if not len(others):
            continue
        apart = np.hypot(
            whole.x[own][:, None] - whole.x[others][None, :], whole.y[own][:, None] - whole.y[others][None, :]
        )
        one, two = np.unravel_index(int(np.argmin(apart)), apart.shape)
        a, b = int(own[one]), int(others[two])
        leaps.append((min(a, b), max(a, b)))
    if not leaps:
        return whole
    extra = np.unique(np.array(leaps, dtype=np.int64), axis=0)
    return replace(
        whole,
        pairs=np.concatenate([whole.pairs, extra]),
        metres=np.concatenate([whole.metres, np.zeros(len(extra))]),
        soft=np.concatenate([whole.soft, np.ones(len(extra), dtype=bool)]),
        virtual=np.concatenate([whole.virtual, np.ones(len(extra), dtype=bool)]),
    )


def _apart(whole: Region, rule: Rule) -> list[Region]:
    """The parts that hang together without soft borders, where each can be grids by itself; else together."""
    low, high = rule.target * (1.0 - rule.slack), rule.target * (1.0 + rule.slack)
    name = components(whole.size, whole.pairs[~whole.soft])
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in whole.pairs[whole.soft].tolist():
        if name[a] != name[b]:
            near[int(name[a])].add(int(name[b]))
            near[int(name[b])].add(int(name[a]))
    total = dict(zip(*_sums(name, whole.weight), strict=True))
    joined = {one: one for one in total}

    def top(one: int) -> int:
        while joined[one] != one:
            one = joined[one]
        return one

    for one in sorted(total, key=lambda piece: (total[piece], piece)):
        mine = top(one)
        if divisible(total[mine], low, high):
            continue
        others = sorted(
            {top(other) for piece in total if top(piece) == mine for other in near[piece]} - {mine}
        )
        if others:
            other = min(
                others,
                key=lambda piece: (
                    not divisible(total[piece] + total[mine], low, high),
                    total[piece],
                    piece,
                ),
            )
            joined[mine] = other
            total[other] += total[mine]
    label = np.array([top(int(piece)) for piece in name])
    parts = [cut_out(whole, np.flatnonzero(label == piece)) for piece in np.unique(label).tolist()]
    return sorted(parts, key=lambda part: (-float(part.weight.sum()), int(part.units[0])))


def _sums(name: Ints, weight: Floats) -> tuple[list[int], list[float]]:
    names, back = np.unique(name, return_inverse=True)
    return names.tolist(), sums(back, weight).tolist()


def divisible(weight: float, low: float, high: float) -> bool:
    """Whether some number of grids of this weight in all can be bearable."""
    most = int(weight // low)
    return most >= 1 and weight <= most * high


def cut_out(whole: Region, chosen: Ints) -> Region:
    """The region of these positions alone."""
    at = np.full(whole.size, -1)
    at[chosen] = np.arange(len(chosen))
    inside = (at[whole.pairs] >= 0).all(axis=1) if len(whole.pairs) else np.zeros(0, dtype=bool)
    return Region(
        whole.community,
        whole.units[chosen],
        whole.weight[chosen],
        whole.estate[chosen],
        whole.area[chosen],
        whole.perimeter[chosen],
        whole.x[chosen],
        whole.y[chosen],
        at[whole.pairs[inside]].reshape(-1, 2),
        whole.metres[inside],
        whole.soft[inside],
        whole.virtual[inside],
    )
