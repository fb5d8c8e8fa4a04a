"""Fixtures come in as a whole list: what the list no longer holds is gone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wangge.access.bulk import insert_rows
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.units import Interval, interval_of
from wangge.landscape.analysis import Datum, RangeVerdict, range_verdicts, to_wgs84
from wangge.landscape.models import CityAsset
from wangge.landscape.types import AssetImport, AssetRow
from wangge.territory.queries import units_of_points

_COLUMNS = (
    "id", "record_ref", "category", "kind", "owner", "keeper", "address", "lon", "lat", "condition", "recorded_on",
    "unit_no",
)  # fmt: skip


@door(writes="landscape")
def import_assets(
    access: Access,
    *,
    source: str,
    rows: Sequence[AssetRow],
    division: str,
    declared_datum: Datum = Datum.WGS84,
) -> AssetImport:
    """Take in a list of fixtures as it now stands: the same record updates, one that the list no longer has goes.

    ``record_ref`` begins with ``source`` and a slash. A fixture outside every grid of the division gets the division's
    lowest number; one whose coordinates cannot be is kept without them.
    """
    area = interval_of(division)
    lon, lat = _degrees([row.lon for row in rows]), _degrees([row.lat for row in rows])
    fine = range_verdicts(lon, lat) == RangeVerdict.FINE.value
    given = np.isfinite(lon) & np.isfinite(lat)
    x, y = to_wgs84(np.where(fine, lon, np.nan), np.where(fine, lat, np.nan), declared_datum)
    units = units_of_points(access, lon=x, lat=y).unit_nos
    units = np.where((units >= area.lo) & (units <= area.hi), units, 0)
    values = {
        row.record_ref: (
            new_id(),
            row.record_ref,
            row.category[:20],
            row.kind[:80],
            row.owner[:120],
            row.keeper[:120],
            row.address[:300],
            float(x[at]) if fine[at] else None,
            float(y[at]) if fine[at] else None,
            row.condition[:40],
            row.recorded_on,
            int(units[at]) or area.lo,
        )
        for at, row in enumerate(rows)
    }
    stood = set(
        CityAsset.objects.filter(
            record_ref__startswith=f"{source}/", unit_no__range=(area.lo, area.hi)
        ).values_list("record_ref", flat=True)
    )
    gone = sorted(stood - values.keys())
    CityAsset.objects.filter(record_ref__in=gone).delete()
    written = insert_rows(
        CityAsset, _COLUMNS, values.values(), on_conflict=_upsert(area), returning=("record_ref",)
    )
    added = sum(ref not in stood for (ref,) in written)
    return AssetImport(
        added=added,
        changed=len(written) - added,
        unchanged=len(values) - len(written),
        gone=len(gone),
        located=int(np.count_nonzero(units)),
        misplaced=int(np.count_nonzero(given & ~fine)),
    )


def _degrees(values: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _upsert(area: Interval) -> str:
    table = CityAsset._meta.db_table
    updated = [column for column in _COLUMNS if column not in ("id", "record_ref")]
    sets = ", ".join(f"{column} = excluded.{column}" for column in updated)
    old, new = (", ".join(f"{of}.{column}" for column in updated) for of in (table, "excluded"))
    # a record of the same name in another territory is not this one's to change
    mine = f"{table}.unit_no BETWEEN {area.lo:d} AND {area.hi:d}"
    return f"ON CONFLICT (record_ref) DO UPDATE SET {sets} WHERE {mine} AND ({old}) IS DISTINCT FROM ({new})"
