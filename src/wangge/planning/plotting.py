"""From the ground of a community and its buildings to plots; private to the room.

Where the plan is to change little, each standing grid is cut by itself, so that its outline is kept wherever nobody
moves; for a plan drawn afresh the community is cut as a whole. Exclusive grids stay as they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely

from wangge.planning.analysis import Geometry, Plot, parcels, place_of, union_of
from wangge.planning.states import PlotKind
from wangge.territory.states import BuildingKind, GridKind
from wangge.territory.types import BuildingView, CommunityGround

_OWN_GRID = (BuildingKind.GOVERNMENT, BuildingKind.SCHOOL, BuildingKind.HOSPITAL, BuildingKind.MALL)


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


def cut(ground: CommunityGround, buildings: Sequence[BuildingView], *, afresh: bool) -> Cut:
    """The plots of a community; none where neither grids nor a border say where it lies."""
    placed = [one for one in buildings if one.lon is not None and one.lat is not None]
    unplaced = sum(one.households or 0 for one in buildings if one.lon is None or one.lat is None)
    own = [grid for grid in ground.grids if grid.kind is GridKind.EXCLUSIVE]
    base = [grid for grid in ground.grids if grid.kind is not GridKind.EXCLUSIVE]
    shapes = {grid.code: shapely.from_wkb(grid.shape) for grid in ground.grids}
    inside: dict[str, list[BuildingView]] = defaultdict(list)
    for one in placed:
        inside[f"{one.unit_no:015d}"].append(one)
    out = [
        _ground_without_homes(
            grid.code, shapes[grid.code], PlotKind.EXCLUSIVE, grid.name, _households(inside[grid.code])
        )
        for grid in own
    ]
    if base and not afresh:
        for grid in base:
            out += _cut_one(grid.code, shapes[grid.code], inside[grid.code], grid.code, grid.name, own=False)
        astray = [one for code, some in inside.items() if code not in shapes for one in some]
        return Cut(out, unplaced + _households(astray))
    whole = _rest(ground, [shapes[grid.code] for grid in base], [shapes[grid.code] for grid in own])
    if whole is not None:
        codes = {grid.code for grid in base}
        loose = [one for code, some in inside.items() if code not in {g.code for g in own} for one in some]
        found = _cut_one(ground.code, whole, loose, "", ground.name, own=True)
        was = {str(one.id): f"{one.unit_no:015d}" for one in loose}
        out += [
            replace(one, before=was[one.plot.id] if was.get(one.plot.id) in codes else "") for one in found
        ]
    return Cut(out, unplaced)


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


def _ground_without_homes(code: str, shape: Geometry, kind: PlotKind, name: str, households: int) -> Ground:
    lon, lat = place_of(shape)
    return Ground(
        Plot(f"grid:{code}", float(households), "", kind.value, shape),
        name,
        code if len(code) == 15 else "",
        households,
        lon,
        lat,
    )


def _cut_one(
    code: str, shape: Geometry, buildings: Sequence[BuildingView], before: str, name: str, *, own: bool
) -> list[Ground]:
    """The plots of one piece of ground. ``own``: schools, hospitals, malls and offices get grids of their own."""
    there = sorted(buildings, key=lambda one: str(one.id))
    if not there:
        return [_ground_without_homes(code, shape, PlotKind.OPEN, name, 0)]
    cells = parcels(shape, [float(one.lon or 0) for one in there], [float(one.lat or 0) for one in there])
    out = []
    for one, cell in zip(there, cells, strict=True):
        if cell.is_empty:
            continue
        homes = one.households or 0
        alone = own and not homes and one.kind in _OWN_GRID
        kind = PlotKind.EXCLUSIVE if alone else PlotKind.RESIDENTIAL
        out.append(
            Ground(
                Plot(str(one.id), float(homes), one.estate, kind.value, cell),
                called(one),
                before,
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
