"""A building about to be moved: what the engine needs to know of its community; private to the room."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.kernel.access import Access
from wangge.kernel.problems import Conflict, NotFound
from wangge.planning.analysis import Geometry, Offer, Rule, offered
from wangge.planning.models import GridPlan, PlanCommunity, PlanGrid, PlanPlot, PlanStep
from wangge.planning.noting import plot_of
from wangge.planning.plotting import walls
from wangge.territory.queries import community_grounds
from wangge.territory.types import CommunityGround


@dataclass(frozen=True, slots=True)
class Desk:
    """A community of a plan with the building that is to move and where to."""

    plan: GridPlan
    plot: PlanPlot
    to: str
    plots: list[PlanPlot]
    ground: CommunityGround
    lines: list[Geometry]
    highest: int

    def offer(self) -> Offer:
        """What the move can lead to. Raises BadInput where it cannot be."""
        locked = PlanGrid.objects.filter(plan=self.plan, community=self.plot.community, locked=True)
        return offered(
            self.plot.community,
            [plot_of(row) for row in self.plots],
            Rule(self.plan.target, self.plan.tolerance),
            now=[row.code for row in self.plots],
            moves={self.plot.key: self.to},
            locked=frozenset(locked.values_list("code", flat=True)),
            pinned=frozenset(row.key for row in self.plots if row.pinned),
            highest=self.highest,
            barriers=self.lines,
        )


def opened(access: Access, plan: GridPlan, plot: int, to: str) -> Desk:
    """The desk for a move. Raises NotFound for an unknown building, Conflict where it lies in that grid already."""
    one = PlanPlot.objects.filter(plan=plan, id=plot).first()
    if one is None:
        raise NotFound(
            code="plot_unknown", zh="方案中没有这栋楼。", en="There is no such building in the plan."
        )
    if one.code == to:
        raise Conflict(
            code="plot_there_already",
            zh=f"{one.name}已在该网格。",
            en=f"{one.name} lies in that grid already.",
        )
    plots = plots_of(plan, one.community)
    held = PlanCommunity.objects.get(plan=plan, code=one.community)
    (ground,) = community_grounds(access, under=one.community)
    highest = max(held.highest, *(int(row.code[-3:]) for row in plots))
    return Desk(plan, one, to, plots, ground, walls(access, ground), highest)


def plots_of(plan: GridPlan, community: str) -> list[PlanPlot]:
    """The plots of a community, in one order."""
    return list(PlanPlot.objects.filter(plan=plan, community=community).order_by("id"))


def last_step(plan: GridPlan) -> int:
    """A number that changes with every thing done to a plan, and when the last is taken back; 0 when nothing was."""
    found = PlanStep.objects.filter(plan=plan).order_by("-id").values_list("id", "undone").first()
    return 0 if found is None else found[0] * 2 + found[1]
