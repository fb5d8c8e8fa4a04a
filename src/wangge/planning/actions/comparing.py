"""Two departments' nets of grids laid over each other, and a plan asked for that makes them one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import shapely
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import interval_of, significant
from wangge.planning.analysis import Datum, GeoFormat, Homes, Laid, NetFile, laid, write_layer
from wangge.planning.models import GridPlan, NetComparison, NetGrid, NetPair
from wangge.planning.states import Approach, NetSide, PairFate, PlanState
from wangge.planning.types import NetGiven
from wangge.territory.queries import buildings, community_grounds

MOST_BUILDINGS = 200_000


@door(writes="grid_plan", act="compare")
def compare_nets(access: Access, *, under: str, b: NetGiven, a: NetGiven | None = None) -> UUID:
    """Lay two nets over each other; without ``a`` the grids in force below ``under`` are the first.

    Households are those of the area's buildings, each counted where it stands. Raises BadInput for a file that is no
    net of grids, Refused outside one's territory, Conflict where no grids are in force to compare with.
    """
    within = interval_of(under)
    if not access.scope.covers(within):
        raise Refused(
            code="outside_territory",
            zh=f"{under} 不在您的管辖范围内。",
            en=f"{under} lies outside your territory.",
            place="under",
        )
    there = [one for one in buildings(access, under=under, size=MOST_BUILDINGS).rows if one.lon is not None]
    homes = Homes(
        [one.lon or 0.0 for one in there],
        [one.lat or 0.0 for one in there],
        [float(one.households or 0) for one in there],
    )
    first = _standing(access, under) if a is None else NetFile(a.file_name, a.body, a.datum)
    found = laid(first, NetFile(b.file_name, b.body, b.datum), homes)
    outlines = [shape for side in found.grids.values() for _, _, shape in side]
    west, south, east, north = shapely.total_bounds(outlines).tolist()
    kept = NetComparison.objects.create(
        under=significant(under),
        lo=within.lo,
        hi=within.hi,
        name_a="" if a is None else a.file_name[:255],
        name_b=b.file_name[:255],
        standing=a is None,
        at=timezone.now(),
        actor=access.actor,
        basis=found.basis,
        unit="m2" if found.basis == "none" else "households",
        moves=found.agreed.moves,
        stays=found.agreed.stays,
        grids_a=len(found.grids["a"]),
        grids_b=len(found.grids["b"]),
        told={"defects": found.defects, "left_out": found.left_out},
        west=west,
        south=south,
        east=east,
        north=north,
    )
    _keep(kept, found)
    return kept.id


def _standing(access: Access, under: str) -> NetFile:
    grids = [grid for ground in community_grounds(access, under=under) for grid in ground.grids]
    if not grids:
        raise Conflict(
            code="no_grids_to_compare",
            zh="该区域没有现行网格，请上传两张网。",
            en="No grids are in force there; hand in both nets.",
            place="file_a",
        )
    columns: dict[str, list[Any]] = {
        "code": [grid.code for grid in grids],
        "households": [grid.households or 0 for grid in grids],
    }
    shapes = [shapely.from_wkb(grid.shape) for grid in grids]
    return NetFile(
        "standing.gpkg", write_layer(GeoFormat.GEOPACKAGE, "grids", columns, shapes)[2], Datum.WGS84
    )


def _keep(kept: NetComparison, found: Laid) -> None:
    NetGrid.objects.bulk_create(
        [
            NetGrid(
                comparison=kept,
                side=NetSide(side),
                code=code[:40],
                relation=told,
                shape=shapely.to_wkb(shape),
            )
            for side, some in found.grids.items()
            for code, told, shape in some
        ],
        batch_size=500,
    )
    moves = {(one.pair.a, one.pair.b): one for one in found.agreed.changes}
    rows = []
    for pair in found.pairs:
        move = moves.get((pair.a, pair.b))
        fate = (
            PairFate.ONLY_B if not pair.a
            else PairFate.ONLY_A if not pair.b
            else PairFate.MOVES if move
            else PairFate.STAYS
        )  # fmt: skip
        weight = pair.households if kept.unit == "households" else pair.area_m2
        rows.append(
            NetPair(
                comparison=kept,
                a=pair.a[:40],
                b=pair.b[:40],
                area_m2=pair.area_m2 or 0.0,
                share_a=pair.share_a,
                share_b=pair.share_b,
                households=pair.households,
                fate=fate,
                to_a=move.to_a[:40] if move else "",
                to_b=move.to_b[:40] if move else "",
                weight=weight or 0.0,
                shape=shapely.to_wkb(pair.shape),
            )
        )
    NetPair.objects.bulk_create(rows, batch_size=500)


@door(writes="grid_plan")
def draft_from_nets(
    access: Access, *, comparison: UUID, target: float = 300.0, tolerance: float = 0.10
) -> UUID:
    """Ask for a plan that makes the grids in force and the net compared with them one, with the fewest changes.

    Each building whose ground the two nets put into grids that are no partners goes to the partner of the other net's
    grid; where that has none, to a new grid. Raises Conflict where the grids in force were not compared.
    """
    found = NetComparison.objects.filter(
        id=comparison, lo__gte=access.scope.lo, hi__lte=access.scope.hi
    ).first()
    if found is None:
        raise NotFound(code="comparison_unknown", zh="没有此比对。", en="There is no such comparison.")
    if not found.standing:
        raise Conflict(
            code="not_the_grids_in_force",
            zh="只有与现行网格的比对才能起草方案。",
            en="Only a comparison with the grids in force can become a plan.",
        )
    if not 1 <= target <= 20_000 or not 0.01 <= tolerance <= 0.5:
        raise BadInput(
            code="plan_rule",
            zh="每格目标户数应为 1 至 20,000，容差应为 1% 至 50%。",
            en="A grid's target is 1 to 20,000 households, its tolerance 1 to 50 per cent.",
            place="target",
        )
    plan = GridPlan.objects.create(
        under=found.under,
        lo=found.lo,
        hi=found.hi,
        approach=Approach.NETS,
        target=target,
        tolerance=tolerance,
        state=PlanState.DRAFT,
        asked_at=timezone.now(),
        asked_by=access.actor,
        comparison=found,
    )
    return plan.id
