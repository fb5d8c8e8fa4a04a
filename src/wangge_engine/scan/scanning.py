"""The scan itself: the ratio of every cylinder, and how high the best one gets when dates are shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wangge_engine.scan.intake import Cases
from wangge_engine.scan.zones import Zones

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CELLS = 400_000  # counts held at once: a few megabytes stay in the cache


@dataclass(frozen=True)
class Cluster:
    """A cylinder: a zone over days ``first`` to ``last`` (since 1970)."""

    zone: int
    first: int
    last: int
    observed: int
    expected: float
    ratio: float


class Scan:
    """Cases on a grid of zones and days; ``days`` is the period's length, its last day the last one with a case."""

    def __init__(
        self,
        cases: Cases,
        zones: Zones,
        *,
        places: int,
        last: int,
        days: int,
        max_days: int,
        prospective: bool,
    ) -> None:
        self.zones, self.max_days, self.prospective = zones, max_days, prospective
        self.total, self.days = len(cases.day), days
        self.first = last - days + 1
        self.day = (cases.day - self.first).astype(np.int64)
        self.place, self.places = cases.place, places
        self.by_zone = zones.sums(np.bincount(self.place, minlength=places)).astype(float)
        self.by_day = np.bincount(self.day, minlength=days).astype(float)

    def windows(self) -> list[tuple[Ints, Ints]]:
        """(begin, end) of the windows, by length; ends are exclusive."""
        found = []
        for length in range(1, self.max_days + 1):
            ends = np.array([self.days]) if self.prospective else np.arange(length, self.days + 1)
            found.append((ends - length, ends))
        return found

    def counts(self, day: Ints) -> npt.NDArray[np.int32]:
        """Cases of zone x replicate x day, summed from the first day on (with a leading 0)."""
        replicates = len(day)
        flat = (self.place[None] * replicates + np.arange(replicates)[:, None]) * self.days + day
        held = np.bincount(flat.ravel(), minlength=self.places * replicates * self.days)
        summed = np.zeros((self.places, replicates, self.days + 1), np.int32)
        np.cumsum(held.reshape(self.places, replicates, self.days), axis=2, out=summed[:, :, 1:])
        if self.prospective:
            summed = summed[:, :, -self.max_days - 1 :]
        return self.zones.sums(summed)

    def ratios(self, count: Floats, expected: Floats) -> Floats:
        """Log-likelihood ratios of cylinders with more cases than expected, two at least; else 0."""
        told = np.zeros(count.shape)
        high = np.flatnonzero((count >= 2) & (count > expected))
        c, mu, n = count.ravel()[high], expected.ravel()[high], float(self.total)
        rest = n - c
        with np.errstate(divide="ignore", invalid="ignore"):
            other = np.where(rest > 0, rest * np.log(rest / (n - mu)), 0.0)
        told.ravel()[high] = c * np.log(c / mu) + other
        return told

    def observed(self) -> list[tuple[Ints, Ints, Floats, Floats, Floats]]:
        """Per window length: begins, ends, and zone x window of count, expected, ratio."""
        shift = self.days - self.max_days if self.prospective else 0
        summed = self.counts(self.day[None])[:, 0]
        days = np.concatenate([[0.0], np.cumsum(self.by_day)])
        found = []
        for begin, end in self.windows():
            count = (summed[:, end - shift] - summed[:, begin - shift]).astype(float)
            expected = self.by_zone[:, None] * (days[end] - days[begin]) / self.total
            found.append((begin, end, count, expected, self.ratios(count, expected)))
        return found

    def best_of_shuffles(self, replicates: int, seed: int) -> Floats:
        """The highest ratio of each shuffle of the dates over the cases."""
        random = np.random.default_rng(seed)
        shift = self.days - self.max_days if self.prospective else 0
        width = (self.max_days if self.prospective else self.days) + 1
        batch = max(1, min(replicates, CELLS // max(1, width * max(len(self.zones.walk), self.places))))
        days = np.concatenate([[0.0], np.cumsum(self.by_day)])
        best = np.zeros(replicates)
        for start in range(0, replicates, batch):
            size = min(batch, replicates - start)
            shuffled = random.permuted(np.broadcast_to(self.day, (size, len(self.day))), axis=1)
            summed = self.counts(shuffled)
            for begin, end in self.windows():
                count = summed[:, :, end - shift] - summed[:, :, begin - shift]
                high = np.flatnonzero(count >= 2)
                zone, replicate, window = np.unravel_index(high, count.shape)
                c = count.ravel()[high].astype(float)
                mu = self.by_zone[zone] * (days[end] - days[begin])[window] / self.total
                ratio = self.ratios(c, mu)
                np.maximum.at(best, start + replicate, ratio)
        return best

    def clusters(self, at_most: int) -> list[Cluster]:
        """The cylinders of highest ratio that share no place with a higher one."""
        found: list[tuple[float, int, int, int, int]] = []
        told = self.observed()
        for length, (_, _, _, _, ratio) in enumerate(told):
            best = ratio.argmax(axis=1)
            for zone in np.flatnonzero(ratio.max(axis=1) > 0).tolist():
                size = len(self.zones.of(zone))
                found.append((-float(ratio[zone, best[zone]]), length, size, zone, int(best[zone])))
        # equal ratios: the shorter window, then the fewer places; rounding must not choose
        found.sort(key=lambda one: (round(one[0], 10), *one[1:]))
        chosen: list[Cluster] = []
        taken: set[int] = set()
        for ratio_below, length, _, zone, window in found:
            members = set(self.zones.of(zone).tolist())
            if len(chosen) == at_most:
                break
            if taken & members:
                continue
            taken |= members
            begin, end, count, expected, _ = told[length]
            chosen.append(
                Cluster(
                    zone,
                    self.first + int(begin[window]),
                    self.first + int(end[window]) - 1,
                    int(count[zone, window]),
                    float(expected[zone, window]),
                    -ratio_below,
                )
            )
        return chosen
