"""Buildings and their grids."""

from __future__ import annotations

import numpy as np
from django.db.models.functions import Mod

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, number, word
from wangge.kernel.units import interval_of
from wangge.territory.models import Building
from wangge.territory.states import BuildingKind
from wangge.territory.types import BuildingKeys, BuildingView

_FIELDS = (
    "id", "record_ref", "estate__name", "building_no", "address", "kind", "lon", "lat", "households", "unit_no",
)  # fmt: skip


@door(reads="territory")
def buildings(
    access: Access, *, under: str | None = None, after: str | None = None, size: int = PAGE_SIZE
) -> Page[BuildingView]:
    """Buildings below a division or grid (default: the access's territory), by grid and then by record."""
    interval = interval_of(under) if under else access.scope
    rows = Building.objects.filter(unit_no__range=(interval.lo, interval.hi)).order_by(
        "unit_no", "record_ref"
    )
    mark = Cursor.decode(after, 2, number, word)
    if mark is not None:
        unit, ref = mark.values
        rows = rows.extra(where=["(unit_no, record_ref) > (%s, %s)"], params=[unit, ref])
    found = list(rows.values_list(*_FIELDS)[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1][9], shown[-1][1])).encode() if len(found) > size else None
    return Page(tuple(_view(row) for row in shown), follow)


def _view(row: tuple[object, ...]) -> BuildingView:
    id_, ref, estate, number, address, kind, lon, lat, households, unit = row
    return BuildingView(
        id_, ref, estate or "", number, address, BuildingKind(kind), lon, lat, households, unit  # type: ignore[arg-type]
    )  # fmt: skip


@door(reads="territory")
def building_keys(access: Access) -> BuildingKeys:
    """Address keys (place|building, as the address parser writes them) with grids, within the territory.

    Only buildings that lie in a grid; a key may occur with several grids where a name is used twice.
    """
    rows = (
        Building.objects.filter(unit_no__range=(access.scope.lo, access.scope.hi))
        .exclude(address_key="")
        .annotate(sequence=Mod("unit_no", 1000))
        .exclude(sequence=0)
        .distinct()
        .order_by("address_key", "unit_no")
        .values_list("address_key", "unit_no")
    )
    keys, units = [], []
    for key, unit in rows:
        keys.append(key)
        units.append(unit)
    return BuildingKeys(tuple(keys), np.array(units, dtype=np.int64))
