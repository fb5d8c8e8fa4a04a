"""网格方案: a territory divided anew: asked for, watched, coloured by deviation, mended by hand, published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.atlas.areas import areas_of
from wangge.atlas.choosing import asked
from wangge.atlas.forms import APPROACHES, PlanForm, PublishForm
from wangge.atlas.lines import barrier_lines
from wangge.atlas.words import FAULTS, STEPS, WHY, Off, band, off, percent
from wangge.console.ground import areas as standing
from wangge.console.ground import ground, place_name, short
from wangge.console.page import Fault, Nav, Need, access_of, geojson, redirect_to, show, wants
from wangge.console.people import staff_names
from wangge.flows.jobs import ask_for_plan
from wangge.flows.publishing import handing
from wangge.flows.publishing import publish as publish_with_heirs
from wangge.kernel.access import Access
from wangge.kernel.pages import Page
from wangge.kernel.problems import Problem
from wangge.kernel.units import interval_of
from wangge.planning import actions, queries
from wangge.planning.states import PlanState, PlotKind
from wangge.planning.types import MoveChoices, PlanGridRow, PlanView, PlotRow, StepRow
from wangge.tasks.queries import inheritances
from wangge.tasks.types import Inheritance
from wangge.territory.queries import community_grounds
from wangge.territory.states import ImportState

NAV = Nav("console:plans", gettext_lazy("Grid plans"), "grid", queries.grid_plans, order=64, group=2)
SHOWN = 60  # grids of one page of the list; the figures count all of them
STREAMS = 200  # streams of households in one table, the largest; the figures count all of them
UNDER_WAY = (PlanState.DRAFT, PlanState.RUNNING)
PARTS = {"record": "atlas/grid.html", "live": "atlas/live.html", "more": "atlas/lines.html"}


@dataclass(frozen=True, slots=True)
class Line:
    """A grid in the list."""

    row: PlanGridRow
    off: Off
    name: str
    community: str


@dataclass(frozen=True, slots=True)
class Home:
    """A building in a grid, with the grids beside it by name."""

    row: PlotRow
    options: tuple[tuple[str, str], ...]
    came_from: str


def plans(request: HttpRequest) -> HttpResponse:
    """All plans, newest first, and the form that asks for one."""
    access = access_of(request)
    return _plans(request, access, PlanForm(areas_of(access)))


def _plans(
    request: HttpRequest, access: Access, form: PlanForm, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    page = queries.grid_plans(access, after=request.GET.get("after"))
    names = ground(access).names
    context = {
        "title": _("Grid plans"),
        "page": page,
        "lines": [
            (one, place_name(names, interval_of(one.under).lo), APPROACHES[one.approach]) for one in page.rows
        ],
        "form": form,
        "faults": faults,
        "may_plan": may(access, actions.draft_plan),
    }
    return show(request, "atlas/plans.html", context, parts={"more": "atlas/rows.html"}, status=status)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a plan; it is drawn in the background."""
    access = access_of(request)
    form = PlanForm(areas_of(access), request.POST)
    if not form.is_valid():
        return _plans(request, access, form, status=400)
    try:
        asked = ask_for_plan(access, **form.asked())
    except Problem as problem:
        fault = Fault(problem.text(get_language() or ""), f"id_{problem.place}")
        return _plans(request, access, form, (fault,), problem.status)
    return redirect_to(request, reverse("console:plan", args=[asked]))


def plan(request: HttpRequest, plan: UUID, code: str = "") -> HttpResponse:
    """One plan: its grids, those farthest from the target first, beside the map; and the grid that was opened."""
    access = access_of(request)
    if wants(request) == "live":
        view = queries.grid_plan(access, plan=plan)
        return show(request, "atlas/live.html", _told(access, view) | {"under_way": view.state in UNDER_WAY},
                    parts={"live": "atlas/live.html"})  # fmt: skip
    return _page(request, access, plan, code)


