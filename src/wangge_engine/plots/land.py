"""The plots of one community as the land that `divide` reads, with the borders that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from wangge_engine.divide.ground import borders_of
from wangge_engine.divide.territory import Territory
from wangge_engine.divide.units import Findings, territory_of, with_borders
from wangge_engine.geometry.measures import Geometry, LocalFrame


@dataclass(frozen=True, slots=True)
class Plot:
    """A building's ground: weight in households, estate ("" for none), kind, and polygon in degrees."""

    id: str
    weight: float
    estate: str
    kind: str
    shape: Geometry


@dataclass(frozen=True, slots=True)
class Drawn:
    """A community divided. ``codes`` is each plot's grid; ``grids`` one row of figures for each grid, by its code.

    ``least_outside``: no plan of the community has fewer grids outside the tolerance; ``proven``: none is better.
    """

    codes: list[str]
    grids: dict[str, dict[str, Any]]
    least_outside: int
    proven: bool


def land_of(community: str, plots: Sequence[Plot], barriers: Sequence[Geometry] = ()) -> Territory:
    """The community's plots with the borders they share, as the division reads them; ``barriers`` in degrees."""
    columns: dict[str, list[Any]] = {
        "id": [plot.id for plot in plots],
        "weight": [plot.weight for plot in plots],
        "within": [community] * len(plots),
        "keep": [plot.estate for plot in plots],
        "kind": [plot.kind for plot in plots],
    }
    shapes = [plot.shape for plot in plots]
    frame = LocalFrame.around(shapes)
    flat = np.array([frame.metres(shape) for shape in shapes], dtype=object)
    centre = shapely.centroid(flat)
    columns["x"], columns["y"] = shapely.get_x(centre).tolist(), shapely.get_y(centre).tolist()
    columns["area"], columns["perimeter"] = shapely.area(flat).tolist(), shapely.length(flat).tolist()
    base = territory_of(columns, community, Findings())
    lines = np.array([frame.metres(line) for line in barriers], dtype=object) if len(barriers) else None
    pairs, metres, crossed = borders_of(flat, lines)
    return replace(with_borders(base, pairs, metres.tolist(), crossed.tolist()), shapes=shapes)


def neighbours(land: Territory) -> dict[int, set[int]]:
    """Which plots border which, by position."""
    near: dict[int, set[int]] = {number: set() for number in range(len(land.ids))}
    for a, b in land.pairs.tolist():
        near[a].add(b)
        near[b].add(a)
    return near
