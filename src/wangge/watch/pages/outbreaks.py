"""疫情: emergencies, from the declaration to the certificate that nothing is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.actions import choose
from wangge.access.queries import may
from wangge.console.ground import ground
from wangge.console.page import Fault, Figure, Nav, Need, access_of, redirect_to, show
from wangge.console.people import staff_names
from wangge.emergencies import actions as emergency_actions
from wangge.emergencies import queries as emergency_queries
from wangge.emergencies.states import DataSet, Law
from wangge.emergencies.types import EmergencyView
from wangge.flows import emergencies as flow
from wangge.flows.response import take_in as run_take_in
from wangge.kernel.access import Access
from wangge.kernel.privacy import MASKS, MaskedText
from wangge.kernel.problems import NotFound, Problem
from wangge.outbreaks import actions, queries
from wangge.outbreaks.states import ContactClass
from wangge.outbreaks.types import ContactDetail
from wangge.registry import queries as registry
from wangge.screening import queries as screening
from wangge.sources import actions as sources
from wangge.stays import queries as stays
from wangge.stays.actions import name_affected_area
from wangge.territory.queries import divisions
from wangge.territory.states import Level
from wangge.watch.colours import colour_counts
from wangge.watch.curve import bars
from wangge.watch.outbreak_words import (
    CHANGE_WORDS,
    CONTACT_WORDS,
    DATA_WORDS,
    EXPOSURE_WORDS,
    LEVEL_WORDS,
    SEVERITY_WORDS,
    Area,
    AreaForm,
    DeclareForm,
    EndForm,
    ExtendForm,
    ListForm,
    in_a_month,
    place_word,
    together,
)

NAV = Nav(
    "console:emergencies",
    gettext_lazy("Emergencies"),
    "emergency",
    emergency_queries.emergencies,
    order=50,
    key="e",
)
SOON = timedelta(days=3)


def _works_under(access: Access, emergency: EmergencyView) -> bool:
    """Whether this access reaches the emergency's data now."""
    return emergency.in_force and access.purpose == "epidemic_response" and access.emergency == emergency.id


def _fault(problem: Problem, field: str) -> tuple[Fault, ...]:
    return (Fault(problem.text(get_language() or ""), field),)


