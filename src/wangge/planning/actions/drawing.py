"""A plan is drawn in the background, one community at a time; what is drawn stays drawn if the process dies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import shapely
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Problem
from wangge.planning.analysis import Geometry, Rule, divided, figures, land_of, neighbours
from wangge.planning.finding import find_plan
from wangge.planning.models import GridPlan, NetPair, PlanCommunity, PlanGrid, PlanPlot
from wangge.planning.noting import note_community, note_grids
from wangge.planning.plotting import Cut, Ground, cut, walls
from wangge.planning.states import PLAN_TABLE, Approach, PairFate, PlanState, PlotKind
from wangge.territory.queries import buildings, community_grounds
from wangge.territory.types import CommunityGround

MOST_BUILDINGS = 200_000


@door(writes="grid_plan", act="draw")
def begin_plan(access: Access, *, plan: UUID) -> bool:
    """Note that a plan is being drawn; False when it is not to be drawn (discarded, or done)."""
    found = find_plan(access, plan, to_write=True)
    if found.state == PlanState.RUNNING:
        return True  # the process that drew it died: what is drawn stays, the rest goes on
    if found.state != PlanState.DRAFT:
        return False
    found.state = PLAN_TABLE.apply(PlanState.DRAFT, "begin")
    found.began_at = found.progress_at = timezone.now()
    found.save(update_fields=["state", "began_at", "progress_at"])
    PlanCommunity.objects.bulk_create(
        [
            PlanCommunity(plan=found, code=ground.code, name=ground.name)
            for ground in community_grounds(access, under=found.under)
        ]
    )
    return True


@door(writes="grid_plan", act="draw")
def draw_next(access: Access, *, plan: UUID) -> bool:
    """Draw the next community of a plan; False when none is left (the plan is ready) or the plan was discarded."""
    found = find_plan(access, plan)
    if found.state != PlanState.RUNNING:
        return False
    row = (
        PlanCommunity.objects.select_for_update(skip_locked=True)
        .filter(plan=found, drawn_at=None)
        .order_by("code")
        .first()
    )
    now = timezone.now()
    if row is None:
        done = GridPlan.objects.filter(id=plan, state=PlanState.RUNNING)
        done.update(state=PLAN_TABLE.apply(PlanState.RUNNING, "finish"), ended_at=now)
        return False
    try:
        _draw(access, found, row)
    except Problem as problem:
        row.fault = problem.code[:40]
    row.drawn_at = now
    row.save()
    GridPlan.objects.filter(id=plan).update(progress_at=now)
    return True


def _draw(access: Access, plan: GridPlan, row: PlanCommunity) -> None:
    (ground,) = community_grounds(access, under=row.code)
    there = buildings(access, under=row.code, size=MOST_BUILDINGS).rows
    afresh = plan.approach == Approach.AFRESH
    lines = walls(access, ground)
    made = cut(ground, there, afresh=afresh, lines=lines)
    if not made.plots:
        row.fault = "no_ground"
        note_community(row, ground, None, made.unplaced)
        return
    if plan.approach == Approach.NETS:
        _draw_as_compared(plan, row, ground, made, lines)
        return
    old = [one.before or None for one in made.plots]
    drawn = divided(
        row.code,
        [one.plot for one in made.plots],
        Rule(plan.target, plan.tolerance),
        old=old,
        afresh=afresh,
        highest=ground.highest,
        seed=plan.seed,
        barriers=lines,
    )
    _keep(plan, ground, made.plots, drawn.codes)
    note_community(row, ground, drawn, made.unplaced)
    PlanGrid.objects.filter(plan=plan, community=row.code).delete()
    note_grids(plan, row.code, list(PlanPlot.objects.filter(plan=plan, community=row.code)), drawn, ground)


def _draw_as_compared(
    plan: GridPlan, row: PlanCommunity, ground: CommunityGround, made: Cut, lines: Sequence[Geometry]
) -> None:
    """Each building goes where the comparison of two nets sends its ground; nobody leaves the community."""
    pairs = list(NetPair.objects.filter(comparison=plan.comparison, fate=PairFate.MOVES))
    tree = shapely.STRtree(shapely.from_wkb([bytes(one.shape) for one in pairs])) if pairs else None
    standing = {grid.code for grid in ground.grids}
    fresh: dict[str, str] = {}
    codes = []
    for one in made.plots:
        to = one.before or ground.code + "000"
        hits = tree.query(shapely.Point(one.lon, one.lat), predicate="within").tolist() if tree else []
        if hits and one.plot.kind == PlotKind.RESIDENTIAL:
            pair = pairs[min(hits)]
            if pair.to_a in standing:
                to = pair.to_a
            elif not pair.to_a:  # the other net has a grid more there
                to = fresh.setdefault(pair.b, f"{ground.code}{ground.highest + len(fresh) + 1:03d}")
        codes.append(to)
    drawn = figures(
        row.code,
        [one.plot for one in made.plots],
        Rule(plan.target, plan.tolerance),
        now=codes,
        barriers=lines,
    )
    _keep(plan, ground, made.plots, drawn.codes)
    note_community(row, ground, drawn, made.unplaced)
    note_grids(plan, row.code, list(PlanPlot.objects.filter(plan=plan, community=row.code)), drawn, ground)


def _keep(plan: GridPlan, ground: CommunityGround, plots: list[Ground], codes: list[str]) -> None:
    near = neighbours(land_of(ground.code, [one.plot for one in plots]))
    PlanPlot.objects.filter(plan=plan, community=ground.code).delete()
    PlanPlot.objects.bulk_create(
        [
            PlanPlot(
                plan=plan,
                community=ground.code,
                key=one.plot.id,
                name=one.name[:200],
                kind=one.plot.kind,
                households=one.households,
                estate=one.plot.estate[:120],
                lon=one.lon,
                lat=one.lat,
                shape=shapely.to_wkb(one.plot.shape),
                before=one.before,
                code=code,
                beside=[plots[other].plot.id for other in sorted(near[number])],
            )
            for number, (one, code) in enumerate(zip(plots, codes, strict=True))
        ],
        batch_size=1_000,
    )


@door(writes="grid_plan", act="draw")
def fail_plan(access: Access, *, plan: UUID, fault: str) -> None:
    """Note that a plan could not be drawn; ``fault`` is a word, never a value of a row."""
    rows = GridPlan.objects.filter(id=plan, state__in=(PlanState.DRAFT, PlanState.RUNNING))
    rows.update(state=PlanState.FAILED, fault=fault[:200], ended_at=timezone.now())
