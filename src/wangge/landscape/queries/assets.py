"""Fixtures: one, a page of them, their kinds, and on the map."""

from __future__ import annotations

from uuid import UUID

import orjson
from django.db.models import Count, Q, QuerySet

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, number, word
from wangge.kernel.problems import NotFound
from wangge.landscape.models import CityAsset
from wangge.landscape.types import AssetKind, AssetView
from wangge.landscape.views import asset_view

MOST_ON_MAP = 20_000


def _in_scope(access: Access, kind: str) -> QuerySet[CityAsset]:
    rows = CityAsset.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
    return rows.filter(kind=kind) if kind else rows


@door(reads="landscape")
def assets(
    access: Access, *, kind: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> Page[AssetView]:
    """Fixtures of the reader's territory, by grid and then by record; of one kind if asked."""
    rows = _in_scope(access, kind).order_by("unit_no", "record_ref")
    mark = Cursor.decode(after, 2, number, word)
    if mark is not None:
        unit, ref = mark.values
        rows = rows.filter(Q(unit_no__gt=unit) | Q(unit_no=unit, record_ref__gt=ref))
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1].unit_no, shown[-1].record_ref)).encode() if len(found) > size else None
    return Page(tuple(asset_view(one) for one in shown), follow)


@door(reads="landscape")
def asset(access: Access, *, id: UUID) -> AssetView:
    """One fixture. Raises NotFound outside the reader's territory."""
    found = _in_scope(access, "").filter(id=id).first()
    if found is None:
        raise NotFound(code="asset_unknown", zh="没有此部件。", en="There is no such fixture.")
    return asset_view(found)


@door(reads="landscape")
def asset_kinds(access: Access) -> tuple[AssetKind, ...]:
    """Kinds of fixtures in the reader's territory, the most frequent first."""
    rows = (
        _in_scope(access, "")
        .values_list("kind")
        .annotate(n=Count("id"), lost=Count("id", filter=Q(lon=None)))
        .order_by("-n", "kind")
    )
    return tuple(AssetKind(kind, n, lost) for kind, n, lost in rows)


@door(reads="landscape")
def map_assets(access: Access, *, kind: str = "") -> bytes:
    """GeoJSON of fixtures with a place: id, kind, address, condition, unit_no; at most 20,000, by grid."""
    rows = _in_scope(access, kind).exclude(lon=None).order_by("unit_no", "record_ref")
    told = rows.values_list("id", "kind", "address", "condition", "unit_no", "lon", "lat")[:MOST_ON_MAP]
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        "id": f"asset:{id_}",
                        "kind": name,
                        "address": address,
                        "condition": condition,
                        "unit_no": unit,
                    },
                    "geometry": {"type": "Point", "coordinates": [round(lon or 0, 6), round(lat or 0, 6)]},
                }
                for id_, name, address, condition, unit, lon, lat in told
            ],
        }
    )
