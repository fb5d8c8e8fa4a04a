"""Coordinates: WGS-84, CGCS2000, GCJ-02 and BD-09, in NumPy, longitude first, degrees.

GCJ-02 is the published offset formula (Krasovsky ellipsoid and a sum of sines); BD-09 turns and shifts
GCJ-02 once more. Both have no closed inverse: the inverses here iterate, and come back to well below a
millimetre. CGCS2000 and WGS-84 differ by centimetres and are equal at map scale; the datum is stored all
the same. Source of the check values: AMap and Aliyun documentation pairs (tests).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from wangge_engine.geometry.measures import METRES_PER_DEGREE, Floats

Points = npt.ArrayLike

# Coordinates a Chinese territory can have, with a margin. Longitude and latitude do not overlap here,
# which is why an exchanged pair can be told with certainty.
LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)

_KRASOVSKY_A = 6_378_245.0
_KRASOVSKY_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
_ROUNDS = 30
_CLOSE_ENOUGH = 1e-12  # degrees: a tenth of a micrometre


class Datum(StrEnum):
    """坐标基准: what a pair of degrees refers to. Inside the house only WGS-84 is stored."""

    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


class LonLat(NamedTuple):
    """Arrays of longitudes and latitudes of equal length, in degrees."""

    lon: Floats
    lat: Floats


def _arrays(lon: Points, lat: Points) -> LonLat:
    return LonLat(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def _offset(lon: Floats, lat: Floats) -> LonLat:
    """The GCJ-02 shift at WGS-84 positions, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = lat / 180.0 * np.pi
    magic = 1.0 - _KRASOVSKY_EE * np.sin(radians) ** 2
    d_lat = d_lat * 180.0 / ((_KRASOVSKY_A * (1.0 - _KRASOVSKY_EE)) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180.0 / (_KRASOVSKY_A / np.sqrt(magic) * np.cos(radians) * np.pi)
    return LonLat(d_lon, d_lat)


def wgs84_to_gcj02(lon: Points, lat: Points) -> LonLat:
    """WGS-84 to GCJ-02. Meant for positions inside China; the formula says nothing elsewhere."""
    x, y = _arrays(lon, lat)
    shift = _offset(x, y)
    return LonLat(x + shift.lon, y + shift.lat)


def gcj02_to_wgs84(lon: Points, lat: Points) -> LonLat:
    """GCJ-02 to WGS-84 by fixed-point iteration; the offset changes slowly, so it contracts fast."""
    x, y = _arrays(lon, lat)
    guess_x, guess_y = x.copy(), y.copy()
    for _ in range(_ROUNDS):
        shift = _offset(guess_x, guess_y)
        next_x, next_y = x - shift.lon, y - shift.lat
        moved = max(
            float(np.max(np.abs(next_x - guess_x), initial=0.0)),
            float(np.max(np.abs(next_y - guess_y), initial=0.0)),
        )
        guess_x, guess_y = next_x, next_y
        if moved < _CLOSE_ENOUGH:
            break
    return LonLat(guess_x, guess_y)


def gcj02_to_bd09(lon: Points, lat: Points) -> LonLat:
    """GCJ-02 to BD-09."""
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    return LonLat(radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT)


def bd09_to_gcj02(lon: Points, lat: Points) -> LonLat:
    """BD-09 to GCJ-02, iterated (the one-step inverse in circulation is up to two metres off)."""
    x, y = _arrays(lon, lat)
    guess_x, guess_y = x - _BD_LON, y - _BD_LAT
    for _ in range(_ROUNDS):
        forward = gcj02_to_bd09(guess_x, guess_y)
        miss_x, miss_y = x - forward.lon, y - forward.lat
        guess_x, guess_y = guess_x + miss_x, guess_y + miss_y
        moved = max(float(np.max(np.abs(miss_x), initial=0.0)), float(np.max(np.abs(miss_y), initial=0.0)))
        if moved < _CLOSE_ENOUGH:
            break
    return LonLat(guess_x, guess_y)


def to_wgs84(lon: Points, lat: Points, datum: Datum) -> LonLat:
    """Brings coordinates of any of the four datums to WGS-84 (CGCS2000 is taken as equal)."""
    if datum is Datum.GCJ02:
        return gcj02_to_wgs84(lon, lat)
    if datum is Datum.BD09:
        return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    return _arrays(lon, lat)


def from_wgs84(lon: Points, lat: Points, datum: Datum) -> LonLat:
    """The way back: WGS-84 to any of the four."""
    if datum is Datum.GCJ02:
        return wgs84_to_gcj02(lon, lat)
    if datum is Datum.BD09:
        return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    return _arrays(lon, lat)


def distance_m(lon1: Points, lat1: Points, lon2: Points, lat2: Points) -> Floats:
    """Distance in metres over some kilometres: flat at the mean latitude, good to about 1 in 300."""
    a, b = _arrays(lon1, lat1), _arrays(lon2, lat2)
    middle = np.radians((a.lat + b.lat) / 2.0)
    dx = (b.lon - a.lon) * np.cos(middle) * METRES_PER_DEGREE
    dy = (b.lat - a.lat) * METRES_PER_DEGREE
    return np.asarray(np.hypot(dx, dy), dtype=np.float64)


class RangeVerdict(StrEnum):
    """What a set of raw coordinates looks like before anything else is asked."""

    FINE = "fine"
    SWAPPED = "swapped"  # latitude first
    PROJECTED = "projected"  # metres, not degrees
    OUTSIDE = "outside"  # degrees, but no place of ours
    MISSING = "missing"  # not a number, or the (0, 0) of an empty form


def range_verdicts(lon: Points, lat: Points) -> npt.NDArray[np.str_]:
    """One verdict for each point, as the enum's text."""
    x, y = _arrays(lon, lat)
    inside = _between(x, LON_RANGE) & _between(y, LAT_RANGE)
    swapped = _between(y, LON_RANGE) & _between(x, LAT_RANGE)
    missing = ~np.isfinite(x) | ~np.isfinite(y) | ((x == 0) & (y == 0))
    with np.errstate(invalid="ignore"):
        metres = (np.abs(x) > 360.0) | (np.abs(y) > 360.0)
    looks: list[tuple[npt.NDArray[np.bool_], RangeVerdict]] = [
        (missing, RangeVerdict.MISSING),
        (inside, RangeVerdict.FINE),
        (swapped, RangeVerdict.SWAPPED),
        (metres, RangeVerdict.PROJECTED),
    ]
    return np.select(
        [mask for mask, _ in looks], [look.value for _, look in looks], default=RangeVerdict.OUTSIDE.value
    )


def _between(values: Floats, bounds: tuple[float, float]) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((values >= bounds[0]) & (values <= bounds[1]))
