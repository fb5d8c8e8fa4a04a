"""状态凭证: a person's application under an emergency, the sheet to carry away, and what verifiers load."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.page import Fault, access_of, redirect_to, show
from wangge.credentials import actions, queries
from wangge.credentials.states import Carried, Way
from wangge.emergencies import queries as emergencies
from wangge.flows import credentials as flow
from wangge.kernel.problems import BadInput, Problem

WAYS = {
    Way.IN_PERSON: gettext_lazy("in person"),
    Way.BY_PHONE: gettext_lazy("by telephone"),
    Way.FOR_ANOTHER: gettext_lazy("through a guardian or carer"),
}
CARRIED = {
    Carried.STRIPS: gettext_lazy("strips of a day each"),
    Carried.PAPER: gettext_lazy("one sheet for the whole time"),
}


def credentials(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """How many stand, how one is applied for, what verifiers load."""
    access = access_of(request)
    context = {
        "title": _("Status credentials"),
        "emergency": emergencies.emergency(access, emergency_id=emergency),
        "counts": queries.credential_counts(access),
    }
    return show(request, "watch/credentials/page.html", context)


def credential(request: HttpRequest, emergency: UUID, person: UUID) -> HttpResponse:
    """One person: the application, or what was given, to be printed."""
    access = access_of(request)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            _do(request, person)
        except Problem as problem:
            faults = (Fault(problem.text(get_language() or ""), "apply"),)
        else:
            return redirect_to(request, reverse("console:credential", args=[emergency, person]))
    view = queries.credential_of(access, person_id=person)
    context = {
        "title": _("Status credential"),
        "emergency": emergencies.emergency(access, emergency_id=emergency),
        "person": person,
        "view": view,
        "way": WAYS.get(Way(view.way)) if view else "",
        "carried": CARRIED.get(Carried(view.carried)) if view else "",
        "ways": WAYS.items(), "carrying": CARRIED.items(), "days": actions.DAYS, "faults": faults,
        "may_list": may(access, queries.credential_counts),
        "may_apply": may(access, actions.ask_apply), "may_revoke": may(access, actions.revoke), "reads": True,
    }  # fmt: skip
    return show(request, "watch/credentials/person.html", context, status=400 if faults else 200)


def _do(request: HttpRequest, person: UUID) -> None:
    access, told = access_of(request), request.POST
    if told.get("act") == "apply":
        way, carried = told.get("way", ""), told.get("carried", "")
        if way not in set(Way) or carried not in set(Carried):
            raise BadInput(
                code="application_incomplete", zh="请选择申领方式和携带形式。", en="Choose how and what."
            )
        days = int(told["days"]) if told.get("days", "").isdecimal() else 0
        flow.apply(access, person_id=person, way=Way(way), carried=Carried(carried), days=days)
        messages.success(request, _("Issued. Hand it over; nobody else is told."))
        return
    view = queries.credential_of(access, person_id=person)
    if view is None:
        return
    if told.get("act") == "lost":
        flow.replace_lost(access, application_id=view.application_id)
        messages.success(request, _("What was lost is revoked; these are new."))
    elif told.get("act") == "back":
        flow.give_back(access, application_id=view.application_id)
        messages.success(request, _("Given back: none of it holds any more."))


def verifier(request: HttpRequest, kind: str) -> HttpResponse:
    """A file for verifiers, to be kept and opened without a network."""
    files = queries.verifier_files(access_of(request))
    body, name = {"trust": (files.trust, "verifier.trust"), "page": (files.page, "verifier.html")}[kind]
    if not body:
        raise Http404
    kind = "text/html" if name.endswith("html") else "application/json"
    return HttpResponse(
        body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


urlpatterns = [
    path("emergencies/<uuid:emergency>/credentials/", credentials, name="credentials"),
    path("emergencies/<uuid:emergency>/credentials/<uuid:person>/", credential, name="credential"),
    path("credentials/verifier.trust", verifier, {"kind": "trust"}, name="verifier_trust"),
    path("credentials/verifier.html", verifier, {"kind": "page"}, name="verifier_page"),
]
