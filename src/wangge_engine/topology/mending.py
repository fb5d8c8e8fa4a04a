"""Closing slivers on request: a thin gap goes to the neighbour with the longest shared edge, a thin overlap
is taken off one side. Standing grids are never changed; wide defects are never touched, because who owns
that ground is a decision for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely

from wangge_engine.geometry.measures import Geometry, joined, polygons_of
from wangge_engine.topology.checking import Cell, Report
from wangge_engine.topology.defects import Defect
from wangge_engine.topology.kinds import DefectKind

_HAIR = 1e-10  # degrees: a hundredth of a millimetre


def mend_slivers(cells: Sequence[Cell], report: Report) -> tuple[list[Cell], list[Defect]]:
    """Returns the cells with slivers closed, and the defects that were closed (marked so)."""
    shapes: dict[int, Geometry] = {index: cell.geometry for index, cell in enumerate(cells)}
    tree = shapely.STRtree([cell.geometry for cell in cells])
    rows = {cell.row: index for index, cell in enumerate(cells) if not cell.standing}
    mended: list[Defect] = []
    for found, shape in report.sliver_shapes:
        candidates = [rows[row] for row in found.rows if row in rows]
        if not candidates:
            continue
        if found.kind is DefectKind.SLIVER_GAP:
            shared = {
                index: float(shapely.intersection(shapes[index].buffer(_HAIR), shape.exterior).length)
                for index in candidates
            }
            winner = max(candidates, key=lambda index: (shared[index], -index))
            grown = shapely.union(shapes[winner], shape.buffer(_HAIR))
            near = [
                shapes[index] for index in tree.query(shape.buffer(2 * _HAIR)).tolist() if index != winner
            ]
            # the buffer that welds the pieces laid a hair's breadth over the others: take it off again
            shapes[winner] = shapely.difference(grown, shapely.union_all(near))
        else:
            loser = max(candidates)
            shapes[loser] = shapely.difference(shapes[loser], shape)
        mended.append(found.after_mending())
    return [replace(cell, geometry=_clean(shapes[index])) for index, cell in enumerate(cells)], mended


def _clean(shape: Geometry) -> Geometry:
    """Only polygons; dust below a square centimetre (1e-14 square degrees) dropped."""
    return joined([part for part in polygons_of(shape) if part.area > 1e-14])
