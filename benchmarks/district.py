"""An invented district to divide: rivers, arterial roads, communities, walled estates, buildings; parcels tile it.

    python -m benchmarks.district --out district.json [--households 344000] [--seed 1] [--polygons district.geojson]

The ground is cut by straight lines again and again (so parcels tile it exactly): first by rivers and arterials into
quarters, then by roads into communities, by roads and walls into estates, by paths into parcels. Households of a
building are heavy-tailed from 1 to 250. Sizes are those of the case measured with METIS and gerrychain, which the
benchmark beside this file runs again: the case counts only where both come out as they did there.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

BARRIERS = ("river", "arterial")
SPREAD = 0.22  # of the logarithm of a community's households
HOUSEHOLDS, COMMUNITIES, ESTATES, BUILDINGS = 344_000, 172, 1_181, 7_400
_ORIGIN = (117.3, 39.0)  # degrees: where the polygons are laid
_M_LAT = 111_000.0
_M_LON = 86_300.0


@dataclass
class Ground:
    """The lines drawn so far: what each is, and the edges of parcels that lie on it."""

    kinds: list[str] = field(default_factory=list)
    frames: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    def line(self, kind: str, point: np.ndarray, along: np.ndarray) -> int:
        self.kinds.append(kind)
        self.frames.append((point, along))
        return len(self.kinds) - 1


Ring = list[tuple[np.ndarray, int]]  # a corner, and the line of the edge that leaves it


def _area(ring: Ring) -> float:
    xy = np.array([corner for corner, _ in ring])
    x, y = xy[:, 0], xy[:, 1]
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def _cut(ring: Ring, share: float, kind: str, ground: Ground, rng: np.random.Generator) -> tuple[Ring, Ring]:
    """Two parts of a convex ring, the first with ``share`` of the area, by a line across its longer side."""
    xy = np.array([corner for corner, _ in ring])
    middle = xy.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((xy - middle).T))
    turn = rng.normal(0.0, 0.08)
    long = vectors[:, 1]
    normal = np.array(
        [long[0] * np.cos(turn) - long[1] * np.sin(turn), long[0] * np.sin(turn) + long[1] * np.cos(turn)]
    )
    if values[1] <= 0:
        normal = np.array([1.0, 0.0])
    heights = xy @ normal
    low, high = float(heights.min()), float(heights.max())
    total = _area(ring)
    for _ in range(18):
        at = 0.5 * (low + high)
        if _area(_half(ring, heights, at, -1)) < share * total:
            low = at
        else:
            high = at
    at = 0.5 * (low + high)
    line = ground.line(kind, normal * at, np.array([-normal[1], normal[0]]))
    return _half(ring, heights, at, line), _half(ring, -heights, -at, line)


def _half(ring: Ring, heights: np.ndarray, at: float, line: int) -> Ring:
    """The part of a convex ring below a height; its new edge lies on ``line``."""
    kept: Ring = []
    for index, (corner, edge) in enumerate(ring):
        after = (index + 1) % len(ring)
        here, there = heights[index], heights[after]
        if here <= at:
            kept.append((corner, edge))
        if (here <= at) != (there <= at):
            share = (at - here) / (there - here)
            crossing = corner + share * (ring[after][0] - corner)
            kept.append((crossing, line if here <= at else edge))
    return kept


def _split(  # noqa: PLR0917 -- one thing each, of its own type
    items: list[Any], sizes: np.ndarray, ring: Ring, kinds: Any, ground: Ground, rng: np.random.Generator
) -> list[tuple[Any, Ring]]:
    """Lays items of the given sizes into a ring; ``kinds(depth)`` says what the line of a depth is."""
    out: list[tuple[Any, Ring]] = []
    stack = [(items, sizes, ring, 0)]
    while stack:
        some, areas, place, depth = stack.pop()
        if len(some) == 1:
            out.append((some[0], place))
            continue
        total = areas.cumsum()
        wanted = total[-1] * rng.uniform(0.45, 0.55)
        at = int(np.clip(np.searchsorted(total, wanted), 1, len(some) - 1))
        one, two = _cut(place, float(total[at - 1] / total[-1]), kinds(depth), ground, rng)
        stack.append((some[:at], areas[:at], one, depth + 1))
        stack.append((some[at:], areas[at:], two, depth + 1))
    return out


def _populate(rng: np.random.Generator, households: int, scale: float) -> list[list[list[int]]]:
    """Households of each building of each estate of each community."""
    communities = max(1, round(COMMUNITIES * scale))
    estates = max(communities, round(ESTATES * scale))
    counts = rng.lognormal(0.0, 0.75, estates)
    counts = np.maximum(1, np.round(counts * BUILDINGS * scale / counts.sum())).astype(int)
    typical = rng.lognormal(0.0, 0.46, estates)
    sizes = [typical[e] * rng.lognormal(0.0, 0.74, counts[e]) for e in range(estates)]
    flat = np.concatenate(sizes)
    factor = households / flat.sum()
    for _ in range(30):
        drawn = np.clip(flat * factor, 1, 250)
        factor *= households / drawn.sum()
    whole = np.clip(np.round(flat * factor), 1, 250).astype(int)
    sizes = np.array([part.sum() for part in np.split(whole, counts.cumsum()[:-1])])
    wanted = rng.lognormal(0.0, SPREAD, communities)
    ends = (wanted.cumsum() / wanted.sum() * households)[:-1]
    of = np.searchsorted(ends, sizes.cumsum() - sizes / 2.0)
    out: list[list[list[int]]] = [[] for _ in range(communities)]
    for estate, part in zip(of.tolist(), np.split(whole, counts.cumsum()[:-1]), strict=True):
        out[estate].append(part.tolist())
    return [estates for estates in out if estates]


def make(households: int = HOUSEHOLDS, seed: int = 1) -> dict[str, Any]:
    """The district as the JSON graph that `divide` takes, plus ``polygons``: a ring of metres for each node."""
    rng = np.random.default_rng([seed, households])
    scale = households / HOUSEHOLDS
    people = _populate(rng, households, scale)
    ground = Ground()
    parcels: list[tuple[dict[str, Any], Ring]] = []
    plans = [_plan(rng, number, estates) for number, estates in enumerate(people)]
    side = float(np.sqrt(sum(area for _, area in plans)))
    box: Ring = []
    for corner in ((0.0, 0.0), (side, 0.0), (side, side), (0.0, side)):
        box.append((np.array(corner), ground.line("edge", np.zeros(2), np.array([1.0, 0.0]))))
    rivers = 1
    arterials = max(2, round(np.log2(len(plans))) - 2)

    def outer(depth: int) -> str:
        return "river" if depth < rivers else "arterial" if depth < arterials else "road"

    laid = _split([plan for plan, _ in plans], np.array([area for _, area in plans]), box, outer, ground, rng)
    for estates, ring in laid:
        pierced = rng.random() < 0.03

        def roads(depth: int, pierced: bool = pierced) -> str:
            return "arterial" if pierced and depth == 0 else "road" if depth < 2 else "wall"

        areas = np.array([sum(area for _, area in units) for units in estates])
        for units, place in _split(estates, areas, ring, roads, ground, rng):
            inside = np.array([area for _, area in units])
            parcels += _split([unit for unit, _ in units], inside, place, lambda _: "internal", ground, rng)
    parcels.sort(key=lambda item: item[0]["id"])
    return _graph(parcels, ground, {"case": "district", "seed": seed, "households": households})


def _plan(
    rng: np.random.Generator, number: int, estates: list[list[int]]
) -> tuple[list[list[tuple[dict[str, Any], float]]], float]:
    """The units of a community, estate by estate, each with the ground it wants in m2; and their sum."""
    street, place = divmod(number, 12)
    within = f"120110{street + 1:03d}{place + 1:03d}"
    out: list[list[tuple[dict[str, Any], float]]] = []

    def unit(name: str, weight: int, keep: str, kind: str, area: float) -> tuple[dict[str, Any], float]:
        return {
            "id": f"{within}-{name}",
            "weight": weight,
            "within": within,
            "keep": keep,
            "kind": kind,
        }, area

    for index, buildings in enumerate(estates):
        keep = f"{within}-E{index + 1}"
        units = [
            unit(f"{index + 1}-{order + 1}", weight, keep, "residential", 900.0 + 55.0 * weight**0.9)
            for order, weight in enumerate(buildings)
        ]
        if rng.random() < 0.12:
            units.append(unit(f"{index + 1}-G", 0, keep, "open", float(rng.uniform(800, 4000))))
        out.append(units)
    for order in range(int(rng.poisson(0.7))):
        out.append([unit(f"X{order + 1}", 0, "", "exclusive", float(rng.uniform(6000, 20000)))])
    for order in range(int(rng.poisson(0.5))):
        out.append([unit(f"P{order + 1}", 0, "", "open", float(rng.uniform(3000, 15000)))])
    rng.shuffle(out)
    return out, sum(area for units in out for _, area in units)


def _graph(
    parcels: list[tuple[dict[str, Any], Ring]], ground: Ground, info: dict[str, Any]
) -> dict[str, Any]:
    sides: dict[int, list[tuple[float, float, int, bool]]] = defaultdict(list)
    corners: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for index, (_, ring) in enumerate(parcels):
        middle = np.mean([corner for corner, _ in ring], axis=0)
        for at, (corner, line) in enumerate(ring):
            if ground.kinds[line] == "edge":
                continue
            origin, along = ground.frames[line]
            ends = (corner, ring[(at + 1) % len(ring)][0])
            one, two = (float((p - origin) @ along) for p in ends)
            left = _left(along, middle - origin)
            sides[line].append((min(one, two), max(one, two), index, left))
            corners[line] += [(float((p - origin) @ along), float(p[0]), float(p[1])) for p in ends]
    shared: dict[tuple[int, int], list[Any]] = {}
    for line, edges in sides.items():
        barrier = ground.kinds[line] in BARRIERS
        lefts = sorted(edge for edge in edges if edge[3])
        rights = sorted(edge for edge in edges if not edge[3])
        at = 0
        for low, high, one, _ in lefts:
            while at < len(rights) and rights[at][1] <= low:
                at += 1
            step = at
            while step < len(rights) and rights[step][0] < high:
                length = min(high, rights[step][1]) - max(low, rights[step][0])
                if length > 5.0:
                    key = (min(one, rights[step][2]), max(one, rights[step][2]))
                    entry = shared.setdefault(key, [0.0, barrier])
                    entry[0] += length
                    entry[1] = entry[1] or barrier
                step += 1
    nodes, polygons = [], []
    for facts, ring in parcels:
        xy = np.array([corner for corner, _ in ring])
        steps = np.hypot(*(np.roll(xy, -1, axis=0) - xy).T)
        x, y = xy.mean(axis=0)
        nodes.append(
            facts
            | {
                "x": round(float(x), 2),
                "y": round(float(y), 2),
                "area": round(_area(ring), 2),
                "perimeter": round(float(steps.sum()), 2),
            }
        )
        polygons.append(_chained(ring, ground, corners))
    _open_pockets(nodes, shared)
    edges_out = [
        [nodes[a]["id"], nodes[b]["id"], round(length, 2), bool(barrier)]
        for (a, b), (length, barrier) in sorted(shared.items())
    ]
    return {"info": info, "nodes": nodes, "edges": edges_out, "polygons": polygons}


def _open_pockets(nodes: list[dict[str, Any]], shared: dict[tuple[int, int], list[Any]]) -> None:
    """Where schools and the like shut homes off from the rest of their community, one of them opens its ground."""
    while True:
        near: dict[int, list[int]] = defaultdict(list)
        for a, b in shared:
            if nodes[a]["within"] == nodes[b]["within"]:
                near[a].append(b)
                near[b].append(a)
        seen: set[int] = set()
        pieces: dict[str, list[set[int]]] = defaultdict(list)
        for index, node in enumerate(nodes):
            if node["kind"] == "exclusive" or index in seen:
                continue
            piece, front = {index}, [index]
            while front:
                for other in near[front.pop()]:
                    if nodes[other]["kind"] != "exclusive" and other not in piece:
                        piece.add(other)
                        front.append(other)
            seen |= piece
            pieces[node["within"]].append(piece)
        shut = set()
        for parts in pieces.values():
            for piece in sorted(parts, key=len)[:-1]:
                shut |= {other for index in sorted(piece) for other in near[index][:] if other not in piece}
        if not shut:
            return
        for index in shut:
            nodes[index]["kind"] = "open"


def _left(along: np.ndarray, offset: np.ndarray) -> bool:
    return bool(along[0] * offset[1] - along[1] * offset[0] > 0)


def _chained(
    ring: Ring, ground: Ground, corners: dict[int, list[tuple[float, float, float]]]
) -> list[list[float]]:
    """The ring with every corner that neighbours have on its edges, so that parcels share their points."""
    out: list[list[float]] = []
    for at, (corner, line) in enumerate(ring):
        out.append([round(float(corner[0]), 2), round(float(corner[1]), 2)])
        if ground.kinds[line] == "edge":
            continue
        origin, along = ground.frames[line]
        one, two = (float((p - origin) @ along) for p in (corner, ring[(at + 1) % len(ring)][0]))
        inside = sorted(set(corners[line]))
        between = [[round(x, 2), round(y, 2)] for t, x, y in inside if min(one, two) < t < max(one, two)]
        out += between if one < two else between[::-1]
    return [point for index, point in enumerate(out) if point != out[index - 1]]


def degrees(ring: list[list[float]]) -> list[list[float]]:
    """A ring of metres as a closed ring of longitude and latitude."""
    moved = [[round(_ORIGIN[0] + x / _M_LON, 8), round(_ORIGIN[1] + y / _M_LAT, 8)] for x, y in ring]
    return [*moved, moved[0]]


def as_geojson(graph: dict[str, Any]) -> dict[str, Any]:
    """The district's parcels as polygons with the columns of the graph."""
    names = ("id", "weight", "within", "keep", "kind")
    features = [
        {
            "type": "Feature",
            "properties": {name: node[name] for name in names},
            "geometry": {"type": "Polygon", "coordinates": [degrees(ring)]},
        }
        for node, ring in zip(graph["nodes"], graph["polygons"], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def main() -> None:
    """Write the district."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--polygons", type=Path)
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    graph = make(args.households, args.seed)
    if args.polygons:
        args.polygons.write_text(json.dumps(as_geojson(graph)), encoding="utf-8")
    args.out.write_text(json.dumps({key: graph[key] for key in ("info", "nodes", "edges")}), encoding="utf-8")
    print(f"{len(graph['nodes'])} units, {len(graph['edges'])} borders")


if __name__ == "__main__":
    main()
