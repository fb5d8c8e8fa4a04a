"""What nobody needs any more is cleared, and plans whose process died are found."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.planning.models import GridPlan, PlanGrid, PlanPlot, PlanStep
from wangge.planning.states import PlanState

STILL_AFTER = timedelta(minutes=10)


@door(writes="grid_plan", act="draw")
def standing_still(access: Access) -> tuple[UUID, ...]:
    """Plans under way in which nothing happened for ten minutes: their process died."""
    before = timezone.now() - STILL_AFTER
    waiting = Q(state=PlanState.DRAFT, asked_at__lt=before)
    rows = GridPlan.objects.filter(waiting | Q(state=PlanState.RUNNING, progress_at__lt=before))
    return tuple(rows.order_by("asked_at").values_list("id", flat=True))


@door(writes="grid_plan", act="draw")
def sweep_plots(access: Access) -> int:
    """Clear the plots of discarded plans; the plan itself stays on record. Gives how many plots."""
    gone = GridPlan.objects.filter(state=PlanState.DISCARDED)
    PlanStep.objects.filter(plan__in=gone).delete()
    PlanGrid.objects.filter(plan__in=gone).delete()
    return PlanPlot.objects.filter(plan__in=gone).delete()[0]
