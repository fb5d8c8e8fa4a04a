"""Another department's net over the ground of the tests: its border between two grids runs elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.engine.gridfiles import COMMUNITY
from wangge.planning.types import NetGiven
from wangge.territory import queries as ground
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer


def other_net(access: Any, *, drop: int = 0) -> NetGiven:
    """The grids in force under other codes; the third takes a strip of the first; the last ``drop`` are not drawn."""
    (told,) = ground.community_grounds(access, under=COMMUNITY)
    shapes = [shapely.from_wkb(grid.shape) for grid in told.grids]
    west, south, east, north = shapely.bounds(shapes[0]).tolist()
    strip = shapely.intersection(shapes[0], shapely.box(west + 0.6 * (east - west), south, east, north))
    shapes[2] = shapely.union(shapes[2], strip)
    shapes[0] = shapely.difference(shapes[0], strip)
    kept = shapes[: len(shapes) - drop]
    codes = [f"PA-{number:02d}" for number, _ in enumerate(kept, 1)]
    body = write_layer(GeoFormat.GEOPACKAGE, "net", {"code": codes}, list(np.array(kept, dtype=object)))[2]
    return NetGiven("police.gpkg", body)
