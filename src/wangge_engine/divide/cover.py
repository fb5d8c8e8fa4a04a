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
from wangge_engine.divide.columns import Columns, bits
from wangge_engine.divide.prices import OUTSIDE, UNBEARABLE
from wangge_engine.divide.territory import Floats, Ints, Rule

_EPS = 1e-6
_ROUNDS = 80
_STEPS = (1.0, 3.0, 8.0, 20.0, 50.0, 120.0)
_NODES = 1_500  # of one dive
_ALL_NODES = 9_000  # of all dives of one cover
_PIECED = 25_000  # columns whose rest is looked at piece by piece
_BREADTHS = (3, 8, 25, 10**6)  # choices followed at a branching, dive by dive
_MOST = 6_000  # columns that one search looks at


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


def best_cover(columns: Columns, atoms: Atoms, below: float, rule: Rule, room: float) -> Cover | Nothing:
    """The cheapest exact cover that costs less than ``below``, of grids at most ``room`` from the target.

    Where that is all that can be borne, others serve too; else grids beyond it (single atoms, so that a cover
    exists) are for the relaxation only.
    """
    strict = room < rule.slack
    if strict:
        columns = _leaving_enough(columns, atoms, rule)
    held = bits(columns.masks, atoms.count)
    bound, reduced, duals = _relaxation(held, columns.price)
    dear = np.flatnonzero(duals > UNBEARABLE / 3)
    if bound >= below - _EPS:
        return Nothing(bound, True, dear)
    weight = held.astype(np.float64) @ atoms.weight
    fits = (np.abs(weight / rule.target - 1.0) <= room + 1e-9) | (columns.price <= 0) | (not strict)
    dive = _Dive(atoms, rule, strict)
    gap = below - bound
    proven = True
    for step in [step for step in _STEPS if step < gap and (strict or step > OUTSIDE)] + [gap]:
        near = np.flatnonzero(fits & (reduced <= step + _EPS))
        near = near[np.argsort(reduced[near], kind="stable")]
        if len(near) > _MOST:
            proven = False
            off = np.abs(weight[near] / rule.target - 1.0) > rule.tolerance + 1e-9
            near = np.sort(np.concatenate([near[~off][: _MOST // 2], near[off][: _MOST // 2]]))
            near = near[np.argsort(reduced[near], kind="stable")]
        taken = dive.go(columns, near, np.maximum(reduced[near], 0.0), held[near], step, bound)
        proven = proven and not dive.stopped and dive.breadth == _BREADTHS[-1]
        if taken is not None:
            chosen = np.sort(near[taken])
            total = float(columns.price[chosen].sum())
            return (
                Cover(columns.masks[chosen], total, bound, proven)
                if total < below
                else Nothing(bound, False, dear)
            )
    return Nothing(bound, proven, dear)


def _leaving_enough(columns: Columns, atoms: Atoms, rule: Rule) -> Columns:
    """The columns that leave only pieces which grids inside the tolerance can make up; and the single atoms."""
    low, high = rule.target * (1 - rule.tolerance) - _EPS, rule.target * (1 + rule.tolerance) + _EPS
    masks = columns.masks
    left = ~masks & np.uint64((1 << atoms.count) - 1)
    rest = atoms.weight.sum() - bits(masks, atoms.count).astype(np.float64) @ atoms.weight
    fine = np.floor(rest / low) * high >= rest
    todo = np.flatnonzero(fine & (left != 0))
    if len(todo) > _PIECED:
        todo = todo[np.argsort(columns.price[todo], kind="stable")[:_PIECED]]
    left = left[todo]
    while len(todo):
        piece = left & (~left + np.uint64(1))
        while True:
            grown = piece.copy()
            for atom in range(atoms.count):
                grown[(piece >> np.uint64(atom)) & np.uint64(1) > 0] |= atoms.near[atom]
            grown &= left
            if (grown == piece).all():
                break
            piece = grown
        weight = bits(piece, atoms.count).astype(np.float64) @ atoms.weight
        good = np.floor(weight / low) * high >= weight
        fine[todo[~good]] = False
        more = good & ((left ^ piece) != 0)
        todo, left = todo[more], (left ^ piece)[more]
    keep = fine | (np.bitwise_count(masks) == 1)
    return Columns(masks[keep], columns.price[keep], columns.complete)


def _relaxation(held: Floats, price: Floats) -> tuple[float, Floats, Floats]:
    """The bound, every column's reduced cost, and every atom's dual."""
    count = held.shape[1]
    active = _first(held, price)
    program = _Program(count)
    program.add(held[active], price[active])
    known = np.zeros(len(price), dtype=bool)
    known[active] = True
    duals = np.zeros(count)
    for _ in range(_ROUNDS):
        found = program.solve()
        if found is None:
            break
        value, duals = found
        reduced = np.asarray(price - held @ duals.astype(np.float32))
        worth = np.flatnonzero((reduced < -1e-3) & ~known)
        if not len(worth):
            return value, reduced, duals
        take = worth[np.argsort(reduced[worth], kind="stable")[: 5 * count]]
        known[take] = True
        program.add(held[take], price[take])
    return 0.0, price, duals  # no price is negative


def _first(held: Floats, price: Floats) -> Ints:
    """A few cheap columns for each atom."""
    members = held.sum(1)
    order = np.argsort(price / np.maximum(members, 1.0), kind="stable")
    some = [np.flatnonzero(members == 1), order[: 6 * held.shape[1]]]
    some += [order[np.flatnonzero(held[order, atom] > 0)[:3]] for atom in range(held.shape[1])]
    return np.unique(np.concatenate(some))


class _Program:
    """The linear relaxation: columns are added as they turn out to be worth it; GLOP goes on from where it was."""

    def __init__(self, atoms: int) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.rows = [self.solver.Constraint(1.0, 1.0) for _ in range(atoms)]
        self.goal = self.solver.Objective()
        self.goal.SetMinimization()

    def add(self, held: Floats, price: Floats) -> None:
        for column, cost in zip(held, price.tolist(), strict=True):
            share = self.solver.NumVar(0.0, self.solver.infinity(), "")
            self.goal.SetCoefficient(share, cost)
            for atom in np.flatnonzero(column).tolist():
                self.rows[atom].SetCoefficient(share, 1.0)

    def solve(self) -> tuple[float, Floats] | None:
        """The value and the duals; None where GLOP finds no optimum."""
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return float(self.goal.Value()), np.array([row.dual_value() for row in self.rows])


class _Dive:
    """Depth first over exact covers whose reduced costs add up to at most ``room``; the best one found.

    Not followed: a choice whose price is too high together with the grids still forced outside the tolerance by the
    pieces it leaves behind, and ground come to again that was left uncovered at less cost before.
    """

    def __init__(self, atoms: Atoms, rule: Rule, strict: bool) -> None:
        self.strict = strict
        self.most = 2 * _NODES
        self.left = _ALL_NODES
        self.near = [int(one) for one in atoms.near]
        self.weight = atoms.weight.tolist()
        self.good = (rule.target * (1 - rule.tolerance) - _EPS, rule.target * (1 + rule.tolerance) + _EPS)
        self.bearable = (rule.target * (1 - rule.slack) - _EPS, rule.target * (1 + rule.slack) + _EPS)
        self.everything = (1 << atoms.count) - 1
        self.forced: dict[int, float] = {}
        self.stopped = False

    def go(  # noqa: PLR0917 -- one thing each, of its own type
        self, columns: Columns, near: Ints, cost: Floats, held: Floats, room: float, bound: float
    ) -> list[int] | None:
        self.masks, self.cost, self.held = columns.masks[near], cost, held
        self.room, self.limit = room + _EPS, bound + room + _EPS
        self.numbers: list[int] = self.masks.tolist()
        self.costs: list[float] = cost.tolist()
        self.prices: list[float] = columns.price[near].tolist()
        self.best: list[int] | None = None
        for self.breadth in _BREADTHS:
            self.taken: list[int] = []
            self.seen: dict[int, float] = {}
            self.nodes, self.stopped = 0, False
            self._down(np.arange(len(near)), self.everything, 0.0, 0.0)
            if (self.best is not None and self.breadth > _BREADTHS[0]) or self.left < 0:
                break
        return self.best

    def _down(self, some: Ints, left: int, spent: float, paid: float) -> None:
        """``some``: columns still possible, cheapest first; ``left``: atoms not yet covered."""
        if not left:
            self.best, self.room = list(self.taken), spent - 1e-3
            return
        self.nodes += 1
        self.left -= 1 + len(some) // 400  # nodes with many choices take as much longer
        if self.nodes > self.most or self.left < 0:
            self.stopped = True
            return
        counts = self.held[some].sum(0)
        open_ = [atom for atom in range(len(counts)) if left >> atom & 1]
        atom = min(open_, key=counts.__getitem__)
        followed = 0
        for column in some[self.held[some, atom] > 0].tolist():
            cost = spent + self.costs[column]
            if cost > self.room or self.stopped:
                return
            after = left & ~self.numbers[column]
            if self.seen.get(after, np.inf) <= cost:
                continue
            forced = self.forced.get(after)
            if forced is None:
                forced = self.forced[after] = self._forced_price(after)
            price = paid + self.prices[column]
            if price + forced > self.limit or (forced and self.strict):
                continue
            if followed >= self.breadth:
                return
            followed += 1
            self.seen[after] = cost
            rest = some[
                ((self.masks[some] & self.masks[column]) == 0) & (self.cost[some] <= self.room - cost)
            ]
            self.taken.append(column)
            self._down(rest, after, cost, price)
            self.taken.pop()

    def _forced_price(self, left: int) -> float:
        """What is left costs this at least: pieces that no number of grids inside the tolerance can make up."""
        forced = 0.0
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
                forced += OUTSIDE if borne else UNBEARABLE
        return forced
