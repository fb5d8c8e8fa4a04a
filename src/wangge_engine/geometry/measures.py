"""Measures on lon/lat polygons: areas on the ellipsoid, widths in a local flat frame.

Overlays run in degrees, because a projection bends the straight edges that two neighbours share and would
itself open slits. Widths need metres; the frame used for them is affine (longitude shrunk by the cosine
of one latitude), so what is straight stays straight. Sizes in m2 are
on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
METRES_PER_DEGREE = 111_319.490_793  # of latitude and of longitude at the equator, WGS-84 major axis

# shapely ships no type stubs; the alias keeps signatures readable
Geometry = Any

_WGS84_A = 6_378_137.0
_WGS84_E = 0.0818191908426215


def area_m2(geometry: Geometry) -> float:
    """Area on the WGS-84 ellipsoid, in m2, of polygons whose edges are straight in lon/lat; holes taken off.

    Edges are not taken as geodesics, because overlays do not: a geodesic between the ends of a 2 km edge runs
    5 cm beside it, and two neighbours with different vertices on one line would then not add up. Exact to
    rounding: the authalic integral along each edge, by Simpson's rule.
    """
    return sum(
        _ring_area_m2(part.exterior) - sum(_ring_area_m2(hole) for hole in part.interiors)
        for part in polygons_of(geometry)
    )


def _ring_area_m2(ring: Geometry) -> float:
    lon, lat = np.radians(shapely.get_coordinates(ring)).T
    q = _authalic(lat)
    middle = _authalic((lat[1:] + lat[:-1]) / 2.0)
    mean = (q[1:] + 4.0 * middle + q[:-1]) / 6.0 - q[0]
    return float(abs(np.sum(np.diff(lon) * mean)) * _WGS84_A**2 / 2.0)


def _authalic(lat: Floats) -> Floats:
    """Snyder's q: the area between the equator and a latitude is a^2 q / 2 for each radian of longitude."""
    e, sine = _WGS84_E, np.sin(lat)
    return np.asarray((1.0 - e * e) * (sine / (1.0 - (e * sine) ** 2) + np.arctanh(e * sine) / e))


def polygons_of(geometry: Geometry) -> list[Geometry]:
    """The polygons inside a geometry of any type; lines and points are dropped."""
    if geometry is None or geometry.is_empty:
        return []
    parts = shapely.get_parts(geometry)
    if len(parts) == 1 and parts[0].geom_type == "Polygon":
        return [parts[0]]
    found: list[Geometry] = []
    for part in parts:
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            found.append(part)
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            found.extend(polygons_of(part))
    return found


def uncovered(ground: Geometry, cover: Geometry, parts: Sequence[Geometry], tree: Any) -> Geometry:
    """What of some ground a cover leaves open. ``parts`` are the polygons the cover is the union of, ``tree`` theirs.

    Where two drawings of one line lie a billionth of a metre apart all along, the overlay of GEOS 3.14 can take a
    ground for open that is covered to the last corner; it is then taken away part by part, which comes out right.
    """
    rest = shapely.difference(ground, cover)
    inside = shapely.point_on_surface(polygons_of(rest))
    if not len(tree.query(inside, predicate="within")[0]):
        return rest
    rest = ground
    for number in sorted(tree.query(ground, predicate="intersects").tolist()):
        rest = shapely.difference(rest, parts[number])
    return rest


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """A flat frame in metres around one latitude; good to about 3 parts in 1,000 over 50 km."""

    metres_per_lon: float
    metres_per_lat: float
    lon: float = 0.0
    lat: float = 0.0

    @classmethod
    def around(cls, geometries: Iterable[Geometry]) -> LocalFrame:
        """The frame at the middle latitude of some geometries in lon/lat."""
        shapes = [shape for shape in geometries if shape is not None and not shape.is_empty]
        bounds = shapely.total_bounds(shapes) if shapes else np.array([0.0, 0.0, 0.0, 0.0])
        lon, lat = float((bounds[0] + bounds[2]) / 2.0), float((bounds[1] + bounds[3]) / 2.0)
        shrunk = METRES_PER_DEGREE * float(np.cos(np.radians(lat)))
        # the origin in the middle keeps the numbers small, and so the overlays exact to fractions of a micrometre
        return cls(shrunk, METRES_PER_DEGREE * 0.9983, lon, lat)

    def metres(self, geometry: Geometry) -> Geometry:
        """The geometry in metres."""
        scale, origin = (self.metres_per_lon, self.metres_per_lat), (self.lon, self.lat)
        return shapely.transform(geometry, lambda xy: (xy - origin) * scale)

    def degrees(self, geometry: Geometry) -> Geometry:
        """The geometry back in degrees."""
        scale, origin = (self.metres_per_lon, self.metres_per_lat), (self.lon, self.lat)
        return shapely.transform(geometry, lambda xy: xy / scale + origin)

    def mean_width_m(self, polygon: Geometry) -> float:
        """Twice the area over the perimeter: the width of a long strip, half the side of a square."""
        flat = self.metres(polygon)
        return float(2.0 * flat.area / flat.length) if flat.length else 0.0

    def narrower_than(self, polygon: Geometry, width_m: float) -> bool:
        """True when no disc of that diameter fits anywhere into the polygon."""
        if self.mean_width_m(polygon) > width_m:
            return False  # area <= width * half the perimeter, so some spot is wider
        with np.errstate(invalid="ignore"):  # a polygon without area
            return bool(self.metres(polygon).buffer(-width_m / 2.0).is_empty)


