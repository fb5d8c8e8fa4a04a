"""Nets that were compared: figures, pieces that differ, and all of it on the map."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import shapely
from django.db.models import Count, Q, QuerySet, Sum

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, instant, number, word
from wangge.kernel.problems import NotFound
from wangge.planning.analysis import place_of
from wangge.planning.models import NetComparison, NetGrid, NetPair
from wangge.planning.states import NetSide, PairFate
from wangge.planning.types import ComparisonRow, ComparisonView, PairRow

_DECIMALS = 6
_SIMPLIFIED = 1e-5  # degrees, about a metre


def _of(access: Access) -> QuerySet[NetComparison]:
    return NetComparison.objects.filter(lo__lte=access.scope.hi, hi__gte=access.scope.lo)


def _found(access: Access, comparison: UUID) -> NetComparison:
    found = _of(access).filter(id=comparison).first()
    if found is None:
        raise NotFound(code="comparison_unknown", zh="没有此比对。", en="There is no such comparison.")
    return found


def _row(one: NetComparison) -> ComparisonRow:
    return ComparisonRow(
        one.id, one.under, one.name_a, one.name_b, one.standing, one.at, one.actor, one.unit, one.moves, one.stays,
        one.grids_a, one.grids_b,
    )  # fmt: skip


@door(reads="grid_plan")
def net_comparisons(
    access: Access, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[ComparisonRow]:
    """Comparisons of the reader's territory, newest first."""
    rows = _of(access).order_by("-at", "-id")
    mark = Cursor.decode(after, 2, instant, word)
    if mark is not None:
        at, last = datetime.fromisoformat(mark.values[0]), UUID(mark.values[1])
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1].at.isoformat(), str(shown[-1].id))).encode() if len(found) > size else None
    return Page(tuple(_row(one) for one in shown), follow)


@door(reads="grid_plan")
def net_comparison(access: Access, *, comparison: UUID) -> ComparisonView:
    """A comparison with its figures. Raises NotFound outside the reader's territory."""
    one = _found(access, comparison)
    told = {
        side: dict(
            NetGrid.objects.filter(comparison=one, side=side).values_list("relation").annotate(n=Count("id"))
        )
        for side in NetSide
    }
    only = dict(NetPair.objects.filter(comparison=one).values_list("fate").annotate(m2=Sum("area_m2")))
    return ComparisonView(
        row=_row(one),
        basis=one.basis,
        bounds=(one.west, one.south, one.east, one.north),
        relations_a=told[NetSide.A],
        relations_b=told[NetSide.B],
        defects_a=one.told["defects"]["a"],
        defects_b=one.told["defects"]["b"],
        left_out_a=one.told["left_out"]["a"],
        left_out_b=one.told["left_out"]["b"],
        pieces=NetPair.objects.filter(comparison=one, fate=PairFate.MOVES).count(),
        only_a_m2=only.get(PairFate.ONLY_A, 0.0),
        only_b_m2=only.get(PairFate.ONLY_B, 0.0),
    )


@door(reads="grid_plan")
def net_pairs(
    access: Access,
    *,
    comparison: UUID,
    fate: PairFate | None = PairFate.MOVES,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[PairRow]:
    """Pieces of ground of a comparison, those that weigh most first; of one fate, or all with None."""
    one = _found(access, comparison)
    rows = NetPair.objects.filter(comparison=one).order_by("-weight", "id")
    if fate is not None:
        rows = rows.filter(fate=fate)
    mark = Cursor.decode(after, 2, float, number)
    if mark is not None:
        weight, last = mark.values
        rows = rows.filter(Q(weight__lt=weight) | Q(weight=weight, id__gt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1].weight, shown[-1].id)).encode() if len(found) > size else None
    return Page(tuple(_pair(row) for row in shown), follow)


def _pair(row: NetPair) -> PairRow:
    lon, lat = place_of(shapely.from_wkb(bytes(row.shape)))
    return PairRow(
        row.id, row.a, row.b, row.area_m2, row.share_a, row.share_b, row.households, PairFate(row.fate), row.to_a,
        row.to_b, row.weight, lon, lat,
    )  # fmt: skip


@door(reads="grid_plan")
def net_areas(access: Access, *, comparison: UUID, side: NetSide) -> bytes:
    """GeoJSON of a net's grids: code and relation to the other net."""
    rows = NetGrid.objects.filter(comparison=_found(access, comparison), side=side).order_by("code")
    return _drawn(({"code": row.code, "relation": row.relation}, bytes(row.shape)) for row in rows)


@door(reads="grid_plan")
def net_changes(access: Access, *, comparison: UUID) -> bytes:
    """GeoJSON of the pieces that differ: id, a, b, fate, to_a, to_b, weight."""
    rows = NetPair.objects.filter(comparison=_found(access, comparison)).exclude(fate=PairFate.STAYS)
    return _drawn(
        (
            {
                "id": row.id,
                "a": row.a,
                "b": row.b,
                "fate": row.fate,
                "to_a": row.to_a,
                "to_b": row.to_b,
                "weight": row.weight,
            },
            bytes(row.shape),
        )
        for row in rows.order_by("id")
    )


def _drawn(told: Iterable[tuple[dict[str, Any], bytes]]) -> bytes:
    some = list(told)
    shapes = shapely.from_wkb([shape for _, shape in some]) if some else []
    rounded = shapely.transform(
        shapely.simplify(np.array(shapes, dtype=object), _SIMPLIFIED), lambda xy: np.round(xy, _DECIMALS)
    ) if some else []  # fmt: skip
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": orjson.loads(text)}
                for (properties, _), text in zip(
                    some, shapely.to_geojson(rounded) if some else [], strict=True
                )
            ],
        }
    )
