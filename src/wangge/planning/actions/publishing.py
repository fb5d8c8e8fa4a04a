"""A plan becomes a new version of the grids: handed to the territory, which judges it as it judges any drawing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import shapely
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict
from wangge.planning.analysis import GeoFormat, write_layer
from wangge.planning.finding import find_plan
from wangge.planning.models import GridPlan, PlanCommunity, PlanGrid, PlanPlot
from wangge.planning.states import PLAN_TABLE, PlanState, PlotKind
from wangge.territory.actions import import_grids
from wangge.territory.queries import community_grounds
from wangge.territory.states import ImportState
from wangge.territory.types import GridGround, ImportReport


@door(writes="grid_plan", act="publish")
def publish_plan(access: Access, *, plan: UUID, valid_from: date) -> ImportReport:
    """Publish a plan as the version of the grids that holds from a day on.

    Only communities that the plan changes are handed over; codes that stay keep their history, ended ones are never
    given again. The report says what the territory took in; where it refuses, the plan stays open. Raises Conflict when
    the ground has changed since the plan was drawn or when it changes nothing, BadInput for a day in the past.
    """
    found = find_plan(access, plan, to_write=True)
    after = PLAN_TABLE.apply(PlanState(found.state), "publish")
    if valid_from < timezone.localdate(access.at):
        raise BadInput(
            code="day_has_passed",
            zh="生效日期不能早于今天。",
            en="The first day of a version cannot lie in the past.",
            place="valid_from",
        )
    changed = changed_communities(found)
    if not changed:
        raise Conflict(
            code="plan_changes_nothing",
            zh="方案与现行网格相同，无需发布。",
            en="The plan is what already holds; there is nothing to publish.",
        )
    stands = _same_ground(access, found, changed, valid_from)
    report = import_grids(
        access, file_name=f"plan-{found.id}.gpkg", body=_file(found, changed, stands), valid_from=valid_from
    )
    if report.state is ImportState.REFUSED:
        return report
    found.state, found.valid_from, found.grid_import = after, valid_from, report.id
    found.settled_at, found.settled_by = timezone.now(), access.actor
    found.save(update_fields=["state", "valid_from", "grid_import", "settled_at", "settled_by"])
    return report


def changed_communities(plan: GridPlan) -> list[str]:
    """Communities in which a plot changes its grid, or a grid begins or ends."""
    told: dict[str, bool] = {}
    rows = PlanPlot.objects.filter(plan=plan).values_list("community", "before", "code")
    for community, before, code in rows:
        told[community] = told.get(community, False) or before != code
    return sorted(code for code, differs in told.items() if differs)


def _same_ground(access: Access, plan: GridPlan, codes: list[str], day: date) -> dict[str, GridGround]:
    """The grids that hold on the day, by code. Raises Conflict where they are not those the plan was drawn on."""
    stands: dict[str, GridGround] = {}
    drawn = dict(PlanCommunity.objects.filter(plan=plan).values_list("code", "stamp"))
    for ground in community_grounds(access, under=plan.under, on=day):
        if ground.code in codes and ground.stamp != drawn[ground.code]:
            raise Conflict(
                code="ground_has_changed",
                zh=f"{ground.name}的网格在划分之后已有改动，请重新划分。",
                en=f"The grids of {ground.name} have changed since the plan was drawn; draw it anew.",
                place=ground.code,
            )
        stands |= {grid.code: grid for grid in ground.grids}
    return stands


def _file(plan: GridPlan, codes: list[str], stands: dict[str, GridGround]) -> bytes:
    """The grids as a file in the territory's own words. GeoPackage: it keeps every digit of the outlines.

    Of a grid whose ground stays nothing new is said, so that it gets no new version.
    """
    rows = list(PlanGrid.objects.filter(plan=plan, community__in=codes).order_by("code"))
    columns: dict[str, list[object]] = {
        "code": [row.code for row in rows],
        "name": [row.name for row in rows],
        "kind": ["exclusive" if row.kind == PlotKind.EXCLUSIVE else "base" for row in rows],
        "subkind": [row.subkind or "estate" for row in rows],
        "community": [row.community for row in rows],
        "households": [
            stood.households
            if (stood := stands.get(row.code)) and stood.shape == bytes(row.shape)
            else row.households
            for row in rows
        ],
    }
    shapes = [shapely.from_wkb(bytes(row.shape)) for row in rows]
    return write_layer(GeoFormat.GEOPACKAGE, "grids", columns, shapes)[2]
