"""What the engine drew, noted: each plot's grid and each grid's figures and ground; private to the room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import shapely

from wangge.planning.analysis import Drawn, Geometry, Plot, union_of
from wangge.planning.models import GridPlan, PlanCommunity, PlanGrid, PlanPlot
from wangge.planning.states import PlotKind
from wangge.territory.types import CommunityGround, GridGround


def plot_of(row: PlanPlot) -> Plot:
    """A plot as the engine reads it."""
    return Plot(row.key, float(row.households), row.estate, row.kind, shapely.from_wkb(bytes(row.shape)))


def note_grids(
    plan: GridPlan,
    community: str,
    plots: Sequence[PlanPlot],
    drawn: Drawn,
    ground: CommunityGround | None = None,
) -> None:
    """Writes the grids of a community anew from what was drawn; locks and names of those that stay are kept."""
    before = {grid.code: grid for grid in PlanGrid.objects.filter(plan=plan, community=community)}
    standing = {grid.code: grid for grid in ground.grids} if ground else {}
    inside: dict[str, list[PlanPlot]] = defaultdict(list)
    for plot in plots:
        inside[plot.code].append(plot)
    was = _grounds(plots)
    rows = []
    for code, told in sorted(drawn.grids.items()):
        old = before.get(code)
        stood = standing.get(code)
        rows.append(
            PlanGrid(
                plan=plan,
                community=community,
                code=code,
                name=stood.name if stood else old.name if old else told["name"],
                kind=told["kind"],
                subkind=_subkind(stood, old, told["kind"]),
                standing=bool(stood) or (old.standing if old else False),
                households=round(told["weight"]),
                deviation=told["deviation"],
                pieces=told["pieces"],
                compactness=told["compactness"],
                estates_cut=told["estates_cut"],
                why=_why(told.get("why"), old),
                locked=old.locked if old else False,
                shape=_shape(code, inside[code], was, stood, old),
            )
        )
    PlanGrid.objects.filter(plan=plan, community=community).delete()
    PlanGrid.objects.bulk_create(rows, batch_size=500)


def _grounds(plots: Iterable[PlanPlot]) -> Mapping[str, frozenset[str]]:
    """The plots each grid had before."""
    was: dict[str, set[str]] = defaultdict(set)
    for plot in plots:
        if plot.before:
            was[plot.before].add(plot.key)
    return {code: frozenset(keys) for code, keys in was.items()}


def _shape(
    code: str,
    plots: Sequence[PlanPlot],
    was: Mapping[str, frozenset[str]],
    stood: GridGround | None,
    old: PlanGrid | None,
) -> bytes:
    """A grid that kept all its plots and got no other keeps the very outline it had."""
    if stood is not None and was.get(code) == frozenset(plot.key for plot in plots):
        return stood.shape
    shapes: list[Geometry] = [shapely.from_wkb(bytes(plot.shape)) for plot in plots]
    return bytes(shapely.to_wkb(union_of(shapes)))


def _subkind(stood: GridGround | None, old: PlanGrid | None, kind: str) -> str:
    if stood is not None:
        return stood.subkind.value
    if old is not None:
        return old.subkind
    return "other" if kind == PlotKind.EXCLUSIVE else ""


def _why(told: Mapping[str, str] | None, old: PlanGrid | None) -> str:
    """A grid that only stands still while others are counted is not locked by anybody."""
    code = told["code"] if told else ""
    if code == "locked" and not (old and old.locked):
        return old.why if old and old.why not in ("", "locked") else "shape"
    return code


def note_community(row: PlanCommunity, ground: CommunityGround, drawn: Drawn | None, unplaced: int) -> None:
    """What was proven of a community, and the ground it was drawn on."""
    row.stamp, row.highest, row.unplaced = ground.stamp, ground.highest, unplaced
    if drawn is not None:
        row.least_outside, row.proven = drawn.least_outside, drawn.proven
