"""Ground cut into plots: every building gets what lies nearer to it than to any other, and the plots tile the ground.

All plots of a ground are faces of one noded drawing, so neighbours share their vertices exactly, and the outline keeps
the vertices it had. A face that lies apart from its building (behind a bend of the outline) goes to the neighbour with
the longest shared border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely

from wangge_engine.geometry.measures import Floats, Geometry, LocalFrame, joined, polygons_of

_APART_M = 1.0  # buildings nearer than this share a place on the map; each is set a little aside
_DUST_M2 = 1e-4


def parcels(ground: Geometry, lon: Sequence[float], lat: Sequence[float]) -> list[Geometry]:
    """A plot for each point, in order, in degrees; together they are the ground. No points: no plots.

    Points may lie outside the ground: they get what is nearest to them, which can be nothing (an empty polygon).
    """
    if not len(lon):
        return []
    frame = LocalFrame.around([ground])
    spots = _apart(np.column_stack([lon, lat]), frame)
    if len(spots) == 1:
        return [ground]
    faces = _faces(ground, spots, frame)
    owner = _nearest(faces, spots, frame)
    owner = _beside(faces, owner, spots, frame)
    parts: dict[int, list[Geometry]] = defaultdict(list)
    for face, one in zip(faces, owner, strict=True):
        parts[one].append(face)
    return [joined(polygons_of(shapely.union_all(parts[one]))) for one in range(len(spots))]


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


def _faces(ground: Geometry, spots: Floats, frame: LocalFrame) -> list[Geometry]:
    """The faces that the borders between buildings make of the ground."""
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(spots), extend_to=frame.metres(ground).envelope.buffer(50.0), only_edges=True
    )
    # borders are brought to the ground's own coordinates, and not the other way: the outline stays as it was drawn
    lines = shapely.union_all([shapely.boundary(ground), frame.degrees(edges)])
    shapely.prepare(ground)
    drawn = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return [face for face in drawn.tolist() if ground.contains(shapely.point_on_surface(face))]


def _nearest(faces: Sequence[Geometry], spots: Floats, frame: LocalFrame) -> list[int]:
    inside = shapely.point_on_surface(np.array([frame.metres(face) for face in faces], dtype=object))
    places = shapely.points(spots)
    return [int(one) for one in shapely.STRtree(places).nearest(inside).tolist()]


def _beside(faces: Sequence[Geometry], owner: list[int], spots: Floats, frame: LocalFrame) -> list[int]:
    """Loose faces given to the neighbour with the longest shared border."""
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
    out = list(owner)
    while loose:
        best: tuple[float, int, int] | None = None
        for number in sorted(loose):
            for other in tree.query(faces[number], predicate="touches").tolist():
                if other not in loose:
                    shared = float(shapely.intersection(faces[number], faces[other]).length)
                    if shared > 0 and (best is None or shared > best[0]):
                        best = (shared, number, out[other])
        if best is None:
            break
        _, number, one = best
        out[number] = one
        loose.remove(number)
    return out
