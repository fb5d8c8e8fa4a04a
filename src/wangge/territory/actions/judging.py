"""What stands around a file of grids on its first day, for the engine to judge the file by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Q

from wangge.territory.analysis import Cell, GridRow, Surroundings, district_of, street_of
from wangge.territory.models import GridVersion
from wangge.territory.standing import divisions_on, grids_on, shapes_of
from wangge.territory.states import Level


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings, and the versions of grids that the file would replace."""

    around: Surroundings
    replaced: list[GridVersion]


def scene_of(rows: Sequence[GridRow], day: date) -> Scene:
    """Reads what stands around the rows of a file."""
    named = {row.community for row in rows if row.community}
    districts = {district_of(code) for code in named}
    streets = {street_of(code) for code in named}
    divisions = list(divisions_on(day).filter(Q(parent__in=streets) | Q(code__in=streets | districts)))
    standing = list(grids_on(day).filter(_within(districts)))
    replaced = [grid for grid in standing if grid.community in named]
    around = Surroundings(
        communities={one.code: one.name for one in divisions if one.level == Level.COMMUNITY},
        streets={one.code: one.name for one in divisions if one.level == Level.STREET},
        borders={one.code: shapely.from_wkb(bytes(one.border)) for one in divisions if one.border},
        replaced=_cells(replaced),
        beside=_cells([grid for grid in standing if grid.community not in named]),
    )
    return Scene(around, replaced)


def _cells(grids: Sequence[GridVersion]) -> list[Cell]:
    shapes = shapes_of(grids)
    return [Cell(grid.code, grid.community, shape) for grid, shape in zip(grids, shapes, strict=True)]


def _within(districts: set[str]) -> Q:
    condition = Q(unit_no=-1)
    for code in districts:
        lo = int(code) * 1000
        condition |= Q(unit_no__range=(lo, lo + 10**9 - 1))
    return condition
