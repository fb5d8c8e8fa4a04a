"""Which grid was this on that day: from a point, from an address, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput
from wangge.territory.analysis import (
    Found,
    KnownBuilding,
    Points,
    RangeVerdict,
    range_verdicts,
    read_address,
    street_of,
    to_wgs84,
)
from wangge.territory.standing import Ground, day_of, ground_on
from wangge.territory.states import Datum, GridKind, Precision
from wangge.territory.types import AddressUnits, Place, PointUnits

_RANGE_TEXT = {
    RangeVerdict.SWAPPED.value: ("经纬度颠倒了：经度在前。", "Longitude comes first: the two are exchanged."),
    RangeVerdict.PROJECTED.value: ("坐标应为度，而非米。", "Coordinates must be degrees, not metres."),
    RangeVerdict.OUTSIDE.value: ("坐标超出范围。", "The coordinates are out of range."),
    RangeVerdict.MISSING.value: ("坐标缺失。", "The coordinates are missing."),
}


@door(reads="territory")
def locate(
    access: Access,
    *,
    lon: float | None = None,
    lat: float | None = None,
    address: str | None = None,
    datum: Datum = Datum.WGS84,
    on: date | None = None,
) -> Place:
    """Where a point, or else an address, lay on a day (default: today).

    A point outside every grid has precision `none`. An address is told as finely as it can be: building, estate,
    community, street. Raises BadInput for coordinates that cannot be, or when neither is given.
    """
    ground = ground_on(day_of(access, on))
    if lon is not None and lat is not None:
        verdict = str(range_verdicts([lon], [lat])[0])
        if verdict != RangeVerdict.FINE.value:
            zh, en = _RANGE_TEXT[verdict]
            raise BadInput(code=f"coordinates_{verdict}", zh=zh, en=en, place=f"{lon}, {lat}")
        x, y = to_wgs84([lon], [lat], datum)
        unit = int(ground.index.units(x, y)[0])
        found = Found(Precision.POINT if unit else Precision.NONE, unit)
        return _place(ground, found, (float(x[0]), float(y[0])))
    if not address or not address.strip():
        raise BadInput(
            code="place_missing",
            zh="请给出经纬度或地址。",
            en="Give a longitude and latitude, or an address.",
            place="address",
        )
    found = ground.book.find(read_address(address), (access.scope.lo, access.scope.hi))
    return _place(ground, found, None)


def _place(ground: Ground, found: Found, point: tuple[float, float] | None) -> Place:
    fine = found.precision in (Precision.POINT, Precision.BUILDING, Precision.ESTATE)
    facts = ground.facts.get(found.unit_no) if fine else None
    code = str(found.unit_no // 1000) if found.unit_no else ""
    community = code if code and not code.endswith("000") else ""
    street = street_of(code) if code else ""
    building: KnownBuilding | None = found.building
    if point is None and building is not None and building.lon is not None and building.lat is not None:
        point = (building.lon, building.lat)
    return Place(
        precision=found.precision,
        unit_no=found.unit_no,
        grid_code=facts.code if facts else "",
        grid_name=facts.name if facts else "",
        grid_kind=GridKind(facts.kind) if facts else None,
        community=community,
        community_name=ground.names.get(community, ""),
        street=street,
        street_name=ground.names.get(street, ""),
        estate=building.estate if building else "",
        building_no=building.building_no if building else "",
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        on=ground.day,
    )


@door(reads="territory")
def units_of_points(
    access: Access, *, lon: Points, lat: Points, datum: Datum = Datum.WGS84, on: date | None = None
) -> PointUnits:
    """Unit numbers for arrays of longitudes and latitudes on a day, 0 outside every grid or where not a number.

    Raises BadInput when the two differ in length.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise BadInput(
            code="lengths_differ",
            zh=f"经度 {x.shape} 与纬度 {y.shape} 的个数不同。",
            en=f"There are {x.shape} longitudes and {y.shape} latitudes.",
        )
    ground = ground_on(day_of(access, on))
    return PointUnits(ground.index.units(*to_wgs84(x, y, datum)), ground.day, ground.stamp)


@door(reads="territory")
def units_of_addresses(access: Access, *, addresses: Sequence[str], on: date | None = None) -> AddressUnits:
    """Unit numbers for many addresses on a day; each distinct text is read once.

    With precision community or street the number is that division's lowest; 0 where nothing was recognised.
    """
    ground = ground_on(day_of(access, on))
    within = (access.scope.lo, access.scope.hi)
    answers = {text: ground.book.find(read_address(text), within) for text in dict.fromkeys(addresses)}
    return AddressUnits(
        np.array([answers[text].unit_no for text in addresses], dtype=np.int64),
        tuple(answers[text].precision for text in addresses),
        ground.day,
        ground.stamp,
    )


@door(reads="territory")
def map_stamp(access: Access, *, on: date | None = None) -> str:
    """Names the state of the map on a day; equal stamps mean equal answers."""
    return ground_on(day_of(access, on)).stamp
