"""网格底图: the areas that every map of the console is drawn on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wangge.console.ground import areas
from wangge.console.page import access_of, geojson


def ground_areas(request: HttpRequest) -> HttpResponse:
    """Divisions and grids of the reader's territory."""
    return geojson(areas(access_of(request)))


urlpatterns = [path("ground/areas.geojson", ground_areas, name="ground_areas")]
