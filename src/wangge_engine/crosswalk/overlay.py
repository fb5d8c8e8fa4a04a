"""The pairs of grids that share ground, or units, and how much of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from wangge_engine.crosswalk.nets import Floats, Listing, Net, Units
from wangge_engine.geometry.measures import Geometry, LocalFrame, area_m2, joined, polygons_of, uncovered

OPEN = ""  # the other net covers nothing there


@dataclass(frozen=True)
class Pair:
    """What lies in one grid of each net; ``households`` is None where nobody counted them."""

    a: str
    b: str
    area_m2: float | None
    share_a: float | None
    share_b: float | None
    households: float | None
    shape: Geometry | None = None
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overlay:
    """All pairs by a and b; what was too thin to count; where households came from; units in neither net."""

    pairs: list[Pair]
    ignored: int
    ignored_m2: float
    basis: str
    outside: float = 0.0


def of_polygons(a: Net, b: Net, units: Units | None, ignore_m: float) -> Overlay:
    """Pairs by area; households of units where given, else of the net that carries them, by area."""
    frame = LocalFrame.around([*a.shapes, *b.shapes])
    area_a, area_b = [area_m2(shape) for shape in a.shapes], [area_m2(shape) for shape in b.shapes]
    tree = shapely.STRtree(b.shapes)
    ours, theirs = tree.query(a.shapes, predicate="intersects")
    pieces: dict[tuple[int, int], Geometry] = {}
    ignored, thin = 0, 0.0
    shapes_a, shapes_b = np.array(a.shapes, dtype=object), np.array(b.shapes, dtype=object)
    cut = shapely.intersection(shapes_a[ours], shapes_b[theirs])
    for one, two, shape in zip(ours.tolist(), theirs.tolist(), cut, strict=True):
        kept, few, lost = _wide(shape, frame, ignore_m)
        ignored, thin = ignored + few, thin + lost
        if kept is not None:
            pieces[one, two] = kept
    for side, (shapes, other) in enumerate(((a.shapes, b.shapes), (b.shapes, a.shapes))):
        whole, others = shapely.union_all(other), shapely.STRtree(other)
        shapely.prepare(whole)
        for number, shape in enumerate(shapes):
            if whole.covers(shape):
                continue
            kept, few, lost = _wide(uncovered(shape, whole, other, others), frame, ignore_m)
            ignored, thin = ignored + few, thin + lost
            if kept is not None:
                pieces[(number, -1) if side == 0 else (-1, number)] = kept
    size = {key: area_m2(shape) for key, shape in pieces.items()}
    loads, basis, inside, outside = _households(a, b, size, area_a, area_b, units, pieces)
    pairs = [
        Pair(
            OPEN if one < 0 else a.codes[one],
            OPEN if two < 0 else b.codes[two],
            size[one, two],
            None if one < 0 else size[one, two] / area_a[one],
            None if two < 0 else size[one, two] / area_b[two],
            loads.get((one, two)) if basis != "none" else None,
            pieces[one, two],
            tuple(inside.get((one, two), ())),
        )
        for one, two in sorted(pieces, key=lambda key: (_name(a.codes, key[0]), _name(b.codes, key[1])))
    ]
    return Overlay(pairs, ignored, thin, basis, outside)


def _name(codes: list[str], number: int) -> str:
    return codes[number] if number >= 0 else "\uffff"  # open ground last


def _wide(shape: Geometry, frame: LocalFrame, ignore_m: float) -> tuple[Geometry | None, int, float]:
    """A shape's polygons that are no drawing noise; how many were, and their square metres."""
    kept, few, lost = [], 0, 0.0
    for part in polygons_of(shape):
        if frame.narrower_than(part, ignore_m):
            few, lost = few + 1, lost + area_m2(part)
        else:
            kept.append(part)
    return (joined(kept) if kept else None), few, lost


def _households(  # noqa: PLR0917 -- one thing each, of its own type
    a: Net, b: Net, size: dict[tuple[int, int], float], area_a: list[float], area_b: list[float],
    units: Units | None, pieces: dict[tuple[int, int], Geometry],
) -> tuple[dict[tuple[int, int], float], str, dict[tuple[int, int], list[str]], float]:  # fmt: skip
    out: dict[tuple[int, int], float] = dict.fromkeys(size, 0.0)
    inside: dict[tuple[int, int], list[str]] = defaultdict(list)
    if units is not None:
        keys = list(pieces)
        points = shapely.points(units.lon, units.lat)
        at, where = shapely.STRtree([pieces[key] for key in keys]).query(points, predicate="intersects")
        first: dict[int, int] = {}
        for point, piece in zip(at.tolist(), where.tolist(), strict=True):
            if point not in first or _order(keys[piece]) < _order(keys[first[point]]):
                first[point] = piece  # on a border: the first pair that is not open, always the same one
        for point, piece in first.items():
            out[keys[piece]] += float(units.households[point])
            inside[keys[piece]].append(units.ids[point])
        lost = set(range(len(units.ids))) - set(first)
        return out, "units", inside, float(sum(units.households[point] for point in lost))
    for name, net, areas, place in (("a by area", a, area_a, 0), ("b by area", b, area_b, 1)):
        if net.households is not None:
            for key, square in size.items():
                if key[place] >= 0:
                    out[key] = float(net.households[key[place]]) * square / areas[key[place]]
            return out, name, inside, 0.0
    return {}, "none", inside, 0.0


def _order(key: tuple[int, int]) -> tuple[bool, int, int]:
    return min(key) < 0, *key


def of_listings(a: Listing, b: Listing) -> Overlay:
    """Pairs by the units of both tables; shares are of weight; what no weighed table names weighs 0."""
    load: dict[tuple[str, str], float] = defaultdict(float)
    inside: dict[tuple[str, str], list[str]] = defaultdict(list)
    known = [one for one in (a, b) if one.weighed] or [a, b]
    total_a: dict[str, float] = defaultdict(float)
    total_b: dict[str, float] = defaultdict(float)
    for unit in sorted({*a.grid_of, *b.grid_of}):
        key = a.grid_of.get(unit, OPEN), b.grid_of.get(unit, OPEN)
        weight = next((one.weight[unit] for one in known if unit in one.weight), 0.0)
        load[key] += weight
        inside[key].append(unit)
        total_a[key[0]] += weight
        total_b[key[1]] += weight
    pairs = [
        Pair(
            one, two, None, _share(load[one, two], total_a, one), _share(load[one, two], total_b, two),
            load[one, two], None, tuple(inside[one, two]),
        )
        for one, two in sorted(load, key=lambda key: (key[0] or "\uffff", key[1] or "\uffff"))
    ]  # fmt: skip
    return Overlay(pairs, 0, 0.0, "units" if a.weighed or b.weighed else "units, each as one")


def _share(weight: float, totals: dict[str, float], code: str) -> float | None:
    return None if not code else weight / totals[code] if totals[code] else 0.0


def weights_of(pairs: list[Pair]) -> Floats:
    """What a pair counts when changes are weighed: households, else square metres."""
    by_home = any(pair.households is not None for pair in pairs)
    told = [pair.households if by_home else pair.area_m2 for pair in pairs]
    return np.array([value or 0.0 for value in told], dtype=np.float64)
