"""The search in one region: windows of neighbouring grids divided anew as exact covers, only ever for the better.

A small region is one window, so its plan is the best there is at that grain of atoms. Grain: whole small estates
first; where that leaves grids outside the tolerance, buildings.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from wangge_engine.divide.atoms import MOST, Atoms, Masks, contract, gather
from wangge_engine.divide.columns import Columns, bits, connected_sets, parts_cut, priced, sets_around
from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.prices import UNBEARABLE, EstateBook, compacted, figures_of, outside_of
from wangge_engine.divide.territory import Ints, Region, Rule, cut_out, sums
from wangge_engine.divide.windows import around, centres

_CAP = 60_000  # sets that a layer may hold
_FEW = 2_500  # and where those are too many to search through
_MANY = 30_000  # sets from which those that cut three estates and more are left out
_GRIDS = 6  # grids of a window in a large region
_POLISH = 4  # grids of a window that mends what joined buildings left
_ONE_WINDOW = 13  # grids up to which a region is one window
_TRIED = 3_000  # sets around one unit
_STAGES = 4  # numbers of grids outside the tolerance that are tried, before as many as it takes
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
    least = least_outside(region, rule)
    proven = False
    if region.size > 1 and (wanted > 1 or len(figures.weight) > 1):
        search = _Search(region, rule, book, work, least)
        label, proven = search.as_one(label) if wanted <= _ONE_WINDOW else search.by_windows(label)
        least = search.least
    figures = figures_of(region, label, book)
    price = float(figures.prices(rule).sum())
    outside = int(outside_of(figures.weight, rule).sum())
    return Outcome(label, before, price, proven, outside, min(least, outside), work)


def least_outside(region: Region, rule: Rule) -> int:
    """A number of grids outside the tolerance that no plan of bearable grids stays below.

    From weights alone, and from large buildings that no neighbours make up a grid with.
    """
    low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
    total = float(region.weight.sum())
    apart = len(stuck_units(region, rule))
    return max(apart, 0 if int(total // low) * high >= total - 1e-9 and total >= low else 1)


def stuck_units(region: Region, rule: Rule) -> list[int]:
    """Units heavier than half a bearable grid that are in no connected set within the tolerance.

    No two of them fit into one bearable grid, so each is a grid outside the tolerance in every such plan.
    """
    low, high = rule.target * (1 - rule.tolerance) - 1e-9, rule.target * (1 + rule.tolerance) + 1e-9
    heavy = np.flatnonzero(region.weight > rule.target * (1 + rule.slack) / 2).tolist()
    if not heavy:
        return []
    near: list[list[int]] = [[] for _ in range(region.size)]
    for a, b in region.pairs.tolist():
        near[a].append(b)
        near[b].append(a)
    weight = region.weight.tolist()
    return [unit for unit in heavy if not _completes(unit, near, weight, low, high)]


def _completes(unit: int, near: list[list[int]], weight: list[float], low: float, high: float) -> bool:
    """Whether a unit and some around it weigh between low and high; true where there are too many to tell."""
    todo = [(frozenset((unit,)), weight[unit])]
    seen = {todo[0][0]}
    while todo:
        held, total = todo.pop()
        if low <= total <= high or len(seen) > _TRIED:
            return True
        for other in {two for one in held for two in near[one]} - held:
            grown = held | {other}
            if total + weight[other] <= high and grown not in seen:
                seen.add(grown)
                todo.append((grown, total + weight[other]))
    return False


@dataclass(frozen=True)
class _Ladder:
    """Atoms and candidate grids; ``merged``: buildings were joined so that all could be listed."""

    atoms: Atoms
    columns: Columns
    merged: bool


@dataclass(frozen=True)
class _Found:
    """The grid of each position, None where nothing better was found, and what is proven."""

    label: Ints | None
    least: int
    proven: bool
    merged: bool


@dataclass
class _Search:
    """What stays the same while a region is searched; ``least``: grids outside that every bearable plan has."""

    region: Region
    rule: Rule
    book: EstateBook
    work: Work
    least: int
    seen: set[bytes] = field(default_factory=set)

    def as_one(self, label: Ints) -> tuple[Ints, bool]:
        """The region as one window; what joined buildings left is mended in small windows."""
        if self.work.over():
            return label, False
        label, proven, merged = self._window(label, np.arange(self.region.size))
        if proven or int(label.max()) < 3:
            return label, proven
        for most in (3, 5):
            if self._bad(label) > self.least:
                label = self._round(label, most, only_bad=True)
        if merged:
            label = self._round(label, _POLISH, only_bad=False)
        return label, False

    def by_windows(self, label: Ints) -> tuple[Ints, bool]:
        for only_bad in (False, True):
            label = self._round(label, _GRIDS, only_bad=only_bad)
        return self._round(label, _POLISH, only_bad=False), False

    def _bad(self, label: Ints) -> int:
        return int(outside_of(sums(label, self.region.weight), self.rule).sum())

    def _round(self, label: Ints, most: int, *, only_bad: bool) -> Ints:
        region = self.region
        for centre in centres(region, label, self.rule, self.book, only_bad):
            if self.work.over():
                break
            inside = np.flatnonzero(np.isin(label, around(region, label, int(label[centre]), most)))
            label, _, _ = self._window(label, inside)
        return label

    def _window(self, label: Ints, inside: Ints) -> tuple[Ints, bool, bool]:
        """The plan with these positions divided anew, if cheaper; whether it is proven best, and by joined units."""
        region, rule, book = self.region, self.rule, self.book
        whole = len(inside) == region.size
        part = region if whole else cut_out(region, inside)
        same = part.units.tobytes()
        if same in self.seen:
            return label, False, False
        self.seen.add(same)
        prices = figures_of(region, label, book).prices(rule)
        old = float(prices[np.unique(label[inside])].sum())
        least = self.least if whole else len(stuck_units(part, rule))
        bad = int(outside_of(sums(compacted(label[inside]), part.weight), rule).sum())
        found = self._divided(part, old, least, bad)
        if whole:
            self.least = max(self.least, found.least)
        if found.label is None:
            return label, found.proven, found.merged
        trial = label.copy()
        trial[inside] = label.max() + 1 + found.label
        trial = compacted(trial)
        after = float(figures_of(region, trial, book).prices(rule).sum())
        return (trial if after < float(prices.sum()) - 1e-6 else label), found.proven, found.merged

    def _divided(self, part: Region, below: float, least: int, bad: int) -> _Found:
        """A part divided anew: with as few grids outside the tolerance as can be, from ``least`` up to ``bad``."""
        rule, work = self.rule, self.work
        dear = np.zeros(0, dtype=np.int64)
        ladder: _Ladder | None = None
        unbroken = True
        for stage in [*range(least, min(bad, least + _STAGES - 1) + 1), None]:
            if stage is None and bad <= least:
                break
            if ladder is None or stage is None or stage == 1:
                ladder = self._listed(
                    part, rule.tolerance if stage == 0 else rule.slack, dear if stage is None else None
                )
                if ladder is None:
                    return _Found(None, least, proven=False, merged=True)
                work.windows += 1
                work.sets += len(ladder.columns.masks)
            # a single atom outside what is asked for is no more than a stopgap
            most = below if stage is None or stage == bad else UNBEARABLE * (1 + stage)
            found = best_cover(ladder.columns, ladder.atoms, most, rule, stage)
            if isinstance(found, Nothing) and not found.proven and stage is not None and stage < bad:
                # too many candidates to search through: fewer, of larger atoms, before one grid more outside
                room = rule.slack if stage else rule.tolerance
                coarse = self._listed(part, room, None, _FEW)
                again = best_cover(coarse.columns, coarse.atoms, most, rule, stage) if coarse else found
                if coarse and not isinstance(again, Nothing):
                    ladder, found = coarse, again
            if not isinstance(found, Nothing):
                label = np.empty(ladder.atoms.count, dtype=np.int64)
                grid, atom = np.nonzero(bits(found.chosen, ladder.atoms.count))
                label[atom] = grid
                proven = found.proven and ladder.columns.complete and unbroken and stage is not None
                return _Found(label[ladder.atoms.label], least, proven=proven, merged=ladder.merged)
            dear = np.flatnonzero(np.isin(ladder.atoms.label, found.dear))
            unbroken = unbroken and found.proven and ladder.columns.complete and stage is not None
            if unbroken and stage is not None and stage < bad:
                least = stage + 1
        merged = ladder is None or ladder.merged
        return _Found(None, least, proven=unbroken and bad <= least, merged=merged)

    def _listed(self, part: Region, room: float, dear: Ints | None, cap: int = _CAP) -> _Ladder | None:
        """The finest atoms whose connected sets can all be listed, and these; with sets around ``dear`` positions."""
        rule = self.rule
        found = _grain(part, rule, self.book, room, cap)
        if found is None:
            return None
        atoms, masks, merged = found
        if dear is not None and len(dear):
            around_them = sets_around(atoms, np.unique(atoms.label[dear]), 1.7 * rule.target)
            masks = np.unique(np.concatenate([masks, around_them]))
        parts = parts_cut(masks, atoms)
        complete = not merged
        if len(masks) > _MANY:
            few = (parts <= 2) | (np.bitwise_count(masks) == 1)
            complete = complete and bool(few.all())
            masks, parts = masks[few], parts[few]
        return _Ladder(atoms, Columns(masks, priced(masks, atoms, rule, parts=parts), complete), merged)


def _grain(
    part: Region, rule: Rule, book: EstateBook, room: float, cap: int
) -> tuple[Atoms, Masks, bool] | None:
    """The finest atoms whose connected sets can all be listed, the sets, and whether buildings were joined for that."""
    low, high = rule.target * (1 - room), rule.target * (1 + room)
    rows = book.rows(part.estate)
    share = np.where(rows >= 0, book.weight[rows] / rule.target, np.inf) if len(book.weight) else np.inf
    fewest = MOST + 1
    for whole, tiny in _RUNGS:
        names = contract(
            part,
            book,
            whole=np.broadcast_to(share <= whole, part.size),
            tiny=tiny * rule.target,
            most=0.35 * rule.target,
        )
        count = len(np.unique(names))
        if count > MOST or count == fewest:
            continue
        fewest = count
        atoms = gather(part, names, book)
        masks, complete = connected_sets(atoms, low, high, cap, all_or_none=True)
        if complete:
            return atoms, masks, count < part.size
    return None
