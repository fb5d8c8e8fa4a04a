"""A plan is asked for, and let go of."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Refused
from wangge.kernel.units import interval_of, significant
from wangge.planning.finding import find_plan
from wangge.planning.models import GridPlan
from wangge.planning.states import PLAN_TABLE, Approach, PlanState
from wangge.territory.queries import divisions
from wangge.territory.states import Level

LARGEST_TARGET = 20_000.0
_DISTRICT = 6


@door(writes="grid_plan")
def draft_plan(
    access: Access,
    *,
    under: str,
    approach: Approach = Approach.LEAST_CHANGE,
    target: float = 300.0,
    tolerance: float = 0.10,
    seed: int = 1,
) -> UUID:
    """Ask for a plan of the grids of a district, street or community; it is drawn in the background.

    Raises BadInput for a size or tolerance that makes no grid, for an area without communities and one larger than a
    district; Refused outside one's territory.
    """
    digits = significant(under)
    within = interval_of(under)
    if not _DISTRICT <= len(digits) <= 12:
        raise BadInput(
            code="plan_area_level",
            zh="方案的范围应为一个区、街道或社区。",
            en="A plan is made for a district, a street or a community.",
            place="under",
        )
    if not access.scope.covers(within):
        raise Refused(
            code="outside_territory",
            zh=f"{under} 不在您的管辖范围内，不能改动。",
            en=f"{under} lies outside your territory; you cannot change it.",
            place="under",
        )
    if not 1 <= target <= LARGEST_TARGET or not 0.01 <= tolerance <= 0.5:
        raise BadInput(
            code="plan_rule",
            zh="每格目标户数应为 1 至 20,000，容差应为 1% 至 50%。",
            en="A grid's target is 1 to 20,000 households, its tolerance 1 to 50 per cent.",
            place="target",
        )
    if not any(within.lo <= one.scope.lo <= within.hi for one in divisions(access, level=Level.COMMUNITY)):
        raise BadInput(
            code="plan_without_communities",
            zh=f"{under} 之下没有社区，网格只能划在社区之内。",
            en=f"There are no communities below {under}, and a grid lies in a community.",
            place="under",
        )
    plan = GridPlan.objects.create(
        under=digits,
        lo=within.lo,
        hi=within.hi,
        approach=approach,
        target=target,
        tolerance=tolerance,
        seed=seed,
        state=PlanState.DRAFT,
        asked_at=timezone.now(),
        asked_by=access.actor,
    )
    return plan.id


@door(writes="grid_plan", act="discard")
def discard_plan(access: Access, *, plan: UUID) -> None:
    """Let go of a plan; one that is being drawn stops at the next community. Nothing in force changes."""
    found = find_plan(access, plan, to_write=True)
    found.state = PLAN_TABLE.apply(PlanState(found.state), "discard")
    found.settled_at, found.settled_by = timezone.now(), access.actor
    found.save(update_fields=["state", "settled_at", "settled_by"])
