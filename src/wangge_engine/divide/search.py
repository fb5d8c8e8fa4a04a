"""The search in one region: windows of neighbouring grids divided anew as exact covers, only ever for the better.

A small region is one window, so its plan is the best there is at that grain of atoms. Grain: whole small estates
first; where that leaves grids outside the tolerance, buildings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from wangge_engine.divide.atoms import MOST, Atoms, Masks, contract, gather
from wangge_engine.divide.columns import Columns, bits, connected_sets, parts_cut, priced, sets_around
from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.prices import UNBEARABLE, EstateBook, compacted, figures_of
from wangge_engine.divide.territory import Bools, Floats, Ints, Region, Rule, cut_out, sums

_CAP = 60_000  # sets that a layer may hold
_MANY = 30_000  # sets from which those that cut three estates and more are left out
_GRIDS = 6  # grids of a window in a large region
_POLISH = 4  # grids of a window that mends what joined buildings left
_ONE_WINDOW = 13  # grids up to which a region is one window
_STAGES = (0, 1, 2, 3, None)  # grids outside the tolerance, None: as many as it takes
_RUNGS = (
    (0.0, 0.0), (0.1, 0.01), (0.2, 0.02), (0.3, 0.035), (0.45, 0.05), (0.6, 0.07), (9.0, 0.07), (9.0, 0.1),
    (9.0, 0.14), (9.0, 0.2), (9.0, 0.3),
)  # fmt: skip
"""Grains, fine to coarse: estates up to this share of the target are whole, buildings below that share joined."""


@dataclass
class Work:
    """What a search did, and how long it may go on (this process's processor time; None: to its end)."""

    until: float | None = None
    windows: int = 0
    sets: int = 0
    cut_short: bool = False
    none_good: bool = False  # proven: no plan of the region has all its grids inside the tolerance

    def over(self) -> bool:
        if self.until is not None and time.process_time() > self.until:
            self.cut_short = True
        return self.cut_short


@dataclass
class Outcome:
    """A region's plan, with its price before and after and what was proven of it."""

    label: Ints
    before: float
    price: float
    proven: bool
    outside: int
    least_outside: int
    work: Work = field(default_factory=Work)


def improve(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> Outcome:
    """A plan at least as good as ``label``, and the proven least number of grids outside the tolerance."""
    figures = figures_of(region, label, book)
    before = float(figures.prices(rule).sum())
    wanted = max(1, round(float(region.weight.sum()) / rule.target))
    proven = False
    if region.size > 1 and (wanted > 1 or len(figures.weight) > 1):
        if wanted <= _ONE_WINDOW:
            label, proven = _as_one(region, label, rule, book, work)
        else:
            label = _by_windows(region, label, rule, book, work)
    figures = figures_of(region, label, book)
    price = float(figures.prices(rule).sum())
    outside = int(outside_of(figures.weight, rule).sum())
    least = max(least_outside(region, rule), int(work.none_good)) if outside else 0
    return Outcome(label, before, price, proven, outside, least, work)


def outside_of(weight: Floats, rule: Rule) -> Bools:
    return np.asarray(np.abs(weight / rule.target - 1.0) > rule.tolerance + 1e-9)


def least_outside(region: Region, rule: Rule) -> int:
    """A number of grids outside the tolerance that no plan stays below, from weights alone."""
    low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
    huge = int((region.weight > high + 1e-9).sum())
    if huge:
        return huge
    total = float(region.weight.sum())
    return 0 if int(total // low) * high >= total - 1e-9 and total >= low else 1


def _as_one(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> tuple[Ints, bool]:
    everything = np.arange(region.size)
    seen: set[bytes] = set()
    label, proven, merged = _window(region, label, everything, rule, book, work, seen)
    bad = int(outside_of(sums(label, region.weight), rule).sum())
    if proven or not (merged or bad) or int(label.max()) < 3:
        return label, proven
    for most in (3, 5) if bad > least_outside(region, rule) else ():
        label = _round(region, label, rule, book, work, seen, most, only_bad=True)
    if merged:
        label = _round(region, label, rule, book, work, seen, _POLISH, only_bad=False)
    return label, False


def _by_windows(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> Ints:
    seen: set[bytes] = set()
    for only_bad in (False, True):
        label = _round(region, label, rule, book, work, seen, _GRIDS, only_bad=only_bad)
    return label


def _round(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work, seen: set[bytes], most: int, *, only_bad: bool
) -> Ints:
    for centre in _centres(region, label, rule, book, only_bad):
        if work.over():
            break
        inside = np.flatnonzero(np.isin(label, around(region, label, int(label[centre]), most)))
        label, _, _ = _window(region, label, inside, rule, book, work, seen)
    return label


def _centres(region: Region, label: Ints, rule: Rule, book: EstateBook, only_bad: bool) -> Iterator[int]:
    """A unit of each grid, the dearest grids first; without ``only_bad`` only as many as cover the region."""
    price = figures_of(region, label, book).prices(rule)
    weight = sums(label, region.weight)
    bad = outside_of(weight, rule)
    done: set[int] = set()
    for grid in np.argsort(-price, kind="stable").tolist():
        if only_bad and not bad[grid]:
            continue
        members = np.flatnonzero(label == grid)
        if not only_bad:
            if grid in done:
                continue
            done |= set(around(region, label, grid, 3))
        yield int(members[0])


def around(region: Region, label: Ints, grid: int, most: int) -> list[int]:
    """A grid and those nearest to it, by shared border, ring by ring."""
    a, b = label[region.pairs].T
    other = a != b
    near: dict[int, dict[int, float]] = {}
    for one, two, metres, soft in zip(
        a[other].tolist(),
        b[other].tolist(),
        region.metres[other].tolist(),
        region.soft[other].tolist(),
        strict=True,
    ):
        worth = metres * (0.05 if soft else 1.0) + 0.01
        near.setdefault(one, {})[two] = near.get(one, {}).get(two, 0.0) + worth
        near.setdefault(two, {})[one] = near.get(two, {}).get(one, 0.0) + worth
    chosen = [grid]
    while len(chosen) < most:
        reach: dict[int, float] = {}
        for one in chosen:
            for two, worth in near.get(one, {}).items():
                if two not in chosen:
                    reach[two] = reach.get(two, 0.0) + worth
        if not reach:
            break
        chosen.append(max(reach, key=lambda two: (reach[two], -two)))
    return chosen


def _window(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, label: Ints, inside: Ints, rule: Rule, book: EstateBook, work: Work, seen: set[bytes]
) -> tuple[Ints, bool, bool]:
    """The plan with these positions divided anew, if that is cheaper; whether it is proven best, and by joined units."""
    part = region if len(inside) == region.size else cut_out(region, inside)
    same = part.units.tobytes()
    if same in seen:
        return label, False, False
    seen.add(same)
    prices = figures_of(region, label, book).prices(rule)
    old = float(prices[np.unique(label[inside])].sum())
    good = not outside_of(sums(compacted(label[inside]), part.weight), rule).any()
    fresh, proven, merged, none_good = _divided(part, rule, book, work, old, good)
    if none_good and len(inside) == region.size:
        work.none_good = True
    if fresh is None:
        return label, proven, merged
    trial = label.copy()
    trial[inside] = label.max() + 1 + fresh
    trial = compacted(trial)
    after = float(figures_of(region, trial, book).prices(rule).sum())
    return (trial if after < float(prices.sum()) - 1e-6 else label), proven, merged


def _divided(
    part: Region, rule: Rule, book: EstateBook, work: Work, below: float, good: bool
) -> tuple[Ints | None, bool, bool, bool]:
    """Grid of each position: grids within the tolerance if they suffice, else (unless those at hand are ``good``)
    bearable ones.

    And whether it is proven best, whether units were joined for it, whether it is proven that grids within the
    tolerance do not suffice.
    """
    none_good = False
    dear = np.zeros(0, dtype=np.int64)
    for stage in (0,) if good else _STAGES:
        if stage in (0, 1, None):
            ladder = _grain(part, rule, book, rule.slack if stage != 0 else rule.tolerance)
            if ladder is None:
                return None, False, True, none_good
            atoms, masks, merged = ladder
            if stage is None and len(dear):
                places = np.unique(atoms.label[dear])
                masks = np.unique(np.concatenate([masks, sets_around(atoms, places, 1.7 * rule.target)]))
            work.windows += 1
            work.sets += len(masks)
            parts = parts_cut(masks, atoms)
            complete = not merged
            if len(masks) > _MANY:
                few = (parts <= 2) | (np.bitwise_count(masks) == 1)
                complete = complete and bool(few.all())
                masks, parts = masks[few], parts[few]
            price = priced(masks, atoms, rule, parts=parts)
        # a single atom outside what is asked for is no more than a stopgap
        most = below if good or stage is None else UNBEARABLE * (1 + stage)
        found = best_cover(Columns(masks, price, complete), atoms, most, rule, stage)
        if not isinstance(found, Nothing):
            label = np.empty(atoms.count, dtype=np.int64)
            grid, atom = np.nonzero(bits(found.chosen, atoms.count))
            label[atom] = grid
            proven = found.proven and complete and (stage == 0 or (stage == 1 and none_good))
            return label[atoms.label], proven, merged, none_good
        dear = np.flatnonzero(np.isin(atoms.label, found.dear))
        if stage == 0 and not good:
            none_good = found.proven and complete
    return None, good and found.proven and complete, merged, none_good


def _grain(part: Region, rule: Rule, book: EstateBook, room: float) -> tuple[Atoms, Masks, bool] | None:
    """The finest atoms whose connected sets can all be listed, the sets, and whether buildings were joined for that."""
    low, high = rule.target * (1 - room), rule.target * (1 + room)
    rows = book.rows(part.estate)
    share = np.where(rows >= 0, book.weight[rows] / rule.target, np.inf) if len(book.weight) else np.inf
    fewest = MOST + 1
    for whole, tiny in _RUNGS:
        names = contract(
            part, book, whole=np.broadcast_to(share <= whole, part.size), tiny=tiny * rule.target, most=0.35 * rule.target
        )
        count = len(np.unique(names))
        if count > MOST or count == fewest:
            continue
        fewest = count
        atoms = gather(part, names, book)
        masks, complete = connected_sets(atoms, low, high, _CAP, all_or_none=True)
        if complete:
            return atoms, masks, count < part.size
    return None
