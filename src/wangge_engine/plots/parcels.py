"""Ground cut into plots: every building gets what lies nearer to it than to any other, and the plots tile the ground.

All grounds of a call are faces of one noded drawing, so neighbours share their vertices exactly, across the outlines of
grounds, too, and outlines keep the vertices they had. A face that lies apart from its building (behind a bend of the
outline) goes to the neighbour with the longest shared border. Barriers (roads, rivers, rails) are drawn first: ground
beyond one goes to a building on that side where there is any, so that plots end at the road and not somewhere behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely

from wangge_engine.geometry.measures import Floats, Geometry, LocalFrame, joined, polygons_of

_APART_M = 1.0  # buildings nearer than this share a place on the map; each is set a little aside
_OVER = 2e-9  # degrees, a fifth of a millimetre: borders are drawn across their outline by this, so that they meet it
Place = tuple[float, float]


def parcels(
    grounds: Sequence[Geometry], places: Sequence[Sequence[Place]], barriers: Sequence[Geometry] = ()
) -> list[list[Geometry]]:
    """For each ground its plots, one for each place in it (longitude, latitude), in order; together they are it.

    A ground without places is one plot. A place that lies outside its ground gets what is nearest to it, which can be
    nothing (an empty polygon). ``barriers``: lines in degrees along which plots end.
    """
    frame = LocalFrame.around(grounds)
    spots = [_apart(np.array(some, dtype=np.float64).reshape(-1, 2), frame) for some in places]
    shared = [ground for ground, some in zip(grounds, spots, strict=True) if len(some) > 1]
    borders = [
        _borders(ground, some, frame) for ground, some in zip(grounds, spots, strict=True) if len(some) > 1
    ]
    if not borders:
        return [[ground] for ground in grounds]
    walls = _walls(shared, barriers)
    lines = shapely.union_all([*(shapely.boundary(ground) for ground in grounds), *borders, *walls])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside: dict[int, list[Geometry]] = defaultdict(list)
    at, of = (
        shapely.STRtree(shapely.point_on_surface(faces)).query(grounds, predicate="contains")[::-1].tolist()
    )
    for face, ground in zip(at, of, strict=True):
        inside[ground].append(faces[face])
    return [_plots(inside[number], some, frame, walls) for number, some in enumerate(spots)]


def _walls(grounds: Sequence[Geometry], barriers: Sequence[Geometry]) -> list[Geometry]:
    """The barriers as far as they run inside grounds that are cut; one that ends inside a plot parts nothing."""
    if not len(barriers):
        return []
    wide = [ground.buffer(_OVER, join_style="mitre") for ground in grounds]
    which, where = shapely.STRtree(wide).query(list(barriers), predicate="intersects").tolist()
    cut = [shapely.intersection(barriers[one], wide[at]) for one, at in zip(which, where, strict=True)]
    return [line for line in cut if line.length > 0]


def _borders(ground: Geometry, spots: Floats, frame: LocalFrame) -> Geometry:
    """The borders between the buildings of a ground, drawn a hair across its outline."""
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(spots), extend_to=frame.metres(ground).envelope.buffer(50.0), only_edges=True
    )
    return shapely.intersection(frame.degrees(edges), ground.buffer(_OVER, join_style="mitre"))


def _plots(
    faces: list[Geometry], spots: Floats, frame: LocalFrame, walls: Sequence[Geometry]
) -> list[Geometry]:
    if len(spots) < 2:
        return [_together(faces)]
    owner = _beside(faces, _nearest(faces, spots, frame), spots, frame, walls)
    parts: dict[int, list[Geometry]] = defaultdict(list)
    for face, one in zip(faces, owner, strict=True):
        parts[one].append(face)
    return [_together(parts[one]) for one in range(len(spots))]


def _together(faces: Sequence[Geometry]) -> Geometry:
    return joined(polygons_of(shapely.union_all(list(faces))))


def _apart(degrees: Floats, frame: LocalFrame) -> Floats:
    """Places in metres; those that coincide are set on a small circle around their place."""
    spots = (degrees - (frame.lon, frame.lat)) * (frame.metres_per_lon, frame.metres_per_lat)
    same: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (x, y) in enumerate(np.round(spots / _APART_M).astype(int).tolist()):
        same[x, y].append(number)
    for numbers in same.values():
        if len(numbers) > 1:
            turn = 2 * np.pi * np.arange(len(numbers)) / len(numbers)
            spots[numbers] += 2.0 * _APART_M * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.asarray(spots, dtype=np.float64)


def _nearest(faces: Sequence[Geometry], spots: Floats, frame: LocalFrame) -> list[int]:
    inside = shapely.point_on_surface(np.array([frame.metres(face) for face in faces], dtype=object))
    return [int(one) for one in shapely.STRtree(shapely.points(spots)).nearest(inside).tolist()]


def _beside(
    faces: Sequence[Geometry],
    owner: list[int],
    spots: Floats,
    frame: LocalFrame,
    walls: Sequence[Geometry] = (),
) -> list[int]:
    """Loose faces given to the neighbour with the longest shared border, over a wall only where nothing else is."""
    of: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(owner):
        of[one].append(number)
    loose: set[int] = set()
    places = frame.degrees(shapely.points(spots))
    for one, numbers in of.items():
        if len(numbers) > 1:
            home = max(numbers, key=lambda n: (faces[n].distance(places[one]) == 0.0, faces[n].area, -n))
            loose |= set(numbers) - {home}
    if not loose:
        return owner
    tree = shapely.STRtree(list(faces))
    wall = shapely.buffer(shapely.union_all(list(walls)), _OVER) if len(walls) else None
    out = list(owner)
    near: dict[int, list[tuple[bool, float, int]]] = {}
    for number in loose:
        near[number] = []
        for other in tree.query(faces[number], predicate="touches").tolist():
            line = shapely.intersection(faces[number], faces[other])
            free = line.length - (shapely.intersection(line, wall).length if wall is not None else 0.0)
            if line.length > 0:
                open_ = bool(free > 0.01 * line.length)
                near[number].append((open_, float(free if open_ else line.length), other))
    while loose:
        best = max(
            (
                (open_, shared, -number, out[other])
                for number in loose
                for open_, shared, other in near[number]
                if other not in loose
            ),
            default=None,
        )
        if best is None:
            break
        out[-best[2]] = best[3]
        loose.remove(-best[2])
    return out
