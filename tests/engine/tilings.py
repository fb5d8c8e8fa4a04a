"""Tilings for tests: a jittered lattice of quadrilaterals near 117.3 E, 39.1 N, sharing their vertices."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

from wangge_engine.topology.checking import Cell

LON, LAT = 117.3, 39.1
STEP_LON, STEP_LAT = 0.0035, 0.0027  # about 300 m each


def lattice(columns: int, rows: int, seed: int) -> dict[tuple[int, int], Any]:
    """Quadrilaterals by (column, row); neighbours share exactly the same vertices."""
    rng = np.random.default_rng(seed)
    jitter = rng.uniform(-0.3, 0.3, (columns + 1, rows + 1, 2))
    corner = {
        (i, j): (
            LON + (i + jitter[i, j, 0]) * STEP_LON,
            LAT + (j + jitter[i, j, 1]) * STEP_LAT,
        )
        for i in range(columns + 1)
        for j in range(rows + 1)
    }
    return {
        (i, j): shapely.Polygon([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]])
        for i in range(columns)
        for j in range(rows)
    }


def cells_of(shapes: dict[tuple[int, int], Any], community: str = "120110001005") -> list[Cell]:
    """One grid for each quadrilateral, codes in order, rows from 1."""
    return [
        Cell(code=f"{community}{number:03d}", community=community, geometry=shape, row=number)
        for number, shape in enumerate(shapes.values(), start=1)
    ]


@st.composite
def tilings(draw: st.DrawFn) -> list[Cell]:
    """A valid tiling: a lattice with some neighbours merged and some edges given extra vertices."""
    columns, rows = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    shapes = lattice(columns, rows, draw(st.integers(0, 10_000)))
    for _ in range(draw(st.integers(0, 3))):
        keys = sorted(shapes)
        i, j = draw(st.sampled_from(keys))
        other = draw(st.sampled_from([(i + 1, j), (i, j + 1)]))
        if other in shapes:
            merged = shapely.union(shapes[i, j], shapes[other])
            if merged.geom_type == "Polygon":
                shapes[i, j] = merged
                del shapes[other]
    dense = draw(st.sampled_from(sorted(shapes)))
    shapes[dense] = shapely.segmentize(shapes[dense], STEP_LAT / draw(st.integers(2, 6)))
    return cells_of(shapes)
