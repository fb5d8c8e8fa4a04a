"""Taking in division codes: reference data with the days they hold."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict
from wangge.kernel.units import interval_of
from wangge.territory.analysis import CodeFault, level_of, normal_code, parent_of
from wangge.territory.models import Division
from wangge.territory.reach import require_reach
from wangge.territory.standing import divisions_on, new_edition
from wangge.territory.states import Level
from wangge.territory.types import DivisionImport, DivisionRow

REFERENCE_FROM = date(2023, 6, 30)  # cut-off of the edition in contracts/divisions
REFERENCE_SOURCE = "National Bureau of Statistics of China, 统计用区划和城乡划分代码, cut-off 2023-06-30"


def _checked(rows: Sequence[DivisionRow], known: set[str]) -> dict[str, str]:
    """Codes in 12 digits with their names. Raises BadInput at the first row that cannot stand."""
    names: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        place = f"row {number}"
        code = normal_code(row.code)
        if isinstance(code, CodeFault):
            raise BadInput(
                code=code.code, zh=f"第 {number} 行：{code.zh}", en=f"Row {number}: {code.en}", place=place
            )
        if not row.name.strip():
            raise BadInput(
                code="division_name_missing",
                zh=f"第 {number} 行：{code} 没有名称。",
                en=f"Row {number}: {code} has no name.",
                place=place,
            )
        if names.setdefault(code, row.name.strip()) != row.name.strip():
            raise BadInput(
                code="division_code_twice",
                zh=f"第 {number} 行：{code} 出现两次且名称不同。",
                en=f"Row {number}: {code} occurs twice with different names.",
                place=place,
            )
    for code, name in names.items():
        parent = parent_of(code)
        if level_of(code) >= Level.STREET and parent not in names and parent not in known:
            raise BadInput(
                code="division_parent_unknown",
                zh=f"{code}（{name}）的上级 {parent} 不存在，请一并导入。",
                en=f"The parent {parent} of {code} ({name}) is not known; import it as well.",
                place=code,
            )
    return names


@door(writes="territory", act="import_divisions")
def import_divisions(
    access: Access,
    *,
    rows: Sequence[DivisionRow],
    valid_from: date,
    source: str,
    complete_under: str | None = None,
) -> DivisionImport:
    """Takes in division codes that hold from a day on.

    A code that stands with another name gets a new version. With `complete_under` the rows are the whole list
    below that division, and what they do not name ends on that day. Raises BadInput for a malformed code or an
    unknown parent, Conflict when a version from a later day stands already.
    """
    new_edition()
    standing = {division.code: division for division in divisions_on(valid_from)}
    names = _checked(rows, set(standing))
    require_reach(access, names)
    ending = _left_out(standing, names, complete_under)
    require_reach(access, ending)
    changed = {code for code, name in names.items() if code in standing and standing[code].name != name}
    fresh = [code for code in names if code not in standing]
    _refuse_rewriting({*changed, *fresh, *ending}, valid_from)
    for code in (*changed, *ending):
        Division.objects.filter(id=standing[code].id).update(valid_to=valid_from)
    Division.objects.bulk_create(
        [
            _version(code, names[code], valid_from, source, standing.get(code))
            for code in sorted((*fresh, *changed))
        ],
        batch_size=2_000,
    )
    return DivisionImport(
        added=len(fresh),
        renamed=len(changed),
        ended=len(ending),
        unchanged=len(names) - len(fresh) - len(changed),
    )


def _left_out(standing: dict[str, Division], names: dict[str, str], under: str | None) -> list[str]:
    if under is None:
        return []
    interval = interval_of(under)
    return [
        code
        for code, division in standing.items()
        if interval.lo < division.lo <= interval.hi and code not in names
    ]


def _refuse_rewriting(codes: set[str], valid_from: date) -> None:
    later = Division.objects.filter(code__in=codes, valid_from__gt=valid_from).order_by("valid_from").first()
    if later is not None:
        raise Conflict(
            code="later_version_stands",
            zh=f"{later.code} 已有自 {later.valid_from} 起的版本，不能从更早的日期改写。",
            en=f"{later.code} already has a version from {later.valid_from}; an earlier day cannot rewrite it.",
            place=later.code,
        )


def _version(code: str, name: str, valid_from: date, source: str, before: Division | None) -> Division:
    interval = interval_of(code)
    return Division(
        code=code,
        level=level_of(code),
        name=name,
        parent=parent_of(code) or "",
        lo=interval.lo,
        hi=interval.hi,
        valid_from=valid_from,
        border=before.border if before else None,
        border_declared=before.border_declared if before else "",
        source=source,
    )


def _reference_rows(districts: Sequence[str] | None) -> list[DivisionRow]:
    folder = Path(settings.ROOT) / "contracts" / "divisions"
    wanted = {code[:6] for code in districts} if districts else None
    rows: list[DivisionRow] = []
    for name in ("districts.csv", "streets.csv", "communities.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows.extend(
                DivisionRow(record["code12"], record["name"])
                for record in csv.DictReader(file)
                if wanted is None or record["code12"][:6] in wanted
            )
    return rows


@door(writes="territory", act="import_divisions")
def import_reference_divisions(access: Access, *, districts: Sequence[str] | None = None) -> DivisionImport:
    """Takes in the official codes kept in contracts/divisions (all districts there, or those named).

    Raises BadInput when a named district is not among them.
    """
    rows = _reference_rows(districts)
    held = {row.code[:6] for row in rows}
    for code in districts or ():
        if code[:6] not in held:
            raise BadInput(
                code="district_not_in_reference",
                zh=f"内置区划表中没有 {code}，请用 import_divisions 导入官方清单。",
                en=f"{code} is not in the bundled table; import its official list with import_divisions.",
                place=code,
            )
    return import_divisions(access, rows=rows, valid_from=REFERENCE_FROM, source=REFERENCE_SOURCE)


@door(writes="territory")
def end_division(access: Access, *, code: str, last_day: date) -> DivisionImport:
    """Ends a division after its last day; divisions below must have ended before or on it."""
    new_edition()
    normal = normal_code(code)
    ends = last_day + timedelta(days=1)
    if not isinstance(normal, CodeFault):
        require_reach(access, [normal])
    row = None if isinstance(normal, CodeFault) else divisions_on(last_day).filter(code=normal).first()
    if row is None:
        raise BadInput(
            code="division_unknown",
            zh=f"{code} 在 {last_day} 并不存在。",
            en=f"{code} did not stand on {last_day}.",
            place=code,
        )
    below = divisions_on(ends).filter(lo__gt=row.lo, lo__lte=row.hi).first()
    if below is not None:
        raise Conflict(
            code="division_has_children",
            zh=f"{row.name} 之下还有 {below.name}（{below.code}），请先结束下级。",
            en=f"{below.name} ({below.code}) still stands below {row.name}; end it first.",
            place=below.code,
        )
    Division.objects.filter(id=row.id).update(valid_to=ends)
    return DivisionImport(added=0, renamed=0, ended=1, unchanged=0)
