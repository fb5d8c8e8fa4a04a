"""校核: doubtful facts go to their owner with a reason and a deadline; the owner answers here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may, organisations
from wangge.console.page import Fault, Nav, Need, access_of, redirect_to, show
from wangge.console.people import source_names
from wangge.flows import checking
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.linkage import actions, queries
from wangge.linkage.states import Answer, RequestState
from wangge.linkage.types import RequestCount, RequestRow, RequestView
from wangge.office.person_words import FIELD_WORDS
from wangge.office.review_words import REASONS, REQUEST_STATES

NAV = Nav(
    "console:requests", gettext_lazy("Correction requests"), "flag", queries.correction_requests, order=44, key="q"
)  # fmt: skip
PARTS = {"record": "office/requests/record.html", "more": "office/requests/rows.html"}
SIZE = 50
DAYS = 10  # working time that a department is given unless another day is chosen


@dataclass(frozen=True, slots=True)
class Line:
    """A request in the list."""

    view: RequestRow
    field: str
    source: str
    reason: str
    due_at: datetime | None


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _owners(access: Access) -> dict[UUID, str]:
    if not may(access, organisations):
        return {}
    return {o.id: o.name_zh if _chinese() else o.name_en for o in organisations(access)}


def _end_of(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time(23, 59))) if day else None


def _lines(rows: tuple[RequestRow, ...], names: dict[str, str]) -> list[Line]:
    return [
        Line(
            r,
            str(FIELD_WORDS.get(r.field, r.field)),
            names.get(r.source, r.source),
            str(REASONS.get(r.reason, r.reason)),
            _end_of(r.due_on),
        )
        for r in rows
    ]


def _record(view: RequestView, names: dict[str, str], owners: dict[UUID, str]) -> dict[str, Any]:
    return {
        "request_view": view,
        "field_word": str(FIELD_WORDS.get(view.field, view.field)),
        "source_word": names.get(view.source, view.source),
        "reason_word": str(REASONS.get(view.reason, view.reason)),
        "state_word": str(REQUEST_STATES.get(view.state, view.state)),
        "owner": owners.get(view.organisation, "") if view.organisation else "",
        "due_at": _end_of(view.due_on),
        "asks": view.state == RequestState.OPEN and view.mine,
        "better": " ".join(part for part in view.better.split("|") if part),
    }


def page(request: HttpRequest, asked: UUID | None = None) -> HttpResponse:
    """The list by state, and the request that is looked at."""
    return _page(request, asked)


def _page(
    request: HttpRequest, asked: UUID | None, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    access = access_of(request)
    centre = may(access, actions.send_requests) and _asks(access)
    state = request.GET.get("state", RequestState.FOUND if centre else RequestState.OPEN)
    found = queries.correction_requests(
        access,
        state=state,
        source=request.GET.get("source", ""),
        reason=request.GET.get("reason", ""),
        after=request.GET.get("after"),
        size=SIZE,
    )
    names, owners = source_names(access), _owners(access)
    context: dict[str, Any] = {
        "title": _("Correction requests"),
        "page": found,
        "lines": _lines(found.rows, names),
        "states": [(s, str(word)) for s, word in REQUEST_STATES.items() if centre or s != RequestState.FOUND],
        "state": state,
        "reasons": [(code, str(word)) for code, word in REASONS.items()],
        "counts": _counts(access, owners),
        "centre": centre,
        "sends": centre and state == RequestState.FOUND,
        "due": request.POST.get("due_on") or (timezone.localdate() + timedelta(days=DAYS)).isoformat(),
        "map": None,
        "reads": True,
        "faults": faults,
        "given": request.POST,
    }  # fmt: skip
    if asked is not None and may(access, queries.correction_request):
        context |= _record(queries.correction_request(access, request=asked), names, owners)
    return show(request, "office/requests/page.html", context, parts=PARTS, status=status)


def _counts(access: Access, owners: dict[UUID, str]) -> list[tuple[str, RequestCount]]:
    if not may(access, queries.request_counts):
        return []
    found = queries.request_counts(access)
    return [(owners.get(c.organisation, "–") if c.organisation else "–", c) for c in found]


def _asks(access: Access) -> bool:
    """Whether this reader's organisation is the one that asks; a department's list starts with what it was asked."""
    if access.role == "auditor":
        return True
    return any(o.id == access.organisation for o in organisations(access, kind="centre"))


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send the chosen doubts to their owners."""
    access = access_of(request)
    chosen = []
    for text in request.POST.getlist("requests"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            continue
    try:
        due = date.fromisoformat(request.POST.get("due_on", ""))
    except ValueError:
        return _page(request, None, (Fault(_("Give the deadline as a date."), "due_on"),), 400)
    try:
        sent = actions.send_requests(
            access, requests=tuple(chosen), due_on=due, note=request.POST.get("note", "").strip()
        )
    except Problem as problem:
        place = problem.place if problem.place in ("due_on", "requests") else "requests"
        return _page(request, None, (Fault(problem.text(get_language() or ""), place),), problem.status)
    messages.success(request, ngettext("%(n)s request sent.", "%(n)s requests sent.", sent) % {"n": sent})
    return redirect_to(request, reverse("console:requests") + "?state=open")


@require_POST
def answer(request: HttpRequest, asked: UUID) -> HttpResponse:
    """The owner's answer; what it says goes back to the sources as a batch."""
    verdict = request.POST.get("answer", "")
    try:
        checking.answer(
            access_of(request),
            request=asked,
            verdict=verdict,
            value=request.POST.get("value", ""),
            note=request.POST.get("note", "").strip(),
        )
    except Problem as problem:
        place = {"value": "value", "answer": "answer-confirm"}.get(problem.place, "note")
        return _page(request, asked, (Fault(problem.text(get_language() or ""), place),), problem.status)
    said = (
        _("Answered. The answer went to the sources; the register follows when it is linked anew.")
        if verdict != Answer.CANNOT_TELL
        else _("Answered.")
    )
    messages.success(request, said)
    return redirect_to(request, reverse("console:request", args=[asked]))


@require_POST
def withdraw(request: HttpRequest, asked: UUID) -> HttpResponse:
    """Ask no more."""
    try:
        actions.withdraw_request(
            access_of(request), request=asked, reason=request.POST.get("reason", "").strip()
        )
    except Problem as problem:
        return _page(request, asked, (Fault(problem.text(get_language() or ""), "withdraw"),), problem.status)
    messages.success(request, _("Withdrawn."))
    return redirect_to(request, reverse("console:requests"))


def needs(access: Access) -> list[Need]:
    """What the reader's department is asked, the nearest deadline first."""
    if not may(access, actions.answer_request):
        return []
    rows = queries.correction_requests(access, size=SIZE).rows
    mine = [r for r in rows if r.organisation == access.organisation]
    return [
        Need(
            _("%(field)s of %(name)s") % {"field": FIELD_WORDS.get(r.field, r.field), "name": r.name or "–"},
            reverse("console:request", args=[r.id]),
            _("Answer"),
            (str(REASONS.get(r.reason, r.reason)),),
            _end_of(r.due_on),
            "late" if r.overdue else "soon",
        )
        for r in sorted(mine, key=lambda r: (r.due_on or date.max, r.id))[:5]
    ]


urlpatterns = [
    path("requests/", page, name="requests"),
    path("requests/send/", send, name="requests_send"),
    path("requests/<uuid:asked>/", page, name="request"),
    path("requests/<uuid:asked>/answer/", answer, name="request_answer"),
    path("requests/<uuid:asked>/withdraw/", withdraw, name="request_withdraw"),
]
