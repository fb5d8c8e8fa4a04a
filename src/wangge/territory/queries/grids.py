"""Grids as they stood on a day, their history, and files of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, number
from wangge.kernel.problems import NotFound
from wangge.kernel.units import interval_of
from wangge.territory.analysis import street_of, write_layer
from wangge.territory.models import GridVersion
from wangge.territory.standing import day_of, division_names, grids_on, shapes_of
from wangge.territory.states import GeoFormat, GridKind, GridSubkind
from wangge.territory.types import GeoFile, GridView

_FIELDS = (
    "unit_no", "code", "name", "kind", "subkind", "community", "households", "area_m2", "west", "south", "east",
    "north", "valid_from", "valid_to", "checks",
)  # fmt: skip


def in_scope(rows: QuerySet[GridVersion], access: Access, under: str | None) -> QuerySet[GridVersion]:
    """Rows below a division, or below the access's own territory when none is named."""
    interval = interval_of(under) if under else access.scope
    return rows.filter(unit_no__range=(interval.lo, interval.hi))


def _views(rows: Iterable[tuple[Any, ...]], day: date) -> tuple[GridView, ...]:
    kept = list(rows)
    communities = {row[5] for row in kept}
    names = division_names({*communities, *map(street_of, communities)}, day)
    return tuple(
        GridView(
            unit_no=row[0],
            code=row[1],
            name=row[2],
            kind=GridKind(row[3]),
            subkind=GridSubkind(row[4]),
            community=row[5],
            community_name=names.get(row[5], ""),
            street_name=names.get(street_of(row[5]), ""),
            households=row[6],
            area_m2=row[7],
            bounds=(row[8], row[9], row[10], row[11]),
            valid_from=row[12],
            valid_to=row[13],
            checks=tuple(row[14]),
        )
        for row in kept
    )


@door(reads="territory")
def grids(
    access: Access,
    *,
    under: str | None = None,
    kind: GridKind | None = None,
    on: date | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[GridView]:
    """Grids that held on a day below a division (default: the access's territory), by unit number."""
    day = day_of(access, on)
    rows = in_scope(grids_on(day), access, under)
    if kind is not None:
        rows = rows.filter(kind=kind)
    mark = Cursor.decode(after, 1, number)
    if mark is not None:
        rows = rows.filter(unit_no__gt=mark.values[0])
    found = list(rows.values_list(*_FIELDS)[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1][0],)).encode() if len(found) > size else None
    return Page(_views(shown, day), follow)


@door(reads="territory")
def grid(access: Access, *, unit_no: int, on: date | None = None) -> GridView:
    """One grid as it held on a day. Raises NotFound when it did not stand then."""
    day = day_of(access, on)
    views = _views(grids_on(day).filter(unit_no=unit_no).values_list(*_FIELDS), day)
    if not views:
        raise NotFound(
            code="grid_unknown", zh=f"{day} 没有网格 {unit_no}。", en=f"No grid {unit_no} stands on {day}."
        )
    return views[0]


@door(reads="territory")
def grid_history(access: Access, *, unit_no: int) -> tuple[GridView, ...]:
    """All versions a grid ever had, oldest first; one withdrawn on the day it was made has equal days."""
    rows = GridVersion.objects.filter(unit_no=unit_no).order_by("valid_from", "id").values_list(*_FIELDS)
    return _views(rows, day_of(access, None))


@door(reads="territory_file")
def export_grids(
    access: Access, *, format: GeoFormat, under: str | None = None, on: date | None = None
) -> GeoFile:
    """A file of the grids that held on a day, in WGS-84, with headers that an import reads back.

    It leaves the house through release only. Raises NotFound when there is nothing to write.
    """
    day = day_of(access, on)
    rows = list(in_scope(grids_on(day), access, under))
    if not rows:
        raise NotFound(
            code="no_grids",
            zh=f"{day} 在此范围内没有网格。",
            en=f"No grids stand in this territory on {day}.",
        )
    columns: dict[str, Sequence[Any]] = {
        "code": [row.code for row in rows],
        "name": [row.name for row in rows],
        "kind": [row.kind for row in rows],
        "subkind": [row.subkind for row in rows],
        "community": [row.community for row in rows],
        "households": [row.households for row in rows],
        "area_m2": [round(row.area_m2, 2) for row in rows],
        "valid_from": [row.valid_from.isoformat() for row in rows],
        "valid_to": ["" if row.valid_to is None else row.valid_to.isoformat() for row in rows],
    }
    name = f"grids_{under or 'all'}_{day:%Y%m%d}"
    return GeoFile(*write_layer(format, name, columns, shapes_of(rows)))
