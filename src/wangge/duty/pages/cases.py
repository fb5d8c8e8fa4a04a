"""事件: map, list and record of matters; reporting one, and every step of its loop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.cases import actions, queries
from wangge.cases.queries import Order
from wangge.cases.states import CASE_TABLE, LIMIT_UNIT_WORDS, CaseState, LimitUnit, SourceKind
from wangge.cases.types import CaseRow, CaseView, NextStep
from wangge.console.badges import CASE_TONES
from wangge.console.ground import ground, place_name, points
from wangge.console.names import role_word
from wangge.console.page import Answer, Figure, Nav, Need, access_of, geojson, redirect_to, show, wants
from wangge.console.people import organisation_names, staff_names
from wangge.duty.case_forms import (
    SOURCE_WORDS,
    DispatchForm,
    EvaluateForm,
    NoteForm,
    ReportForm,
    category_choices,
)
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.pages import COUNT_CAP
from wangge.kernel.problems import BadInput, NotFound, Problem
from wangge.kernel.units import unit_code
from wangge.tasks.queries import who_is_responsible
from wangge.territory.queries import locate
from wangge.territory.states import Precision

NAV = Nav("console:cases", gettext_lazy("Cases"), "case", queries.case_page, order=10, key="c")
STRAIGHT = (
    CaseState.REPORTED,
    CaseState.ACCEPTED,
    CaseState.DISPATCHED,
    CaseState.RESOLVED,
    CaseState.VERIFIED,
    CaseState.CLOSED,
    CaseState.EVALUATED,
)
FORWARD = ("accept", "precheck", "dispatch", "resolve", "verify", "close", "evaluate")
"""Steps on the straight way: the first of them that is open is the one button that stands out."""
BACK = frozenset({"send_back", "rework", "reopen", "cancel"})
AT_ONCE = frozenset({"accept", "verify", "close", "request_precheck"})
"""Steps that need nothing but the click."""
PLAIN = {
    verb: getattr(actions, verb)
    for verb in sorted({t.verb for t in CASE_TABLE.transitions} - {"dispatch", "evaluate"})
}
PARTS = {"record": "duty/cases/record.html", "more": "duty/cases/rows.html"}


def _language() -> str:
    return get_language() or "zh-hans"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks of the list."""

    states: tuple[CaseState, ...]
    overdue: bool
    category: str
    number: str
    by_deadline: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Wanted:
        asked = request.GET
        known = {state.value for state in CaseState}
        return cls(
            tuple(CaseState(s) for s in asked.getlist("state") if s in known),
            asked.get("overdue") == "1",
            asked.get("category", "")[:20],
            asked.get("number", "").strip()[:40],
            asked.get("order") == "deadline",
        )


