"""核实清单: whose facts are too old, missing or in dispute, grid by grid; the monthly list to verify."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.ground import areas, ground, place_name
from wangge.console.page import Nav, access_of, geojson, show
from wangge.kernel.units import Interval, unit_code
from wangge.registry import queries as registry
from wangge.screening import queries
from wangge.screening.states import PackKind

NAV = Nav(
    "console:freshness", gettext_lazy("To verify"), "undo", queries.care_counts_by_unit, order=49, key="y"
)
PARTS = {"record": "canvass/stale.html", "more": "canvass/stale_rows.html"}


def freshness(request: HttpRequest, unit: int = 0) -> HttpResponse:
    """Grids with what waits to be verified; and the list of the grid that was opened."""
    access = access_of(request)
    here = ground(access)
    counts = queries.care_counts_by_unit(access, kind=PackKind.STALENESS)
    most = max((u.blue for u in counts), default=0)
    context: dict[str, Any] = {
        "title": _("To verify"),
        "units": [
            (unit_code(u.unit_no), place_name(here.names, u.unit_no), u.blue)
            for u in sorted(counts, key=lambda u: -u.blue)
        ],
        "most": most,
        "total": sum(u.blue for u in counts),
        "reads": bool(unit),
        "map": {"areas": reverse("console:freshness_areas"), "bounds": here.bounds, "no_tiers": True},
    }
    if unit:
        page = queries.care_findings(
            access, kind=PackKind.STALENESS, within=Interval(unit, unit), after=request.GET.get("after")
        )
        context |= {
            "unit": unit_code(unit),
            "unit_name": place_name(here.names, unit),
            "page": page,
            "chinese": (get_language() or "").startswith("zh"),
            "may_open": may(access, registry.person),
        }
    return show(request, "canvass/freshness.html", context, parts=PARTS)


def freshness_areas(request: HttpRequest) -> HttpResponse:
    """The ground with how many people each grid has to verify."""
    access = access_of(request)
    notes = {
        u.unit_no: _("%(n)s to verify") % {"n": u.blue}
        for u in queries.care_counts_by_unit(access, kind=PackKind.STALENESS)
    }
    at = reverse("console:freshness_unit", args=[0]).replace("/0/", "/{code}/")
    return geojson(areas(access, hrefs=at, notes=notes))


urlpatterns = [
    path("freshness/", freshness, name="freshness"),
    path("freshness/areas.geojson", freshness_areas, name="freshness_areas"),
    path("freshness/<int:unit>/", freshness, name="freshness_unit"),
]
