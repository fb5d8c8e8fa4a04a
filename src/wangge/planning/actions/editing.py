"""A plan changed by hand: a building moved, a grid locked, the last step taken back."""

from __future__ import annotations

from collections.abc import Sequence, Set
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict, NotFound
from wangge.planning.analysis import Drawn, Rule, figures
from wangge.planning.finding import find_plan
from wangge.planning.models import GridPlan, PlanGrid, PlanPlot, PlanStep
from wangge.planning.moving import last_step, opened, plots_of
from wangge.planning.noting import note_grids, plot_of
from wangge.planning.plotting import walls
from wangge.planning.states import PlanState, StepVerb
from wangge.planning.types import StepRow
from wangge.planning.views import step_row
from wangge.territory.queries import community_grounds
from wangge.territory.types import CommunityGround


@door(writes="grid_plan", act="edit")
def move_plot(
    access: Access, *, plan: UUID, plot: int, to: str, balance: bool = True, seen: int | None = None
) -> StepRow:
    """Move a building to a grid beside it; with ``balance`` what must follows, as `move_choices` says.

    What people put somewhere stays there. ``seen``: what `move_choices` gave when the choice was looked at. Raises
    BadInput where the building does not touch the grid, or where a grid concerned is locked; Conflict when the plan is
    not open to changes, or was changed since it was looked at.
    """
    found = _open_plan(access, plan)
    if seen is not None and seen != last_step(found):
        raise Conflict(
            code="plan_changed_meanwhile",
            zh="您查看之后方案已有改动，请重新移动。",
            en="The plan was changed since you looked at it; move the building again.",
        )
    desk = opened(access, found, plot, to)
    one, plots = desk.plot, desk.plots
    offer = desk.offer()
    drawn = offer.balanced if balance and offer.balanced is not None else offer.alone
    moved = [
        [row.key, row.code, code, row.pinned]
        for row, code in zip(plots, drawn.codes, strict=True)
        if row.code != code or row.key == one.key
    ]
    households = sum(row.households for row, code in zip(plots, drawn.codes, strict=True) if row.code != code)
    for row, code in zip(plots, drawn.codes, strict=True):
        row.code, row.pinned = code, row.pinned or row.key == one.key
    _written(found, desk.ground, plots, drawn, {str(key) for key, *_ in moved})
    return step_row(
        _noted(
            access, found, StepVerb.MOVE, one.community, to, plot=one.key, moved=moved, households=households
        ),
        one.name,
    )


@door(writes="grid_plan", act="edit")
def lock_grid(access: Access, *, plan: UUID, code: str, locked: bool) -> StepRow:
    """Lock a grid, so that nothing moves into it or out of it, or unlock it."""
    found = _open_plan(access, plan)
    grid = PlanGrid.objects.filter(plan=found, code=code).first()
    if grid is None:
        raise NotFound(
            code="grid_unknown", zh=f"方案中没有网格 {code}。", en=f"There is no grid {code} in the plan."
        )
    if grid.locked == locked:
        raise Conflict(
            code="grid_is_so",
            zh=f"网格 {code} {'已锁定' if locked else '未锁定'}。",
            en=f"Grid {code} is {'locked already' if locked else 'not locked'}.",
        )
    grid.locked = locked
    grid.save(update_fields=["locked"])
    verb = StepVerb.LOCK if locked else StepVerb.UNLOCK
    return step_row(_noted(access, found, verb, grid.community, code), grid.name)


@door(writes="grid_plan", act="edit")
def undo_step(access: Access, *, plan: UUID) -> StepRow:
    """Take the last step back that still stands. Raises Conflict when there is none."""
    found = _open_plan(access, plan)
    step = PlanStep.objects.filter(plan=found, undone=False).order_by("-id").first()
    if step is None:
        raise Conflict(code="nothing_to_undo", zh="没有可撤销的改动。", en="There is nothing to take back.")
    name = ""
    if step.verb == StepVerb.MOVE:
        name = _take_back(access, found, step)
    else:
        grids = PlanGrid.objects.filter(plan=found, code=step.code)
        grids.update(locked=step.verb == StepVerb.UNLOCK)
        name = str(grids.values_list("name", flat=True).first() or "")
    step.undone = True
    step.save(update_fields=["undone"])
    return step_row(step, name)


def _take_back(access: Access, plan: GridPlan, step: PlanStep) -> str:
    plots = plots_of(plan, step.community)
    before = {key: (code, pinned) for key, code, _, pinned in step.moved}
    for row in plots:
        if row.key in before:
            row.code, row.pinned = before[row.key]
    (ground,) = community_grounds(access, under=step.community)
    drawn = figures(
        step.community,
        [plot_of(row) for row in plots],
        Rule(plan.target, plan.tolerance),
        now=[row.code for row in plots],
        barriers=walls(access, ground),
    )
    _written(plan, ground, plots, drawn, before.keys())
    return next((row.name for row in plots if row.key == step.plot), "")


def _open_plan(access: Access, plan: UUID) -> GridPlan:
    found = find_plan(access, plan, to_write=True)
    if found.state != PlanState.READY:
        raise Conflict(
            code="plan_not_open",
            zh="只有待发布的方案可以改动。",
            en="Only a plan that is ready and not yet published can be changed.",
        )
    return found


def _written(
    plan: GridPlan, ground: CommunityGround, plots: Sequence[PlanPlot], drawn: Drawn, changed: Set[str]
) -> None:
    PlanPlot.objects.bulk_update([row for row in plots if row.key in changed], ["code", "pinned"])
    note_grids(plan, ground.code, plots, drawn, ground)


def _noted(
    access: Access,
    plan: GridPlan,
    verb: StepVerb,
    community: str,
    code: str,
    *,
    plot: str = "",
    moved: Sequence[Sequence[object]] = (),
    households: int = 0,
) -> PlanStep:
    return PlanStep.objects.create(
        plan=plan,
        at=timezone.now(),
        actor=access.actor,
        verb=verb,
        community=community,
        plot=plot,
        code=code,
        moved=[list(one) for one in moved],
        households=households,
    )
