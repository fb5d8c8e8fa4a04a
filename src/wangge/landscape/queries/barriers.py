"""Lines that part the ground, for the division and for the map."""

from __future__ import annotations

from collections import Counter, defaultdict
from uuid import UUID

import numpy as np
import orjson
import shapely
from django.db.models import Count, QuerySet

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.units import interval_of
from wangge.landscape.models import Barrier, BarrierFile
from wangge.landscape.states import BarrierKind
from wangge.landscape.types import BarrierFileRow, BarrierLine
from wangge.landscape.views import file_row

_DECIMALS = 6  # a tenth of a metre
_SIMPLIFIED = 2e-5  # degrees, some two metres: finer than a screen shows
Box = tuple[float, float, float, float]


@door(reads="landscape")
def barrier_files(access: Access) -> tuple[BarrierFileRow, ...]:
    """Files of lines that touch the reader's territory, newest first."""
    kinds: dict[UUID, Counter[BarrierKind]] = defaultdict(Counter)
    for file, kind, count in Barrier.objects.values_list("file", "kind").annotate(n=Count("id")):
        kinds[file][BarrierKind(kind)] = count
    rows = BarrierFile.objects.filter(lo__lte=access.scope.hi, hi__gte=access.scope.lo).order_by("-at", "id")
    return tuple(file_row(row, kinds[row.id]) for row in rows)


@door(reads="landscape")
def barriers(access: Access, *, under: str, bounds: Box | None = None) -> tuple[BarrierLine, ...]:
    """Lines of a division's own files and of those around it: west, south, east, north in degrees."""
    return tuple(
        BarrierLine(BarrierKind(row.kind), row.name, bytes(row.shape)) for row in _found(under, bounds)
    )


def _found(under: str, bounds: Box | None) -> QuerySet[Barrier]:
    within = interval_of(under)
    rows = Barrier.objects.filter(file__lo__lte=within.hi, file__hi__gte=within.lo).order_by("id")
    if bounds is None:
        return rows
    west, south, east, north = bounds
    return rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)


@door(reads="landscape")
def map_barriers(access: Access, *, under: str | None = None) -> bytes:
    """GeoJSON of the lines of a division (default: the reader's territory): kind and name."""
    code = under or str(access.scope.lo)[:6]
    rows = list(_found(code, None).values_list("id", "kind", "name", "shape"))
    shapes = shapely.from_wkb([bytes(row[3]) for row in rows]) if rows else []
    drawn = shapely.simplify(np.array(shapes, dtype=object), _SIMPLIFIED) if rows else []
    rounded = shapely.transform(drawn, lambda xy: np.round(xy, _DECIMALS)) if rows else []
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"id": f"barrier:{number}", "kind": kind, "name": name},
                    "geometry": orjson.loads(text),
                }
                for (number, kind, name, _), text in zip(
                    rows, shapely.to_geojson(rounded) if rows else [], strict=True
                )
            ],
        }
    )
