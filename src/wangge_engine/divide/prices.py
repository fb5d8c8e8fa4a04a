"""What a grid costs: the order in which the wishes of a plan count, as prices that add up over grids.

Outside the bearable range >> leap over nothing >> barrier crossed >> outside the tolerance >> a small estate cut (half
a cut for each grid that holds a part of it) > compactness > deviation. The gaps between the prices are such that a
lower wish never buys a higher one by itself; they were set on the benchmark district (docs: divide).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.territory import Bools, Floats, Ints, Region, Rule, sums

UNBEARABLE, LEAP, BARRIER, OUTSIDE = 400.0, 200.0, 100.0, 40.0
FURTHER = 40.0  # from the tolerance to the bearable
CUT, SHAPE, DEVIATION = 9.0, 9.0, 0.1
_HAIR = 1e-9


@dataclass(frozen=True)
class EstateBook:
    """Units and weight of each estate in a region, to tell a part from the whole."""

    names: Ints
    units: Ints
    weight: Floats
    small: Bools

    @classmethod
    def of(cls, region: Region, rule: Rule) -> EstateBook:
        held = region.estate >= 0
        names, back = np.unique(region.estate[held], return_inverse=True)
        units = np.bincount(back, minlength=len(names))
        weight = sums(back, region.weight[held], len(names))
        return cls(names.astype(np.int64), units.astype(np.int64), weight, weight <= rule.small + _HAIR)

    def rows(self, estate: Ints) -> Ints:
        """Which row of the book an estate is; -1 for none and for estates too large for one grid."""
        if not len(self.names):
            return np.full(len(estate), -1)
        at = np.searchsorted(self.names, estate).clip(max=len(self.names) - 1)
        known = (self.names[at] == estate) & self.small[at]
        return np.where(known, at, -1)


def grid_prices(  # noqa: PLR0917 -- one thing each, of its own type
    weight: Floats,
    compactness: Floats,
    parts: Floats,
    crossed: Floats,
    leaps: Floats,
    rule: Rule,
    taste: float = 1.0,
) -> Floats:
    """The price of each grid. ``parts``: small estates it holds a part of; ``crossed``, ``leaps``: borders inside.

    ``taste`` scales what is a matter of taste: shape, cuts, deviations inside the tolerance.
    """
    off = np.abs(weight / rule.target - 1.0)
    beyond = np.maximum(0.0, off - rule.tolerance - _HAIR)
    room = max(rule.slack - rule.tolerance, 0.05)
    price = SHAPE * (1.0 - compactness) + CUT / 2.0 * parts
    price = taste * (price + DEVIATION * np.minimum(off / max(rule.tolerance, 0.01), 1.0) ** 2)
    price = price + np.where(beyond > 0, OUTSIDE + FURTHER * np.minimum(beyond / room, 1.0), 0.0)
    far = np.maximum(0.0, off - rule.slack - _HAIR)
    price = price + np.where(far > 0, UNBEARABLE * (1.0 + np.minimum(far, 20.0)), 0.0)
    price = price + np.where(crossed > 0, BARRIER + np.minimum(crossed, 20.0), 0.0)
    return np.asarray(price + LEAP * leaps)


def dearest(region: Region, rule: Rule, book: EstateBook, outside: int) -> float:
    """More than any plan of bearable grids costs of which ``outside`` are outside the tolerance."""
    least = rule.target * (1 - rule.slack)
    grids = max(1.0, outside, float(region.weight.sum()) / max(least, 1.0))
    held = int((book.rows(region.estate) >= 0).sum())
    crossed = (BARRIER + 20.0) * grids if region.soft.any() else 0.0
    leaps = LEAP * float(region.virtual.sum())
    price = grids * (SHAPE + DEVIATION) + CUT / 2.0 * held + outside * (OUTSIDE + FURTHER)
    return 1.0 + price + crossed + leaps


def outside_of(weight: Floats, rule: Rule) -> Bools:
    return np.asarray(np.abs(weight / rule.target - 1.0) > rule.tolerance + 1e-9)


def roundness(area: Floats, perimeter: Floats) -> Floats:
    """Polsby-Popper: 1 for a disc; 0 where nothing is known of the area."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 4.0 * np.pi * area / perimeter**2
    return np.clip(np.nan_to_num(value, nan=0.0, posinf=0.0), 0.0, 1.0)


@dataclass(frozen=True)
class PlanFigures:
    """One value for each grid of a plan of a region."""

    weight: Floats
    compactness: Floats
    parts: Floats
    crossed: Floats
    leaps: Floats

    def prices(self, rule: Rule, taste: float = 1.0) -> Floats:
        return grid_prices(self.weight, self.compactness, self.parts, self.crossed, self.leaps, rule, taste)


def figures_of(region: Region, label: Ints, book: EstateBook) -> PlanFigures:
    """Measures every grid of a plan; labels are 0, 1, 2 ... without a gap."""
    grids = int(label.max()) + 1
    weight = sums(label, region.weight, grids)
    area = sums(label, region.area, grids)
    perimeter = sums(label, region.perimeter, grids)
    crossed, leaps = np.zeros(grids), np.zeros(grids)
    if len(region.pairs):
        a, b = region.pairs.T
        inside = label[a] == label[b]
        at = label[a][inside]
        perimeter -= 2.0 * sums(at, region.metres[inside], grids)
        soft, virtual = region.soft[inside], region.virtual[inside]
        crossed = np.bincount(at[soft & ~virtual], minlength=grids).astype(np.float64)
        leaps = np.bincount(at[virtual], minlength=grids).astype(np.float64)
    parts = np.zeros(grids)
    rows = book.rows(region.estate)
    held = rows >= 0
    if held.any():
        keys, counts = np.unique(label[held] * len(book.names) + rows[held], return_counts=True)
        partial = counts < book.units[keys % len(book.names)]
        parts = np.bincount(keys[partial] // len(book.names), minlength=grids).astype(np.float64)
    return PlanFigures(weight, roundness(area, perimeter), parts, crossed, leaps)


def compacted(label: Ints) -> Ints:
    """The labels renumbered 0, 1, 2 ... in order of first use."""
    _, first, back = np.unique(label, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[back.reshape(-1)], dtype=np.int64)
