"""The fewest households that must change grid, exactly: which building goes to which old grid, by CP-SAT.

No grid is new and none goes. Every grid keeps its heaviest building; that grids hang together is asked for where an
answer breaks it (a part cut off needs one of its neighbours), until none does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wangge_engine.divide.territory import Bools, Floats, Ints, Region, Rule, components, sums

_ROUNDS = 40
_EFFORT = 1.5  # deterministic seconds for all answers of a region
_MOST = 6_000  # pairs of a building and a grid
_STEPS = 10  # of a household: weights are counted in tenths


@dataclass(frozen=True)
class Wish:
    """What moving costs: for each position and grid the weight that changes its code, and ``fixed`` positions.

    ``alone``: grids left as heavy as they are, because nothing changed there. ``outside``: what a grid outside the
    tolerance is worth, in households.
    """

    moves: Floats
    fixed: Bools
    alone: Bools
    outside: float


def shifted(region: Region, label: Ints, rule: Rule, wish: Wish) -> Ints | None:
    """The labels with the fewest moves; None where no answer was found in time or the region is too large."""
    count = int(label.max()) + 1
    near = _near_grids(region, label, count)
    pairs = [(unit, grid) for unit in range(region.size) for grid in sorted(near[label[unit]])]
    if len(pairs) > _MOST:
        return None
    model = cp_model.CpModel()
    put = {pair: model.new_bool_var("") for pair in pairs}
    anchors = [_anchor(region, label, grid) for grid in range(count)]
    for unit in range(region.size):
        own = int(label[unit])
        model.add_exactly_one(put[unit, grid] for grid in sorted(near[own]))
        if wish.fixed[unit] or unit == anchors[own]:
            model.add(put[unit, own] == 1)
    a, b = region.pairs.T
    ways = region.pairs[~region.soft | (label[a] == label[b])]
    _beside(model, put, ways, region.size, anchors)
    weight = np.round(region.weight * _STEPS).astype(int).tolist()
    now = sums(label, region.weight, count)
    left = [_weighed(model, put, weight, grid, float(now[grid]), rule, wish) for grid in range(count)]
    price = sum(int(wish.moves[pair] * _STEPS) * one for pair, one in put.items() if wish.moves[pair] > 0)
    model.minimize(price + int(wish.outside * _STEPS) * sum(one for one in left if one is not None))
    for (unit, grid), one in put.items():
        model.add_hint(one, int(label[unit] == grid))
    effort = _EFFORT
    for _ in range(_ROUNDS):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        effort -= solver.response_proto.deterministic_time
        answer = label.copy()
        for (unit, grid), one in put.items():
            if solver.value(one):
                answer[unit] = grid
        if not _joined(model, put, ways, answer, anchors):
            return answer
        if effort <= 0:
            break
    return None


def _near_grids(region: Region, label: Ints, count: int) -> list[set[int]]:
    near = [{grid} for grid in range(count)]
    for a, b in label[region.pairs[~region.soft]].tolist():
        near[a].add(b)
        near[b].add(a)
    return near


def _anchor(region: Region, label: Ints, grid: int) -> int:
    inside = np.flatnonzero(label == grid)
    return int(inside[int(np.argmax(region.weight[inside]))])


def _weighed(  # noqa: PLR0917 -- one thing each, of its own type
    model: cp_model.CpModel,
    put: dict[tuple[int, int], cp_model.IntVar],
    weight: list[int],
    grid: int,
    now: float,
    rule: Rule,
    wish: Wish,
) -> cp_model.IntVar | None:
    """Asks for a grid's weight; the variable says that it stays outside the tolerance, None where that is free."""
    low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
    total = sum(weight[unit] * one for (unit, other), one in put.items() if other == grid)
    if wish.alone[grid]:
        model.add(total >= int(np.ceil(min(low, now) * _STEPS)))
        model.add(total <= int(max(high, now) * _STEPS))
        return None
    least, most = rule.target * (1 - rule.slack), rule.target * (1 + rule.slack)
    model.add(total >= int(np.ceil(least * _STEPS - 1e-6)))
    model.add(total <= int(most * _STEPS + 1e-6))
    out = model.new_bool_var("")
    model.add(total >= int(np.ceil(low * _STEPS - 1e-6))).only_enforce_if(out.negated())
    model.add(total <= int(high * _STEPS + 1e-6)).only_enforce_if(out.negated())
    return out


def _beside(
    model: cp_model.CpModel,
    put: dict[tuple[int, int], cp_model.IntVar],
    ways: Ints,
    size: int,
    anchors: list[int],
) -> None:
    """A building but the grid's heaviest has a neighbour in its grid."""
    near: list[list[int]] = [[] for _ in range(size)]
    for one, two in ways.tolist():
        near[one].append(two)
        near[two].append(one)
    for (unit, grid), one in put.items():
        if anchors[grid] != unit:
            model.add(sum(put[other, grid] for other in near[unit] if (other, grid) in put) >= one)


def _joined(
    model: cp_model.CpModel,
    put: dict[tuple[int, int], cp_model.IntVar],
    ways: Ints,
    answer: Ints,
    anchors: list[int],
) -> bool:
    """Asks for what the answer lacks: whether anything was, that is, whether some grid is in pieces."""
    name = components(len(answer), ways[answer[ways[:, 0]] == answer[ways[:, 1]]])
    asked = False
    for piece in np.unique(name).tolist():
        units = np.flatnonzero(name == piece)
        grid = int(answer[units[0]])
        if name[anchors[grid]] == piece:
            continue
        held = np.zeros(len(answer), dtype=bool)
        held[units] = True
        edge = held[ways[:, 0]] != held[ways[:, 1]]
        around = np.unique(ways[edge])
        bridges = [put[other, grid] for other in around[~held[around]].tolist() if (other, grid) in put]
        for unit in units.tolist():
            model.add(sum(bridges) >= put[unit, grid])
        asked = True
    return asked
