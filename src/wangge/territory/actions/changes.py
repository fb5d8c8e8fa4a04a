"""Changing one grid by hand: a new name, count or kind from a day on. Its ground changes by file only,
because ground taken from one grid must go to another in the same breath."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound
from wangge.kernel.units import unit_code
from wangge.territory.actions.grids import refuse_rewriting
from wangge.territory.analysis import embedded_parent, street_of
from wangge.territory.models import GridVersion
from wangge.territory.reach import require_reach
from wangge.territory.standing import division_names, grids_on, new_edition
from wangge.territory.states import SUBKINDS, DefectKind, GridKind, GridSubkind
from wangge.territory.types import GridChange


@door(writes="territory")
def change_grid(access: Access, *, unit_no: int, change: GridChange, valid_from: date | None = None) -> int:
    """Gives a grid new attributes from a day on; returns the number of versions it then has.

    Raises NotFound when no such grid stands that day, BadInput for a name that carries its parent's name, a
    negative count or a kind that does not fit, Conflict when a later version stands already.
    """
    new_edition()
    day = valid_from or timezone.localdate(access.at)
    grid = grids_on(day).filter(unit_no=unit_no).first()
    if grid is None:
        raise NotFound(
            code="grid_unknown", zh=f"{day} 没有网格 {unit_no}。", en=f"No grid {unit_no} stands on {day}."
        )
    require_reach(access, [unit_code(unit_no)])
    before = (grid.name, grid.households, grid.kind, grid.subkind)
    if change.name is not None:
        grid.name = change.name.strip()
    if change.households is not None:
        grid.households = change.households
    if change.kind is not None:
        grid.kind = change.kind
    if change.subkind is not None:
        grid.subkind = change.subkind
    if (grid.name, grid.households, grid.kind, grid.subkind) == before:
        return GridVersion.objects.filter(unit_no=unit_no).count()
    grid.checks = _checked(grid, day, renamed=grid.name != before[0])
    refuse_rewriting({unit_no}, day)
    GridVersion.objects.filter(id=grid.id).update(valid_to=day)
    grid.pk = new_id()
    grid._state.adding = True
    grid.valid_from, grid.valid_to, grid.grid_import = day, None, None
    grid.save()
    return GridVersion.objects.filter(unit_no=unit_no).count()


def _checked(grid: GridVersion, day: date, *, renamed: bool) -> list[str]:
    """The warnings that stay with a changed grid. Raises BadInput when the change cannot stand."""
    if not grid.name:
        raise BadInput(
            code="grid_name_missing", zh="网格名称不能为空。", en="A grid needs a name.", place="name"
        )
    parents = division_names({grid.community, street_of(grid.community)}, day)
    carried = embedded_parent(grid.name, parents.values())
    if carried and renamed:
        raise BadInput(
            code="name_embeds_parent",
            zh=f"网格名称不应含上级名称“{carried}”，例如写“第四网格”。",
            en=f'The name must not carry that of its parent "{carried}"; write for example 第四网格.',
            place="name",
        )
    if grid.households is not None and grid.households < 0:
        raise BadInput(
            code="households_negative",
            zh="户数不能为负。",
            en="Households cannot be negative.",
            place="households",
        )
    if GridSubkind(grid.subkind) not in SUBKINDS[GridKind(grid.kind)]:
        raise BadInput(
            code="kind_mismatch",
            zh=f"{grid.kind} 网格不能是 {grid.subkind}。",
            en=f"A {grid.kind} grid cannot be {grid.subkind}.",
            place="subkind",
        )
    kept = [check for check in grid.checks if check != DefectKind.NAME_EMBEDS_PARENT]
    return [*kept, DefectKind.NAME_EMBEDS_PARENT.value] if carried else kept
