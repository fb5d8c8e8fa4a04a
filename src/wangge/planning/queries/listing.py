"""Plans and their figures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import shapely
from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Abs, Cast
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, instant, word
from wangge.planning.actions.sweeping import STILL_AFTER
from wangge.planning.finding import find_plan, plans_of
from wangge.planning.models import GridPlan, PlanCommunity, PlanGrid, PlanPlot, PlanStep
from wangge.planning.states import Approach, PlanState, PlotKind
from wangge.planning.types import PlanFigures, PlanRow, PlanView
from wangge.planning.views import step_row

BEARABLE = 0.25
_HAIR = 1e-9


@door(reads="grid_plan")
def grid_plans(access: Access, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[PlanRow]:
    """Plans of the reader's territory, newest first."""
    rows = plans_of(access).order_by("-asked_at", "-id")
    mark = Cursor.decode(after, 2, instant, word)
    if mark is not None:
        at, last = datetime.fromisoformat(mark.values[0]), UUID(mark.values[1])
        rows = rows.filter(Q(asked_at__lt=at) | Q(asked_at=at, id__lt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = (
        Cursor((shown[-1].asked_at.isoformat(), str(shown[-1].id))).encode() if len(found) > size else None
    )
    return Page(tuple(_row(plan) for plan in shown), follow)


def _row(plan: GridPlan) -> PlanRow:
    homes = PlanGrid.objects.filter(plan=plan, kind=PlotKind.RESIDENTIAL)
    done = PlanCommunity.objects.filter(plan=plan)
    return PlanRow(
        id=plan.id,
        under=plan.under,
        approach=Approach(plan.approach),
        state=PlanState(plan.state),
        asked_at=plan.asked_at,
        asked_by=plan.asked_by,
        communities=done.count(),
        drawn=done.exclude(drawn_at=None).count(),
        grids=homes.count(),
        within=_inside(homes, plan.tolerance),
        valid_from=plan.valid_from,
    )


def _inside(homes: object, tolerance: float) -> int:
    return int(homes.annotate(off=Abs("deviation")).filter(off__lte=tolerance + _HAIR).count())  # type: ignore[attr-defined]


@door(reads="grid_plan")
def grid_plan(access: Access, *, plan: UUID) -> PlanView:
    """A plan with its figures and how far it is. Raises NotFound outside the reader's territory."""
    found = find_plan(access, plan)
    communities = list(PlanCommunity.objects.filter(plan=found).order_by("code"))
    drawn = [one for one in communities if one.drawn_at is not None]
    step = PlanStep.objects.filter(plan=found, undone=False).order_by("-id").first()
    now = timezone.now()
    under_way = found.state == PlanState.RUNNING
    left = None
    if under_way and drawn and found.began_at:
        left = (now - found.began_at).total_seconds() / len(drawn) * (len(communities) - len(drawn))
    still = under_way and found.progress_at is not None and now - found.progress_at > STILL_AFTER
    return PlanView(
        id=found.id,
        under=found.under,
        approach=Approach(found.approach),
        target=found.target,
        tolerance=found.tolerance,
        state=PlanState(found.state),
        asked_at=found.asked_at,
        asked_by=found.asked_by,
        began_at=found.began_at,
        progress_at=found.progress_at,
        ended_at=found.ended_at,
        communities=len(communities),
        drawn=len(drawn),
        seconds_left=left,
        stands_still=still,
        fault=found.fault,
        faults=tuple((one.code, one.name, one.fault) for one in drawn if one.fault),
        valid_from=found.valid_from,
        settled_at=found.settled_at,
        settled_by=found.settled_by,
        grid_import=found.grid_import,
        bounds=_bounds(found),
        figures=_figures(found, communities),
        undo=None if step is None else step_row(step, _name(found, step)),
    )


def _name(plan: GridPlan, step: PlanStep) -> str:
    rows = PlanPlot.objects.filter(plan=plan, key=step.plot).values_list("name", flat=True)
    return str(rows.first() or "")


def _bounds(plan: GridPlan) -> tuple[float, float, float, float] | None:
    shapes = [bytes(one) for one in PlanGrid.objects.filter(plan=plan).values_list("shape", flat=True)]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(shapes)).tolist()
    return west, south, east, north


def _figures(plan: GridPlan, communities: list[PlanCommunity]) -> PlanFigures:
    homes = PlanGrid.objects.filter(plan=plan, kind=PlotKind.RESIDENTIAL)
    told = homes.aggregate(
        grids=Count("id"),
        households=Sum("households"),
        cut=Sum("estates_cut"),
        pieces=Count("id", filter=Q(pieces__gt=1)),
        compact=Avg(Cast("compactness", FloatField())),
    )
    plots = PlanPlot.objects.filter(plan=plan)
    moved = plots.exclude(before="").exclude(before=F("code")).aggregate(n=Sum("households"))["n"]
    settled = plots.exclude(before="").aggregate(n=Sum("households"))["n"]
    codes = set(PlanGrid.objects.filter(plan=plan).values_list("code", flat=True))
    before = set(plots.exclude(before="").values_list("before", flat=True))
    return PlanFigures(
        grids=told["grids"],
        within=_inside(homes, plan.tolerance),
        bearable=_inside(homes, max(BEARABLE, plan.tolerance)),
        households=told["households"] or 0,
        exclusive=PlanGrid.objects.filter(plan=plan, kind=PlotKind.EXCLUSIVE).count(),
        least_outside=sum(one.least_outside for one in communities),
        moved=moved or 0,
        settled=settled or 0,
        new_codes=tuple(sorted(codes - before)),
        retired_codes=tuple(sorted(before - codes)),
        estates_cut=told["cut"] or 0,
        in_pieces=told["pieces"],
        compactness=told["compact"],
        unplaced=sum(one.unplaced for one in communities),
    )
