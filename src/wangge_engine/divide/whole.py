"""Estates kept whole: a plan that cuts one estate fewer is found, or it is proven that there is none.

Every choice of estates that may be cut, one fewer than the plan cuts, is tried; all other small estates are then
single atoms, which leaves few candidates. What is found counts only where it is cheaper, shape and all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.grain import listed_whole
from wangge_engine.divide.prices import EstateBook, compacted, dearest, figures_of, outside_of
from wangge_engine.divide.territory import Ints, Region, Rule, sums
from wangge_engine.divide.work import Work

_TRIES = 120  # choices of estates for one region


@dataclass(frozen=True)
class Kept:
    """A plan that is no dearer, and how many estates are cut at least by plans as well balanced."""

    label: Ints
    least_cut: int


def cut_estates(region: Region, label: Ints, book: EstateBook) -> frozenset[int]:
    """The book's rows of small estates that lie in several grids."""
    rows = book.rows(region.estate)
    pairs = np.unique(np.column_stack([rows[rows >= 0], label[rows >= 0]]), axis=0)
    names, grids = np.unique(pairs[:, 0], return_counts=True)
    return frozenset(names[grids > 1].tolist())


def keep_whole(region: Region, label: Ints, rule: Rule, book: EstateBook, work: Work) -> Kept:
    """Tries and proves for a plan of bearable grids; no grid more than before lies outside the tolerance."""
    weight = sums(label, region.weight)
    if (np.abs(weight / rule.target - 1.0) > rule.slack + 1e-9).any():
        return Kept(label, 0)
    trial = _Trial(region, rule, book, work, int(outside_of(weight, rule).sum()), label)
    trial.attempt(cut_estates(region, label, book))
    rows = book.rows(region.estate)
    names, units = np.unique(rows[rows >= 0], return_counts=True)
    parts = names[units > 1].tolist()
    allowed = len(trial.cut) - 1
    tries = 0
    while allowed >= 0:
        none = True
        cheaper = False
        for choice in sorted(
            combinations(parts, allowed), key=lambda some: (len(set(some) - trial.cut), some)
        ):
            tries += 1
            if tries > _TRIES or work.over():
                return Kept(trial.label, 0)
            cheaper, proven = trial.attempt(frozenset(choice))
            none = none and proven
            if cheaper:
                break
        if none and not cheaper:
            return Kept(trial.label, allowed + 1)
        allowed = len(trial.cut) - 1 if cheaper else allowed - 1
    return Kept(trial.label, 0)


@dataclass
class _Trial:
    region: Region
    rule: Rule
    book: EstateBook
    work: Work
    outside: int
    label: Ints

    def __post_init__(self) -> None:
        self._stand(self.label)

    def _stand(self, label: Ints) -> None:
        self.label = label
        self.price = float(figures_of(self.region, label, self.book).prices(self.rule).sum())
        self.cut = cut_estates(self.region, label, self.book)

    def attempt(self, choice: frozenset[int]) -> tuple[bool, bool]:
        """Whether cutting these estates alone gives a cheaper plan, which then stands; whether it gives none at all."""
        ladder = listed_whole(self.region, self.book, self.rule, self.outside, choice)
        if ladder is None:
            return False, False
        self.work.windows += 1
        self.work.sets += len(ladder.columns.masks)
        most = dearest(self.region, self.rule, self.book, self.outside)
        found = best_cover(ladder.columns, ladder.atoms, most, self.rule, self.outside)
        if isinstance(found, Nothing):
            return False, found.proven and ladder.columns.complete
        label = compacted(ladder.labels(found.chosen))
        if float(figures_of(self.region, label, self.book).prices(self.rule).sum()) < self.price - 1e-6:
            self._stand(label)
            return True, False
        return False, False
