"""Which grid is a point in: an index over the grids valid on one day, asked with arrays.

A raster of cells is laid over the territory. A cell that lies in one grid alone answers at once; only points
in cells that a border runs through are tested against those few polygons. A point on a shared border
belongs to the lowest unit number, so that the answer never depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from wangge_engine.geometry.measures import Floats, Geometry

Points = npt.ArrayLike
Units = npt.NDArray[np.int64]
NOWHERE = 0

_CELLS_PER_GRID = 40
_MAX_SIDE = 1024


class GridIndex:
    """Point to unit number. Immutable after building; safe to share between threads."""

    def __init__(self, unit_nos: Sequence[int], polygons: Sequence[Geometry]) -> None:
        order = np.argsort(np.asarray(unit_nos, dtype=np.int64), kind="stable")
        self._units: Units = np.asarray(unit_nos, dtype=np.int64)[order]
        self._polygons = np.array(list(polygons), dtype=object)[order]
        shapely.prepare(self._polygons)
        self._build_raster()

    def __len__(self) -> int:
        return len(self._units)

    def _build_raster(self) -> None:
        count = len(self._units)
        side = min(_MAX_SIDE, max(1, int(np.sqrt(count * _CELLS_PER_GRID)))) if count else 1
        bounds = shapely.total_bounds(self._polygons) if count else np.array([0.0, 0.0, 1.0, 1.0])
        self._side = side
        self._origin = bounds[:2]
        self._far = bounds[2:]
        self._step = np.maximum((bounds[2:] - bounds[:2]) / side, 1e-12)
        row, column = np.divmod(np.arange(side * side), side)
        west = self._origin[0] + column * self._step[0]
        south = self._origin[1] + row * self._step[1]
        # a hair wider than the cell: rounding must not push a point out of its own cell
        hair = self._step * 1e-6
        boxes = shapely.box(
            west - hair[0], south - hair[1], west + self._step[0] + hair[0], south + self._step[1] + hair[1]
        )
        cells, grids = (
            shapely.STRtree(boxes).query(self._polygons, predicate="intersects")[::-1]
            if count
            else np.zeros((2, 0), dtype=np.int64)
        )
        by_cell = np.lexsort((grids, cells))
        self._pair_grid = grids[by_cell]
        self._start = np.searchsorted(cells[by_cell], np.arange(side * side + 1))
        alone = np.flatnonzero(np.diff(self._start) == 1)
        owner = self._pair_grid[self._start[alone]]
        whole = shapely.covers(self._polygons[owner], boxes[alone])
        self._answer: Units = np.full(side * side, -1, dtype=np.int64)
        self._answer[np.diff(self._start) == 0] = NOWHERE
        self._answer[alone[whole]] = self._units[owner[whole]]

    def units(self, lon: Points, lat: Points) -> Units:
        """Unit numbers for arrays of longitudes and latitudes (WGS-84 degrees); 0 where there is no grid."""
        x: Floats = np.atleast_1d(np.asarray(lon, dtype=np.float64))
        y: Floats = np.atleast_1d(np.asarray(lat, dtype=np.float64))
        out: Units = np.zeros(len(x), dtype=np.int64)
        inside = (x >= self._origin[0]) & (x <= self._far[0]) & (y >= self._origin[1]) & (y <= self._far[1])
        if not len(self._units) or not inside.any():
            return out
        at = np.flatnonzero(inside)
        column = np.minimum(((x[at] - self._origin[0]) / self._step[0]).astype(np.int64), self._side - 1)
        row = np.minimum(((y[at] - self._origin[1]) / self._step[1]).astype(np.int64), self._side - 1)
        cell = row * self._side + column
        out[at] = self._answer[cell]
        open_ = out[at] < 0
        self._test(at[open_], cell[open_], x, y, out)
        return out

    def _test(self, at: Units, cell: Units, x: Floats, y: Floats, out: Units) -> None:
        """Points in border cells, each against the polygons of its cell; highest grid first, lowest wins."""
        out[at] = NOWHERE
        first, last = self._start[cell], self._start[cell + 1]
        counts = last - first
        point = np.repeat(at, counts)
        offset = np.arange(len(point)) - np.repeat(np.cumsum(counts) - counts, counts)
        grid = self._pair_grid[np.repeat(first, counts) + offset]
        order = np.argsort(grid, kind="stable")
        point, grid = point[order], grid[order]
        edges = np.flatnonzero(np.diff(grid)) + 1
        for run in reversed(np.split(np.arange(len(grid)), edges)):
            if len(run):
                here = point[run]
                hit = shapely.intersects_xy(self._polygons[grid[run[0]]], x[here], y[here])
                out[here[hit]] = self._units[grid[run[0]]]
