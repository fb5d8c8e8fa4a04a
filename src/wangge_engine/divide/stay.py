"""How few households any new plan of a region could move, proven by CP-SAT on what every plan must fulfil.

Asked of every plan with no more grids outside the tolerance: each old code is kept by one grid or by none, that grid
holds some of its old homes, is within the tolerance or is one of those outside, and hangs together as far as answers
have been seen that do not. Homes in grids with new codes have moved. Everything else is left open, so what the solver
proves of this holds for every plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wangge_engine.divide.territory import Ints, Region, Rule, components

_STEPS = 10  # of a household: weights are counted in tenths
_MOST = 8_000  # pairs of a building and a code
_ROUNDS = 60
_EFFORT = 2.0  # deterministic seconds for all answers of a region


@dataclass(frozen=True)
class Least:
    """``moved``: households that move in every plan; ``code`` of each position in a plan that moves no more."""

    moved: float
    code: Ints | None


def least_moved(region: Region, was: Ints, rule: Rule, outside: int, *, bearable: bool = False) -> Least:
    """The bound for plans with at most ``outside`` grids outside the tolerance, all ``bearable`` or not.

    ``was``: each position's old code, or -1.
    """
    codes = np.unique(was[was >= 0]).tolist()
    if not codes or region.size * (len(codes) + 1) > _MOST:
        return Least(0.0, None)
    asked = _Asked(region, was, codes, rule, outside, rule.slack if bearable else np.inf)
    bound, effort = 0.0, _EFFORT
    for _ in range(_ROUNDS):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        state = solver.solve(asked.model)
        if state not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
            break
        bound = max(bound, float(np.ceil(solver.best_objective_bound - 1e-6)) / _STEPS)
        effort -= solver.response_proto.deterministic_time
        if state != cp_model.OPTIMAL:
            break
        answer = np.full(region.size, -1, dtype=np.int64)
        for (unit, at), one in asked.put.items():
            if solver.value(one):
                answer[unit] = codes[at]
        if not asked.joined(answer):
            return Least(bound, answer if (answer >= 0).all() else None)
        if effort <= 0:
            break
    return Least(bound, None)


class _Asked:
    """The model: ``put[unit, code]`` says that the unit lies in the grid that keeps the code."""

    def __init__(  # noqa: PLR0917 -- one thing each, of its own type
        self, region: Region, was: Ints, codes: list[int], rule: Rule, outside: int, slack: float
    ) -> None:
        self.model = model = cp_model.CpModel()
        self.ways, self.codes = region.pairs, codes
        self.weight = np.round(region.weight * _STEPS).astype(int).tolist()
        size, many = region.size, len(codes)
        self.put = {(unit, at): model.new_bool_var("") for unit in range(size) for at in range(many)}
        fresh = [model.new_bool_var("") for _ in range(size)]
        near: list[list[int]] = [[] for _ in range(size)]
        for one, two in region.pairs.tolist():
            near[one].append(two)
            near[two].append(one)
        own = [np.flatnonzero(was == code).tolist() for code in codes]
        low, high = (round(rule.target * (1 + by) * _STEPS) for by in (-rule.tolerance, rule.tolerance))
        everything = sum(self.weight)
        least = max(0, round(rule.target * (1 - slack) * _STEPS)) if slack < np.inf else 0
        most = max(high, round(rule.target * (1 + slack) * _STEPS) if slack < np.inf else everything)
        left, there = [], []
        for unit in range(size):
            model.add_exactly_one([self.put[unit, at] for at in range(many)] + [fresh[unit]])
        for at in range(many):
            kept, out = model.new_bool_var(""), model.new_bool_var("")
            left.append(out)
            there.append(kept)
            model.add_implication(out, kept)
            model.add_bool_or([self.put[unit, at] for unit in own[at]]).only_enforce_if(kept)
            for unit in range(size):
                model.add_implication(self.put[unit, at], kept)
                if was[unit] != codes[at]:
                    model.add(sum(self.put[other, at] for other in near[unit]) >= self.put[unit, at])
            total = sum(self.weight[unit] * self.put[unit, at] for unit in range(size))
            # as sums, not as conditions: the relaxation then knows how many grids the whole makes up
            model.add(total >= low * kept - (low - least) * out)
            model.add(total <= high * kept + (most - high) * out)
        grids, loose = model.new_int_var(0, size, ""), model.new_int_var(0, min(size, outside), "")
        total = sum(self.weight[unit] * fresh[unit] for unit in range(size))
        model.add(loose <= grids)
        model.add(total >= low * grids - (low - least) * loose)
        model.add(total <= high * grids + (most - high) * loose)
        model.add(sum(left) + loose <= outside)
        numbers = [
            many_grids
            for many_grids in range(1, size + 1)
            if any(
                low * many_grids - (low - least) * out
                <= everything
                <= high * many_grids + (most - high) * out
                for out in range(min(outside, many_grids) + 1)
            )
        ]
        model.add_linear_expression_in_domain(sum(there) + grids, cp_model.Domain.from_values(numbers))
        number = {code: at for at, code in enumerate(codes)}
        model.minimize(
            sum(
                self.weight[unit] * self.put[unit, number[code]].negated()
                for unit, code in enumerate(was.tolist())
                if code >= 0
            )
        )

    def joined(self, answer: Ints) -> bool:
        """Asks for what the answer lacks; whether anything was: some kept grid is in pieces."""
        name = components(len(answer), self.ways[answer[self.ways[:, 0]] == answer[self.ways[:, 1]]])
        asked = False
        for at, code in enumerate(self.codes):
            inside = np.flatnonzero(answer == code)
            pieces = [inside[name[inside] == one] for one in np.unique(name[inside])]
            if len(pieces) < 2:
                continue
            pieces.sort(key=lambda piece: sum(self.weight[unit] for unit in piece.tolist()))
            heart = max(pieces[-1].tolist(), key=lambda unit: self.weight[unit])
            for piece in pieces[:-1]:
                held = np.zeros(len(answer), dtype=bool)
                held[piece] = True
                edge = held[self.ways[:, 0]] != held[self.ways[:, 1]]
                around = np.unique(self.ways[edge])
                bridges = [self.put[other, at] for other in around[~held[around]].tolist()]
                for unit in piece.tolist():
                    self.model.add(sum(bridges) >= self.put[unit, at] + self.put[heart, at] - 1)
                asked = True
        return asked
