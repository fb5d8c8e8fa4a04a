"""采集: a department drafts a form, the register answers first, what is missing goes out."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.canvass.drafting import FACT_WORDS, DraftForm, SendForm
from wangge.canvass.words import door_bar, question_line, separator
from wangge.collection import actions, queries
from wangge.collection.states import FormState
from wangge.collection.types import FormView
from wangge.console.ground import ground, place_name
from wangge.console.page import Fault, Nav, Need, access_of, redirect_to, show
from wangge.console.people import organisation_names, source_names
from wangge.flows import collecting
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.territory import queries as territory
from wangge.territory.states import Level

NAV = Nav("console:collect", gettext_lazy("Ask once"), "filter", actions.draft_form, order=47, key="o")
LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def collect(request: HttpRequest) -> HttpResponse:
    """Forms of all departments and the campaigns that run."""
    access = access_of(request)
    page = queries.forms(access, after=request.GET.get("after"))
    names, asker = ground(access).names, organisation_names(access)
    context: dict[str, Any] = {
        "title": _("Ask once"),
        "page": page,
        "lines": [(f, asker.get(f.organisation, ""), place_name(names, _unit(f.area))) for f in page.rows],
        "may_draft": may(access, actions.draft_form),
    }
    if request.headers.get("HX-Target") != "more":
        context["campaigns"] = [
            (c, door_bar(c.doors), place_name(names, c.unit_no)) for c in queries.campaigns(access, size=8)
        ]
    return show(request, "canvass/list.html", context, parts={"more": "canvass/rows.html"})


def _unit(area: str) -> int:
    return int(area.ljust(15, "0"))


def _areas(access: Access) -> list[tuple[str, str]]:
    found = []
    for depth, level in enumerate(LEVELS):
        for d in territory.divisions(access, level=level):
            if access.scope.covers(d.scope):
                found.append((d.scope.lo, f"{'　' * depth}{d.name}", d.code))
    return [(code, name) for _lo, name, code in sorted(found)]


def draft(request: HttpRequest) -> HttpResponse:
    """Pick fields, write questions or bring a file."""
    access = access_of(request)
    fields = [(f.name, f.zh if _chinese() else f.en) for f in queries.askable_fields(access)]
    form = DraftForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        areas=_areas(access),
        askable=fields,
    )
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if told["file"]:
                made = actions.draft_from_file(
                    access, title=told["title"], area=told["area"], people=form.people(),
                    filename=told["file"].name, stream=told["file"],
                )  # fmt: skip
            else:
                made = actions.draft_form(
                    access,
                    title=told["title"],
                    area=told["area"],
                    people=form.people(),
                    questions=form.questions(),
                )
            if any(not q.refused for q in made.questions):
                actions.check_form(access, form=made.form_id)
            return redirect_to(request, reverse("console:collect_form", args=[made.form_id]))
        except Problem as problem:
            field = problem.place if problem.place in form.fields else "file" if told["file"] else "title"
            faults = (Fault(problem.text(get_language() or ""), f"id_{field}", problem.place),)
    status = 400 if faults or (form.is_bound and form.errors) else 200
    context = {"title": _("Draft a form"), "form": form, "faults": faults}
    return show(request, "canvass/draft.html", context, status=status)


def collect_form(request: HttpRequest, form: UUID) -> HttpResponse:
    """A form with what the register answers to each question."""
    return _form_page(request, access_of(request), form)


def _form_page(
    request: HttpRequest,
    access: Access,
    form: UUID,
    fault: tuple[Problem, str] | None = None,
    sending: SendForm | None = None,
) -> HttpResponse:
    """`fault` is what could not be done, and the field where the reader can act."""
    found = queries.form(access, form_id=form)
    names = ground(access).names
    fields = {f.name: f.zh if _chinese() else f.en for f in queries.askable_fields(access)}
    sources = source_names(access)
    checked = found.checked_at is not None
    mine = may(access, actions.check_form)
    lines = [question_line(q, sources, fields, checked=checked) for q in found.questions]
    context = {
        "title": found.title,
        "form": found,
        "asker": organisation_names(access).get(found.organisation, ""),
        "place": place_name(names, found.unit_no),
        "target": _target(found),
        "lines": [line for line in lines if not line.view.refused],
        "refused": [line for line in lines if line.view.refused],
        "saved": _percent(found.saved_cells, found.target_cells),
        "checked": checked,
        "may_change": mine and found.state in (FormState.DRAFT, FormState.CHECKED),
        "may_send": may(access, actions.begin_campaign)
        and found.state in (FormState.CHECKED, FormState.IN_USE),
        "sending": sending or SendForm(initial=SendForm.start()),
        "campaigns": [(c, door_bar(c.doors)) for c in queries.campaigns(access, form_id=form)],
        "words": {q.code: q.zh if _chinese() else q.en for q in found.questions},
        "reasons": [
            (r, next((q.zh if _chinese() else q.en for q in found.questions if q.code == r.code), r.code))
            for r in found.reasons
        ],
        "faults": (Fault(fault[0].text(get_language() or ""), fault[1]),) if fault else (),
    }
    return show(request, "canvass/form.html", context, status=fault[0].status if fault else 200)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _target(form: FormView) -> str:
    """Whom the form is for, in words."""
    people = form.target
    parts = []
    if people.age_from is not None and people.age_to is not None:
        parts.append(_("%(a)s to %(b)s years old") % {"a": people.age_from, "b": people.age_to})
    elif people.age_from is not None:
        parts.append(_("%(a)s years and older") % {"a": people.age_from})
    elif people.age_to is not None:
        parts.append(_("up to %(b)s years old") % {"b": people.age_to})
    parts += [str(FACT_WORDS[f]) for f in people.facts if f in FACT_WORDS]
    return separator().join(parts) or _("everybody")


@require_POST
def change(request: HttpRequest, form: UUID) -> HttpResponse:
    """One step on a form: check it, justify a question or no longer, give it its basis, drop it, withdraw the form."""
    access, sent = access_of(request), request.POST
    code, act = sent.get("code", ""), sent.get("act", "")
    try:
        match act:
            case "justify":
                actions.justify(access, form=form, code=code, reason=sent.get("reason", ""))
            case "drop_reason":
                actions.drop_reason(access, form=form, code=code)
            case "basis":
                actions.found_question(
                    access, form=form, code=code, purpose=sent.get("purpose", ""), basis=sent.get("basis", "")
                )
                actions.check_form(access, form=form)
            case "drop":
                actions.drop_question(access, form=form, code=code)
            case "withdraw":
                actions.withdraw_form(access, form=form)
            case _:
                actions.check_form(access, form=form)
    except Problem as problem:
        return _form_page(request, access, form, (problem, f"{act}-{code}" if code else ""))
    return redirect_to(request, reverse("console:collect_form", args=[form]) + (f"#q-{code}" if code else ""))


@require_POST
def send(request: HttpRequest, form: UUID) -> HttpResponse:
    """Send the form: a task for each door."""
    access = access_of(request)
    sending = SendForm(request.POST)
    if not sending.is_valid():
        return _form_page(request, access, form, sending=sending)
    day = sending.cleaned_data["due_on"]
    due_at = timezone.make_aware(datetime.combine(day, time(23, 59)))
    try:
        sent = collecting.send(access, form=form, due_at=due_at, everyone=sending.cleaned_data["everyone"])
    except Problem as problem:
        return _form_page(request, access, form, (problem, "id_due_on"), sending)
    said = ngettext("%(n)s door has its task.", "%(n)s doors have their task.", sent.doors) % {
        "n": f"{sent.doors:,}"
    }
    if sent.unassigned:
        waits = ngettext(
            "%(n)s waits for a dispatcher: nobody answers there.", "%(n)s wait for a dispatcher: nobody answers there.",
            sent.unassigned,
        ) % {"n": f"{sent.unassigned:,}"}  # fmt: skip
        said = f"{said} {waits}"
    messages.success(request, said)
    return redirect_to(request, reverse("console:campaign", args=[sent.campaign]))


def needs(access: Access) -> list[Need]:
    """Forms that were checked and not sent."""
    if not may(access, actions.begin_campaign):
        return []
    waiting = [f for f in queries.forms(access, size=20).rows if f.state is FormState.CHECKED]
    return [
        Need(
            f.title,
            reverse("console:collect_form", args=[f.form_id]),
            _("Look"),
            (
                ngettext(
                    "%(n)s question saved; not sent yet", "%(n)s questions saved; not sent yet", f.saved_cells
                )
                % {"n": f"{f.saved_cells:,}"},
            ),
        )
        for f in waiting
        if f.organisation == access.organisation
    ][:3]


urlpatterns = [
    path("collect/", collect, name="collect"),
    path("collect/draft/", draft, name="collect_draft"),
    path("collect/forms/<uuid:form>/", collect_form, name="collect_form"),
    path("collect/forms/<uuid:form>/change/", change, name="collect_change"),
    path("collect/forms/<uuid:form>/send/", send, name="collect_send"),
]
