"""区域分级: the colour of each street and community under an emergency, with rule, facts and day of change."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from wangge.console.ground import areas, ground, short
from wangge.console.page import access_of, geojson, show
from wangge.emergencies import queries as emergency_queries
from wangge.insight import queries
from wangge.insight.types import AreaTierView
from wangge.kernel.units import interval_of
from wangge.watch.colours import COLOURS, FACT_WORDS


def tiers(request: HttpRequest, emergency: UUID, division: str = "") -> HttpResponse:
    """Map, list, and beside them why an area has its colour."""
    access = access_of(request)
    found = queries.area_tiers(access, emergency_id=emergency)
    asked = request.GET.get("colour", "")
    pack = queries.tier_pack(access)
    record = next((t for t in found if t.division == division), None)
    if division and record is None:
        raise Http404
    shown = sorted((t for t in found if asked not in COLOURS or t.colour == asked), key=_rank)
    known = dict(record.facts) if record else {}
    context = {
        "title": _("Colours of areas"),
        "emergency": emergency_queries.emergency(access, emergency_id=emergency),
        "rows": [(t, short(t.name), _select(t)) for t in shown],
        "graded": bool(found),
        "as_of": found[0].as_of if found else None,
        "colours": COLOURS,
        "pack": pack,
        "record": record,
        "name": short(record.name) if record else "",
        "select": _select(record) if record else "",
        "facts": [(word, known[name]) for name, word in FACT_WORDS.items() if name in known],
        "map": {
            "areas": reverse("console:area_tiers_map", args=[emergency]),
            "bounds": ground(access).bounds,
            "five_tiers": True,
            "kinds": "",
        },
    }
    return show(request, "watch/tiers/page.html", context, parts={"record": "watch/tiers/record.html"})


def _rank(tier: AreaTierView) -> tuple[int, int]:
    """The worst first, else street by street."""
    return (COLOURS.index(tier.colour) if tier.colour else len(COLOURS)), tier.unit_no


def _select(tier: AreaTierView) -> str:
    return f"{tier.level}:{tier.division}"


def tier_map(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """Grids in the colour of their community; of their street where the community is too small for one."""
    access = access_of(request)
    found = queries.area_tiers(access, emergency_id=emergency)
    named = sorted(
        ((interval_of(t.division), t.colour) for t in found), key=lambda one: one[0].hi - one[0].lo
    )
    colours: dict[int, str] = {}
    for unit in ground(access).names:
        colours[unit] = next((colour for scope, colour in named if colour and unit in scope), "")
    return geojson(areas(access, tiers=colours))


urlpatterns = [
    path("emergencies/<uuid:emergency>/colours/", tiers, name="area_tiers"),
    path("emergencies/<uuid:emergency>/colours.geojson", tier_map, name="area_tiers_map"),
    path("emergencies/<uuid:emergency>/colours/<str:division>/", tiers, name="area_tier"),
]
