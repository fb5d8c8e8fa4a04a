"""A plan on the map."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import orjson
import shapely

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.planning.finding import find_plan
from wangge.planning.models import PlanGrid, PlanPlot

_DECIMALS = 6  # a tenth of a metre: a drawing, not the outline that is published
_SIMPLIFIED = 1e-5  # degrees, about a metre


@door(reads="grid_plan")
def plan_areas(access: Access, *, plan: UUID, community: str = "") -> bytes:
    """GeoJSON of a plan's grids: code, name, community, kind, households, deviation, locked; of one community if asked.

    Outlines are simplified together, so that shared edges stay shared.
    """
    found = find_plan(access, plan)
    kept = PlanGrid.objects.filter(plan=found, community=community) if community else None
    rows = list((PlanGrid.objects.filter(plan=found) if kept is None else kept).order_by("code"))
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows]) if rows else []
    return _encoded(
        [
            {
                "code": row.code,
                "name": row.name,
                "community": row.community,
                "kind": row.kind,
                "households": row.households,
                "deviation": row.deviation,
                "locked": row.locked,
            }
            for row in rows
        ],
        _drawn(shapes),
    )


@door(reads="grid_plan")
def plan_points(access: Access, *, plan: UUID, community: str = "") -> bytes:
    """GeoJSON of a plan's buildings: id, name, code, before, kind, households, pinned; of one community if asked."""
    found = find_plan(access, plan)
    rows = PlanPlot.objects.filter(plan=found).exclude(kind="open").order_by("id")
    if community:
        rows = rows.filter(community=community)
    kept = list(rows)
    return _encoded(
        [
            {
                "id": row.id,
                "name": row.name,
                "code": row.code,
                "before": row.before,
                "kind": row.kind,
                "households": row.households,
                "pinned": row.pinned,
            }
            for row in kept
        ],
        shapely.points([(row.lon, row.lat) for row in kept]) if kept else [],
    )


def _drawn(shapes: Any) -> Any:
    """Outlines as the screen needs them; each community by itself gives the same line as all together."""
    return shapely.coverage_simplify(np.array(shapes, dtype=object), _SIMPLIFIED) if len(shapes) else shapes


def _encoded(told: list[dict[str, Any]], shapes: Any) -> bytes:
    rounded = (
        shapely.transform(np.array(shapes, dtype=object), lambda xy: np.round(xy, _DECIMALS)) if told else []
    )
    drawn = [orjson.loads(text) for text in shapely.to_geojson(rounded)] if told else []
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": shape}
                for properties, shape in zip(told, drawn, strict=True)
            ],
        }
    )
