"""网格文件: a new drawing of the grids, looked at first: every defect with its place, then taken in or discarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.console.ground import ground, points
from wangge.console.page import Fault, Nav, Need, access_of, geojson, redirect_to, show
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.office.defect_words import DEFECT_WORDS
from wangge.office.territory_forms import GridsForm
from wangge.territory import actions, queries
from wangge.territory.states import DefectKind, ImportState, Severity
from wangge.territory.types import DefectView, ImportReport

NAV = Nav("console:grid_files", gettext_lazy("Grid files"), "grid", actions.import_grids, order=65, group=2)
SHOWN = 500  # defects in one list; the figures count all of them
SLIVERS = {DefectKind.SLIVER_GAP, DefectKind.SLIVER_OVERLAP}


def _list_page(
    request: HttpRequest, access: Access, form: GridsForm, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    page = queries.import_reports(access, after=request.GET.get("after"))
    context = {
        "title": _("Grid files"),
        "page": page,
        "form": form,
        "faults": faults,
        "may_import": may(access, actions.import_grids),
    }
    parts = {"more": "office/territory/rows.html"}
    return show(request, "office/territory/list.html", context, parts=parts, status=status)


def grid_files(request: HttpRequest) -> HttpResponse:
    return _list_page(request, access_of(request), GridsForm())


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Look at a file and change nothing; what was found stands on the report's own page."""
    access = access_of(request)
    form = GridsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, access, form, status=400)
    try:
        report = actions.import_grids(access, **form.checked(), check_only=True, hold=True)
    except Problem as problem:
        fault = Fault(problem.text(get_language() or ""), "id_file", problem.place)
        return _list_page(request, access, form, (fault,), problem.status)
    return redirect_to(request, reverse("console:grid_file", args=[report.id]))


@dataclass(frozen=True, slots=True)
class Line:
    """A defect in the list, and the key by which list and map know it."""

    key: str
    view: DefectView
    word: str
    tone: str
    said: str


def _lines(defects: Sequence[DefectView]) -> list[Line]:
    chinese = (get_language() or "").startswith("zh")
    return [
        Line(
            f"defect:{number}",
            one,
            str(DEFECT_WORDS[one.kind]),
            "done" if one.mended else "late" if one.severity is Severity.BLOCKING else "warn",
            one.zh if chinese else one.en,
        )
        for number, one in enumerate(defects, start=1)
    ]


def _asked(request: HttpRequest) -> DefectKind | None:
    kind = request.GET.get("kind", "")
    return DefectKind(kind) if kind in set(DefectKind) else None


def grid_file(request: HttpRequest, report: UUID) -> HttpResponse:
    return _report_page(request, access_of(request), report)


def _report_page(
    request: HttpRequest, access: Access, report: UUID, fault: Problem | None = None
) -> HttpResponse:
    kind = _asked(request)
    found = queries.import_report(access, id=report, kind=kind, limit=SHOWN)
    asked = f"?kind={kind.value}" if kind else ""
    here = ground(access)
    total = found.defect_counts.get(kind.value, 0) if kind else found.blocking + found.warnings
    context = {
        "title": found.file_name,
        "report": found,
        "lines": _lines(found.defects),
        "covered_m2": round(found.covered_m2),
        "left_out": max(0, total - len(found.defects)),
        "kinds": [
            (name, f"{DEFECT_WORDS[DefectKind(name)]} {n:,}") for name, n in found.defect_counts.items()
        ],
        "notes": [zh if (get_language() or "").startswith("zh") else en for zh, en in found.notes],
        "is_grids": found.scheme != "borders",
        "slivers_only": _slivers_only(found),
        "may_decide": found.held and may(access, actions.accept_grids),
        "faults": (Fault(fault.text(get_language() or "")),) if fault else (),
        "map": {
            "areas": reverse("console:ground_areas"),
            "points": reverse("console:grid_file_points", args=[report]) + asked,
            "bounds": _bounds(found.defects) or here.bounds,
            "no_tiers": True,
            "kinds": "defect",
        },
    }
    return show(request, "office/territory/report.html", context, status=fault.status if fault else 200)


def _slivers_only(report: ImportReport) -> bool:
    """True when what blocks the file could be closed on request."""
    blocking = {one.kind for one in report.defects if one.severity is Severity.BLOCKING}
    return report.state is ImportState.REFUSED and bool(blocking) and blocking <= SLIVERS


def _bounds(defects: Sequence[DefectView]) -> str:
    """The box around the places of defects, with some ground around a single one."""
    at = [(one.lon, one.lat) for one in defects if one.lon is not None and one.lat is not None]
    if not at:
        return ""
    around = 0.002  # some 200 m
    west, east = min(x for x, _y in at) - around, max(x for x, _y in at) + around
    south, north = min(y for _x, y in at) - around, max(y for _x, y in at) + around
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def grid_file_points(request: HttpRequest, report: UUID) -> HttpResponse:
    """Places of the defects in the list, by the same keys."""
    found = queries.import_report(access_of(request), id=report, kind=_asked(request), limit=SHOWN)
    features: list[dict[str, Any]] = [
        {
            "lon": line.view.lon,
            "lat": line.view.lat,
            "id": line.key,
            "kind": "defect",
            "tone": "paused" if line.tone == "warn" else line.tone,
            "title": line.word,
            "note": line.said,
        }
        for line in _lines(found.defects)
        if line.view.lon is not None and line.view.lat is not None
    ]
    return geojson(points(features))


@require_POST
def accept(request: HttpRequest, report: UUID) -> HttpResponse:
    """Take in the version that was looked at."""
    access = access_of(request)
    try:
        done = actions.accept_grids(access, id=report)
    except Problem as problem:
        return _report_page(request, access, report, problem)
    if done.state is ImportState.IMPORTED:
        taken = done.counts["added"] + done.counts["changed"]
        text = ngettext("%(n)s grid is in the map now.", "%(n)s grids are in the map now.", taken)
        messages.success(request, text % {"n": f"{taken:,}"})
    elif done.state is ImportState.UNCHANGED:
        messages.info(request, _("The map says all of this already. Nothing was changed."))
    return redirect_to(request, reverse("console:grid_file", args=[done.id]))


@require_POST
def discard(request: HttpRequest, report: UUID) -> HttpResponse:
    """Let go of the file; the map stays as it is."""
    access = access_of(request)
    try:
        actions.discard_grids(access, id=report)
    except Problem as problem:
        return _report_page(request, access, report, problem)
    messages.info(request, _("The file was discarded. The map is as it was; the report stays."))
    return redirect_to(request, reverse("console:grid_files"))


def needs(access: Access) -> list[Need]:
    """Files that were looked at and wait for a decision."""
    if not may(access, actions.accept_grids):
        return []
    waiting = [one for one in queries.import_reports(access, size=20).rows if one.held][:3]
    reason = _("Looked at; nothing blocks it")
    return [
        Need(one.file_name, reverse("console:grid_file", args=[one.id]), _("Decide"), (reason,), None, "soon")
        for one in waiting
    ]


urlpatterns = [
    path("grid-files/", grid_files, name="grid_files"),
    path("grid-files/check/", check, name="grid_file_check"),
    path("grid-files/<uuid:report>/", grid_file, name="grid_file"),
    path("grid-files/<uuid:report>/points.geojson", grid_file_points, name="grid_file_points"),
    path("grid-files/<uuid:report>/accept/", accept, name="grid_file_accept"),
    path("grid-files/<uuid:report>/discard/", discard, name="grid_file_discard"),
]
