"""Taking in borders of divisions: what a community or street covers, to hold grids and datums against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import shapely
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict
from wangge.territory.actions.reports import fresh_report, keep_report
from wangge.territory.analysis import (
    Cell,
    CodeFault,
    Defect,
    Geometry,
    Intake,
    check_topology,
    defect,
    find_code_column,
    judge_datum,
    normal_code,
    place_if_any,
    repaired,
    take_in,
)
from wangge.territory.models import Division
from wangge.territory.reach import require_reach
from wangge.territory.standing import divisions_on, new_edition
from wangge.territory.states import Datum, DefectKind, ImportState, Severity
from wangge.territory.types import ImportReport

# a border drawn by others need not meet its neighbour: that is theirs to settle, and only said here
_SAID_ONLY = {
    DefectKind.GAP,
    DefectKind.OVERLAP,
    DefectKind.SLIVER_GAP,
    DefectKind.SLIVER_OVERLAP,
    DefectKind.MULTIPART,
    DefectKind.DETACHED,
}


@door(writes="territory", act="import_borders")
def import_borders(
    access: Access,
    *,
    file_name: str,
    body: bytes,
    declared_datum: Datum = Datum.WGS84,
    valid_from: date | None = None,
    code_column: str | None = None,
) -> ImportReport:
    """Takes in borders of divisions (any level) by their code, from a day on.

    A first border completes the version that stands; a different one makes a new version from that day. One
    blocking defect (unknown code, broken ring, wrong datum) refuses the whole file; the report is kept.
    """
    day = valid_from or timezone.localdate(access.at)
    intake = take_in(file_name, body, declared_datum)
    new_edition()
    column = code_column or _code_column(intake)
    texts = [str(value or "").strip() for value in intake.layer.columns[column]]
    standing = {division.code: division for division in divisions_on(day)}
    cells, defects = _cells(intake, texts, standing)
    defects.extend(intake.defects)
    require_reach(access, (cell.code for cell in cells if cell.code in standing))
    covered = 0.0
    if intake.usable:
        report = check_topology(cells)
        covered = report.covered_m2
        defects.extend(_softened(one) for one in report.defects)
        defects.extend(_datum_defects(intake, texts, standing))
    if any(one.severity is Severity.BLOCKING for one in defects):
        state, counts = ImportState.REFUSED, {"rows": len(cells)}
    else:
        counts = _write(cells, standing, day, declared_datum)
        state = ImportState.IMPORTED if counts["added"] or counts["changed"] else ImportState.UNCHANGED
    kept = keep_report(
        access, intake, scheme="borders", valid_from=day, state=state, counts=counts, covered_m2=covered,
        defects=defects,
    )  # fmt: skip
    return fresh_report(kept, defects)


def _code_column(intake: Intake) -> str:
    column = find_code_column(list(intake.layer.columns))
    if column is not None:
        return column
    raise BadInput(
        code="column_missing",
        zh=f"找不到区划代码列；文件中的列：{'、'.join(intake.layer.columns) or '无'}。",
        en=f"No column of division codes; the file has: {', '.join(intake.layer.columns) or 'none'}.",
        place=intake.file_name,
    )


def _cells(
    intake: Intake, texts: list[str], standing: Mapping[str, Division]
) -> tuple[list[Cell], list[Defect]]:
    cells: list[Cell] = []
    defects: list[Defect] = []
    for row, (text, shape) in enumerate(zip(texts, intake.geometries, strict=True), start=1):
        code = normal_code(text)
        if isinstance(code, CodeFault):
            defects.append(defect(DefectKind.BAD_CODE, codes=(text,), rows=(row,), zh=code.zh, en=code.en))
            code = text
        elif code not in standing:
            place = place_if_any(shape)
            defects.append(defect(DefectKind.UNKNOWN_COMMUNITY, codes=(code,), rows=(row,), place=place))
        cells.append(Cell(code, code, shape, row))
    return cells, defects


def _softened(one: Defect) -> Defect:
    return one if one.kind not in _SAID_ONLY else one.as_warning()


def _datum_defects(intake: Intake, texts: list[str], standing: Mapping[str, Division]) -> list[Defect]:
    """Compares with borders known for the same codes, else with those of the divisions above."""
    raw: dict[str, Geometry] = {}
    for text, shape in zip(texts, intake.layer.geometries, strict=True):
        code = normal_code(text)
        if not isinstance(code, CodeFault) and shape is not None and not shape.is_empty:
            raw[code] = repaired(shape)

    def border(code: str) -> Geometry | None:
        division = standing.get(code)
        return shapely.from_wkb(bytes(division.border)) if division is not None and division.border else None

    known = {code: shape for code in raw if (shape := border(code)) is not None}
    given: Mapping[str, Geometry] = raw
    if not known:
        above: dict[str, list[Geometry]] = defaultdict(list)
        for code, shape in raw.items():
            parent = standing[code].parent if code in standing else ""
            above[parent].append(shape)
            above[code[:6] + "000000"].append(shape)
        known = {code: shape for code in above if (shape := border(code)) is not None}
        given = {code: shapely.union_all(above[code]) for code in known}
    return judge_datum(intake, known, given)[1]


def _write(cells: list[Cell], standing: Mapping[str, Division], day: date, declared: Datum) -> dict[str, int]:
    counts = {"rows": len(cells), "added": 0, "changed": 0, "unchanged": 0}
    for cell in cells:
        division = standing[cell.code]
        wkb = shapely.to_wkb(shapely.normalize(cell.geometry))
        if division.border is None:
            Division.objects.filter(id=division.id).update(border=wkb, border_declared=declared)
            counts["added"] += 1
        elif bytes(division.border) == wkb:
            counts["unchanged"] += 1
        else:
            later = Division.objects.filter(code=cell.code, valid_from__gt=day).first()
            if later is not None:
                raise Conflict(
                    code="later_version_stands",
                    zh=f"{cell.code} 已有自 {later.valid_from} 起的版本，不能从更早的日期改写。",
                    en=f"{cell.code} already has a version from {later.valid_from}.",
                    place=cell.code,
                )
            Division.objects.filter(id=division.id).update(valid_to=day)
            division.pk = new_id()
            division._state.adding = True
            division.valid_from, division.valid_to = day, None
            division.border, division.border_declared = wkb, declared
            division.save()
            counts["changed"] += 1
    return counts
