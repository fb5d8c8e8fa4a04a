"""Taking in grids: a file is judged whole, taken whole or refused whole, and its report is kept either way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import shapely
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict
from wangge.territory.actions.buildings import relocate_all
from wangge.territory.actions.judging import Scene, scene_of
from wangge.territory.actions.reports import fresh_report, keep_report
from wangge.territory.analysis import (
    Defect,
    GridRow,
    Intake,
    UnitScheme,
    area_m2,
    attribute_defects,
    datum_defects,
    load_schemes,
    match_columns,
    take_in,
    topology_of,
    understand,
)
from wangge.territory.models import GridImport, GridVersion, HeldFile
from wangge.territory.reach import require_reach
from wangge.territory.standing import new_edition
from wangge.territory.states import Datum, ImportState, Severity
from wangge.territory.types import ImportReport

DEFAULT_SCHEME = "DB11-15"
HELD_FOR = timedelta(days=30)
_SAME_DEGREES = 1e-8  # a millimetre: a datum turned there and back


@dataclass(slots=True)
class _Judged:
    """A file on its way through the checks."""

    intake: Intake
    scheme: str
    day: date
    rows: list[GridRow]
    defects: list[Defect]
    counts: dict[str, int]
    covered_m2: float = 0.0


@cache
def schemes() -> Mapping[str, UnitScheme]:
    """The code schemes in contracts/territory."""
    return load_schemes(Path(settings.ROOT) / "contracts" / "territory" / "unit_code_schemes.toml")


@door(writes="territory", act="import_grids")
def import_grids(
    access: Access,
    *,
    file_name: str,
    body: bytes,
    declared_datum: Datum = Datum.WGS84,
    valid_from: date | None = None,
    scheme: str = DEFAULT_SCHEME,
    columns: Mapping[str, str] | None = None,
    mend: bool = False,
    check_only: bool = False,
    hold: bool = False,
) -> ImportReport:
    """Takes in a file of grids that holds from a day on (default: the day of the access).

    The file is the whole truth for every community it names: grids of theirs that it leaves out end that day.
    One blocking defect refuses the whole file; the report is kept and returned with state `refused`. `mend`
    closes slivers (thin gaps and overlaps) and says which. `check_only` looks and changes nothing: a sound file
    gets state `checked` and, with `hold`, waits for `accept_grids` or `discard_grids`. `columns` names the file's
    columns where their headers are not recognised (code, name, kind, subkind, community, households). Raises
    BadInput for a file that cannot be read, Conflict when a later version of one of the grids stands already.
    """
    day = valid_from or timezone.localdate(access.at)
    rule = schemes().get(scheme)
    if rule is None:
        raise BadInput(
            code="scheme_unknown",
            zh=f"没有编码方案“{scheme}”，可用：{'、'.join(schemes())}。",
            en=f'There is no code scheme "{scheme}"; known: {", ".join(schemes())}.',
            place="scheme",
        )
    intake = take_in(file_name, body, declared_datum)
    matched = _columns(intake, columns)
    new_edition()
    rows, defects = understand(intake.layer.columns, intake.geometries, rule, matched)
    defects.extend(intake.defects)
    require_reach(access, (row.community for row in rows if row.community))
    file = _Judged(intake, scheme, day, rows, defects, {"rows": len(rows)})
    if not intake.usable:
        return _keep(access, file, ImportState.REFUSED)[1]
    scene = scene_of(rows, day)
    defects.extend(datum_defects(intake, rows, scene.around))
    defects.extend(attribute_defects(rows, scene.around))
    shapes, report, mended = topology_of(rows, scene.around, mend=mend)
    defects.extend((*report.defects, *mended))
    file.covered_m2 = report.covered_m2
    file.counts |= {"mended": len(mended), "ignored": report.ignored}
    if any(one.severity is Severity.BLOCKING for one in defects):
        return _keep(access, file, ImportState.REFUSED)[1]
    if check_only:
        kept, told = _keep(access, file, ImportState.CHECKED)
        if not hold:
            return told
        HeldFile.objects.filter(grid_import__at__lt=access.at - HELD_FOR).delete()
        HeldFile.objects.create(grid_import=kept, body=body, mend=mend, columns=dict(columns or {}))
        return replace(told, held=True)
    file.rows = [replace(row, geometry=shape) for row, shape in zip(rows, shapes, strict=True)]
    return _accept(access, file, scene)


def _columns(intake: Intake, chosen: Mapping[str, str] | None) -> dict[str, str]:
    names = list(intake.layer.columns)
    for field, column in (chosen or {}).items():
        if column not in names:
            raise BadInput(
                code="column_unknown",
                zh=f"文件中没有“{column}”列（{field}）；现有：{'、'.join(names)}。",
                en=f'The file has no column "{column}" ({field}); it has: {", ".join(names)}.',
                place=intake.file_name,
            )
    matched = match_columns(names, chosen)
    for needed, zh in (("code", "网格编码"), ("name", "网格名称")):
        if needed not in matched:
            raise BadInput(
                code="column_missing",
                zh=f"找不到{zh}列；文件中的列：{'、'.join(names) or '无'}。",
                en=f"No column for the grid's {needed}; the file has: {', '.join(names) or 'none'}.",
                place=intake.file_name,
            )
    return matched


def _keep(access: Access, file: _Judged, state: ImportState) -> tuple[GridImport, ImportReport]:
    kept = keep_report(
        access,
        file.intake,
        scheme=file.scheme,
        valid_from=file.day,
        state=state,
        counts=file.counts,
        covered_m2=file.covered_m2,
        defects=file.defects,
    )
    return kept, fresh_report(kept, file.defects)


def _accept(access: Access, file: _Judged, scene: Scene) -> ImportReport:
    before = {grid.unit_no: grid for grid in scene.replaced}
    same = {row.unit_no for row in file.rows if row.unit_no in before and _equal(row, before[row.unit_no])}
    coming = [row for row in file.rows if row.unit_no not in same]
    ending = [grid for number, grid in before.items() if number not in same]
    file.counts |= {
        "added": sum(row.unit_no not in before for row in coming),
        "changed": sum(row.unit_no in before for row in coming),
        "unchanged": len(same),
        "ended": len(set(before) - {row.unit_no for row in file.rows}),
    }
    if not coming and not ending:
        return _keep(access, file, ImportState.UNCHANGED)[1]
    refuse_rewriting({row.unit_no for row in coming} | {grid.unit_no for grid in ending}, file.day)
    kept, _ = _keep(access, file, ImportState.IMPORTED)
    GridVersion.objects.filter(id__in=[grid.id for grid in ending]).update(valid_to=file.day)
    warned: dict[str, set[str]] = defaultdict(set)
    for one in file.defects:
        for code in one.codes:
            warned[code].add(one.kind.value)
    GridVersion.objects.bulk_create(
        [_version(row, file.day, kept, sorted(warned[row.code])) for row in coming], batch_size=1_000
    )
    kept.counts["buildings_moved"] = relocate_all(timezone.localdate(access.at))
    kept.save(update_fields=["counts"])
    return fresh_report(kept, file.defects)


def _equal(row: GridRow, grid: GridVersion) -> bool:
    facts = (row.code, row.name, row.kind, row.subkind, row.households)
    return facts == (grid.code, grid.name, grid.kind, grid.subkind, grid.households) and bool(
        shapely.equals_exact(
            shapely.normalize(row.geometry),
            shapely.normalize(shapely.from_wkb(bytes(grid.geometry))),
            _SAME_DEGREES,
        )
    )


def refuse_rewriting(numbers: set[int], day: date) -> None:
    """Raises Conflict when a grid has a version that begins after the day: history is added to, not redone."""
    held = Q(valid_to=None) | ~Q(valid_to=F("valid_from"))
    later = (
        GridVersion.objects.filter(held, valid_from__gt=day, unit_no__in=numbers)
        .order_by("valid_from")
        .first()
    )
    if later is not None:
        raise Conflict(
            code="later_version_stands",
            zh=f"网格 {later.code} 已有自 {later.valid_from} 起的版本，不能从更早的日期改写。",
            en=f"Grid {later.code} already has a version from {later.valid_from}; an earlier day cannot rewrite it.",
            place=later.code,
        )


def _version(row: GridRow, day: date, kept: GridImport, checks: list[str]) -> GridVersion:
    west, south, east, north = shapely.bounds(row.geometry).tolist()
    return GridVersion(
        unit_no=row.unit_no,
        code=row.code,
        community=row.community,
        name=row.name,
        kind=row.kind,
        subkind=row.subkind,
        households=row.households,
        geometry=shapely.to_wkb(row.geometry),
        west=west,
        south=south,
        east=east,
        north=north,
        area_m2=area_m2(row.geometry),
        valid_from=day,
        grid_import=kept,
        checks=checks,
    )
