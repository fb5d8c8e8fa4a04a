"""网格比对: two departments' nets laid over each other: what differs, on the map and in a table; one plan of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.atlas.areas import areas_of
from wangge.atlas.forms import NetPlanForm, NetsForm
from wangge.atlas.net_words import DEFECTS, FATES, RELATIONS, weight_words
from wangge.console.ground import ground, place_name
from wangge.console.page import Fault, Nav, access_of, geojson, redirect_to, show
from wangge.console.people import staff_names
from wangge.flows.jobs import ask_for_plan_of_nets
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.kernel.units import interval_of
from wangge.planning import actions, queries
from wangge.planning.states import NetSide, PairFate

NAV = Nav("console:nets", gettext_lazy("Two nets"), "layers", queries.net_comparisons, order=68, group=2)
OFF = {PairFate.MOVES: "far_above", PairFate.ONLY_A: "below", PairFate.ONLY_B: "below"}


def nets(request: HttpRequest) -> HttpResponse:
    """Comparisons, newest first, and the form that makes one."""
    access = access_of(request)
    return _nets(request, access, NetsForm(areas_of(access)))


def _nets(
    request: HttpRequest, access: Access, form: NetsForm, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    page = queries.net_comparisons(access, after=request.GET.get("after"))
    names = ground(access).names
    context = {
        "title": _("Two nets"),
        "page": page,
        "lines": [
            (one, place_name(names, interval_of(one.under).lo), f"{one.share:.1%}") for one in page.rows
        ],
        "form": form,
        "faults": faults,
        "may_compare": may(access, actions.compare_nets),
    }
    return show(request, "atlas/nets.html", context, parts={"more": "atlas/nets_rows.html"}, status=status)


@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """Lay two nets over each other."""
    access = access_of(request)
    form = NetsForm(areas_of(access), request.POST, request.FILES)
    if not form.is_valid():
        return _nets(request, access, form, status=400)
    try:
        made = actions.compare_nets(access, **form.asked())
    except Problem as problem:
        fault = Fault(problem.text(get_language() or ""), "id_file_b", problem.place)
        return _nets(request, access, form, (fault,), problem.status)
    return redirect_to(request, reverse("console:net", args=[made]))


def net(request: HttpRequest, comparison: UUID) -> HttpResponse:
    """One comparison: the pieces that differ, those that weigh most first, beside the map."""
    return _net(request, access_of(request), comparison, NetPlanForm())


def _net(
    request: HttpRequest, access: Access, comparison: UUID, form: NetPlanForm, problem: Problem | None = None
) -> HttpResponse:
    view = queries.net_comparison(access, comparison=comparison)
    row = view.row
    told = request.GET.get("fate", PairFate.MOVES.value)
    fate = PairFate(told) if told in set(PairFate) else PairFate.MOVES
    page = queries.net_pairs(access, comparison=comparison, fate=fate, after=request.GET.get("after"))
    people = staff_names(access, [row.actor])
    context: dict[str, Any] = {
        "title": place_name(ground(access).names, interval_of(row.under).lo),
        "view": view,
        "row": row,
        "share": f"{row.share:.1%}",
        "moves": weight_words(row.moves, row.unit),
        "actor": people.get(row.actor, row.actor),
        "page": page,
        "lines": [(one, weight_words(one.weight, row.unit)) for one in page.rows],
        "fates": [(one.value, FATES[one]) for one in (PairFate.MOVES, PairFate.ONLY_A, PairFate.ONLY_B)],
        "relations": [
            (RELATIONS[name], view.relations_a.get(name, 0), view.relations_b.get(name, 0))
            for name in RELATIONS
            if view.relations_a.get(name) or view.relations_b.get(name)
        ],
        "defects": [
            (DEFECTS.get(name, name), view.defects_a.get(name, 0), view.defects_b.get(name, 0))
            for name in sorted({*view.defects_a, *view.defects_b})
        ],
        "form": form,
        "may_draft": row.standing and may(access, actions.draft_from_nets),
        "faults": (Fault(problem.text(get_language() or "")),) if problem else (),
        "map": {
            "areas": reverse("console:net_areas", args=[comparison]),
            "bounds": ",".join(f"{x:.5f}" for x in view.bounds),
            "no_tiers": True,
            "kinds": "",
            "nets": True,
            "lines": reverse("console:net_lines", args=[comparison]),
            "line_kinds": "net",
        },
    }
    parts = {"more": "atlas/net_rows.html"}
    return show(request, "atlas/net.html", context, parts=parts, status=problem.status if problem else 200)


def net_areas(request: HttpRequest, comparison: UUID) -> HttpResponse:
    """The first net's grids, and over them the pieces that differ."""
    access = access_of(request)
    unit = queries.net_comparison(access, comparison=comparison).row.unit
    grids = orjson.loads(queries.net_areas(access, comparison=comparison, side=NetSide.A))["features"]
    for feature in grids:
        one = feature["properties"]
        feature["properties"] = {
            "id": f"grid:{one['code']}",
            "level": "grid",
            "code": one["code"],
            "name": one["code"][-3:],
            "tier": "",
            "note": f"{_('first net')} · {RELATIONS[one['relation']]}",
        }
    pieces = orjson.loads(queries.net_changes(access, comparison=comparison))["features"]
    for feature in pieces:
        one = feature["properties"]
        feature["properties"] = {
            "id": f"grid:piece{one['id']}",
            "level": "grid",
            "code": one["a"],
            "name": "",
            "tier": "",
            "band": OFF[PairFate(one["fate"])],
            "title": f"{one['a'] or '–'} / {one['b'] or '–'}",
            "note": f"{FATES[PairFate(one['fate'])]} · {weight_words(one['weight'], unit)}",
        }
    return geojson(orjson.dumps({"type": "FeatureCollection", "features": [*grids, *pieces]}))


def net_lines(request: HttpRequest, comparison: UUID) -> HttpResponse:
    """The second net's borders."""
    told = orjson.loads(queries.net_areas(access_of(request), comparison=comparison, side=NetSide.B))
    for feature in told["features"]:
        feature["properties"] = {"kind": "net", "name": feature["properties"]["code"]}
    return geojson(orjson.dumps(told))


@require_POST
def draft(request: HttpRequest, comparison: UUID) -> HttpResponse:
    """Ask for the plan that makes both nets one; it is drawn in the background."""
    access = access_of(request)
    form = NetPlanForm(request.POST)
    if not form.is_valid():
        return _net(request, access, comparison, form)
    try:
        plan = ask_for_plan_of_nets(access, comparison=comparison, **form.asked())
    except Problem as problem:
        return _net(request, access, comparison, form, problem)
    return redirect_to(request, reverse("console:plan", args=[plan]))


urlpatterns = [
    path("nets/", nets, name="nets"),
    path("nets/compare/", compare, name="nets_compare"),
    path("nets/<uuid:comparison>/", net, name="net"),
    path("nets/<uuid:comparison>/areas.geojson", net_areas, name="net_areas"),
    path("nets/<uuid:comparison>/lines.geojson", net_lines, name="net_lines"),
    path("nets/<uuid:comparison>/draft/", draft, name="net_draft"),
]