def _page(access: Access, wanted: Wanted, cursor: str | None) -> Any:
    return queries.case_page(
        access,
        states=wanted.states,
        category_code=wanted.category,
        overdue=wanted.overdue,
        number=wanted.number,
        order=Order.DEADLINE if wanted.by_deadline else Order.NEWEST,
        cursor=cursor,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list with the name of its place."""

    case: CaseRow
    place: str
    tone: str


def _tone(state: CaseState, *, overdue: bool) -> str:
    return "late" if overdue else CASE_TONES[state.value]


def _lines(access: Access, rows: Iterable[CaseRow]) -> list[Line]:
    names = ground(access).names
    return [Line(row, place_name(names, row.unit_no), _tone(row.state, overdue=row.overdue)) for row in rows]


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    """The list and its filters; nothing of it is read when only the record is asked for."""
    if wants(request) == "record":
        return {}
    wanted = Wanted.of(request)
    page = _page(access, wanted, request.GET.get("after"))
    query = request.GET.copy()
    for passing in ("after", "sel", "view", "act"):
        query.pop(passing, None)
    points_at = reverse("console:case_points")
    return {
        "page": page,
        "lines": _lines(access, page.rows),
        "wanted": wanted,
        "main_states": [CASE_TABLE.states[s] for s in STRAIGHT[:5]],
        "other_states": [CASE_TABLE.states[s] for s in CaseState if s not in STRAIGHT[:5]],
        "categories": category_choices(queries.categories(access)),
        "may_report": may(access, actions.report),
        "map": {
            "areas": reverse("console:ground_areas"),
            "points": f"{points_at}?{query.urlencode()}" if query else points_at,
            "bounds": ground(access).bounds,
            "no_tiers": True,
        },
    }


def _clock(case: CaseView) -> dict[str, str] | None:
    """The deadline in words: how long, from what rule."""
    if case.deadline_at is None:
        return None
    unit = LIMIT_UNIT_WORDS.get(LimitUnit(case.limit_unit)) if case.limit_unit else None
    words = (unit[0] if _language().startswith("zh") else unit[1]) if unit else ""
    if case.limit_unit == LimitUnit.OWN_DATE or case.limit_amount is None:
        reason = _("An own deadline was set for this matter")
    else:
        reason = _("%(amount)s %(unit)s from dispatch") % {"amount": f"{case.limit_amount:g}", "unit": words}
    return {"reason": reason, "rule": case.limit_rule}


def _steps(access: Access, case: CaseView, organisations: Mapping[UUID, str]) -> list[dict[str, Any]]:
    names = staff_names(access, [step.actor for step in case.steps])
    told = []
    for step in case.steps:
        by = [names.get(step.actor, ""), role_word(step.role), organisations.get(step.organisation, "")]  # type: ignore[arg-type]
        told.append(
            {
                "view": step,
                "tone": "back" if step.verb in BACK else "done",
                "by": " · ".join(part for part in by if part),
                "to": organisations.get(step.to_organisation, "") if step.to_organisation else "",
            }
        )
    return told


def _to_come(case: CaseView) -> tuple[str, list[Any]]:
    """Whose turn it is, and the states that still lie ahead on the straight way."""
    if case.state in CASE_TABLE.settled and case.state is not CaseState.CLOSED:
        return "", []
    here = CaseState.REPORTED if case.state is CaseState.PRECHECKING else case.state
    ahead = STRAIGHT[STRAIGHT.index(here) + 1 :] if here in STRAIGHT else ()
    return role_word(case.owner), [CASE_TABLE.states[state] for state in ahead]


def _form_for(
    step: NextStep, organisations: Mapping[UUID, str], data: Mapping[str, Any] | None = None
) -> forms.Form:
    if step.verb == "dispatch":
        return DispatchForm(data, organisations=organisations)
    if step.verb == "evaluate":
        return EvaluateForm(data)
    return NoteForm(data, verb=step.verb, needed=step.reason)


def _record(
    request: HttpRequest, access: Access, case_id: UUID, *, act: str = "", form: forms.Form | None = None
) -> dict[str, Any]:
    case = queries.case(access, case_id=case_id)
    organisations = organisation_names(access)
    chosen = next((step for step in case.next_steps if step.verb == act), None)
    owner, ahead = _to_come(case)
    names = ground(access).names
    return {
        "title": case.title,
        "record": case,
        "tone": _tone(case.state, overdue=case.overdue),
        "place": place_name(names, case.unit_no),
        "grid": unit_code(case.unit_no),
        "source": SOURCE_WORDS[case.source_kind],
        "origin": _("found on a visit") if case.origin.startswith("visit:") else case.origin,
        "handler": organisations.get(case.handling_organisation, "") if case.handling_organisation else "",
        "clock": _clock(case),
        "steps": _steps(access, case, organisations),
        "owner": owner,
        "ahead": ahead,
        "responsible": who_is_responsible(access, unit_no=case.unit_no),
        "chosen": chosen,
        "form": form or (_form_for(chosen, organisations) if chosen else None),
        "at_once": AT_ONCE,
        "next_steps": sorted(case.next_steps, key=lambda step: step.verb not in FORWARD),
        "reads": True,
    }


def cases(request: HttpRequest, case_id: UUID | None = None) -> HttpResponse:
    """The map, the list, and one case if it is open."""
    access = access_of(request)
    context: dict[str, Any] = {"title": _("Cases")} | _listing(request, access)
    if case_id is not None:
        context |= _record(request, access, case_id, act=request.GET.get("act", ""))
    return show(request, "duty/cases/page.html", context, parts=PARTS)


def case_points(request: HttpRequest) -> HttpResponse:
    """Open matters of the filters, as points."""
    access, wanted = access_of(request), Wanted.of(request)
    words = {c.code: (c.zh, c.en) for c in queries.categories(access)}
    at = 0 if _language().startswith("zh") else 1
    shown = (
        {
            "id": f"case:{p.case_id}",
            "lon": p.lon,
            "lat": p.lat,
            "kind": "case",
            "tone": _point_tone(p.state, overdue=p.overdue),
            "title": words.get(p.category_code, (p.category_code,) * 2)[at],
            "note": (CASE_TABLE.states[p.state].zh, CASE_TABLE.states[p.state].en)[at],
            "href": reverse("console:case", args=[p.case_id]),
        }
        for p in queries.cases_on_map(access)
        if (not wanted.states or p.state in wanted.states)
        and (not wanted.overdue or p.overdue)
        and wanted.category in ("", p.category_code)
        and p.lon is not None
    )
    return geojson(points(shown))


def _point_tone(state: CaseState, *, overdue: bool) -> str:
    tone = _tone(state, overdue=overdue)
    return {"warn": "waiting"}.get(tone, tone)


@require_POST
def case_step(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Take one step; with what the form of the step asks."""
    access = access_of(request)
    case = queries.case(access, case_id=case_id)
    step = next((s for s in case.next_steps if s.verb == verb), None)
    if step is None:
        raise NotFound(
            code="step_not_open",
            zh="此步骤现在不能执行：事件状态可能已经改变，请刷新后查看。",
            en="This step cannot be taken now: the matter may have moved on. Look at it again.",
            status=409,
        )
    form = _form_for(step, organisation_names(access), request.POST)
    if verb in AT_ONCE or form.is_valid():
        try:
            _take(access, case_id, verb, form)
        except BadInput as problem:
            form.add_error(None, problem.text(_language()))
    if form.errors and verb not in AT_ONCE:
        context = _listing(request, access) | _record(request, access, case_id, act=verb, form=form)
        return show(request, "duty/cases/page.html", context, parts=PARTS, status=400)
    said = _("%(number)s: %(step)s") % {"number": case.number, "step": _told(step)}
    if wants(request) != "record":
        messages.success(request, said)
        return redirect_to(request, reverse("console:case", args=[case_id]))
    return _moved(request, access, case_id, said)


def _told(step: NextStep) -> str:
    return step.zh if _language().startswith("zh") else step.en


def _take(access: Access, case_id: UUID, verb: str, form: forms.Form) -> None:
    given = form.cleaned_data if form.is_valid() else {}
    note = str(given.get("note", ""))
    if verb == "dispatch":
        deadline: datetime | None = given["deadline_at"]
        actions.dispatch(
            access, case_id=case_id, organisation=UUID(given["organisation"]), deadline_at=deadline, note=note
        )
    elif verb == "evaluate":
        actions.evaluate(access, case_id=case_id, score=given["score"], note=note)
    else:
        PLAIN[verb](access, case_id=case_id, note=note)


def _moved(request: HttpRequest, access: Access, case_id: UUID, said: str) -> HttpResponse:
    """The record anew, its row of the list with it, a word in the corner, and the map told to read again."""
    try:
        context = _record(request, access, case_id)
    except Problem:  # it left the reader's sight with this step
        return redirect_to(request, reverse("console:cases"))
    number = context["record"].number
    rows = queries.case_page(access, number=number, size=1).rows
    context["moved"] = _lines(access, rows)
    response = show(request, "duty/cases/page.html", context, parts=PARTS, notice=(said, "good"))
    told = json.loads(response.headers.get("HX-Trigger", "{}"))
    told["wangge:map"] = {"points": reverse("console:case_points")}
    response.headers["HX-Trigger"] = json.dumps(told)
    response.headers["HX-Push-Url"] = reverse("console:case", args=[case_id])
    return response


def new(request: HttpRequest) -> HttpResponse:
    """Report a matter."""
    access = access_of(request)
    categories = queries.categories(access)
    if request.method == "POST":
        form = ReportForm(request.POST, categories=categories)
        if form.is_valid() and (done := _report(access, form)) is not None:
            messages.success(request, _("Reported as %(number)s.") % {"number": done.number})
            return redirect_to(request, reverse("console:case", args=[done.case_id]))
    else:
        own = SourceKind.GRID_WORKER if access.role == "grid_worker" else SourceKind.HOTLINE
        initial = {
            "client_id": new_id(),
            "source_kind": own,
            "origin": request.GET.get("origin", ""),
            "grid": request.GET.get("grid", ""),
            "place": request.GET.get("place", ""),
        }
        form = ReportForm(initial=initial, categories=categories)
    context = _listing(request, access) | {"title": _("Report a matter"), "form": form, "reporting": True}
    parts = PARTS | {"record": "duty/cases/new.html"}
    status = 400 if form.is_bound else 200
    return show(request, "duty/cases/page.html", context, parts=parts, status=status)


def _report(access: Access, form: ReportForm) -> Any:
    """Report what the form says, or put what is wrong on the form."""
    given = form.cleaned_data
    try:
        place = locate(access, address=given["place"]) if given["place"] else None
        if given["grid"]:
            unit_no = int(given["grid"])
        elif place is None or place.precision is Precision.NONE:
            form.add_error("place", _("This address leads to no grid here. Choose the grid on the map."))
            return None
        else:
            unit_no = place.unit_no
        here = place if place and place.unit_no == unit_no else None
        return actions.report(
            access,
            category_code=given["category_code"],
            unit_no=unit_no,
            title=given["title"],
            description=given["description"],
            place=given["place"],
            lon=here.lon if here else None,
            lat=here.lat if here else None,
            source_kind=SourceKind(given["source_kind"]),
            origin=given["origin"],
            reporter_name=given["reporter_name"],
            reporter_phone=given["reporter_phone"],
            client_id=given["client_id"],
        )
    except BadInput as problem:
        form.add_error("grid" if "unit" in problem.code else None, problem.text(_language()))
        return None


def where(request: HttpRequest) -> HttpResponse:
    """Where an address leads, told while it is typed."""
    access = access_of(request)
    text = request.GET.get("place", "").strip()
    found = locate(access, address=text) if len(text) > 2 else None
    context = {"found": found, "asked": text, "named": ""}
    if found is not None and found.precision is not Precision.NONE:
        context["named"] = place_name(ground(access).names, found.unit_no)
        context["grid"] = unit_code(found.unit_no)
    return show(request, "duty/cases/where.html", context, parts={"where": "duty/cases/where.html"})


# Which states wait for which post, and what it is to do.
WAITS: dict[str, tuple[tuple[CaseState, Any], ...]] = {
    "dispatcher": (
        (CaseState.REPORTED, gettext_lazy("Accept")),
        (CaseState.ACCEPTED, gettext_lazy("Dispatch")),
    ),
    "handler": ((CaseState.DISPATCHED, gettext_lazy("Resolve")),),
    "supervisor": (
        (CaseState.RESOLVED, gettext_lazy("Verify")),
        (CaseState.VERIFIED, pgettext_lazy("case", "File")),
    ),
    "grid_worker": ((CaseState.PRECHECKING, gettext_lazy("Precheck")),),
}
OVERSEES = frozenset({"dispatcher", "leader"})
EACH = 5


def needs(access: Access) -> list[Need]:
    """Matters whose next step is the reader's, and late ones for who oversees."""
    if not may(access, queries.case_page):
        return []
    found: dict[UUID, Need] = {}
    names = ground(access).names
    if access.role in OVERSEES:
        for row in queries.case_page(access, overdue=True, size=EACH).rows:
            found[row.case_id] = _need(row, _("Look"), names)
    for state, action in WAITS.get(access.role, ()):
        for row in queries.case_page(access, states=[state], size=EACH).rows:
            found[row.case_id] = _need(row, str(action), names)
    return list(found.values())


def _need(row: CaseRow, action: str, names: Mapping[int, str]) -> Need:
    chinese = _language().startswith("zh")
    return Need(
        title=row.title,
        href=reverse("console:case", args=[row.case_id]),
        action=action,
        reasons=(
            row.state_zh if chinese else row.state_en,
            place_name(names, row.unit_no),
            row.category_zh if chinese else row.category_en,
        ),
        due_at=row.deadline_at,
        urgency="late" if row.overdue else "soon" if row.state is CaseState.REPORTED else "plain",
    )


def figures(access: Access) -> list[Figure]:
    """How many matters stand where."""
    if access.role == "auditor" or not may(access, queries.counts):
        return []
    counts, at = queries.counts(access), reverse("console:cases")
    shown = [
        Figure(
            str(_("cases overdue")), _capped(counts.overdue, capped=counts.overdue_capped), f"{at}?overdue=1"
        )
    ]
    chinese = _language().startswith("zh")
    for count in counts.states:
        if count.state in STRAIGHT[:5]:
            word = count.zh if chinese else count.en
            shown.append(
                Figure(
                    _("cases: %(state)s") % {"state": word},
                    _capped(count.number, capped=count.capped),
                    f"{at}?state={count.state.value}",
                )
            )
    return shown


def _capped(number: int, *, capped: bool) -> str:
    return f"{COUNT_CAP:,}+" if capped else f"{number:,}"


def answers(access: Access, text: str, limit: int) -> list[Answer]:
    """A case by its number."""
    if not text[:1].isdigit() or not may(access, queries.case_page):
        return []
    return [
        Answer(row.title, reverse("console:case", args=[row.case_id]), "case", row.number)
        for row in queries.case_page(access, number=text, size=limit).rows
    ]


urlpatterns = [
    path("cases/", cases, name="cases"),
    path("cases/new/", new, name="case_new"),
    path("cases/where/", where, name="case_where"),
    path("cases/points.geojson", case_points, name="case_points"),
    path("cases/<uuid:case_id>/", cases, name="case"),
    path("cases/<uuid:case_id>/<slug:verb>/", case_step, name="case_step"),
]
