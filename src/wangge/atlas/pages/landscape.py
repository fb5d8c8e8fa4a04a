"""地物: the lines that part the ground, brought in by file and seen on the map; fixtures with owner and keeper."""

from __future__ import annotations

from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.atlas.areas import areas_of
from wangge.atlas.forms import LINE_WORDS, BarriersForm
from wangge.atlas.lines import barrier_lines
from wangge.console.ground import ground, place_name
from wangge.console.page import Fault, Nav, access_of, geojson, redirect_to, show
from wangge.console.people import staff_names
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.kernel.units import interval_of
from wangge.landscape import actions, queries
from wangge.landscape.types import AssetView

NAV = [
    Nav(
        "console:barriers",
        gettext_lazy("Roads and rivers"),
        "road",
        actions.import_barriers,
        order=66,
        group=2,
    ),
    Nav("console:assets", gettext_lazy("Fixtures"), "pin", queries.assets, order=67, group=2),
]


def barriers(request: HttpRequest) -> HttpResponse:
    """Files of lines beside the map that shows them, and the form that brings one in."""
    access = access_of(request)
    return _barriers(request, access, BarriersForm(areas_of(access)))


def _barriers(
    request: HttpRequest,
    access: Access,
    form: BarriersForm,
    faults: tuple[Fault, ...] = (),
    status: int = 200,
) -> HttpResponse:
    held = queries.barrier_files(access)
    here = ground(access)
    people = staff_names(access, [one.actor for one in held])
    context = {
        "title": _("Roads and rivers"),
        "files": [
            (
                one,
                place_name(here.names, interval_of(one.division).lo),
                [(LINE_WORDS[kind], count) for kind, count in one.kinds],
                people.get(one.actor, one.actor),
            )
            for one in held
        ],
        "form": form,
        "faults": faults,
        "may_import": may(access, actions.import_barriers),
        "map": {
            "areas": reverse("console:ground_areas"),
            "bounds": here.bounds,
            "no_tiers": True,
            "kinds": "",
            **barrier_lines(access, str(access.scope.lo)[:6]),
        },
    }
    return show(request, "atlas/barriers.html", context, status=status)


@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """Take in a file of lines; the same name for the same area takes the former's place."""
    access = access_of(request)
    form = BarriersForm(areas_of(access), request.POST, request.FILES)
    if not form.is_valid():
        return _barriers(request, access, form, status=400)
    try:
        told = actions.import_barriers(access, **form.asked())
    except Problem as problem:
        fault = Fault(problem.text(get_language() or ""), "id_file", problem.place)
        return _barriers(request, access, form, (fault,), problem.status)
    text = ngettext("%(n)s line is on the map now.", "%(n)s lines are on the map now.", told.lines)
    messages.success(request, text % {"n": f"{told.lines:,}"})
    return redirect_to(request, reverse("console:barriers"))


@require_POST
def let_go(request: HttpRequest, file: UUID) -> HttpResponse:
    """Take the lines of a file off the map."""
    actions.remove_barriers(access_of(request), file=file)
    messages.info(request, _("The lines are off the map. Plans drawn with them stay as they are."))
    return redirect_to(request, reverse("console:barriers"))


def barrier_shapes(request: HttpRequest) -> HttpResponse:
    """The lines for the map."""
    return geojson(queries.map_barriers(access_of(request), under=request.GET.get("under") or None))


def assets(request: HttpRequest, asset: UUID | None = None) -> HttpResponse:
    """Fixtures by grid beside the map, and the one that was opened."""
    access = access_of(request)
    kind = request.GET.get("kind", "")
    page = queries.assets(access, kind=kind, after=request.GET.get("after"))
    names = ground(access).names
    kinds = queries.asset_kinds(access)
    asked = f"?{request.GET.urlencode()}" if kind else ""
    context = {
        "title": _("Fixtures"),
        "page": page,
        "lines": [(one, _called(one), place_name(names, one.unit_no)) for one in page.rows],
        "kinds": [(one.kind, f"{one.kind or _('Kind not given')} {one.count:,}") for one in kinds[:12]],
        "count": sum(one.count for one in kinds),
        "unplaced": sum(one.unplaced for one in kinds),
        "map": {
            "areas": reverse("console:ground_areas"),
            "points": reverse("console:asset_points") + asked,
            "bounds": ground(access).bounds,
            "no_tiers": True,
            "kinds": "asset",
        },
    }
    if asset is not None:
        one = queries.asset(access, id=asset)
        context |= {"record": one, "called": _called(one), "place": place_name(names, one.unit_no)}
    parts = {"record": "atlas/asset.html", "more": "atlas/asset_rows.html"}
    return show(request, "atlas/assets.html", context, parts=parts)


def _called(one: AssetView) -> str:
    return one.kind or one.category or one.record


def asset_points(request: HttpRequest) -> HttpResponse:
    """Fixtures for the map."""
    access = access_of(request)
    names = ground(access).names
    told = orjson.loads(queries.map_assets(access, kind=request.GET.get("kind", "")))
    href = reverse("console:asset", args=[UUID(int=0)])
    for feature in told["features"]:
        one = feature["properties"]
        where = place_name(names, one["unit_no"])
        feature["properties"] = {
            "id": one["id"],
            "kind": "asset",
            "tone": "waiting",
            "title": one["kind"] or _("Fixture"),
            "note": " · ".join(part for part in (one["address"], where, one["condition"]) if part),
            "href": href.replace(str(UUID(int=0)), one["id"].removeprefix("asset:")),
        }
    return geojson(orjson.dumps(told))


urlpatterns = [
    path("barriers/", barriers, name="barriers"),
    path("barriers/bring/", bring_in, name="barriers_bring"),
    path("barriers/<uuid:file>/remove/", let_go, name="barriers_remove"),
    path("barriers.geojson", barrier_shapes, name="barrier_lines"),
    path("fixtures/", assets, name="assets"),
    path("fixtures/<uuid:asset>/", assets, name="asset"),
    path("fixtures/points.geojson", asset_points, name="asset_points"),
]
