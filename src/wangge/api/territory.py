"""The ground: divisions, grids, where a place lies, who answers for it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.kernel.units import interval_of
from wangge.tasks.queries import who_is_responsible
from wangge.territory import queries

router = Router()


@router.get("/divisions", summary="Divisions under a code on a day")
def divisions(request: HttpRequest, parent: str = "", on: date | None = None) -> HttpResponse:
    return answer(queries.divisions(access_of(request), parent=parent or None, on=on))


@router.get("/grids.geojson", summary="Grids of the territory as GeoJSON")
def grids(request: HttpRequest, on: date | None = None) -> HttpResponse:
    layer = queries.map_grids(access_of(request), on=on)
    return HttpResponse(layer.body, content_type="application/geo+json", headers={"ETag": layer.etag})


@router.get("/place", summary="The grid of a point or an address on a day, and who answers for it")
def place(
    request: HttpRequest, address: str = "", lon: float | None = None, lat: float | None = None
) -> HttpResponse:
    access = access_of(request)
    found = queries.locate(access, address=address or None, lon=lon, lat=lat)
    return answer({"place": found, "responsible": who_is_responsible(access, unit_no=found.unit_no)})


@router.get("/responsible/{code}", summary="Who answers for a grid or division")
def responsible(request: HttpRequest, code: str) -> HttpResponse:
    return answer(who_is_responsible(access_of(request), unit_no=interval_of(code).lo))
