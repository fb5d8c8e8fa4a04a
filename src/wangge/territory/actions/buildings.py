"""Taking in buildings: located in their grid on the way in, found by address afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db import connection
from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput
from wangge.kernel.units import Interval, interval_of
from wangge.territory.analysis import (
    CodeFault,
    DatumState,
    DatumVerdict,
    Floats,
    RangeVerdict,
    judge_membership,
    judge_points,
    key_of_building,
    key_of_estate,
    normal_code,
    range_verdicts,
    to_wgs84,
)
from wangge.territory.models import Building, Estate
from wangge.territory.reach import require_reach
from wangge.territory.standing import Ground, divisions_on, new_edition
from wangge.territory.states import Datum, Level
from wangge.territory.types import BuildingImport, BuildingRow, RowFault

_RANGE_TEXT = {
    RangeVerdict.SWAPPED: ("coordinates_swapped", "经纬度颠倒", "longitude and latitude are exchanged"),
    RangeVerdict.PROJECTED: (
        "coordinates_projected",
        "坐标是米制而非度",
        "coordinates are metres, not degrees",
    ),
    RangeVerdict.OUTSIDE: ("coordinates_outside", "坐标超出范围", "coordinates are out of range"),
    RangeVerdict.MISSING: ("coordinates_missing", "坐标缺失或为零", "coordinates are missing or zero"),
}
_COLUMNS = (
    "id", "record_ref", "estate_id", "building_no", "address", "address_key", "kind", "lon", "lat", "households",
    "unit_no",
)  # fmt: skip
_UPDATED = [column for column in _COLUMNS if column not in ("id", "record_ref")]


@dataclass(frozen=True, slots=True)
class _Located:
    lon: Floats
    lat: Floats
    units: Any  # int64, 0 where no grid
    faults: list[RowFault]


@door(writes="building", act="import_buildings")
def import_buildings(
    access: Access,
    *,
    rows: Sequence[BuildingRow],
    division: str,
    declared_datum: Datum = Datum.WGS84,
) -> BuildingImport:
    """Takes in buildings of a division; the same record again updates it, and changes nothing if it is the same.

    Rows with unusable coordinates are kept without them and named in `faults`. A building outside every grid
    goes where another record of its address lies, else gets its community's number if it names one, else the
    division's lowest. Raises BadInput when the
    coordinates as a whole contradict the declared datum: against buildings already known by the same record,
    else against the borders of the communities the rows name.
    """
    require_reach(access, [division])
    new_edition()
    day = timezone.localdate(access.at)
    ground = Ground(day, 0)  # not from memory: this transaction may have changed the map
    located = _locate(rows, declared_datum, ground)
    _refuse_wrong_datum(rows, declared_datum, day)
    keys = [key_of_building(row.estate.strip(), row.building_no, row.address) for row in rows]
    area = interval_of(division)
    _keep_within(rows, located, area)
    units = _settled(rows, keys, located.units, area)
    estates = _estates(rows, units, division)
    before = dict(Building.objects.values_list("record_ref", "id")) if rows else {}
    values = [
        (
            before.get(row.record_ref) or new_id(),
            row.record_ref,
            estates.get(_estate_place(row, int(unit), division)),
            row.building_no.strip(),
            row.address.strip(),
            key,
            row.kind.value,
            None if np.isnan(lon) else float(lon),
            None if np.isnan(lat) else float(lat),
            row.households,
            int(unit),
        )
        for row, key, unit, lon, lat in zip(rows, keys, units, located.lon, located.lat, strict=True)
    ]
    written = insert_rows(
        Building,
        _COLUMNS,
        {value[1]: value for value in values}.values(),
        on_conflict=_upsert(area),
        returning=("record_ref",),
    )
    added = sum(ref not in before for (ref,) in written)
    return BuildingImport(
        added=added,
        changed=len(written) - added,
        unchanged=len({row.record_ref for row in rows}) - len(written),
        located=int(np.count_nonzero(located.units)),
        faults=tuple(located.faults),
    )


def _upsert(area: Interval) -> str:
    table = Building._meta.db_table
    sets = ", ".join(f"{column} = excluded.{column}" for column in _UPDATED)
    old = ", ".join(f"{table}.{column}" for column in _UPDATED)
    new = ", ".join(f"excluded.{column}" for column in _UPDATED)
    # a record of the same name in another territory is not this one's to change
    mine = f"{table}.unit_no BETWEEN {area.lo:d} AND {area.hi:d}"
    return f"ON CONFLICT (record_ref) DO UPDATE SET {sets} WHERE {mine} AND ({old}) IS DISTINCT FROM ({new})"


def _keep_within(rows: Sequence[BuildingRow], located: _Located, area: Interval) -> None:
    """A building whose coordinates lie in a grid of another division is named, and not put there."""
    elsewhere = np.flatnonzero((located.units > 0) & ((located.units < area.lo) | (located.units > area.hi)))
    for index in elsewhere.tolist():
        unit = int(located.units[index])
        located.faults.append(
            RowFault(
                index + 1,
                rows[index].record_ref,
                "outside_division",
                f"坐标位于其他区划的网格 {unit}",
                f"the coordinates lie in grid {unit} of another division",
            )
        )
        located.units[index] = 0


def _degrees(rows: Sequence[BuildingRow]) -> tuple[Floats, Floats]:
    lon = np.array([np.nan if row.lon is None else row.lon for row in rows], dtype=np.float64)
    lat = np.array([np.nan if row.lat is None else row.lat for row in rows], dtype=np.float64)
    return lon, lat


def _locate(rows: Sequence[BuildingRow], declared: Datum, ground: Ground) -> _Located:
    lon, lat = _degrees(rows)
    verdicts = range_verdicts(lon, lat)
    faults: list[RowFault] = []
    for index in np.flatnonzero(verdicts != RangeVerdict.FINE.value).tolist():
        row = rows[index]
        if row.lon is None and row.lat is None:
            continue  # a list without coordinates is no fault; its address still finds it
        code, zh, en = _RANGE_TEXT[RangeVerdict(verdicts[index])]
        faults.append(
            RowFault(
                index + 1,
                row.record_ref,
                code,
                f"{zh}（{row.lon}, {row.lat}）",
                f"{en} ({row.lon}, {row.lat})",
            )
        )
        lon[index] = lat[index] = np.nan
    x, y = to_wgs84(lon, lat, declared) if len(rows) else (lon, lat)
    return _Located(x, y, ground.index.units(x, y), faults)


def _refuse_wrong_datum(rows: Sequence[BuildingRow], declared: Datum, day: date) -> None:
    lon, lat = _degrees(rows)
    fine = range_verdicts(lon, lat) == RangeVerdict.FINE.value
    known = {
        ref: (x, y)
        for ref, x, y in Building.objects.exclude(lon=None).values_list("record_ref", "lon", "lat").iterator()
    }
    shared = [index for index in np.flatnonzero(fine).tolist() if rows[index].record_ref in known]
    verdict: DatumVerdict | None = None
    if shared:
        before = np.array([known[rows[index].record_ref] for index in shared])
        verdict = judge_points(declared, before[:, 0], before[:, 1], lon[shared], lat[shared])
    if verdict is None or verdict.state is DatumState.UNVERIFIED:
        borders = divisions_on(day).filter(level=Level.COMMUNITY).exclude(border=None)
        areas = {one.code: shapely.from_wkb(bytes(one.border or b"")) for one in borders}
        chosen = np.flatnonzero(fine).tolist()
        verdict = judge_membership(
            declared, areas, [_community(rows[index]) for index in chosen], lon[chosen], lat[chosen]
        )
    if verdict.state is DatumState.CONTRADICTED:
        raise BadInput(
            code="wrong_datum",
            zh=(
                f"坐标申报为 {declared}，但按 {verdict.best} 换算才与 {verdict.compared} 个已知位置相符"
                f"（相差约 {verdict.offset_m:.0f} 米）。请按 {verdict.best} 重新申报。"
            ),
            en=(
                f"The coordinates are declared {declared}, but only as {verdict.best} do they agree with "
                f"{verdict.compared} known places (about {verdict.offset_m:.0f} m apart). Declare {verdict.best}."
            ),
            place="declared_datum",
        )


def _community(row: BuildingRow) -> str:
    code = normal_code(row.community) if row.community else ""
    return "" if isinstance(code, CodeFault) else code


def _settled(rows: Sequence[BuildingRow], keys: Sequence[str], located: Any, area: Interval) -> Any:
    """Unit numbers of all rows: by coordinates, by another record of the same address, or as far as said."""
    homes: dict[str, set[int]] = {key: set() for key in keys if key}
    for key, unit in zip(keys, located.tolist(), strict=True):
        if key and unit:
            homes[key].add(unit)
    lost = {
        key for key, unit in zip(keys, located.tolist(), strict=True) if key and not unit and not homes[key]
    }
    for key, unit in Building.objects.filter(address_key__in=lost).values_list("address_key", "unit_no"):
        if unit % 1000 and unit in area:
            homes[key].add(unit)
    return np.array(
        [
            unit or (next(iter(homes[key])) if len(homes.get(key, ())) == 1 else _fallback(row, area))
            for row, key, unit in zip(rows, keys, located.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _fallback(row: BuildingRow, area: Interval) -> int:
    code = _community(row)
    number = int(code) * 1000 if code else area.lo
    return number if number in area else area.lo


def _estate_place(row: BuildingRow, unit: int, division: str) -> tuple[str, str]:
    """Community and key of a row's estate; the division stands in where the building is not located."""
    if not row.estate.strip():
        return "", ""
    community = str(unit // 1000)
    return (division.ljust(12, "0") if community.endswith("000") else community), key_of_estate(row.estate)


def _estates(rows: Sequence[BuildingRow], units: Any, division: str) -> dict[tuple[str, str], Any]:
    """Ids of the estates of some rows, the missing ones made."""
    names = {
        place: row.estate.strip()
        for row, unit in zip(rows, units, strict=True)
        if (place := _estate_place(row, int(unit), division))[1]
    }
    Estate.objects.bulk_create(
        [Estate(community=community, key=key, name=name) for (community, key), name in sorted(names.items())],
        batch_size=2_000,
        ignore_conflicts=True,
    )
    known = Estate.objects.filter(community__in={community for community, _ in names})
    return {(one.community, one.key): one.id for one in known}


@door(writes="building")
def relocate_buildings(access: Access) -> int:
    """Puts every building into the grid it lies in today; returns how many moved. Run daily, for new versions."""
    new_edition()
    return relocate_all(timezone.localdate(access.at))


def relocate_all(day: date) -> int:
    """The work itself, for doors that have changed the ground. A building outside every grid keeps its number."""
    rows = list(Building.objects.exclude(lon=None).values_list("id", "lon", "lat", "unit_no"))
    if not rows:
        return 0
    ids, lon, lat, units = zip(*rows, strict=True)
    now = Ground(day, 0).index.units(np.array(lon), np.array(lat))
    moved = [(i, int(new)) for i, new, old in zip(ids, now, units, strict=True) if new and new != old]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE territory_building AS b SET unit_no = m.unit_no "
            "FROM unnest(%s::uuid[], %s::bigint[]) AS m(id, unit_no) WHERE b.id = m.id",
            [[i for i, _ in moved], [unit for _, unit in moved]],
        )
    return len(moved)