def emergencies(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    context = {
        "title": _("Emergencies"),
        "emergencies": emergency_queries.emergencies(access),
        "may_declare": may(access, emergency_actions.declare_emergency),
        "mine": access.emergency,
    }
    return show(request, "watch/outbreaks/list.html", context)


def _areas(access: Access) -> list[Area]:
    """The district and its streets, as far as they lie in the reader's territory."""
    found = []
    for level in (Level.DISTRICT, Level.STREET):
        for division in divisions(access, level=level):
            if access.scope.covers(division.scope):
                found.append(Area(division.code, division.name, level is Level.STREET))
    return found


def declare(request: HttpRequest) -> HttpResponse:
    """Declare: every term at once, each fault at its field."""
    access = access_of(request)
    start = {
        "ends_at": in_a_month(),
        "purposes": ["epidemic_response", "care"],
        "data_sets": [
            DataSet.LINE_LIST.value,
            DataSet.MANIFEST.value,
            DataSet.HOUSEHOLD.value,
            DataSet.REGISTRY_FACTS.value,
        ],
    }
    form = DeclareForm(
        request.POST if request.method == "POST" else None, areas=_areas(access), initial=start
    )
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = flow.declare(
                access,
                name=told["name"],
                law=Law(told["law"]),
                article=told["article"],
                areas=form.chosen_areas(),
                purposes=told["purposes"],
                data_sets=[DataSet(d) for d in told["data_sets"]],
                ends_at=told["ends_at"],
                instrument=told["instrument"],
            )
        except Problem as problem:
            faults = _fault(problem, "areas" if problem.place == "areas" else f"id_{problem.place or 'name'}")
        else:
            choose(request.session, emergency=str(made.id))
            messages.success(
                request, _("Declared. What is brought in from now on is sealed under its own key.")
            )
            return redirect_to(request, reverse("console:emergency", args=[made.id]))
    status = 400 if faults or (form.is_bound and form.errors) else 200
    context = {"title": _("Declare an emergency"), "form": form, "faults": faults}
    return show(request, "watch/outbreaks/declare.html", context, status=status)


def _facts(access: Access, view: EmergencyView) -> dict[str, Any]:
    names = {d.code: d.name for level in Level for d in divisions(access, level=level)}
    who = staff_names(access, [view.declared_by, *(c.by for c in view.changes)])
    return {
        "emergency": view,
        "areas": [
            (names.get(a.division.ljust(12, "0"), a.division), LEVEL_WORDS.get(a.level, a.level))
            for a in view.areas
        ],
        "data_sets": [DATA_WORDS.get(d, d) for d in view.data_sets],
        "declared_by": who.get(view.declared_by, ""),
        "changes": [(c, CHANGE_WORDS.get(c.what, c.what), who.get(c.by, "")) for c in view.changes],
        "under": _works_under(access, view),
    }


def _page(
    request: HttpRequest, emergency: UUID, *, extend: ExtendForm | None = None, lists: ListForm | None = None,
    area: AreaForm | None = None,
    faults: tuple[Fault, ...] = (),
) -> HttpResponse:  # fmt: skip
    access = access_of(request)
    view = emergency_queries.emergency(access, emergency_id=emergency)
    context: dict[str, Any] = {"title": view.name, "faults": faults, **_facts(access, view)}
    if context["under"]:
        counts = screening.exposure_counts(access) if may(access, screening.exposure_counts) else ()
        context |= {
            "summary": queries.emergency_summary(access) if may(access, queries.emergency_summary) else None,
            "bars": bars(queries.epidemic_curve(access)) if may(access, queries.epidemic_curve) else None,
            "tiers": [
                (tier, sum(c.count for c in counts if c.tier == tier and c.kind == "exposure"))
                for tier in ("red", "yellow", "blue")
            ],
            "yields": [
                (EXPOSURE_WORDS.get(y.kind, y.kind), CONTACT_WORDS.get(y.contact_class, ""), y)
                for y in (queries.contact_yield(access) if may(access, queries.contact_yield) else ())
            ],
            "arrivals_named": DataSet.ARRIVAL in view.data_sets,
            "affected": stays.affected_areas(access, emergency_id=emergency),
            "area_form": (area or AreaForm())
            if DataSet.ARRIVAL in view.data_sets and may(access, name_affected_area)
            else None,
            "lists": lists or (ListForm() if may(access, actions.ask_take_in) else None),
            "reads": True,
            "until": view.ends_at,
        }
    if view.in_force:
        context["colours"] = colour_counts(access, emergency)
    mine = view.state == "active" and may(access, emergency_actions.end_emergency)
    context |= {
        "may_end": mine,
        "extend": (extend or ExtendForm()) if mine else None,
        "may_choose": view.in_force and not context["under"] and access.purpose == "epidemic_response",
    }
    return show(request, "watch/outbreaks/page.html", context, status=400 if faults else 200)


def emergency(request: HttpRequest, emergency: UUID) -> HttpResponse:
    return _page(request, emergency)


@require_POST
def work_under(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """Choose which emergency this session works under; the gate checks it at the next request."""
    choose(request.session, emergency=str(emergency))
    return redirect_to(request, reverse("console:emergency", args=[emergency]))


@require_POST
def extend(request: HttpRequest, emergency: UUID) -> HttpResponse:
    access = access_of(request)
    form = ExtendForm(request.POST)
    if not form.is_valid():
        return _page(request, emergency, extend=form, faults=tuple(_form_faults(form)))
    try:
        emergency_actions.extend_emergency(access, emergency_id=emergency, **form.cleaned_data)
    except Problem as problem:
        return _page(
            request, emergency, extend=form, faults=_fault(problem, f"id_{problem.place or 'ends_at'}")
        )
    messages.success(request, _("Extended."))
    return redirect_to(request, reverse("console:emergency", args=[emergency]))


@require_POST
def name_area(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """An area from which people come is named; lists taken in from now on are screened for it."""
    access = access_of(request)
    form = AreaForm(request.POST)
    if not form.is_valid():
        return _page(request, emergency, area=form, faults=tuple(_form_faults(form)))
    try:
        name_affected_area(access, emergency_id=emergency, **form.cleaned_data)
    except Problem as problem:
        return _page(
            request, emergency, area=form, faults=_fault(problem, f"id_{problem.place or 'division'}")
        )
    messages.success(request, _("Named. Stays there are looked for in every list taken in from now on."))
    return redirect_to(request, reverse("console:emergency", args=[emergency]))


def _form_faults(form: Any) -> list[Fault]:
    return [Fault(f"{bound.label}: {e}", bound.id_for_label) for bound in form for e in bound.errors]


@require_POST
def bring_in(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """A line list or a manifest comes in through the sources, under the emergency's key."""
    access = access_of(request)
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, emergency, lists=form, faults=tuple(_form_faults(form)))
    schema, file = form.cleaned_data["schema"], form.cleaned_data["file"]
    words = {
        "patient": ("病例一览表", "Line list"),
        "passenger": ("乘客名单", "Passenger manifest"),
        "stay": ("停留登记", "Registered stays"),
    }[schema]
    try:
        if access.organisation is None:
            raise Problem(
                code="no_organisation",
                zh="您的岗位不属于任何单位，不能接收文件。",
                en="Your post belongs to no organisation, so it cannot take in files.",
            )
        resource = sources.register_source(
            access,
            code=f"{schema}_{emergency.hex}",
            name_zh=words[0],
            name_en=words[1],
            organisation=access.organisation,
            schema=schema,
            division=f"{access.scope.lo:015d}"[:6],
            emergency=emergency,
        )
        batch = sources.receive_file(
            access, resource=resource, filename=file.name, stream=file, emergency=emergency
        )
    except Problem as problem:
        return _page(request, emergency, lists=form, faults=_fault(problem, "id_file"))
    if batch.again:
        messages.info(request, _("This very file was here before. Nothing was changed by sending it again."))
    return redirect_to(request, reverse("console:batch", args=[batch.id]))


@require_POST
def take_in(request: HttpRequest, emergency: UUID, batch: UUID) -> HttpResponse:
    """An admitted list goes on: patients, contacts, findings, tasks."""
    access = access_of(request)
    done = run_take_in(access, batch=batch)
    if done.patients is not None:
        said = _("%(added)s patients added, %(changed)s changed, %(placed)s found in the register.") % {
            "added": done.patients.added, "changed": done.patients.changed, "placed": done.traced.patients_placed,
        }  # fmt: skip
    elif done.stays is not None:
        met = done.stays.close_contacts + done.stays.general_contacts
        told = {"met": met, "arrivals": done.stays.arrivals, "all": done.stays.stays}
        said = _(
            "%(met)s contacts and %(arrivals)s from affected areas among %(all)s stays; the others were not stored."
        )
        said %= told
    else:
        m = done.manifest
        said = _("%(close)s close contacts among %(all)s passengers; %(dropped)s met nobody and were not stored.") % {
            "close": m.close_contacts if m else 0, "all": m.passengers if m else 0,
            "dropped": m.non_contacts_dropped if m else 0,
        }  # fmt: skip
    new = ngettext("%(n)s new task.", "%(n)s new tasks.", done.tasks) % {"n": done.tasks}
    messages.success(request, f"{said} {new}")
    for step in done.traced.left_out:
        messages.warning(request, step.zh if (get_language() or "").startswith("zh") else step.en)
    for refused in done.refused[:10]:
        problem = refused.problem.text(get_language() or "")
        messages.warning(request, _("Row %(row)s: %(problem)s") % {"row": refused.row, "problem": problem})
    return redirect_to(request, reverse("console:emergency", args=[emergency]))


@dataclass(frozen=True, slots=True)
class Through:
    """Through whom somebody was exposed: whom to open, and the name, masked; both empty outside the territory."""

    contact_id: UUID | None = None
    name: str = ""


def patients(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """The line list."""
    access = access_of(request)
    page = queries.patients(access, after=request.GET.get("after"))
    names = ground(access).names
    rows = [(p, SEVERITY_WORDS.get(p.severity, p.severity), place_word(names, p.unit_no)) for p in page.rows]
    context = {
        "title": _("Patients"),
        "emergency": emergency_queries.emergency(access, emergency_id=emergency),
        "page": page,
        "rows": rows,
        "reads": True,
    }
    return show(
        request,
        "watch/outbreaks/patients.html",
        context,
        parts={"more": "watch/outbreaks/patient_rows.html"},
    )


def _through(access: Access, detail: ContactDetail) -> dict[UUID | None, Through]:
    """The close contacts through whom a contact of contacts is one, by id, each with the name the reader may see."""
    found: dict[UUID | None, Through] = {}
    for via in {x.via for x in detail.exposures if x.via}:
        try:
            carrier = queries.close_contact(access, contact_id=via).contact
        except NotFound:  # lives outside the reader's territory: that there is one is all that is said
            found[via] = Through()
            continue
        name = carrier.name
        if not name and carrier.person_id and may(access, registry.reach):
            name = next((r.name for r in registry.reach(access, ids=(carrier.person_id,))), "")
        found[via] = Through(carrier.id, MaskedText(MASKS["name"](name), "personal") if name else "")
    return found


def contacts(request: HttpRequest, emergency: UUID, contact: UUID | None = None) -> HttpResponse:
    """Who met a patient; beside it every exposure of the one that was opened, with its reason."""
    access = access_of(request)
    asked = request.GET.get("class", "")
    matched = {"yes": True, "no": False}.get(request.GET.get("found", ""))
    page = queries.close_contacts(
        access,
        contact_class=ContactClass(asked) if asked in set(ContactClass) else None,
        matched=matched,
        after=request.GET.get("after"),
    )
    names = ground(access).names
    unnamed = tuple({c.person_id for c in page.rows if c.person_id and not c.name})
    known: dict[UUID | None, str] = {}
    if unnamed and may(access, registry.reach):
        known = {r.person_id: r.name for r in registry.reach(access, ids=unnamed)}
    context: dict[str, Any] = {
        "title": _("Contacts"),
        "emergency": emergency_queries.emergency(access, emergency_id=emergency),
        "page": page,
        "rows": [
            (
                c,
                CONTACT_WORDS.get(c.contact_class, ""),
                place_word(names, c.unit_no),
                c.name or known.get(c.person_id, ""),
            )
            for c in page.rows
        ],
        "classes": [(c.value, CONTACT_WORDS[c]) for c in ContactClass],
        "map": None,
        "reads": True,
    }
    if contact is not None:
        detail = queries.close_contact(access, contact_id=contact)
        context["record"] = detail.contact
        who = detail.contact.person_id
        if who and may(access, registry.reach):
            context["reached"] = next(iter(registry.reach(access, ids=(who,))), None)
        context["through"] = _through(access, detail)
        context["record_class"] = CONTACT_WORDS.get(detail.contact.contact_class, "")
        context["exposures"] = [
            (
                x,
                EXPOSURE_WORDS.get(x.kind, x.kind),
                CONTACT_WORDS.get(x.contact_class, ""),
                context["through"].get(x.via),
                together(x.overlap_minutes),
            )
            for x in detail.exposures
        ]
    parts = {"record": "watch/outbreaks/contact.html", "more": "watch/outbreaks/contact_rows.html"}
    return show(request, "watch/outbreaks/contacts.html", context, parts=parts)


def end(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """What will be destroyed, said before; then the certificate."""
    access = access_of(request)
    view = emergency_queries.emergency(access, emergency_id=emergency)
    form = EndForm(request.POST if request.method == "POST" else None)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["name"].strip() != view.name:
            faults = (Fault(_("That is not its name. Nothing was ended."), "id_name"),)
        else:
            certificate = flow.end(access, emergency_id=emergency, reason=form.cleaned_data["reason"])
            messages.success(
                request, _("Ended. The key is destroyed and every row deleted; this is the certificate.")
            )
            return redirect_to(request, reverse("console:certificate", args=[certificate.id]))
    under = _works_under(access, view)
    context = {
        "title": _("End the emergency"),
        "emergency": view,
        "form": form,
        "faults": faults,
        "summary": queries.emergency_summary(access)
        if under and may(access, queries.emergency_summary)
        else None,
    }
    status = 400 if faults or (form.is_bound and form.errors) else 200
    return show(request, "watch/outbreaks/end.html", context, status=status)


def needs(access: Access) -> list[Need]:
    """What an emergency asks of those who lead it and those who investigate."""
    if access.purpose != "epidemic_response" or access.role not in ("emergency_lead", "epidemiologist"):
        return []
    standing = [e for e in emergency_queries.emergencies(access) if e.in_force]
    found = []
    for view in standing:
        href = reverse("console:emergency", args=[view.id])
        if view.ends_at - timezone.now() < SOON:
            reason = _("Its END comes: what it brought together is then destroyed")
            found.append(Need(view.name, href, _("Open"), (reason,), view.ends_at, "soon"))
    if access.emergency is None or not may(access, queries.emergency_summary):
        return found
    n = queries.emergency_summary(access)
    href = reverse("console:emergency", args=[access.emergency])
    if n.patients == 0:
        found.append(
            Need(
                _("No line list yet"),
                href,
                _("Bring it in"),
                (_("Contacts follow from patients"),),
                None,
                "soon",
            )
        )
    if n.unmatched:
        text = ngettext(
            "%(n)s contact is not found in the register",
            "%(n)s contacts are not found in the register",
            n.unmatched,
        ) % {"n": n.unmatched}
        at = reverse("console:contacts", args=[access.emergency]) + "?found=no"
        found.append(Need(text, at, _("Look"), (_("Nobody goes to them until they are"),), None, "soon"))
    return found


def figures(access: Access) -> list[Figure]:
    """Counts of the emergency in force."""
    if (
        access.purpose != "epidemic_response"
        or access.emergency is None
        or not may(access, queries.emergency_summary)
    ):
        return []
    n = queries.emergency_summary(access)
    contacts_at = reverse("console:contacts", args=[access.emergency])
    return [
        Figure(_("patients"), f"{n.patients:,}", reverse("console:patients", args=[access.emergency])),
        Figure(_("close contacts"), f"{n.close_contacts:,}", f"{contacts_at}?class=close_contact"),
        Figure(_("people on lists, not stored"), f"{n.non_contacts_dropped:,}", contacts_at),
    ]


urlpatterns = [
    path("emergencies/", emergencies, name="emergencies"),
    path("emergencies/declare/", declare, name="emergency_declare"),
    path("emergencies/<uuid:emergency>/", emergency, name="emergency"),
    path("emergencies/<uuid:emergency>/work/", work_under, name="emergency_work"),
    path("emergencies/<uuid:emergency>/extend/", extend, name="emergency_extend"),
    path("emergencies/<uuid:emergency>/areas/", name_area, name="emergency_area"),
    path("emergencies/<uuid:emergency>/lists/", bring_in, name="emergency_lists"),
    path("emergencies/<uuid:emergency>/lists/<uuid:batch>/", take_in, name="emergency_take_in"),
    path("emergencies/<uuid:emergency>/patients/", patients, name="patients"),
    path("emergencies/<uuid:emergency>/contacts/", contacts, name="contacts"),
    path("emergencies/<uuid:emergency>/contacts/<uuid:contact>/", contacts, name="contact"),
    path("emergencies/<uuid:emergency>/end/", end, name="emergency_end"),
]
