"""The search in one region: windows of neighbouring grids divided anew as exact covers, only ever for the better.

A small region is one window, so its plan is the best there is at that grain of atoms. Grain: whole small estates
first; where that leaves grids outside the tolerance, buildings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from wangge_engine.divide.columns import sums_over
from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.grain import Ladder, listed
from wangge_engine.divide.pockets import pockets
from wangge_engine.divide.prices import EstateBook, compacted, dearest, figures_of, outside_of
from wangge_engine.divide.territory import Ints, Region, Rule, components, cut_out, divisible, sums
from wangge_engine.divide.whole import keep_whole
from wangge_engine.divide.windows import around, centres
from wangge_engine.divide.work import Work

_FEW = 2_500  # sets of a layer where more are too many to search through
_EVERY = 1_000_000  # where nothing is missing but a proof
_GRIDS = 6  # grids of a window in a large region
_POLISH = 4  # grids of a window that mends what joined buildings left
_ONE_WINDOW = 13  # grids up to which a region is one window
_TRIED = 3_000  # sets around one unit
_MORE = 2  # grids outside the tolerance that one beyond the bearable may be worth
_STAGES = 4  # numbers of grids outside the tolerance that are tried, before as many as it takes


@dataclass
class Outcome:
    """A region's plan, with its price before and after and what was proven of it.

    ``least_outside``: grids outside the tolerance of every plan of bearable grids; ``least_cut``: small estates that
    every such plan with no more grids outside cuts; ``least_beyond``: 1 where there is no plan of bearable grids.
    ``least_moved``: households that every new plan with no more grids outside moves (0: not asked, or not proven).
    """

    label: Ints
    before: float
    price: float
    proven: bool
    outside: int
    least_outside: int
    least_cut: int = 0
    least_beyond: int = 0
    least_moved: float = 0.0
    work: Work = field(default_factory=Work)


def improve(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> Outcome:
    """A plan at least as good as ``label``, and the proven least number of grids outside the tolerance."""
    figures = figures_of(region, label, book)
    before = float(figures.prices(rule).sum())
    total = float(region.weight.sum())
    wanted = max(1, round(total / rule.target))
    least = least_outside(region, rule)
    proven, least_cut = False, 0
    beyond = int(not divisible(total, rule.target * (1 - rule.slack), rule.target * (1 + rule.slack)))
    if region.size > 1 and (wanted > 1 or len(figures.weight) > 1):
        search = _Search(region, rule, book, work, least)
        if wanted <= _ONE_WINDOW:
            label, proven = search.as_one(label)
            if not proven:
                label = search.closed(label)
            if not beyond:
                label, beyond = search.borne(label)
            kept = keep_whole(region, label, rule, book, work)
            label, least_cut = kept.label, kept.least_cut
        else:
            label, proven = search.by_windows(label)
        least = search.least
    figures = figures_of(region, label, book)
    price = float(figures.prices(rule).sum())
    outside = int(outside_of(figures.weight, rule).sum())
    return Outcome(label, before, price, proven, outside, min(least, outside), least_cut, beyond, work=work)


def least_outside(region: Region, rule: Rule) -> int:
    """A number of grids outside the tolerance that no plan of bearable grids stays below.

    From weights alone, and from buildings that no neighbours make up a grid with.
    """
    low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
    total = float(region.weight.sum())
    apart = stuck_grids(region, rule)
    return max(apart, 0 if int(total // low) * high >= total - 1e-9 and total >= low else 1)


def stuck_grids(region: Region, rule: Rule) -> int:
    """Grids outside the tolerance that units force which are in no connected set within the tolerance.

    No two of them fit into one bearable grid where each is heavier than half of it; the others may share one.
    """
    low, high = rule.target * (1 - rule.tolerance) - 1e-9, rule.target * (1 + rule.tolerance) + 1e-9
    together = pockets(region.size, region.pairs, region.weight, rule.target * (1 - rule.slack))
    atom = compacted(components(region.size, together))
    weight = sums(atom, region.weight).tolist()
    near: list[set[int]] = [set() for _ in weight]
    for a, b in atom[region.pairs].tolist():
        if a != b:
            near[a].add(b)
            near[b].add(a)
    stuck = [weight[unit] for unit in range(len(weight)) if not _completes(unit, near, weight, low, high)]
    heavy = sum(one > rule.target * (1 + rule.slack) / 2 for one in stuck)
    return max(int(heavy), min(1, len(stuck)))


def _completes(unit: int, near: list[set[int]], weight: list[float], low: float, high: float) -> bool:
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

    def closed(self, label: Ints) -> Ints:
        """With as few grids outside the tolerance as are proven to be needed, where all candidates can be listed."""
        while self._bad(label) > self.least and not self.work.over():
            ladder = listed(self.region, self.book, self.rule, self.least, cap=_EVERY, finest=True)
            if ladder is None:
                break
            self.work.windows += 1
            self.work.sets += len(ladder.columns.masks)
            most = dearest(self.region, self.rule, self.book, self.least)
            found = best_cover(ladder.columns, ladder.atoms, most, self.rule, self.least)
            if not isinstance(found, Nothing):
                trial = compacted(ladder.labels(found.chosen))
                return min(trial, label, key=self._price)
            if not found.proven:
                break
            self.least += 1
        return label

    def borne(self, label: Ints) -> tuple[Ints, int]:
        """Where a grid is not bearable: a plan in which all are, or 1 where there is proven to be none."""
        region, rule, book = self.region, self.rule, self.book
        weight = sums(label, region.weight)
        if (np.abs(weight / rule.target - 1.0) <= rule.slack + 1e-9).all() or self.work.over():
            return label, 0
        ladder = listed(region, book, rule, None, cap=_EVERY, finest=True)
        if ladder is None:
            return label, 0
        self.work.windows += 1
        self.work.sets += len(ladder.columns.masks)
        every = int(region.weight.sum() / (rule.target * (1 - rule.slack))) + 1
        most = dearest(region, rule, book, every)
        off = np.abs(sums_over(ladder.columns.masks, ladder.atoms.weight) / rule.target - 1.0)
        price = np.where(off <= rule.slack + 1e-9, ladder.columns.price, 10.0 * most)
        found = best_cover(replace(ladder.columns, price=price), ladder.atoms, most, rule, None)
        if isinstance(found, Nothing):
            return label, int(found.proven)
        return min(compacted(ladder.labels(found.chosen)), label, key=self._price), 0

    def by_windows(self, label: Ints) -> tuple[Ints, bool]:
        for only_bad in (False, True):
            label = self._round(label, _GRIDS, only_bad=only_bad)
        return self._round(label, _POLISH, only_bad=False), False

    def _price(self, label: Ints) -> float:
        return float(figures_of(self.region, label, self.book).prices(self.rule).sum())

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
        least = self.least if whole else stuck_grids(part, rule)
        weight = sums(compacted(label[inside]), part.weight)
        bad = int(outside_of(weight, rule).sum())
        worst = float(np.abs(weight / rule.target - 1.0).max())
        found = self._divided(part, old, least, bad, bearable=worst <= rule.slack + 1e-9)
        if whole:
            self.least = max(self.least, found.least)
        if found.label is None:
            return label, found.proven, found.merged
        trial = label.copy()
        trial[inside] = label.max() + 1 + found.label
        trial = compacted(trial)
        after = float(figures_of(region, trial, book).prices(rule).sum())
        return (trial if after < float(prices.sum()) - 1e-6 else label), found.proven, found.merged

    def _divided(self, part: Region, below: float, least: int, bad: int, *, bearable: bool) -> _Found:
        """A part divided anew: with as few grids outside the tolerance as can be, from ``least`` up to ``bad``.

        Where a grid is not ``bearable`` now, rather with a few more outside the tolerance, all of them bearable.
        """
        rule, work = self.rule, self.work
        dear = np.zeros(0, dtype=np.int64)
        ladder: Ladder | None = None
        unbroken = True
        last = bad if bearable else bad + _MORE
        for stage in [*range(least, min(last, least + _STAGES - 1) + 1), None]:
            if stage is None and bad <= least and bearable:
                break
            ladder = listed(part, self.book, rule, stage, dear if stage is None else None)
            if ladder is None:
                return _Found(None, least, proven=False, merged=True)
            work.windows += 1
            work.sets += len(ladder.columns.masks)
            most = below if stage is None or stage >= bad else dearest(part, rule, self.book, stage)
            found = best_cover(ladder.columns, ladder.atoms, most, rule, stage)
            if isinstance(found, Nothing) and not found.proven and stage is not None and stage < bad:
                # too many candidates to search through: fewer, of larger atoms, before one grid more outside
                coarse = listed(part, self.book, rule, stage, cap=_FEW)
                again = best_cover(coarse.columns, coarse.atoms, most, rule, stage) if coarse else found
                if coarse and not isinstance(again, Nothing):
                    ladder, found = coarse, again
            if not isinstance(found, Nothing):
                proven = found.proven and ladder.columns.complete and unbroken and stage is not None
                return _Found(ladder.labels(found.chosen), least, proven=proven, merged=ladder.merged)
            dear = np.flatnonzero(np.isin(ladder.atoms.label, found.dear))
            unbroken = unbroken and found.proven and ladder.columns.complete and stage is not None
            if unbroken and stage is not None and stage < bad:
                least = stage + 1
        merged = ladder is None or ladder.merged
        return _Found(None, least, proven=unbroken and bad <= least, merged=merged)
