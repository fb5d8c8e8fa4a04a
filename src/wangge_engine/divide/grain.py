"""Candidates for a part: the finest atoms whose connected sets can all be listed, and these sets with their prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.atoms import MOST, Atoms, Masks, contract, gather
from wangge_engine.divide.columns import (
    Columns,
    bits,
    connected_sets,
    parts_cut,
    priced,
    sets_around,
    sums_over,
)
from wangge_engine.divide.pockets import pockets
from wangge_engine.divide.prices import EstateBook
from wangge_engine.divide.ranges import ranges_of
from wangge_engine.divide.territory import Bools, Ints, Region, Rule, components

_CAP = 60_000  # sets that a layer may hold
_MANY = 30_000  # sets from which those that cut three estates and more are left out
_MOST_JOINED = 0.35  # of the target: the weight that joined buildings may have
_RUNGS = (
    (0.0, 0.0), (0.1, 0.01), (0.2, 0.02), (0.3, 0.035), (0.45, 0.05), (0.6, 0.07), (9.0, 0.07), (9.0, 0.1),
    (9.0, 0.14), (9.0, 0.2), (9.0, 0.3),
)  # fmt: skip
"""Grains, fine to coarse: estates up to this share of the target are whole, buildings below that share joined."""
_JOINED = (0.0, 0.02, 0.035, 0.05, 0.07, 0.1)
"""Grains where it is said which estates are whole: only buildings are joined, those below this share."""


@dataclass(frozen=True)
class Ladder:
    """Candidates of the finest grain that allows to list them; ``merged``: buildings were joined for that."""

    atoms: Atoms
    columns: Columns
    merged: bool

    def labels(self, chosen: Masks) -> Ints:
        """The set that each position of the part is in."""
        label = np.empty(self.atoms.count, dtype=np.int64)
        grid, atom = np.nonzero(bits(chosen, self.atoms.count))
        label[atom] = grid
        return np.asarray(label[self.atoms.label])


def listed(  # noqa: PLR0917 -- one thing each, of its own type
    part: Region,
    book: EstateBook,
    rule: Rule,
    stage: int | None,
    dear: Ints | None = None,
    cap: int = _CAP,
    *,
    finest: bool = False,
) -> Ladder | None:
    """Candidates for a plan of ``stage`` grids outside the tolerance (None: of any number).

    With sets around ``dear`` positions, whatever they weigh. None where the candidates are too many, at any grain or
    with ``finest`` at that of single buildings.
    """
    found = _grain(part, book, rule, _span(part, rule, stage), cap, _RUNGS[:1] if finest else _RUNGS)
    if found is None:
        return None
    atoms, masks, merged = found
    masks = _possible(masks, atoms, part, rule, stage)
    if dear is not None and len(dear):
        around_them = sets_around(atoms, np.unique(atoms.label[dear]), 1.7 * rule.target)
        masks = np.unique(np.concatenate([masks, around_them]))
    parts = parts_cut(masks, atoms)
    complete = not merged
    if len(masks) > _MANY and not finest:
        few = (parts <= 2) | (np.bitwise_count(masks) == 1)
        complete = complete and bool(few.all())
        masks, parts = masks[few], parts[few]
    return Ladder(atoms, Columns(masks, priced(masks, atoms, rule, parts=parts), complete), merged)


def listed_whole(
    part: Region, book: EstateBook, rule: Rule, stage: int, cut: frozenset[int]
) -> Ladder | None:
    """Candidates that cut no small estate but those of the book's rows ``cut``, at the grain of single buildings.

    Buildings are joined only where even so the candidates are too many.
    """
    rows = book.rows(part.estate)
    whole = (rows >= 0) & ~np.isin(rows, sorted(cut))
    found = _grain(part, book, rule, _span(part, rule, stage), _CAP, [(whole, tiny) for tiny in _JOINED])
    if found is None:
        return None
    atoms, masks, merged = found
    masks = _possible(masks, atoms, part, rule, stage)
    alone = np.bitwise_count(masks) == 1
    for row, column in zip(np.unique(rows[rows >= 0]).tolist(), atoms.parts.T, strict=True):
        estate = np.uint64(sum(1 << atom for atom in np.flatnonzero(column).tolist()))
        if row not in cut and np.bitwise_count(estate) > 1:  # an estate in several pieces
            held = masks & estate
            some = (held == 0) | (held == estate) | alone
            masks, alone = masks[some], alone[some]
    return Ladder(atoms, Columns(masks, priced(masks, atoms, rule), not merged), merged)


def _span(part: Region, rule: Rule, stage: int | None) -> tuple[float, float]:
    if stage is None:
        return rule.target * (1 - rule.slack), rule.target * (1 + rule.slack)
    ranges = ranges_of(float(part.weight.sum()), rule, stage)
    return ranges.low, ranges.high


def _possible(masks: Masks, atoms: Atoms, part: Region, rule: Rule, stage: int | None) -> Masks:
    if stage is None:
        return masks
    ranges = ranges_of(float(part.weight.sum()), rule, stage)
    fits = ranges.hold(sums_over(masks, atoms.weight), rule)
    return np.asarray(masks[fits | (np.bitwise_count(masks) == 1)])


def _grain(  # noqa: PLR0917 -- one thing each, of its own type
    part: Region,
    book: EstateBook,
    rule: Rule,
    span: tuple[float, float],
    cap: int,
    rungs: Sequence[tuple[float | Bools, float]],
) -> tuple[Atoms, Masks, bool] | None:
    """The finest atoms whose connected sets can all be listed, the sets, and whether buildings were joined for that.

    A rung says which estates are whole, by position or up to a share of the target, and which buildings are joined.
    """
    rows = book.rows(part.estate)
    share = np.where(rows >= 0, book.weight[rows] / rule.target, np.inf) if len(book.weight) else np.inf
    together = pockets(part.size, part.pairs, part.weight, span[0])
    exact = len(np.unique(components(part.size, together)))
    fewest = MOST + 1
    for whole, tiny in rungs:
        names = contract(
            part,
            book,
            whole=whole if isinstance(whole, np.ndarray) else np.broadcast_to(share <= whole, part.size),
            tiny=tiny * rule.target,
            most=_MOST_JOINED * rule.target,
            together=together,
        )
        count = len(np.unique(names))
        if count > MOST or count == fewest:
            continue
        fewest = count
        atoms = gather(part, names, book)
        masks, complete = connected_sets(atoms, *span, cap, all_or_none=True)
        if complete:
            return atoms, masks, (tiny > 0 if isinstance(whole, np.ndarray) else count < exact)
    return None
