"""隔离行: rows that could not stand, put right in place; and any row as it stood in the department's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.console.page import Fault, access_of, redirect_to, show
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.sources import actions, queries
from wangge.sources.states import RowState
from wangge.sources.types import QuarantinedView, ReasonView

PART = {"more": "office/sources/held_rows.html"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row kept aside, under its header; `extra` stands beyond the last header."""

    name: str
    header: str
    text: str
    extra: bool = False


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row kept aside with its cells, ready to be corrected."""

    view: QuarantinedView
    cells: tuple[Cell, ...]
    reasons: tuple[tuple[ReasonView, str], ...]  # with the word of the column concerned
    open: bool


def _held(view: QuarantinedView, typed: dict[UUID, dict[str, str]], words: dict[str, str]) -> HeldRow:
    given = typed.get(view.id, {})
    headers = view.headers
    cells = [
        Cell(f"cell-{n}", header, given.get(f"cell-{n}", view.cells[n] if n < len(view.cells) else ""))
        for n, header in enumerate(headers)
    ]
    cells += [Cell("", "", text, extra=True) for text in view.cells[len(headers) :]]
    reasons = tuple((r, words.get(r.column, r.column)) for r in view.reasons)
    return HeldRow(view, tuple(cells), reasons, view.id in typed)


def _column_words(access: Access, schema: str, *, chinese: bool) -> dict[str, str]:
    """What our columns are called, by their names."""
    forms = queries.forms(access) if may(access, queries.forms) else ()
    return {c.name: c.zh if chinese else c.en for f in forms if f.schema == schema for c in f.columns}


def _page(
    request: HttpRequest, batch: UUID, fault: Problem | None = None, row: UUID | None = None
) -> HttpResponse:
    access = access_of(request)
    found = queries.batch(access, batch=batch)
    asked = request.GET.get("state", RowState.HELD.value)
    state = RowState(asked) if asked in set(RowState) else None
    reason = request.GET.get("reason", "")
    page = queries.quarantine(
        access, batch=batch, state=state, reason=reason, cursor=request.GET.get("after"), size=20
    )
    typed = {row: {k: str(v) for k, v in request.POST.items()}} if row is not None else {}
    language = get_language() or ""
    words = _column_words(access, found.schema, chinese=language.startswith("zh"))
    context: dict[str, Any] = {
        "title": _("Rows kept aside"),
        "batch": found,
        "page": page,
        "rows": [_held(view, typed, words) for view in page.rows],
        "reasons": queries.quarantine_reasons(access, batch=batch, state=state),
        "state": state,
        "states": tuple(RowState),
        "may_correct": may(access, actions.correct_quarantined),
        "faults": (Fault(fault.text(language), f"row-{row}", fault.place),) if fault else (),
    }
    status = fault.status if fault else 200
    return show(request, "office/sources/quarantine.html", context, parts=PART, status=status)


def quarantine(request: HttpRequest, batch: UUID) -> HttpResponse:
    return _page(request, batch)


def _back(request: HttpRequest, batch: UUID) -> HttpResponse:
    query = request.GET.urlencode()
    href = reverse("console:quarantine", args=[batch])
    return redirect_to(request, f"{href}?{query}" if query else href)


@require_POST
def correct(request: HttpRequest, batch: UUID, row: UUID) -> HttpResponse:
    """The cells as typed go over the original ones; the row is judged anew."""
    access = access_of(request)
    headers = request.POST.getlist("header")
    cells = {header: request.POST.get(f"cell-{n}", "") for n, header in enumerate(headers)}
    try:
        actions.correct_quarantined(access, row=row, cells=cells)
    except Problem as problem:
        return _page(request, batch, problem, row)
    messages.success(request, _("The row was admitted, marked as corrected. The original stays as it was."))
    return _back(request, batch)


@require_POST
def dismiss(request: HttpRequest, batch: UUID, row: UUID) -> HttpResponse:
    """Say that a row is no record."""
    access = access_of(request)
    try:
        actions.dismiss_quarantined(access, row=row, reason=request.POST.get("reason", "").strip())
    except Problem as problem:
        return _page(request, batch, problem, row)
    messages.success(request, _("The row stays aside as no record; it is still counted and can be read."))
    return _back(request, batch)


def original(request: HttpRequest, batch: UUID, sheet: int, row: int) -> HttpResponse:
    """A row exactly as the department sent it: where every line of descent ends."""
    access = access_of(request)
    told = queries.original_row(access, batch=batch, sheet_no=sheet, row_no=row)
    context = {
        "title": _("Row %(n)s as it came") % {"n": row},
        "row": told,
        "cells": list(zip(told.headers, told.cells, strict=False)),
        "beyond": told.cells[len(told.headers) :],
        "reads": True,
    }
    return show(request, "office/sources/original.html", context)


urlpatterns = [
    path("sources/batches/<uuid:batch>/aside/", quarantine, name="quarantine"),
    path("sources/batches/<uuid:batch>/aside/<uuid:row>/correct/", correct, name="quarantine_correct"),
    path("sources/batches/<uuid:batch>/aside/<uuid:row>/dismiss/", dismiss, name="quarantine_dismiss"),
    path("sources/batches/<uuid:batch>/rows/<int:sheet>/<int:row>/", original, name="original_row"),
]