def place_of(geometry: Geometry) -> tuple[float, float]:
    """A longitude and latitude inside the geometry, to point a finger at; its first point if it has no inside."""
    with np.errstate(invalid="ignore"):  # a polygon without area
        point = shapely.point_on_surface(geometry)
        x, y = shapely.get_x(point), shapely.get_y(point)
    if not (np.isfinite(x) and np.isfinite(y)):
        x, y = shapely.get_coordinates(geometry)[0]
    return float(x), float(y)


def place_if_any(geometry: Geometry) -> tuple[float, float] | None:
    """A place to point at, or None for a geometry that is missing, empty or holds what is no number."""
    if geometry is None or geometry.is_empty or not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None
    return place_of(geometry)


def crossings(polygon: Geometry) -> list[tuple[Geometry, float]]:
    """Points where the rings of an invalid polygon cross or touch themselves, with the size of the lobes.

    The size at a point is the area in m2 of all faces that touch it, the largest face (the body) left out.
    """
    rings = [ring for part in shapely.get_parts(polygon) for ring in shapely.get_rings(part)]
    noded = shapely.union_all([shapely.LineString(ring.coords) for ring in rings])
    if noded.is_empty:
        return []
    lines = shapely.get_parts(noded)
    ends = shapely.points(np.concatenate([shapely.get_coordinates(line)[[0, -1]] for line in lines]))
    found, counts = np.unique(shapely.to_wkb(ends), return_counts=True)
    nodes = shapely.from_wkb(found[counts > 2])
    faces = list(shapely.get_parts(shapely.polygonize(list(lines))))
    lobes = sorted(faces, key=lambda face: float(face.area))[:-1]
    return [(node, sum(area_m2(lobe) for lobe in lobes if lobe.intersects(node))) for node in nodes]


def repaired(geometry: Geometry) -> Geometry:
    """Valid polygons covering the same ground (none for lines and points), so that overlays can work on it."""
    if geometry.is_valid and geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    return joined(polygons_of(shapely.make_valid(geometry, method="structure")))


def without_empty_rings(geometry: Geometry) -> Geometry:
    """The geometry without rings that hold no point: GEOS 3.14 kills the process when it buffers or nodes one."""
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return geometry
    if not any(ring.is_empty for part in shapely.get_parts(geometry) for ring in part.interiors):
        return geometry
    return joined(
        [
            shapely.Polygon(part.exterior, [ring for ring in part.interiors if not ring.is_empty])
            for part in polygons_of(geometry)
        ]
    )


def joined(parts: Sequence[Geometry]) -> Geometry:
    """One polygon, a multipolygon, or an empty polygon, as the parts ask for."""
    if len(parts) == 1:
        return parts[0]
    return shapely.MultiPolygon(parts) if parts else shapely.Polygon()


def total_area_m2(geometries: Sequence[Geometry]) -> float:
    """Sum of the areas, overlaps counted twice."""
    return sum(area_m2(geometry) for geometry in geometries)
