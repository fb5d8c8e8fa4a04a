"""What a move by hand would lead to, before it is made."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict
from wangge.planning.analysis import Drawn
from wangge.planning.finding import find_plan
from wangge.planning.models import PlanGrid
from wangge.planning.moving import Desk, last_step, opened
from wangge.planning.states import PlanState, PlotKind
from wangge.planning.types import GridAfter, MoveChoice, MoveChoices, PlotMove

_HAIR = 1e-9


@door(reads="grid_plan")
def move_choices(access: Access, *, plan: UUID, plot: int, to: str) -> MoveChoices:
    """What becomes of the plan if a building moves alone, and if what must follow does: nothing is changed.

    Raises what `move_plot` raises.
    """
    found = find_plan(access, plan)
    if found.state != PlanState.READY:
        raise Conflict(
            code="plan_not_open",
            zh="只有待发布的方案可以改动。",
            en="Only a plan that is ready and not yet published can be changed.",
        )
    desk = opened(access, found, plot, to)
    offer = desk.offer()
    return MoveChoices(
        plot=desk.plot.id,
        name=desk.plot.name,
        households=desk.plot.households,
        source=desk.plot.code,
        to=to,
        seen=last_step(found),
        alone=_choice(desk, offer.alone),
        balanced=None if offer.balanced is None else _choice(desk, offer.balanced),
    )


def _choice(desk: Desk, drawn: Drawn) -> MoveChoice:
    before = {row.code: row for row in PlanGrid.objects.filter(plan=desk.plan, community=desk.plot.community)}
    moves = tuple(
        PlotMove(row.id, row.name, row.households, row.code, code, row.lon, row.lat)
        for row, code in zip(desk.plots, drawn.codes, strict=True)
        if row.code != code and row.key != desk.plot.key and row.kind != PlotKind.OPEN
    )
    grids = []
    for code in sorted({*before, *drawn.grids}):
        old = before[code].households if code in before else 0
        told = drawn.grids.get(code)
        new = round(told["weight"]) if told else 0
        if old != new:
            deviation = told["deviation"] if told else None
            within = deviation is None or abs(deviation) <= desk.plan.tolerance + _HAIR
            grids.append(GridAfter(code, old, new, deviation, within))
    return MoveChoice(
        households=sum(move.households for move in moves),
        moves=moves,
        grids=tuple(grids),
        outside=sum(not grid.within for grid in grids),
    )
