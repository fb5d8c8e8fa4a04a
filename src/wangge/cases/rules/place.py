"""How far a reported position can be trusted."""

from __future__ import annotations

import math
from collections.abc import Collection

from wangge.cases.states import Located

Point = tuple[float, float]


def judge_position(
    lon: float | None,
    lat: float | None,
    *,
    placeholders: Collection[Point] = (),
    tolerance: float = 1e-6,
) -> Located:
    """Judge WGS-84 degrees: a real point, a known placeholder, out of range, or missing.

    ``placeholders`` are points that a source system writes when it knows nothing (the origin always counts as
    one): a matter there is kept and flagged, never drawn as if it had happened there. ``tolerance`` is in
    degrees.
    """
    if lon is None or lat is None:
        return Located.MISSING
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
        return Located.OUT_OF_RANGE
    for known_lon, known_lat in ((0.0, 0.0), *placeholders):
        if abs(lon - known_lon) <= tolerance and abs(lat - known_lat) <= tolerance:
            return Located.PLACEHOLDER
    return Located.POINT
