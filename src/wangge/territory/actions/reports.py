"""Keeping the report of an import, taken or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from wangge.kernel.access import Access
from wangge.territory.analysis import Defect, Intake, in_order
from wangge.territory.models import GridDefect, GridImport, HeldFile
from wangge.territory.states import Datum, DefectKind, ImportState, Severity
from wangge.territory.types import DefectView, ImportReport

SHOWN = 200


def view_of(found: Defect | GridDefect) -> DefectView:
    """A defect as it leaves the room."""
    return DefectView(
        kind=DefectKind(found.kind),
        severity=Severity(found.severity),
        codes=tuple(found.codes),
        rows=tuple(found.rows),
        lon=found.lon,
        lat=found.lat,
        area_m2=found.area_m2,
        width_m=found.width_m,
        mended=found.mended,
        zh=found.zh,
        en=found.en,
    )


def keep_report(
    access: Access,
    intake: Intake,
    *,
    scheme: str,
    valid_from: date,
    state: ImportState,
    counts: dict[str, int],
    covered_m2: float,
    defects: Sequence[Defect],
    notes: Sequence[tuple[str, str]] = (),
) -> GridImport:
    """Writes the import and all its defects."""
    kept = GridImport.objects.create(
        at=access.at,
        actor=access.actor,
        file_name=intake.file_name[-255:],
        sha256=intake.sha256,
        format=intake.layer.format,
        crs=intake.layer.crs[:200],
        scheme=scheme,
        declared_datum=intake.declared,
        valid_from=valid_from,
        state=state,
        counts=counts,
        covered_m2=covered_m2,
        notes=[list(note) for note in (*intake.layer.notes, *notes)],
    )
    GridDefect.objects.bulk_create(
        [
            GridDefect(
                grid_import=kept,
                kind=one.kind,
                severity=one.severity,
                codes=list(one.codes),
                rows=list(one.rows),
                lon=one.lon,
                lat=one.lat,
                area_m2=one.area_m2,
                width_m=one.width_m,
                mended=one.mended,
                zh=one.zh,
                en=one.en,
            )
            for one in in_order(defects)
        ],
        batch_size=2_000,
    )
    return kept


def report_of(
    kept: GridImport, defects: Sequence[DefectView], by_kind: dict[str, int], blocking: int
) -> ImportReport:
    """The report as it leaves the room."""
    total = sum(by_kind.values())
    return ImportReport(
        id=kept.id,
        at=kept.at,
        file_name=kept.file_name,
        state=ImportState(kept.state),
        declared_datum=Datum(kept.declared_datum),
        crs=kept.crs,
        scheme=kept.scheme,
        valid_from=kept.valid_from,
        counts=dict(kept.counts),
        covered_m2=kept.covered_m2,
        notes=tuple((zh, en) for zh, en in kept.notes),
        blocking=blocking,
        warnings=total - blocking,
        defect_counts=by_kind,
        defects=tuple(defects),
        held=HeldFile.objects.filter(grid_import=kept).exists(),
    )


def fresh_report(kept: GridImport, defects: Sequence[Defect]) -> ImportReport:
    """The report of an import just made."""
    ordered = in_order(defects)
    return report_of(
        kept,
        [view_of(one) for one in ordered[:SHOWN]],
        dict(Counter(one.kind.value for one in ordered)),
        sum(one.severity is Severity.BLOCKING for one in ordered),
    )
