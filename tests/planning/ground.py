"""A community of four grids whose homes have grown unevenly, and a neighbour that stays as it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import shapely

from tests.engine.gridfiles import COMMUNITY, OTHER, grid_file
from tests.engine.tilings import lattice
from wangge.planning import actions
from wangge.territory import actions as territory
from wangge.territory.types import BuildingRow
from wangge_engine.topology.checking import Cell

TARGET = 250.0  # households wanted of a grid
HOMES = 10  # buildings of each grid
AROUND = (18, 30)  # households of a building; a grid would be 240


def draw(steward: Any, seed: int = 4) -> None:
    """Two columns of two grids, one exclusive grid among them; homes of every base grid."""
    rng = np.random.default_rng(seed)
    cells, rows, counts = [], [], {COMMUNITY: 0, OTHER: 0}
    for (i, _j), shape in lattice(3, 2, 5).items():
        community = COMMUNITY if i < 2 else OTHER
        counts[community] += 1
        code = f"{community}{counts[community]:03d}"
        cells.append(Cell(code, community, shape, len(cells) + 1))
        west, south, east, north = shapely.bounds(shape).tolist()
        put = 0
        while put < HOMES:
            lon, lat = float(rng.uniform(west, east)), float(rng.uniform(south, north))
            if not shape.contains(shapely.Point(lon, lat)):
                continue
            put += 1
            heavy = 1.5 if code == f"{COMMUNITY}001" else 1.0
            rows.append(
                BuildingRow(
                    f"b:{code}:{put}",
                    estate=f"{code[-6:]}苑{put // 4}",
                    building_no=str(put),
                    lon=lon,
                    lat=lat,
                    households=round(float(rng.integers(*AROUND)) * heavy),
                )
            )
    name, body = grid_file(cells)
    report = territory.import_grids(steward, file_name=name, body=body, valid_from=date(2026, 1, 1))
    assert report.state == "imported", report.defects
    territory.import_buildings(steward, rows=rows, division="120110")


def drawn(system: Any, plan: Any) -> None:
    """What the background does."""
    assert actions.begin_plan(system, plan=plan)
    while actions.draw_next(system, plan=plan):
        pass
