"""Plans found for a door: within the reader's territory, locked where they are to be written."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound
from wangge.kernel.units import Interval
from wangge.planning.models import GridPlan


def plans_of(access: Access) -> QuerySet[GridPlan]:
    """Plans whose area touches the reader's territory."""
    return GridPlan.objects.filter(lo__lte=access.scope.hi, hi__gte=access.scope.lo)


def find_plan(access: Access, plan: UUID, *, to_write: bool = False) -> GridPlan:
    """A plan by id. To be written it must lie within the access's territory as a whole."""
    rows = plans_of(access)
    found = (rows.select_for_update(no_key=True) if to_write else rows).filter(id=plan).first()
    if found is None or (to_write and not access.scope.covers(Interval(found.lo, found.hi))):
        raise NotFound(code="plan_unknown", zh="没有此网格方案。", en="There is no such plan of grids.")
    return found
