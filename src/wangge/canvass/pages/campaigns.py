"""采集行动: how far a campaign is, grid by grid and door by door; and its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.canvass.words import door_bar
from wangge.collection import actions, queries
from wangge.collection.states import DOOR_TABLE, CampaignState, DoorState
from wangge.collection.types import DoorCounts
from wangge.console.ground import areas, ground, place_name
from wangge.console.page import Fault, Nav, Need, access_of, geojson, redirect_to, show
from wangge.flows import collecting
from wangge.flows.jobs import ask_to_return
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.kernel.units import Interval, unit_code
from wangge.registry import queries as registry

NAV = Nav(
    "console:campaigns", gettext_lazy("Campaigns"), "home_visit", queries.campaign_doors, order=48, key="d"
)
PARTS = {
    "live": "canvass/live.html",
    "record": "canvass/doors.html",
    "more": "canvass/door_rows.html",
}


def campaigns(request: HttpRequest) -> HttpResponse:
    """All campaigns, newest first."""
    access = access_of(request)
    names = ground(access).names
    rows = queries.campaigns(access)
    context = {
        "title": _("Campaigns"),
        "campaigns": [(c, door_bar(c.doors), place_name(names, c.unit_no)) for c in rows],
    }
    return show(request, "canvass/campaigns.html", context)


def campaign(request: HttpRequest, campaign: UUID, unit: int = 0) -> HttpResponse:
    """One campaign: its grids with their doors, and the doors of the grid that was opened."""
    return _page(request, access_of(request), campaign, unit)


def _page(
    request: HttpRequest, access: Access, campaign: UUID, unit: int = 0, problem: Problem | None = None
) -> HttpResponse:
    view = queries.campaign(access, campaign_id=campaign)
    here = ground(access)
    context: dict[str, Any] = {
        "title": view.title,
        "campaign": view,
        "parts": door_bar(view.doors),
        "place": place_name(here.names, view.unit_no),
        "running": view.state is CampaignState.RUNNING,
        "may_end": view.state is CampaignState.RUNNING and may(access, actions.end_campaign),
        "units": [
            (u, unit_code(u.unit_no), place_name(here.names, u.unit_no), door_bar(u.counts))
            for u in queries.progress(access, campaign_id=campaign)
        ],
        "may_return": _asks(access, view.organisation) and may(access, actions.ask_for_answers),
        "may_study": _asks(access, view.organisation) and may(access, queries.own_answers),
        "days": queries.progress_by_day(access, campaign_id=campaign),
        "faults": (Fault(problem.text(get_language() or ""), "reason"),) if problem else (),
        "map": {
            "areas": reverse("console:campaign_areas", args=[campaign]),
            "bounds": here.bounds,
            "no_tiers": True,
        },
    }
    if unit:
        asked = request.GET.get("state", "")
        state = DoorState(asked) if asked in set(DoorState) else None
        page = queries.campaign_doors(
            access,
            campaign_id=campaign,
            state=state,
            unit=Interval(unit, unit),
            after=request.GET.get("after"),
        )
        addresses = {}
        if may(access, registry.dwellings):
            ids = tuple(d.dwelling for d in page.rows if d.dwelling)
            addresses = {d.dwelling: d.address for d in registry.dwellings(access, ids=ids)}
        context |= {
            "unit": unit_code(unit),
            "unit_name": place_name(here.names, unit),
            "states": list(DOOR_TABLE.states.values()),
            "page": page,
            "lines": [(d, addresses.get(d.dwelling, "") if d.dwelling else "") for d in page.rows],
        }
    return show(
        request,
        "canvass/campaign.html",
        context,
        parts=PARTS,
        status=problem.status if problem else 200,
    )


def _doors_done(counts: DoorCounts) -> str:
    said = ngettext("%(ended)s of %(doors)s door done", "%(ended)s of %(doors)s doors done", counts.doors)
    return said % {"ended": counts.ended, "doors": counts.doors}


def campaign_areas(request: HttpRequest, campaign: UUID) -> HttpResponse:
    """The ground with how far each grid is; a click opens its doors."""
    access = access_of(request)
    notes = {u.unit_no: _doors_done(u.counts) for u in queries.progress(access, campaign_id=campaign)}
    at = reverse("console:campaign_unit", args=[campaign, 0]).replace("/grids/0/", "/grids/{code}/")
    return geojson(areas(access, hrefs=at, notes=notes))


@require_POST
def end(request: HttpRequest, campaign: UUID) -> HttpResponse:
    """Close a campaign, or stop it with a reason."""
    access = access_of(request)
    try:
        stopped = collecting.end(access, campaign_id=campaign, reason=request.POST.get("reason", ""))
    except Problem as problem:
        return _page(request, access, campaign, problem=problem)
    messages.success(
        request, _("Stopped, with your reason.") if stopped else _("Closed: every door has its result.")
    )
    return redirect_to(request, reverse("console:campaign", args=[campaign]))


def _asks(access: Access, organisation: UUID) -> bool:
    return access.organisation is not None and access.organisation == organisation


@require_POST
def send_back(request: HttpRequest, campaign: UUID) -> HttpResponse:
    """Have the answers go back to the sources now; they go every night by themselves."""
    waiting = ask_to_return(access_of(request), campaign)
    if waiting:
        messages.success(
            request,
            ngettext(
                "%(n)s answered sheet is on its way to the sources.",
                "%(n)s answered sheets are on their way to the sources.",
                waiting,
            )
            % {"n": f"{waiting:,}"},
        )
    else:
        messages.info(request, _("No answers wait; all have gone to the sources."))
    return redirect_to(request, reverse("console:campaign", args=[campaign]))


def own_answers(request: HttpRequest, campaign: UUID) -> HttpResponse:
    """What people answered to the questions of the form's own, for the organisation that asked."""
    access = access_of(request)
    view = queries.campaign(access, campaign_id=campaign)
    page = queries.own_answers(access, campaign_id=campaign, after=request.GET.get("after"))
    names = ground(access).names
    chinese = (get_language() or "").startswith("zh")
    context = {
        "title": _("Answers to the form's own questions"),
        "campaign": view,
        "page": page,
        "opens": may(access, registry.person),
        "lines": [
            (
                a,
                place_name(names, a.unit_no),
                [(v.question_zh, v.value_zh) if chinese else (v.question_en, v.value_en) for v in a.values],
            )
            for a in page.rows
        ],
    }
    return show(request, "canvass/answers.html", context, parts={"more": "canvass/answer_rows.html"})


def needs(access: Access) -> list[Need]:
    """Campaigns whose doors have all ended, or whose day has come."""
    if not may(access, actions.end_campaign):
        return []
    running = queries.campaigns(access, state=CampaignState.RUNNING, size=10)
    return [
        Need(
            c.title,
            reverse("console:campaign", args=[c.campaign_id]),
            _("Close") if not c.doors.waiting else _("Look"),
            (_doors_done(c.doors),),
            c.due_at,
        )
        for c in running
        if c.organisation == access.organisation
    ][:3]


urlpatterns = [
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/<uuid:campaign>/", campaign, name="campaign"),
    path("campaigns/<uuid:campaign>/areas.geojson", campaign_areas, name="campaign_areas"),
    path("campaigns/<uuid:campaign>/grids/<int:unit>/", campaign, name="campaign_unit"),
    path("campaigns/<uuid:campaign>/end/", end, name="campaign_end"),
    path("campaigns/<uuid:campaign>/answers/", own_answers, name="campaign_answers"),
    path("campaigns/<uuid:campaign>/answers/send/", send_back, name="campaign_send_back"),
]
