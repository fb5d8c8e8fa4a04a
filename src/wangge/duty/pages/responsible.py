"""责任: who answers for a place. By address, by grid code, or by a click on the map; and a grid's whole team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.cases.queries import case_page
from wangge.console.asking import ask, asked
from wangge.console.ground import areas, ground, place_name
from wangge.console.page import Answer, Nav, access_of, geojson, show, wants
from wangge.console.people import organisation_names
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound
from wangge.kernel.units import interval_of, unit_code
from wangge.tasks.queries import load_by_unit, responsible_for, team, who_is_responsible
from wangge.tasks.types import Responsible
from wangge.territory.queries import grid as grid_of
from wangge.territory.queries import grids, locate
from wangge.territory.states import Precision
from wangge.territory.types import GridView

NAV = Nav("console:responsible", gettext_lazy("Who answers"), "people", who_is_responsible, order=30, key="w")
PARTS = {"record": "duty/responsible/grid.html", "more": "duty/responsible/rows.html"}
FINE = frozenset({Precision.POINT, Precision.BUILDING, Precision.ESTATE})


@dataclass(frozen=True, slots=True)
class Found:
    """A place that was asked for, and who answers for it."""

    unit_no: int
    code: str
    name: str
    fine: bool
    answers: Responsible | None


def find(access: Access, text: str) -> Found | None:
    """The place that a grid code or an address names; None when it names none that the reader may see."""
    digits = text.replace(" ", "")
    if digits.isdigit() and len(digits) in (12, 15):
        unit_no, fine = int(digits.ljust(15, "0")), len(digits) == 15 and not digits.endswith("000")
    elif digits.isdigit() or len(text) < 2:
        return None
    else:
        place = locate(access, address=text)
        if place.precision is Precision.NONE or not place.unit_no:
            return None
        unit_no, fine = place.unit_no, place.precision in FINE
    names = ground(access).names
    if unit_no not in names:
        return None
    name = names[unit_no]
    return Found(unit_no, unit_code(unit_no), name, fine, who_is_responsible(access, unit_no=unit_no))


@dataclass(frozen=True, slots=True)
class Line:
    """A grid of the list."""

    grid: GridView
    code: str
    name: str
    answers: Responsible | None


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    if wants(request) == "record":
        return {}
    text = asked(request)
    found = find(access, text) if text else None
    under = str(found.unit_no // 1000) if found else None
    if under and under.endswith("000"):
        under = under[:-3]  # known only by its street
    page = grids(access, under=under, after=request.GET.get("after"))
    names = ground(access).names
    held = {r.unit_no: r for r in responsible_for(access, unit_nos=[g.unit_no for g in page.rows])}
    return {
        "asked": text,
        "found": found,
        "page": page,
        "lines": [
            Line(g, unit_code(g.unit_no), place_name(names, g.unit_no), held.get(g.unit_no))
            for g in page.rows
        ],
        "map": {
            "areas": reverse("console:responsible_areas"),
            "bounds": ground(access).bounds,
            "no_tiers": True,
        },
    }


def grid_card(access: Access, code: str) -> dict[str, Any]:
    """A grid with who answers for it, its team, and the work that lies in it."""
    interval = interval_of(code)
    unit_no = interval.lo
    try:
        view = grid_of(access, unit_no=unit_no)
    except NotFound:  # a place known only by its division
        view = None
    load = None
    if may(access, load_by_unit):
        load = next(iter(load_by_unit(access, unit=interval)), None)
    open_cases = None
    if access.role != "auditor" and may(access, case_page):
        open_cases = case_page(access, unit=interval, size=5)
    return {
        "title": place_name(ground(access).names, unit_no),
        "code": code,
        "grid": view,
        "responsible": who_is_responsible(access, unit_no=unit_no),
        "team": team(access, unit_no=unit_no) if may(access, team) else None,
        "organisations": organisation_names(access),
        "load": load,
        "open_cases": open_cases,
        "middle": _middle(view),
    }


def _middle(view: GridView | None) -> str:
    if view is None:
        return ""
    west, south, east, north = view.bounds
    return f"{(west + east) / 2:.5f},{(south + north) / 2:.5f}"


def responsible(request: HttpRequest, code: str = "") -> HttpResponse:
    """The search, the grids around what was found, and one grid if it is open."""
    access = access_of(request)
    if request.method == "POST":
        return ask(request, reverse("console:responsible"))
    context: dict[str, Any] = {"title": _("Who answers for a place")} | _listing(request, access)
    found = context.get("found")
    if not code and found is not None:
        code = found.code
    if code:
        context |= grid_card(access, code)
        context |= {"card": True, "shut": reverse("console:responsible")}
    return show(request, "duty/responsible/page.html", context, parts=PARTS)


def responsible_areas(request: HttpRequest) -> HttpResponse:
    """The ground; a grid opens who answers for it."""
    href = reverse("console:responsible_grid", args=["000000000000000"]).replace("0" * 15, "{code}")
    return geojson(areas(access_of(request), hrefs=href))


def answers(access: Access, text: str, limit: int) -> list[Answer]:
    """The place that was written, and who answers for it."""
    if not may(access, who_is_responsible):
        return []
    found = find(access, text)
    if found is None:
        return []
    chinese = (get_language() or "").startswith("zh")
    note = _("Nobody answers for this place yet")
    if found.answers is not None:
        post = found.answers.post_zh if chinese else found.answers.post_en
        note = _("%(name)s, %(post)s") % {"name": found.answers.name, "post": post}
    return [Answer(found.name, reverse("console:responsible_grid", args=[found.code]), "pin", note)]


urlpatterns = [
    path("responsible/", responsible, name="responsible"),
    path("responsible/areas.geojson", responsible_areas, name="responsible_areas"),
    path("responsible/<slug:code>/", responsible, name="responsible_grid"),
]
