"""Circles of places: every set of places that a circle round a place can hold, each once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from wangge_engine.frame.problems import refuse
from wangge_engine.scan.intake import Places

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MOST_MEMBERS = 40_000_000


@dataclass(frozen=True)
class Zones:
    """Each zone's centre, radius and members (nearest first); ``matrix`` is zone x place, 1 for a member."""

    centre: Ints
    radius: Floats
    start: Ints
    members: Ints
    matrix: sparse.csr_matrix

    def of(self, zone: int) -> Ints:
        return self.members[self.start[zone] : self.start[zone + 1]]


def distances(places: Places, centre: int, earth_radius_km: float) -> Floats:
    """Great-circle kilometres from one place to all (haversine)."""
    lat, lon = np.radians(places.lat), np.radians(places.lon)
    half = (
        np.sin((lat - lat[centre]) / 2) ** 2
        + np.cos(lat) * np.cos(lat[centre]) * np.sin((lon - lon[centre]) / 2) ** 2
    )
    return np.asarray(2 * earth_radius_km * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def zones_of(places: Places, cases: Ints, *, max_radius_km: float | None, earth_radius_km: float) -> Zones:
    """All zones; ``cases`` counts those of each place: without a radius a zone holds at most half of them.

    Places at one distance enter together. The same set round two centres is one zone, with the smaller radius.
    """
    half = cases.sum() / 2
    found: dict[bytes, int] = {}
    centre: list[int] = []
    radius: list[float] = []
    parts: list[Ints] = []
    held = 0
    for at in range(len(places.ids)):
        far = distances(places, at, earth_radius_km)
        order = np.argsort(far, kind="stable")
        if max_radius_km is not None:
            order = order[far[order] <= max_radius_km]
        ends = np.flatnonzero(np.diff(far[order], append=np.inf) > 0) + 1
        if max_radius_km is None:
            ends = ends[np.cumsum(cases[order])[ends - 1] <= half]
        for end in ends.tolist():
            members = order[:end]
            reach = float(far[members[-1]])
            key = np.sort(members).astype(np.int32).tobytes()
            known = found.get(key)
            if known is None:
                found[key] = len(centre)
                centre.append(at)
                radius.append(reach)
                parts.append(members)
                held += end
                if held > MOST_MEMBERS:
                    raise refuse(
                        "too_many_zones",
                        "可能的圆太多：请用 --max-radius-km 缩小半径",
                        "too many circles: narrow them with --max-radius-km",
                        "--max-radius-km",
                    )
            elif reach < radius[known]:
                centre[known], radius[known], parts[known] = at, reach, members
    start = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    members = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    matrix = sparse.csr_matrix((np.ones(len(members)), members, start), shape=(len(parts), len(places.ids)))
    return Zones(np.array(centre, np.int64), np.array(radius), start, members, matrix)
