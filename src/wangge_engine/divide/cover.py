"""The best exact cover: from candidate grids the cheapest choice in which every atom is in exactly one.

The linear relaxation (GLOP) is solved on few columns, which the duals of the rest extend until none is worth adding.
Its value is a bound on every plan made of these candidates, and a column's reduced cost is what it adds to that bound
at least; so a search over columns in the order of reduced costs, deepened step by step, meets the best cover first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from wangge_engine.divide.atoms import Atoms, Masks
from wangge_engine.divide.columns import Columns, bits, sums_over
from wangge_engine.divide.prices import OUTSIDE, UNBEARABLE
from wangge_engine.divide.territory import Bools, Floats, Ints, Rule

_EPS = 1e-6
_ROUNDS = 80
_STEPS = (1.0, 3.0, 8.0, 20.0, 50.0, 120.0)
_NODES = 1_500  # of one dive
_ALL_NODES = 9_000  # of all dives of one cover
_SIEVED = 30_000  # columns whose rest is looked at piece by piece before anything else
_PIECED = 1_000_000  # and after the relaxation
_BREADTHS = (3, 8, 25, 10**6)  # choices followed at a branching, dive by dive
_MOST = 6_000  # columns that one search looks at
_MISSING = 5 * UNBEARABLE
_POOL = 12_000  # columns among which worthwhile ones are sought before all are looked at


@dataclass(frozen=True)
class Cover:
    """The sets chosen, their price, a lower bound on any choice, and whether none is cheaper by a step."""

    chosen: Masks
    price: float
    bound: float
    proven: bool


@dataclass(frozen=True)
class Nothing:
    """No cover below the price asked for: ``proven`` when there is none, else none was met.

    ``dear``: atoms that the relaxation can only place in an unbearable grid.
    """

    bound: float
    proven: bool
    dear: Ints


def best_cover(
    columns: Columns, atoms: Atoms, below: float, rule: Rule, outside: int | None
) -> Cover | Nothing:
    """The cheapest exact cover that costs less than ``below`` and has ``outside`` grids outside the tolerance.

    None: as many as it takes, also unbearable ones. Single atoms are always among the columns, so that the
    relaxation has a cover.
    """
    masks, price = columns.masks, columns.price
    off = np.abs(sums_over(masks, atoms.weight) / rule.target - 1.0)
    counted = (off > rule.tolerance + 1e-9) & (price > 0)
    alone = np.bitwise_count(masks) == 1
    wanted = (1.0, np.inf) if outside is None else (float(outside), float(outside))
    flags = counted if outside is None else counted & (off <= rule.slack + 1e-9)
    proven = True
    few = len(masks) <= _SIEVED
    if outside is not None and few:
        some = _leaving_enough(masks, atoms, rule, outside - flags)
        masks, price, flags, off = masks[some], price[some], flags[some], off[some]
    bound, reduced, duals = _relaxation(masks, price, atoms.count, flags, wanted)
    dear = np.flatnonzero(duals[: atoms.count] > UNBEARABLE / 3)
    if bound >= below - _EPS:
        return Nothing(bound, True, dear)
    if outside is not None and not few:
        some = np.flatnonzero((reduced <= below - bound) & ~alone)
        if len(some) > _PIECED:
            some, proven = some[np.argpartition(reduced[some], _PIECED)[:_PIECED]], False
        some = np.concatenate([some, np.flatnonzero(alone)])
        some = some[_leaving_enough(masks[some], atoms, rule, outside - flags[some])]
        masks, price, flags, off = masks[some], price[some], flags[some], off[some]
        bound, reduced, duals = _relaxation(masks, price, atoms.count, flags, wanted, reduced[some])
        if bound >= below - _EPS:
            return Nothing(bound, proven, dear)
    fits = np.full(len(masks), True) if outside is None else (off <= rule.slack + 1e-9) | (price <= 0)
    if outside == 0:
        fits &= ~flags
    dive = _Dive(atoms, rule, outside)
    gap = below - bound
    looked = 0
    for step in [step for step in _STEPS if step < gap] + [gap]:
        near = np.flatnonzero(fits & (reduced <= step + _EPS))
        if len(near) < 1.3 * looked and step < gap:
            continue
        looked = len(near)
        near = near[np.argsort(reduced[near], kind="stable")]
        if len(near) > _MOST:
            proven = False
            near = near[:_MOST]
        held = bits(masks[near], atoms.count)
        taken = dive.go(masks[near], price[near], reduced[near], held, flags[near], step, bound)
        proven = proven and not dive.stopped and dive.breadth == _BREADTHS[-1]
        if taken is not None:
            chosen = np.sort(near[taken])
            total = float(price[chosen].sum())
            return (
                Cover(masks[chosen], total, bound, proven) if total < below else Nothing(bound, False, dear)
            )
        if dive.left < 0:
            break
    return Nothing(bound, proven, dear)


def _leaving_enough(masks: Masks, atoms: Atoms, rule: Rule, spare: Ints) -> Ints:
    """The columns that leave no more than ``spare`` pieces which grids inside the tolerance cannot make up.

    And the single atoms, with which the relaxation always has a cover.
    """
    low, high = rule.target * (1 - rule.tolerance) - _EPS, rule.target * (1 + rule.tolerance) + _EPS
    left = ~masks & np.uint64((1 << atoms.count) - 1)
    spare = spare.copy()
    todo = np.flatnonzero(left != 0)
    left = left[todo]
    while len(todo):
        piece = left & (~left + np.uint64(1))
        front = piece.copy()
        going = np.arange(len(piece))
        while len(going):  # the piece grows by the neighbours of its newest atoms, one at a time
            bit = front & (~front + np.uint64(1))
            fresh = atoms.near[np.frexp(bit.astype(np.float64))[1] - 1] & left[going] & ~piece[going]
            piece[going] |= fresh
            front = (front ^ bit) | fresh
            more = np.flatnonzero(front)
            if len(more) < len(going):
                going, front = going[more], front[more]
        weight = sums_over(piece, atoms.weight)
        spare[todo[np.floor(weight / low) * high < weight]] -= 1
        after = (spare[todo] >= 0) & ((left ^ piece) != 0)
        todo, left = todo[after], (left ^ piece)[after]
    return np.flatnonzero((spare >= 0) | (np.bitwise_count(masks) == 1))


def _relaxation(  # noqa: PLR0917 -- one thing each, of its own type
    masks: Masks,
    price: Floats,
    count: int,
    flags: Bools,
    wanted: tuple[float, float],
    likely: Floats | None = None,
) -> tuple[float, Floats, Floats]:
    """The bound, every column's reduced cost, and the duals: of each atom, and of how many flagged ones there are.

    It begins with the columns that come first by ``likely``, reduced costs known before, else by price per atom.
    """
    each = price / np.maximum(np.bitwise_count(masks), 1) if likely is None else likely
    alone = np.bitwise_count(masks) <= 1
    pool = np.arange(len(masks))
    if len(masks) > _POOL:
        pool = np.argpartition(each, _POOL)[:_POOL]
    most = min(4 * count, len(pool) - 1)
    active = np.unique(
        np.concatenate([pool[np.argpartition(each[pool], most)[: most + 1]], np.flatnonzero(alone)])
    )
    program = _Program(count, wanted)
    known = np.zeros(len(masks), dtype=bool)
    held = bits(masks[pool], count)
    for _ in range(_ROUNDS):
        known[active] = True
        program.add(bits(masks[active], count), price[active], flags[active])
        found = program.solve()
        if found is None:
            break
        value, duals = found
        reduced = price[pool] - held @ duals[:count].astype(np.float32) - duals[count] * flags[pool]
        worth = np.flatnonzero((reduced < -1e-3) & ~known[pool])
        if len(worth):
            active = pool[worth[_least(reduced[worth], 4 * count)]]
            continue
        reduced = price - sums_over(masks, duals[:count]) - duals[count] * flags
        worth = np.flatnonzero((reduced < -1e-3) & ~known)
        if not len(worth):
            return value, reduced, duals
        active = worth[_least(reduced[worth], 4 * count)]
        pool = np.union1d(pool, worth[_least(reduced[worth], _POOL // 2)])
        held = bits(masks[pool], count)
    return 0.0, price, np.zeros(count + 1)  # no price is negative


def _least(values: Floats, most: int) -> Ints:
    """Where the smallest values stand."""
    return np.argpartition(values, most)[:most] if len(values) > most else np.arange(len(values))


class _Program:
    """The linear relaxation: columns are added as they turn out to be worth it; GLOP goes on from where it was."""

    def __init__(self, atoms: int, wanted: tuple[float, float]) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.rows = [self.solver.Constraint(1.0, 1.0) for _ in range(atoms)]
        low, high = wanted
        self.outside = self.solver.Constraint(low, high if np.isfinite(high) else self.solver.infinity())
        self.goal = self.solver.Objective()
        self.goal.SetMinimization()
        for row in [*self.rows, self.outside]:  # what cannot be had is dearer than what cannot be borne
            missing = self.solver.NumVar(0.0, self.solver.infinity(), "")
            row.SetCoefficient(missing, 1.0)
            self.goal.SetCoefficient(missing, _MISSING)

    def add(self, held: Floats, price: Floats, outside: Bools) -> None:
        for column, cost, out in zip(held, price.tolist(), outside.tolist(), strict=True):
            share = self.solver.NumVar(0.0, self.solver.infinity(), "")
            self.goal.SetCoefficient(share, cost)
            for atom in np.flatnonzero(column).tolist():
                self.rows[atom].SetCoefficient(share, 1.0)
            if out:
                self.outside.SetCoefficient(share, 1.0)

    def solve(self) -> tuple[float, Floats] | None:
        """The value and the duals; None where GLOP finds no optimum."""
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return float(self.goal.Value()), np.array([row.dual_value() for row in [*self.rows, self.outside]])


class _Dive:
    """Depth first over exact covers whose reduced costs add up to at most ``room``; the best one found.

    Not followed: a choice whose price is too high together with the grids still forced outside the tolerance by the
    pieces it leaves behind, and ground come to again that was left uncovered at less cost before.
    """

    def __init__(self, atoms: Atoms, rule: Rule, outside: int | None) -> None:
        self.outside = outside
        self.most = 2 * _NODES
        self.left = _ALL_NODES
        self.near = [int(one) for one in atoms.near]
        self.weight = atoms.weight.tolist()
        self.good = (rule.target * (1 - rule.tolerance) - _EPS, rule.target * (1 + rule.tolerance) + _EPS)
        self.bearable = (rule.target * (1 - rule.slack) - _EPS, rule.target * (1 + rule.slack) + _EPS)
        self.everything = (1 << atoms.count) - 1
        self.forced: dict[int, tuple[int, float]] = {}
        self.stopped = False

    def go(  # noqa: PLR0917 -- one thing each, of its own type
        self,
        masks: Masks,
        price: Floats,
        cost: Floats,
        held: Floats,
        flags: Bools,
        room: float,
        bound: float,
    ) -> list[int] | None:
        self.masks, self.cost, self.held, self.flags = masks, np.maximum(cost, 0.0), held, flags
        self.room, self.limit = room + _EPS, bound + room + _EPS
        self.numbers: list[int] = self.masks.tolist()
        self.costs: list[float] = self.cost.tolist()
        self.counted: list[int] = flags.astype(int).tolist()
        self.prices: list[float] = price.tolist()
        self.best: list[int] | None = None
        spare = len(self.near) if self.outside is None else self.outside
        for self.breadth in _BREADTHS:
            self.taken: list[int] = []
            self.seen: dict[tuple[int, int], float] = {}
            self.nodes, self.stopped = 0, False
            self._down(np.arange(len(masks)), self.everything, 0.0, 0.0, spare)
            if (self.best is not None and self.breadth > _BREADTHS[0]) or self.left < 0:
                break
        return self.best

    def _down(self, some: Ints, left: int, spent: float, paid: float, spare: int) -> None:
        """``some``: columns still possible, cheapest first; ``left``: atoms not yet covered.

        ``spare``: how many grids more may be outside the tolerance.
        """
        if not left:
            self.best, self.room = list(self.taken), spent - 1e-3
            return
        self.nodes += 1
        self.left -= 1 + len(some) // 400  # nodes with many choices take as much longer
        if self.nodes > self.most or self.left < 0:
            self.stopped = True
            return
        counts = self.held[some].sum(0)
        if np.count_nonzero(counts) < left.bit_count():  # covered atoms count 0; others must not
            return
        atom = int(np.where(counts > 0, counts, np.inf).argmin())
        followed = 0
        for column in some[self.held[some, atom] > 0].tolist():
            cost = spent + self.costs[column]
            if cost > self.room or self.stopped:
                return
            after, still = left & ~self.numbers[column], spare - self.counted[column]
            if self.seen.get((after, still), np.inf) <= cost:
                continue
            found = self.forced.get(after)
            if found is None:
                found = self.forced[after] = self._forced(after)
            price = paid + self.prices[column]
            if found[0] > still or (self.outside is None and price + found[1] > self.limit):
                continue
            if followed >= self.breadth:
                return
            followed += 1
            self.seen[after, still] = cost
            free = ((self.masks[some] & self.masks[column]) == 0) & (self.cost[some] <= self.room - cost)
            if not still and spare:
                free &= ~self.flags[some]
            self.taken.append(column)
            self._down(some[free], after, cost, price, still)
            self.taken.pop()

    def _forced(self, left: int) -> tuple[int, float]:
        """Pieces of what is left that no number of grids inside the tolerance can make up, and what they cost."""
        pieces, forced = 0, 0.0
        while left:
            front = left & -left
            left ^= front
            total = 0.0
            while front:
                atom = front.bit_length() - 1
                front ^= 1 << atom
                total += self.weight[atom]
                fresh = self.near[atom] & left
                left ^= fresh
                front |= fresh
            if int(total / self.good[0]) * self.good[1] < total:
                borne = int(total / self.bearable[0]) * self.bearable[1] >= total
                pieces += 1
                forced += OUTSIDE if borne else UNBEARABLE
        return pieces, forced
