"""归并与拆分: two persons made one, or one made two: shown first, then done, and taken back when it was wrong."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wangge.console.asking import ask, asked
from wangge.console.page import Fault, access_of, redirect_to, show
from wangge.console.people import source_names
from wangge.flows import reviewing
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.office.pages.registry import records_of
from wangge.office.pages.review import outcomes, warnings
from wangge.registry import actions, queries
from wangge.registry.types import PersonRow, Preview


def merge(request: HttpRequest, person: UUID) -> HttpResponse:
    """Choose another person, see what the two would be as one, then do it."""
    access = access_of(request)
    if request.method == "POST" and "q" in request.POST:
        return ask(request, request.path)
    mine = queries.person(access, person_id=person)
    text, other = asked(request), request.GET.get("with", "")
    preview = queries.preview_merge(access, person_id=person, other=UUID(other)) if other else None
    found: tuple[PersonRow, ...] = ()
    if text and not other:
        rows = queries.search_persons(access, text=text, size=8).rows
        found = tuple(p for p in rows if p.person_id != person)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and preview and preview.keep and preview.other:
        try:
            reviewing.merge_persons(
                access, keep=preview.keep, other=preview.other, reason=request.POST.get("reason", "")
            )
        except Problem as problem:
            faults = (Fault(problem.text(get_language() or ""), "reason"),)
        else:
            messages.success(request, _("Merged. It can be taken back on this page."))
            return redirect_to(request, reverse("console:person", args=[preview.keep]))
    context = {
        "title": _("Merge two people"),
        "person": mine,
        "beside": queries.person(access, person_id=UUID(other)) if other else None,
        "found": found,
        "q": text,
        "preview": preview,
        "after": outcomes(preview) if preview else [],
        "warnings": warnings(preview) if preview else [],
        "faults": faults,
        "given": request.POST,
        "reads": True,
    }
    return show(request, "office/registry/merge.html", context, status=400 if faults else 200)


def split(request: HttpRequest, person: UUID) -> HttpResponse:
    """Choose the records that are somebody else's, see both sides, then do it."""
    access = access_of(request)
    mine = queries.person(access, person_id=person)
    names = source_names(access)
    chosen = _chosen(request)
    faults: tuple[Fault, ...] = ()
    preview: Preview | None = None
    if chosen:
        try:
            preview = queries.preview_split(access, person_id=person, records=chosen)
        except Problem as problem:
            faults = (Fault(problem.text(get_language() or ""), "records"),)
    if request.method == "POST" and preview:
        try:
            _do(access, person, chosen, request.POST.get("reason", ""))
        except Problem as problem:
            faults = (Fault(problem.text(get_language() or ""), "reason"),)
        else:
            messages.success(request, _("Split. It can be taken back on this page."))
            return redirect_to(request, reverse("console:person", args=[person]))
    context: dict[str, Any] = {
        "title": _("Split a person"),
        "person": mine,
        "records": records_of(mine, names),
        "chosen": chosen,
        "preview": preview,
        "stays": outcomes(preview, 0) if preview else [],
        "goes": outcomes(preview, 1) if preview else [],
        "faults": faults,
        "given": request.POST,
        "reads": True,
    }
    return show(request, "office/registry/split.html", context, status=400 if faults else 200)


def _do(access: Access, person: UUID, records: tuple[UUID, ...], reason: str) -> None:
    actions.split_person(access, person_id=person, records=records, reason=reason)


def _chosen(request: HttpRequest) -> tuple[UUID, ...]:
    given = request.POST.getlist("records") or request.GET.getlist("records")
    found = []
    for text in given:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(found)


urlpatterns = [
    path("people/<uuid:person>/merge/", merge, name="person_merge"),
    path("people/<uuid:person>/split/", split, name="person_split"),
]