def _page(
    request: HttpRequest,
    access: Access,
    plan: UUID,
    code: str = "",
    *,
    problem: Problem | None = None,
    notice: str = "",
    changed: bool = False,
    choices: MoveChoices | None = None,
) -> HttpResponse:
    view = queries.grid_plan(access, plan=plan)
    rows = queries.plan_grids(access, plan=plan)
    names = _names(rows)
    chosen = next((row for row in rows if row.code == code), None)
    community = chosen.community if chosen else rows[0].community if view.communities == 1 and rows else ""
    lines = [Line(row, off(row, view.tolerance), names[row.code], short(row.community_name)) for row in rows]
    only = request.GET.get("show", "")
    listed = [line for line in lines if only != "outside" or not line.row.within]
    open_ = view.state is PlanState.READY and may(access, actions.move_plot)
    context: dict[str, Any] = {
        **_told(access, view),
        "page": _cut(listed, request.GET.get("after", "") if wants(request) == "more" else ""),
        "open": open_,
        "under_way": view.state in UNDER_WAY,
        "undo": _step(view.undo, names) if view.undo and open_ else "",
        "may_discard": view.state not in (PlanState.PUBLISHED, PlanState.DISCARDED)
        and may(access, actions.discard_plan),
        "faults": (Fault(problem.text(get_language() or "")),) if problem else (),
        "oob": changed,
        "alone": request.POST.get("alone") == "on",
        "map": {
            "areas": reverse("console:plan_areas", args=[plan]),
            "points": _points(plan, community) if community else None,
            "bounds": ",".join(f"{x:.5f}" for x in view.bounds) if view.bounds else ground(access).bounds,
            "no_tiers": True,
            "kinds": "building",
            "bands": True,
            "drags": open_,
            **barrier_lines(access, view.under),
        },
    }
    if chosen:
        context |= _grid(access, view, chosen, names)
    if choices:
        context |= {"asked": asked(choices, names, view.tolerance)}
    answer = show(request, "atlas/plan.html", context, parts=PARTS, status=problem.status if problem else 200)
    if wants(request) == "record":
        told: dict[str, Any] = {"wangge:map": {"points": _points(plan, community)}}
        if changed:
            told["wangge:map"]["areas"] = reverse("console:plan_areas", args=[plan])
            told["wangge:map"]["patch"] = f"{told['wangge:map']['areas']}?community={community}"
        if notice:
            told["wangge:notice"] = {"text": notice, "tone": "good"}
        answer.headers["HX-Trigger"] = json.dumps(told)
    return answer


def _cut(lines: list[Line], after: str) -> Page[Line]:
    """One page of the list; ``after`` is the code of the last grid shown."""
    at = next((number for number, line in enumerate(lines, 1) if line.row.code == after), 0)
    shown = lines[at : at + SHOWN]
    return Page(tuple(shown), shown[-1].row.code if len(lines) > at + SHOWN else None)


def _names(rows: tuple[PlanGridRow, ...]) -> dict[str, str]:
    """A grid as it is called beside its community's others; the community stands with it."""
    return {row.code: row.name or row.code[-3:] for row in rows}


def _points(plan: UUID, community: str) -> str:
    return f"{reverse('console:plan_points', args=[plan])}?community={community}"


def _told(access: Access, view: PlanView) -> dict[str, Any]:
    """What every page of a plan says of it."""
    area = place_name(ground(access).names, interval_of(view.under).lo)
    people = staff_names(access, [view.asked_by])
    figures = view.figures
    return {
        "title": area,
        "plan": view,
        "figures": figures,
        "approach": APPROACHES[view.approach],
        "asked_by": people.get(view.asked_by, view.asked_by),
        "share": f"{figures.within / figures.grids:.0%}" if figures.grids else "–",
        "tolerance": f"{view.tolerance:.0%}",
        "moved_share": f"{figures.moved / figures.settled:.1%}" if figures.settled else "",
        "minutes": None if view.seconds_left is None else max(1, round(view.seconds_left / 60)),
        "plan_faults": [(short(name), FAULTS.get(fault, fault)) for _code, name, fault in view.faults],
    }


