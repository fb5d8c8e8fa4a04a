"""What is in a plan: grids, buildings, what would change, what people did."""

from __future__ import annotations

from collections import Counter, defaultdict
from uuid import UUID

import shapely

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.planning.analysis import place_of
from wangge.planning.finding import find_plan
from wangge.planning.models import GridPlan, PlanCommunity, PlanGrid, PlanPlot, PlanStep
from wangge.planning.states import PlanState, PlotKind
from wangge.planning.types import Flow, PlanGridRow, PlanHeir, PlotRow, StepRow
from wangge.planning.views import step_row

_HAIR = 1e-9


@door(reads="grid_plan")
def plan_grids(access: Access, *, plan: UUID, community: str = "", code: str = "") -> tuple[PlanGridRow, ...]:
    """Grids of a plan, those farthest from the target first; of one community or one code if asked."""
    found = find_plan(access, plan)
    rows = PlanGrid.objects.filter(plan=found)
    if community:
        rows = rows.filter(community=community)
    if code:
        rows = rows.filter(code=code)
    names = dict(PlanCommunity.objects.filter(plan=found).values_list("code", "name"))
    came, went = _streams(found)
    kept = sorted(rows, key=lambda row: (-abs(row.deviation) if row.deviation is not None else 1.0, row.code))
    return tuple(
        PlanGridRow(
            code=row.code,
            name=row.name,
            community=row.community,
            community_name=names.get(row.community, ""),
            kind=PlotKind(row.kind),
            standing=row.standing,
            households=row.households,
            deviation=row.deviation,
            within=row.deviation is None or abs(row.deviation) <= found.tolerance + _HAIR,
            pieces=row.pieces,
            compactness=row.compactness,
            estates_cut=row.estates_cut,
            why=row.why,
            locked=row.locked,
            lon=lon,
            lat=lat,
            came=came[row.code],
            went=went[row.code],
        )
        for row in kept
        for lon, lat in [place_of(shapely.from_wkb(bytes(row.shape)))]
    )


def _streams(plan: GridPlan) -> tuple[dict[str, int], dict[str, int]]:
    """Households that would come to each grid, and go from it."""
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    rows = PlanPlot.objects.filter(plan=plan).exclude(before="").values_list("before", "code", "households")
    for before, code, households in rows:
        if before != code:
            went[before] += households
            came[code] += households
    return came, went


@door(reads="grid_plan")
def plan_plots(access: Access, *, plan: UUID, code: str) -> tuple[PlotRow, ...]:
    """Buildings of a grid, the heaviest first, each with the grids beside it that it could be moved to."""
    found = find_plan(access, plan)
    rows = list(PlanPlot.objects.filter(plan=found, code=code).order_by("-households", "name", "id"))
    if not rows:
        return ()
    grids = {one.code: one for one in PlanGrid.objects.filter(plan=found, community=rows[0].community)}
    others = PlanPlot.objects.filter(plan=found, community=rows[0].community)
    where = dict(others.exclude(kind=PlotKind.EXCLUSIVE).values_list("key", "code"))
    shut = {one.code for one in grids.values() if one.locked}
    fixed = found.state != PlanState.READY or code in shut
    return tuple(
        PlotRow(
            id=row.id,
            name=row.name,
            estate=row.estate,
            kind=PlotKind(row.kind),
            households=row.households,
            before=row.before,
            code=row.code,
            pinned=row.pinned,
            lon=row.lon,
            lat=row.lat,
            options=()
            if fixed or row.kind != PlotKind.RESIDENTIAL
            else tuple(sorted({where[key] for key in row.beside if key in where} - {code} - shut)),
        )
        for row in rows
    )


@door(reads="grid_plan")
def plan_flows(access: Access, *, plan: UUID) -> tuple[Flow, ...]:
    """Who would change the grid: households from each grid to each other, the largest streams first."""
    found = find_plan(access, plan)
    streams: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    rows = PlanPlot.objects.filter(plan=found).exclude(before="").order_by("name")
    for before, after, name, households in rows.values_list("before", "code", "name", "households"):
        if before != after:
            streams[before, after].append((name, households))
    flows = [
        Flow(before, after, sum(n for _, n in some), tuple(name for name, _ in some))
        for (before, after), some in streams.items()
    ]
    return tuple(sorted(flows, key=lambda one: (-one.households, one.before, one.after)))


@door(reads="grid_plan")
def plan_heirs(access: Access, *, plan: UUID) -> tuple[PlanHeir, ...]:
    """For each code that the plan ends the grid that keeps most of its households, by code.

    Where it had none, the grid that keeps most of its plots.
    """
    found = find_plan(access, plan)
    codes = set(PlanGrid.objects.filter(plan=found).values_list("code", flat=True))
    kept: dict[str, Counter[str]] = defaultdict(Counter)
    plots: dict[str, Counter[str]] = defaultdict(Counter)
    rows = PlanPlot.objects.filter(plan=found).exclude(before="").exclude(before__in=codes)
    for before, after, households in rows.values_list("before", "code", "households"):
        kept[before][after] += households
        plots[before][after] += 1
    out = []
    for code in sorted(kept):
        ranked = sorted(kept[code].items(), key=lambda one: (-one[1], -plots[code][one[0]], one[0]))
        out.append(PlanHeir(code, ranked[0][0], ranked[0][1], sum(kept[code].values())))
    return tuple(out)


@door(reads="grid_plan")
def plan_steps(access: Access, *, plan: UUID, limit: int = 50) -> tuple[StepRow, ...]:
    """What people did to a plan, newest first."""
    found = find_plan(access, plan)
    steps = list(PlanStep.objects.filter(plan=found).order_by("-id")[:limit])
    keys = {step.plot for step in steps if step.plot}
    names = dict(PlanPlot.objects.filter(plan=found, key__in=keys).values_list("key", "name"))
    return tuple(step_row(step, names.get(step.plot, "")) for step in steps)
