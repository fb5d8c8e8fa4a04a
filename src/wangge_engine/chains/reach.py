"""Earliest arrivals and fewest steps from many roots at once, through contacts in non-decreasing time.

Labels are made step by step (one contact more each round). A label of (root, node) is the earliest day on which the
node is reached within so many contacts; a round follows only contacts that an improved label newly allows, so that each
(root, contact) is followed at most once. Day and first day of a label are one number, so that one minimum settles both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
CELLS = 1_500_000  # of the table root x node that is held at once
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Contacts:
    """Contacts sorted by source, then day. ``source``, ``destination``: node numbers; ``day``: rank of the date."""

    source: Ints
    destination: Ints
    day: Ints
    nodes: int
    days: int

    @classmethod
    def of(cls, source: Ints, destination: Ints, day: Ints, nodes: int, days: int) -> Contacts:
        """Sorted, each different contact once, none with oneself."""
        if max(nodes, 1) * max(nodes, 1) * max(days, 1) < _NEVER // 4:
            whole = np.unique((source * max(days, 1) + day) * max(nodes, 1) + destination)
            rest, destination = np.divmod(whole, max(nodes, 1))
            source, day = np.divmod(rest, max(days, 1))
        else:
            order = np.lexsort((destination, day, source))
            source, destination, day = source[order], destination[order], day[order]
        other = source != destination
        return cls(source[other], destination[other], day[other], nodes, days)

    def reversed(self) -> Contacts:
        """The same contacts the other way round, and backwards in time."""
        return Contacts.of(self.destination, self.source, self.days - 1 - self.day, self.nodes, self.days)


@dataclass(frozen=True)
class Chains:
    """Who reaches whom: ``root`` (its place among the roots given), ``node``, fewest steps, first and last day."""

    root: Ints
    node: Ints
    distance: Ints
    first: Ints
    last: Ints


class _Labels:
    """For each cell (row of the batch x nodes + node): day and first day in one number, steps, and a mark."""

    def __init__(self, cells: int, days: int) -> None:
        few = days < 1 << 15
        self.shift = 15 if few else 31
        kind = np.int32 if few else np.int64
        self.never = int(np.iinfo(kind).max)
        self.told: npt.NDArray[Any] = np.full(cells, self.never, dtype=kind)
        self.steps = np.zeros(cells, dtype=np.int32)
        self.mark = np.zeros(cells, dtype=np.int32)


def reach(contacts: Contacts, roots: Ints, low: Ints, high: Ints) -> Iterator[Chains]:
    """Chains out of each root inside its window (ranks, both included), sorted by root and node, in batches."""
    starts = _Starts(contacts)
    width = max(contacts.nodes, 1)
    at_once = max(1, CELLS // width)
    labels = _Labels(min(at_once, max(len(roots), 1)) * width, contacts.days)
    for begin in range(0, len(roots), at_once):
        part = slice(begin, begin + at_once)
        own = np.arange(len(roots[part])) * width
        found = _from(contacts, starts, labels, roots[part], (low[part], high[part]))
        told = labels.told[found].astype(np.int64)
        row = np.repeat(
            np.arange(len(own)), np.diff(np.searchsorted(found, np.append(own, len(own) * width)))
        )
        first = told & ((1 << labels.shift) - 1)
        yield Chains(
            row + begin,
            found - row * width,
            labels.steps[found].astype(np.int64),
            first,
            told >> labels.shift,
        )
        labels.told[found] = labels.never
        labels.told[own + roots[part]] = labels.never


class _Starts:
    """Where a node's contacts of a day and later begin, in the sorted contacts."""

    def __init__(self, contacts: Contacts) -> None:
        self.days = contacts.days + 1
        self.keys = contacts.source * self.days + contacts.day
        self.table: npt.NDArray[np.int32] | None = None
        cells = contacts.nodes * self.days
        if cells <= 20_000_000:
            counts = np.bincount(self.keys, minlength=cells)
            self.table = np.zeros(cells + 1, dtype=np.int32)
            np.cumsum(counts, out=self.table[1:])

    def of(self, node: Ints, day: Ints) -> Ints:
        key = node * self.days + np.minimum(day, self.days)
        return np.asarray(
            self.table[key] if self.table is not None else np.searchsorted(self.keys, key), dtype=np.int64
        )


def _from(
    contacts: Contacts, starts: _Starts, labels: _Labels, roots: Ints, window: tuple[Ints, Ints]
) -> Ints:
    """Cells reached by the roots, ascending."""
    low, high = window
    label, shift, width = labels.told, labels.shift, contacts.nodes
    base = np.arange(len(roots)) * width
    end = high + 1
    label[base + roots] = -1  # nothing improves on the root itself
    node, since, until, first = roots, low, end, np.full(len(roots), -1, dtype=np.int64)
    reached: list[Ints] = []
    step = 0
    while True:
        step += 1
        begin = starts.of(node, since)
        many = np.maximum(starts.of(node, until) - begin, 0)
        total = int(many.sum())
        if not total:
            break
        # every contact that the labels of this round newly allow
        contact = np.repeat(begin - (np.cumsum(many) - many), many) + np.arange(total)
        day = contacts.day[contact]
        to = contacts.destination[contact]
        which = np.repeat(np.arange(len(many)), many)
        cell = base[which] + to
        before = label[cell]
        better = np.flatnonzero(day < before >> shift)
        which, to, day, cell, before = which[better], to[better], day[better], cell[better], before[better]
        told = (day << shift) + (first[which] if step > 1 else day)
        np.minimum.at(label, cell, told.astype(label.dtype))
        won = np.flatnonzero(label[cell] == told)
        order = np.arange(len(won), dtype=np.int32)
        labels.mark[cell[won]] = order
        won = won[labels.mark[cell[won]] == order]  # of equals, one
        which, node, cell, before, told = which[won], to[won], cell[won], before[won], told[won]
        fresh = before == labels.never
        new = cell[fresh]
        labels.steps[new] = step
        reached.append(new)
        # a node that was reached before has followed its later contacts already
        base, end = base[which], end[which]
        until = np.minimum(before >> shift, end)
        since, first = told >> shift, told & ((1 << shift) - 1)
    return np.sort(np.concatenate(reached)) if reached else np.zeros(0, dtype=np.int64)
