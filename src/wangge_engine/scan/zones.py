"""Circles of places: every set of places that a circle round a place can hold, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from wangge_engine.frame.problems import refuse
from wangge_engine.scan.intake import Places

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.number[Any])
MOST_STEPS = 40_000_000


@dataclass(frozen=True)
class Zones:
    """Circles as walks from their centres: a zone is a walk's places from ``begin`` to ``end`` (exclusive).

    ``walk`` strings together the places round every centre, nearest first. Zones of one centre nest, so that running
    sums along a walk count all of them at once.
    """

    walk: Ints
    centre: Ints
    radius: Floats
    begin: Ints
    end: Ints

    def of(self, zone: int) -> Ints:
        """Places of a zone, nearest first."""
        return self.walk[self.begin[zone] : self.end[zone]]

    def sums(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Sum over each zone's places of ``values`` (place x anything)."""
        run = np.zeros((len(self.walk) + 1, *values.shape[1:]), values.dtype)
        np.cumsum(values[self.walk], axis=0, dtype=values.dtype, out=run[1:])
        return np.asarray(run[self.end] - run[self.begin])


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

    Places at one distance enter together. The same set round two centres is one zone, with the smaller radius; sets are
    told apart by sums of two random 64-bit numbers a place.
    """
    half = cases.sum() / 2
    mark = np.random.default_rng(0).integers(0, 2**64, (len(places.ids), 2), np.uint64)
    walks, centres, radii, begins, ends, marks = [], [], [], [], [], []
    steps = 0
    for at in range(len(places.ids)):
        far = distances(places, at, earth_radius_km)
        order = np.argsort(far, kind="stable")
        if max_radius_km is not None:
            order = order[far[order] <= max_radius_km]
        stops = np.flatnonzero(np.diff(far[order], append=np.inf) > 0) + 1
        if max_radius_km is None:
            stops = stops[np.cumsum(cases[order])[stops - 1] <= half]
        if not len(stops):
            continue
        order = order[: stops[-1]]
        walks.append(order)
        centres.append(np.full(len(stops), at))
        radii.append(far[order[stops - 1]])
        begins.append(np.full(len(stops), steps))
        ends.append(steps + stops)
        marks.append(np.cumsum(mark[order], axis=0, dtype=np.uint64)[stops - 1])
        steps += len(order)
        if steps > MOST_STEPS:
            raise refuse(
                "too_many_zones",
                "可能的圆太多：请用 --max-radius-km 缩小半径",
                "too many circles: narrow them with --max-radius-km",
                "--max-radius-km",
            )
    if not walks:
        nothing = np.zeros(0, np.int64)
        return Zones(nothing, nothing, np.zeros(0), nothing, nothing)
    radius, centre, marked = np.concatenate(radii), np.concatenate(centres), np.concatenate(marks)
    order = np.lexsort((centre, radius, marked[:, 1], marked[:, 0]))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(marked[order], axis=0) != 0).any(axis=1)
    kept = np.sort(order[first])
    return Zones(
        np.concatenate(walks),
        centre[kept],
        radius[kept],
        np.concatenate(begins)[kept],
        np.concatenate(ends)[kept],
    )
