"""Reports of imports, also of those refused."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import NotFound
from wangge.territory.actions.reports import SHOWN, report_of, view_of
from wangge.territory.models import GridDefect, GridImport
from wangge.territory.states import DefectKind, Severity
from wangge.territory.types import DefectView, ImportReport


@door(reads="territory")
def import_reports(access: Access, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[ImportReport]:
    """Imports of grids and borders, newest first, each with its counts (without the single defects)."""
    rows = GridImport.objects.order_by("-id")
    mark = Cursor.decode(after, 1, UUID)
    if mark is not None:
        rows = rows.filter(id__lt=mark.values[0])
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((str(shown[-1].id),)).encode() if len(found) > size else None
    return Page(tuple(_report(kept, limit=0) for kept in shown), follow)


@door(reads="territory")
def import_report(
    access: Access, *, id: UUID, kind: DefectKind | None = None, limit: int = SHOWN
) -> ImportReport:
    """One report with its defects, blocking first, up to a limit and of one kind if asked."""
    kept = GridImport.objects.filter(id=id).first()
    if kept is None:
        raise NotFound(code="import_unknown", zh="没有此导入记录。", en="There is no such import.")
    return _report(kept, limit=limit, kind=kind)


def _report(kept: GridImport, *, limit: int, kind: DefectKind | None = None) -> ImportReport:
    rows = GridDefect.objects.filter(grid_import=kept)
    tally = rows.values("kind").annotate(
        count=Count("id"), blocking=Count("id", filter=Q(severity=Severity.BLOCKING))
    )
    counts = {one["kind"]: one["count"] for one in tally}
    blocking = sum(one["blocking"] for one in tally)
    wanted = rows.filter(kind=kind) if kind else rows
    return report_of(kept, defects_of(wanted.order_by("id")[:limit]) if limit else (), counts, blocking)


def defects_of(rows: object) -> tuple[DefectView, ...]:
    """Defects as they leave the room."""
    return tuple(view_of(row) for row in rows)  # type: ignore[attr-defined]
