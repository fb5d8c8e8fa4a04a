"""The search in one region: windows of neighbouring grids divided anew as exact covers, only ever for the better.

A small region is one window, so its plan is the best there is at that grain of atoms. Grain: whole small estates
first; where that leaves grids outside the tolerance, buildings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from wangge_engine.divide.atoms import MOST, Atoms, Masks, contract, gather
from wangge_engine.divide.columns import Columns, bits, connected_sets, priced, sets_around
from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.prices import UNBEARABLE, EstateBook, compacted, figures_of
from wangge_engine.divide.territory import Bools, Floats, Ints, Region, Rule, cut_out, sums

_CAP = 20_000  # sets that a layer may hold
_WIDE = 40_000  # sets outside the tolerance that a cover is chosen from
_GRIDS = 6  # grids of a window in a large region
_ONE_WINDOW = 13  # grids up to which a region is one window
_COARSE, _FINE = 56, 46  # atoms of a window
_TINY = (0.0, 0.02, 0.035, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3)  # of the target: joined where atoms are too many


class Grain(Enum):
    """What atoms are: whole small estates; whole but for those near a grid outside the tolerance; buildings."""

    ESTATES = 0
    MIXED = 1
    BUILDINGS = 2


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
    least = least_outside(region, rule)
    proven = False
    seen: set[bytes] = set()
    for grain in Grain:
        if work.over():
            break
        label, proven = _window(region, label, everything, rule, book, work, grain, seen)
        bad = int(outside_of(sums(label, region.weight), rule).sum())
        if bad <= least:
            return label, proven
    for most in (3, 5) if int(label.max()) > 2 else ():
        for centre in _centres(region, label, rule, book, only_bad=True):
            if work.over():
                return label, False
            inside = np.flatnonzero(np.isin(label, around(region, label, int(label[centre]), most)))
            label, _ = _window(region, label, inside, rule, book, work, Grain.BUILDINGS, seen)
    return label, proven


def _by_windows(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> Ints:
    seen: set[bytes] = set()
    for grain, only_bad in ((Grain.ESTATES, False), (Grain.MIXED, True), (Grain.BUILDINGS, True)):
        for centre in _centres(region, label, rule, book, only_bad):
            if work.over():
                return label
            grids = around(region, label, int(label[centre]), _GRIDS)
            inside = np.flatnonzero(np.isin(label, grids))
            label, _ = _window(region, label, inside, rule, book, work, grain, seen)
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
    region: Region,
    label: Ints,
    inside: Ints,
    rule: Rule,
    book: EstateBook,
    work: Work,
    grain: Grain,
    seen: set[bytes],
) -> tuple[Ints, bool]:
    """The plan with these positions divided anew, if that is cheaper; and whether the choice is proven best."""
    part = region if len(inside) == region.size else cut_out(region, inside)
    chosen = _atoms(part, compacted(label[inside]), rule, book, grain)
    if chosen is None:
        return label, False
    atoms, merged = chosen
    same = atoms.label.tobytes() + part.units.tobytes()
    if same in seen:
        return label, False
    seen.add(same)
    work.windows += 1
    old = float(figures_of(region, label, book).prices(rule)[np.unique(label[inside])].sum())
    fresh, proven, none_good = _covered(atoms, rule, work, old)
    proven = proven and not merged
    if none_good and grain is Grain.BUILDINGS and not merged and len(inside) == region.size:
        work.none_good = True
    if fresh is None:
        return label, proven
    trial = label.copy()
    trial[inside] = label.max() + 1 + fresh[atoms.label]
    trial = compacted(trial)
    before = float(figures_of(region, label, book).prices(rule).sum())
    after = float(figures_of(region, trial, book).prices(rule).sum())
    return (trial, proven) if after < before - 1e-6 else (label, proven)


def _atoms(
    part: Region, label: Ints, rule: Rule, book: EstateBook, grain: Grain
) -> tuple[Atoms, bool] | None:
    """Atoms fine enough to matter and few enough to combine; and whether buildings were joined for that."""
    if grain is Grain.ESTATES:
        whole = part.estate >= 0
    elif grain is Grain.BUILDINGS:
        whole = np.zeros(part.size, dtype=bool)
    else:  # whole but for the estates that touch a grid outside the tolerance
        bad = outside_of(sums(label, part.weight), rule)[label]
        touched = bad.copy()
        if len(part.pairs):
            a, b = part.pairs.T
            touched[a[bad[b]]] = True
            touched[b[bad[a]]] = True
        whole = ~np.isin(part.estate, part.estate[touched])
    most = _COARSE if grain is Grain.ESTATES else _FINE
    for tiny in _TINY:
        names = contract(part, book, whole=whole, tiny=tiny * rule.target, most=0.35 * rule.target)
        if len(np.unique(names)) > min(most, MOST):
            continue
        atoms = gather(part, names, book)
        low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
        if connected_sets(atoms, low, high, _CAP, all_or_none=True)[1]:
            return atoms, tiny > 0
    whole = part.estate >= 0
    names = contract(part, book, whole=whole, tiny=0.3 * rule.target, most=0.6 * rule.target)
    return (gather(part, names, book), True) if len(np.unique(names)) <= MOST else None


def _cheapest(masks: Masks, price: Floats, atoms: Atoms, rule: Rule) -> Ints:
    """The cheapest sets inside the tolerance, the cheapest outside, some of each atom, and the single atoms."""
    order = np.argsort(price, kind="stable")
    held = bits(masks, atoms.count)[order]
    good = ~outside_of(held @ atoms.weight, rule)
    some = [order[good][:_WIDE], order[~good][: _WIDE // 2], np.flatnonzero(np.bitwise_count(masks) == 1)]
    some += [
        order[np.flatnonzero(held[:, atom])[: _WIDE // (2 * atoms.count)]] for atom in range(atoms.count)
    ]
    return np.unique(np.concatenate(some))


def _covered(atoms: Atoms, rule: Rule, work: Work, below: float) -> tuple[Ints | None, bool, bool]:
    """Grid of each atom: from sets within the tolerance if they suffice, else from all bearable ones.

    And whether the choice is proven best, and whether it is proven that sets within the tolerance do not suffice.
    """
    dear, none_good = np.zeros(0, dtype=np.int64), False
    for room in (rule.tolerance, rule.slack):
        low, high = rule.target * (1 - room), rule.target * (1 + room)
        masks, complete = connected_sets(atoms, low, high, _CAP if room <= rule.tolerance else _CAP // 3)
        if len(dear):
            masks = np.unique(np.concatenate([masks, sets_around(atoms, dear, 1.7 * rule.target)]))
        price = priced(masks, atoms, rule)
        work.sets += len(masks)
        if len(masks) > _WIDE:
            keep = _cheapest(masks, price, atoms, rule)
            complete = False
            masks, price = masks[keep], price[keep]
        # with grids inside the tolerance only, a single atom outside it is no more than a stopgap
        most = below if room > rule.tolerance else UNBEARABLE
        found = best_cover(Columns(masks, price, complete), atoms, most, rule, room)
        if isinstance(found, Nothing):
            dear = found.dear
            none_good = none_good or (room < rule.slack and found.proven and complete)
            continue
        label = np.empty(atoms.count, dtype=np.int64)
        grid, atom = np.nonzero(bits(found.chosen, atoms.count))
        label[atom] = grid
        weight = sums(label, atoms.weight)
        if room >= rule.slack or not outside_of(weight, rule).any():
            return label, found.proven and complete, none_good
        below = min(below, found.price)
    return None, isinstance(found, Nothing) and found.proven and complete, none_good