def _grid(access: Access, view: PlanView, chosen: PlanGridRow, names: dict[str, str]) -> dict[str, Any]:
    plots = queries.plan_plots(access, plan=view.id, code=chosen.code)
    homes = [
        Home(
            plot,
            tuple((code, names.get(code, code)) for code in plot.options),
            "" if plot.before in ("", plot.code) else names.get(plot.before, plot.before),
        )
        for plot in plots
        if plot.kind is not PlotKind.OPEN
    ]
    return {
        "record": chosen,
        "off": off(chosen, view.tolerance),
        "record_name": names[chosen.code],
        "community": short(chosen.community_name),
        "why": WHY.get(chosen.why, "") if not chosen.within else "",
        "homes": homes,
        "movable": any(home.options for home in homes),
        "compactness": "" if chosen.compactness is None else f"{chosen.compactness:.2f}",
    }


def _step(step: StepRow, names: dict[str, str]) -> str:
    return str(STEPS[step.verb]) % {"plot": step.plot, "grid": names.get(step.code, step.code)}


@require_POST
def move(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Move a building to a grid beside it, by the map or by the list.

    Where that would leave a grid off target, the reader is asked first: the building alone, or with what must follow.
    ``how`` is their answer (alone, balance), or empty; ``alone`` says that they do not want to be asked.
    """
    access = access_of(request)
    source, to, number = (request.POST.get(name, "") for name in ("from", "to", "plot"))
    plot = int(number) if number.isdigit() else 0
    how = "alone" if request.POST.get("alone") == "on" else request.POST.get("how", "")
    seen = request.POST.get("seen", "")
    try:
        if how not in ("alone", "balance"):
            choices = queries.move_choices(access, plan=plan, plot=plot, to=to)
            if not choices.harmless:
                return _page(request, access, plan, source, choices=choices)
            how = "alone"
        step = actions.move_plot(
            access,
            plan=plan,
            plot=plot,
            to=to,
            balance=how == "balance",
            seen=int(seen) if seen.isdigit() else None,
        )
    except Problem as problem:
        return _page(request, access, plan, source, problem=problem)
    also = step.plots - 1
    text = _("%(plot)s is moved.") % {"plot": step.plot}
    if also > 0:
        text += " " + ngettext(
            "To keep the balance %(n)s more building moves; %(households)s households change their grid in all.",
            "To keep the balance %(n)s more buildings move; %(households)s households change their grid in all.",
            also,
        ) % {"n": also, "households": f"{step.households:,}"}
    return _done(request, access, plan, to, text)


@require_POST
def lock(request: HttpRequest, plan: UUID, code: str) -> HttpResponse:
    """Lock a grid as it is, or unlock it."""
    access = access_of(request)
    locked = request.POST.get("locked") == "on"
    try:
        actions.lock_grid(access, plan=plan, code=code, locked=locked)
    except Problem as problem:
        return _page(request, access, plan, code, problem=problem)
    text = _("Locked: nothing moves into this grid or out of it.") if locked else _("Unlocked.")
    return _done(request, access, plan, code, text)


@require_POST
def undo(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Take the last step back."""
    access = access_of(request)
    code = request.POST.get("from", "")
    try:
        actions.undo_step(access, plan=plan)
    except Problem as problem:
        return _page(request, access, plan, code, problem=problem)
    return _done(request, access, plan, code, _("Taken back."))


def _done(request: HttpRequest, access: Access, plan: UUID, code: str, text: str) -> HttpResponse:
    if wants(request) == "record":
        return _page(request, access, plan, code, notice=text, changed=True)
    messages.success(request, text)
    return redirect_to(request, _address(plan, code))


def _address(plan: UUID, code: str) -> str:
    if code.isdigit() and len(code) == 15:
        return reverse("console:plan_grid", args=[plan, code])
    return reverse("console:plan", args=[plan])


@require_POST
def discard(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Let go of a plan; one under way stops."""
    access = access_of(request)
    try:
        actions.discard_plan(access, plan=plan)
    except Problem as problem:
        return _page(request, access, plan, problem=problem)
    messages.info(request, _("The plan was discarded. The grids in force are as they were."))
    return redirect_to(request, reverse("console:plans"))


def changes(request: HttpRequest, plan: UUID) -> HttpResponse:
    """What publishing would change: households that go to another grid, codes that begin and end; and publishing."""
    day = timezone.localdate() + timedelta(days=1)
    return _changes(request, access_of(request), plan, PublishForm.from_day(day))


def _changes(
    request: HttpRequest, access: Access, plan: UUID, form: PublishForm, problem: Problem | None = None
) -> HttpResponse:
    view = queries.grid_plan(access, plan=plan)
    names = _names(queries.plan_grids(access, plan=plan)) | _standing_names(access, view)
    steps = queries.plan_steps(access, plan=plan)
    people = staff_names(access, {step.actor for step in steps})
    flows = queries.plan_flows(access, plan=plan)
    heirs = {one.code: one.heir for one in queries.plan_heirs(access, plan=plan)}
    context = {
        **_told(access, view),
        "flows": [
            (flow, names.get(flow.before, flow.before), names.get(flow.after, flow.after))
            for flow in flows[:STREAMS]
        ],
        "flows_left": max(0, len(flows) - STREAMS),
        "households_left": sum(flow.households for flow in flows[STREAMS:]),
        "new_codes": [(code, names.get(code, "")) for code in view.figures.new_codes],
        "retired_codes": [
            (code, names.get(code, ""), names.get(heirs.get(code, ""), ""))
            for code in view.figures.retired_codes
        ],
        "handed": _handed(access, view, names),
        "steps": [(step, _step(step, names), people.get(step.actor, step.actor)) for step in steps],
        "form": form,
        "may_publish": view.state is PlanState.READY and may(access, actions.publish_plan),
        "faults": (Fault(problem.text(get_language() or ""), "id_valid_from"),) if problem else (),
    }
    return show(request, "atlas/changes.html", context, status=problem.status if problem else 200)


def _handed(access: Access, view: PlanView, names: dict[str, str]) -> list[tuple[Inheritance, str, str]]:
    """What publishing would hand on, with the names of the grid that ends and of its heir."""
    if view.state is not PlanState.READY or not may(access, inheritances):
        return []
    found = handing(access, view.id)
    codes = [(one, f"{one.unit_no:015d}", f"{one.heir_no:015d}") for one in found]
    return [(one, names.get(old, old), names.get(heir, heir)) for one, old, heir in codes]


def _standing_names(access: Access, view: PlanView) -> dict[str, str]:
    """Names of the grids in force, for those that the plan ends."""
    return {
        grid.code: grid.name
        for one in community_grounds(access, under=view.under)
        for grid in one.grids
        if grid.name
    }


@require_POST
def publish(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Publish the plan as the version of the grids that holds from a day on."""
    access = access_of(request)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _changes(request, access, plan, form)
    day = form.cleaned_data["valid_from"]
    try:
        published = publish_with_heirs(access, plan=plan, valid_from=day)
    except Problem as problem:
        return _changes(request, access, plan, form, problem)
    report = published.report
    if report.state is ImportState.REFUSED:
        messages.error(
            request, _("The map did not take the plan in: the report says why. The plan stays open.")
        )
        return redirect_to(request, reverse("console:grid_file", args=[report.id]))
    told = {
        "day": day.isoformat(),
        **{k: f"{report.counts.get(k, 0):,}" for k in ("changed", "added", "ended")},
    }
    messages.success(
        request,
        _("Published: from %(day)s on %(changed)s grids are changed, %(added)s new, %(ended)s ended.") % told,
    )
    if published.handed.members or published.handed.tasks:
        messages.info(
            request,
            _("Handed on: %(members)s posts in teams, %(tasks)s open tasks now, the others on their day.")
            % {"members": f"{published.handed.members:,}", "tasks": f"{published.handed.tasks:,}"},
        )
    return redirect_to(request, reverse("console:plan", args=[plan]))


def plan_areas(request: HttpRequest, plan: UUID) -> HttpResponse:
    """The plan's grids by how far they are from the target; the ground as it stands until there are any.

    With ``community`` only its grids, to be put in the place of those shown.
    """
    access = access_of(request)
    view = queries.grid_plan(access, plan=plan)
    community = request.GET.get("community", "")
    told = orjson.loads(queries.plan_areas(access, plan=plan, community=community))
    if not told["features"]:
        return geojson(standing(access))
    names = ground(access).names
    features = [
        one
        for one in ground(access).features
        if one["properties"]["level"] in ("street", "community") and not community
    ]
    href = reverse("console:plan_grid", args=[plan, "0" * 15])
    for feature in told["features"]:
        grid = feature["properties"]
        homes = ngettext("%(n)s household", "%(n)s households", grid["households"]) % {
            "n": f"{grid['households']:,}"
        }
        about = [place_name(names, int(grid["community"]) * 1000), homes, percent(grid["deviation"])]
        feature["properties"] = {
            "id": f"grid:{grid['code']}",
            "level": "grid",
            "community": grid["community"],
            "code": grid["code"],
            "name": " ".join(part for part in (grid["name"], percent(grid["deviation"])) if part),
            "kind": "exclusive" if grid["kind"] == PlotKind.EXCLUSIVE else "base",
            "tier": "",
            "band": band(grid["deviation"], view.tolerance),
            "locked": grid["locked"],
            "note": " · ".join(part for part in (*about, _("locked") if grid["locked"] else "") if part),
            "href": href.replace("0" * 15, grid["code"]),
        }
        features.append(feature)
    return geojson(orjson.dumps({"type": "FeatureCollection", "features": features}))


def plan_points(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Buildings of one community of the plan; those that can be dragged say so."""
    access = access_of(request)
    view = queries.grid_plan(access, plan=plan)
    community = request.GET.get("community", "")
    names = _names(queries.plan_grids(access, plan=plan, community=community))
    told = orjson.loads(queries.plan_points(access, plan=plan, community=community))
    open_ = view.state is PlanState.READY and may(access, actions.move_plot)
    for feature in told["features"]:
        one = feature["properties"]
        homes = ngettext("%(n)s household", "%(n)s households", one["households"]) % {"n": one["households"]}
        feature["properties"] = {
            "id": f"plot:{one['id']}",
            "kind": "building",
            "tone": "active"
            if one["pinned"]
            else "closed"
            if one["kind"] == PlotKind.EXCLUSIVE
            else "waiting",
            "title": one["name"],
            "note": f"{homes} · {names.get(one['code'], one['code'])}",
            "weight": one["households"],
            "code": one["code"],
            "plot": one["id"],
            "drags": open_ and one["kind"] == PlotKind.RESIDENTIAL,
            "href": reverse("console:plan_grid", args=[plan, one["code"]]),
        }
    return geojson(orjson.dumps(told))


def needs(access: Access) -> list[Need]:
    """Plans that are drawn and wait for a decision."""
    if not may(access, actions.publish_plan):
        return []
    names = ground(access).names
    waiting = [one for one in queries.grid_plans(access, size=20).rows if one.state is PlanState.READY][:3]
    return [
        Need(
            _("Grid plan for %(area)s") % {"area": place_name(names, interval_of(one.under).lo)},
            reverse("console:plan", args=[one.id]),
            _("Decide"),
            (_("Drawn; nothing is in force yet"),),
            None,
            "soon",
        )
        for one in waiting
    ]


urlpatterns = [
    path("plans/", plans, name="plans"),
    path("plans/ask/", ask, name="plan_ask"),
    path("plans/<uuid:plan>/", plan, name="plan"),
    path("plans/<uuid:plan>/grids/<str:code>/", plan, name="plan_grid"),
    path("plans/<uuid:plan>/areas.geojson", plan_areas, name="plan_areas"),
    path("plans/<uuid:plan>/points.geojson", plan_points, name="plan_points"),
    path("plans/<uuid:plan>/move/", move, name="plan_move"),
    path("plans/<uuid:plan>/grids/<str:code>/lock/", lock, name="plan_lock"),
    path("plans/<uuid:plan>/undo/", undo, name="plan_undo"),
    path("plans/<uuid:plan>/discard/", discard, name="plan_discard"),
    path("plans/<uuid:plan>/changes/", changes, name="plan_changes"),
    path("plans/<uuid:plan>/publish/", publish, name="plan_publish"),
]
