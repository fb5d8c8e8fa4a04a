"""Layers for the map: GeoJSON, simplified to what the scale can show, limited in size, with a stamp for caches.

Simplification keeps shared edges shared (coverage simplification), so that no slits open on the screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import shapely

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.units import interval_of
from wangge.territory.analysis import METRES_PER_DEGREE, Geometry
from wangge.territory.models import GridDefect
from wangge.territory.queries.grids import in_scope
from wangge.territory.standing import day_of, divisions_on, edition, grids_on, shapes_of
from wangge.territory.states import Level
from wangge.territory.types import MapLayer

MAX_BYTES = 4_000_000
_DECIMALS = 6  # a tenth of a metre


@door(reads="territory")
def map_grids(
    access: Access,
    *,
    under: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    on: date | None = None,
    simplify_m: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> MapLayer:
    """Grids that held on a day as GeoJSON: below a division (default: the access's territory), within bounds.

    bounds: west, south, east, north in degrees. Features carry unit_no (as id), code, name, kind, subkind,
    community, households. When even the coarsest simplification is too large, grids are left out from the end.
    """
    day = day_of(access, on)
    rows = in_scope(grids_on(day), access, under)
    if bounds is not None:
        west, south, east, north = bounds
        rows = rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    kept = list(rows)
    features = [
        {
            "id": row.unit_no,
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "subkind": row.subkind,
            "community": row.community,
            "households": row.households,
        }
        for row in kept
    ]
    return _layer(features, shapes_of(kept), simplify_m, max_bytes, day)


@door(reads="territory")
def map_divisions(
    access: Access,
    *,
    level: Level,
    under: str | None = None,
    on: date | None = None,
    simplify_m: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> MapLayer:
    """Borders of a level on a day as GeoJSON, as far as they are known. Features carry code, name and parent.

    Where a border is not known but grids stand, the outline of the grids takes its place.
    """
    day = day_of(access, on)
    interval = interval_of(under) if under else access.scope
    # the access of a grid worker is narrower than the division around it: the division is shown all the same
    rows = list(divisions_on(day).filter(level=level, lo__lte=interval.hi, hi__gte=interval.lo))
    shapes = {row.code: shapely.from_wkb(bytes(row.border)) for row in rows if row.border is not None}
    lacking = {row.code for row in rows if row.border is None}
    if lacking:
        shapes |= _outlines(lacking, level, day)
    shown = [row for row in rows if row.code in shapes]
    features = [{"id": row.lo, "code": row.code, "name": row.name, "parent": row.parent} for row in shown]
    return _layer(features, [shapes[row.code] for row in shown], simplify_m, max_bytes, day)


def _outlines(codes: set[str], level: Level, day: date) -> dict[str, Geometry]:
    parts: dict[str, list[Geometry]] = {}
    grids = list(grids_on(day).only("community", "geometry"))
    for grid, shape in zip(grids, shapes_of(grids), strict=True):
        code = grid.community[: level.width].ljust(12, "0")
        if code in codes:
            parts.setdefault(code, []).append(shape)
    return {code: shapely.union_all(shapes) for code, shapes in parts.items()}


@door(reads="territory")
def map_defects(access: Access, *, id: UUID) -> MapLayer:
    """Places of an import's defects as GeoJSON points: kind, severity, size in m2, and what to say about each."""
    rows = list(GridDefect.objects.filter(grid_import_id=id, lon__isnull=False).order_by("id"))
    points = [shapely.Point(row.lon, row.lat) for row in rows]
    features = [
        {
            "id": row.id,
            "kind": row.kind,
            "severity": row.severity,
            "codes": row.codes,
            "area_m2": row.area_m2,
            "mended": row.mended,
            "zh": row.zh,
            "en": row.en,
        }
        for row in rows
    ]
    return _layer(features, points, 0.0, MAX_BYTES, day_of(access, None))


def _layer(
    features: Sequence[dict[str, Any]],
    shapes: Sequence[Geometry],
    simplify_m: float,
    max_bytes: int,
    day: date,
) -> MapLayer:
    """Simplifies twice as coarsely until the layer fits, at most to 200 m, then leaves features out."""
    tolerance = simplify_m
    body, shown = _encoded(features, _simplified(shapes, tolerance)), len(features)
    while len(body) > max_bytes and tolerance < 200.0:
        tolerance = max(5.0, tolerance * 2.0)
        body = _encoded(features, _simplified(shapes, tolerance))
    while len(body) > max_bytes and shown:
        shown = min(shown - 1, int(shown * max_bytes / len(body)))
        body = _encoded(features[:shown], _simplified(shapes[:shown], tolerance))
    etag = hashlib.sha256(f"{edition()}|{day}|".encode() + body).hexdigest()[:32]
    return MapLayer(body=body, etag=etag, shown=shown, count=len(features), simplified_m=tolerance)


def _simplified(shapes: Sequence[Geometry], tolerance_m: float) -> list[Geometry]:
    if tolerance_m <= 0 or not len(shapes):
        return list(shapes)
    return list(shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance_m / METRES_PER_DEGREE))


def _encoded(features: Sequence[dict[str, Any]], shapes: Sequence[Geometry]) -> bytes:
    drawn = [orjson.loads(text) if text else None for text in shapely.to_geojson(_rounded(shapes)).tolist()]
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": feature["id"],
                    "properties": {key: value for key, value in feature.items() if key != "id"},
                    "geometry": shape,
                }
                for feature, shape in zip(features, drawn, strict=True)
            ],
        }
    )


def _rounded(shapes: Sequence[Geometry]) -> Any:
    array = np.array(list(shapes), dtype=object)
    return shapely.transform(array, lambda xy: np.round(xy, _DECIMALS)) if len(array) else array
