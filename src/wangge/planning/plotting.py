"""From the ground of a community and its buildings to plots; private to the room.

Where the plan is to change little, each standing grid is cut by itself, so that its outline is kept wherever nobody
moves; for a plan drawn afresh the community is cut as a whole. Exclusive grids stay as they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from wangge.kernel.access import Access
from wangge.landscape.queries import barriers
from wangge.planning.analysis import Geometry, Plot, parcels, place_of, union_of
from wangge.planning.states import PlotKind
from wangge.territory.states import BuildingKind, GridKind
from wangge.territory.types import BuildingView, CommunityGround

_OWN_GRID = (BuildingKind.GOVERNMENT, BuildingKind.SCHOOL, BuildingKind.HOSPITAL, BuildingKind.MALL)


def walls(access: Access, ground: CommunityGround) -> list[Geometry]:
    """The roads, rivers, rails and walls that run through a community."""
    outlines = [grid.shape for grid in ground.grids] or ([ground.border] if ground.border else [])
    if not outlines:
        return []
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(outlines)).tolist()
    found = barriers(access, under=ground.code, bounds=(west, south, east, north))
    return list(shapely.from_wkb([line.shape for line in found]))


@dataclass(frozen=True, slots=True)
class Ground:
    """A plot before it is divided, with what the page says of it."""

    plot: Plot
    name: str
    before: str
    households: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A community cut into plots; ``unplaced`` counts households of buildings that have no place on the map."""

    plots: list[Ground]
    unplaced: int


def cut(
    ground: CommunityGround,
    buildings: Sequence[BuildingView],
    *,
    afresh: bool,
    lines: Sequence[Geometry] = (),
) -> Cut:
    """The plots of a community; none where neither grids nor a border say where it lies."""
    placed = [one for one in buildings if one.lon is not None and one.lat is not None]
    unplaced = _households([one for one in buildings if one.lon is None or one.lat is None])
    own = [grid for grid in ground.grids if grid.kind is GridKind.EXCLUSIVE]
    base = [grid for grid in ground.grids if grid.kind is not GridKind.EXCLUSIVE]
    shapes = {grid.code: shapely.from_wkb(grid.shape) for grid in ground.grids}
    inside: dict[str, list[BuildingView]] = defaultdict(list)
    for one in placed:
        inside[f"{one.unit_no:015d}"].append(one)
    pieces = [_Piece(grid.code, grid.name, shapes[grid.code], [], PlotKind.EXCLUSIVE) for grid in own]
    homes_of_own = {grid.code: _households(inside[grid.code]) for grid in own}
    if base and not afresh:
        pieces += [
            _Piece(grid.code, grid.name, shapes[grid.code], inside[grid.code], PlotKind.OPEN) for grid in base
        ]
        unplaced += _households([one for code, some in inside.items() if code not in shapes for one in some])
    else:
        whole = _rest(ground, [shapes[grid.code] for grid in base], [shapes[grid.code] for grid in own])
        loose = [one for code, some in inside.items() if code not in homes_of_own for one in some]
        if whole is not None:
            pieces.append(_Piece(ground.code, ground.name, whole, loose, PlotKind.OPEN))
    if not pieces:
        return Cut([], unplaced)
    for piece in pieces:
        piece.buildings.sort(key=lambda one: str(one.id))
    plots = parcels(
        [piece.shape for piece in pieces],
        [[(float(one.lon or 0), float(one.lat or 0)) for one in piece.buildings] for piece in pieces],
        lines,
    )
    out: list[Ground] = []
    for piece, cells in zip(pieces, plots, strict=True):
        if piece.buildings:
            out += _homes(piece, cells, {grid.code for grid in base}, alone=afresh or not base)
        else:
            out.append(_bare(piece, cells[0], homes_of_own.get(piece.code, 0)))
    return Cut(out, unplaced)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Ground to be cut: its code and name, the buildings in it, and what it is where there are none."""

    code: str
    name: str
    shape: Geometry
    buildings: list[BuildingView]
    bare: PlotKind


def _rest(ground: CommunityGround, base: Sequence[Geometry], own: Sequence[Geometry]) -> Geometry | None:
    """The community's ground without its exclusive grids."""
    if base:
        return union_of(base)
    if ground.border is None:
        return None
    border = shapely.from_wkb(ground.border)
    whole = union_of([shapely.difference(border, shapely.union_all(list(own)))]) if own else border
    return None if whole.is_empty else whole


def _households(buildings: Sequence[BuildingView]) -> int:
    return sum(one.households or 0 for one in buildings)


def _bare(piece: _Piece, shape: Geometry, households: int) -> Ground:
    lon, lat = place_of(shape)
    plot = Plot(f"grid:{piece.code}", float(households), "", piece.bare.value, shape)
    return Ground(plot, piece.name, piece.code if len(piece.code) == 15 else "", households, lon, lat)


def _homes(piece: _Piece, cells: Sequence[Geometry], codes: set[str], *, alone: bool) -> list[Ground]:
    """A plot for each building. ``alone``: schools, hospitals, malls and offices get grids of their own."""
    out = []
    for one, cell in zip(piece.buildings, cells, strict=True):
        if cell.is_empty:
            continue
        homes = one.households or 0
        own = alone and not homes and one.kind in _OWN_GRID
        kind = PlotKind.EXCLUSIVE if own else PlotKind.RESIDENTIAL
        was = f"{one.unit_no:015d}"
        out.append(
            Ground(
                Plot(str(one.id), float(homes), one.estate, kind.value, cell),
                called(one),
                was if was in codes else "",
                homes,
                float(one.lon or 0),
                float(one.lat or 0),
            )
        )
    return out


def called(one: BuildingView) -> str:
    """A building as people say it: estate and number, else its address, else the record of its source."""
    if one.estate:
        number = one.building_no
        return f"{one.estate}{number}{'号楼' if number.isdigit() else ''}"
    return one.address or one.record_ref
