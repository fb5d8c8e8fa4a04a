"""What the grids of a part can weigh at all, when so many of them are to lie outside the tolerance.

All grids together weigh what the part weighs. Where that is close to the most or the least that its grids may weigh,
little room is left to each, and most connected sets need not be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.territory import Bools, Floats, Rule

_HAIR = 1e-6


@dataclass(frozen=True)
class Ranges:
    """The least and the most weight of a grid inside the tolerance, and of one outside; (inf, -inf): there is none."""

    inside: tuple[float, float]
    outside: tuple[float, float]

    @property
    def low(self) -> float:
        return min(self.inside[0], self.outside[0])

    @property
    def high(self) -> float:
        return max(self.inside[1], self.outside[1])

    def hold(self, weight: Floats, rule: Rule) -> Bools:
        """Which sets of this weight can be a grid of such a plan."""
        good = np.abs(weight / rule.target - 1.0) <= rule.tolerance + 1e-9
        fits = [(weight >= low) & (weight <= high) for low, high in (self.inside, self.outside)]
        return np.asarray(np.where(good, *fits))


def ranges_of(total: float, rule: Rule, outside: int) -> Ranges:
    """The ranges over every number of bearable grids of which exactly ``outside`` are outside the tolerance."""
    low, high = rule.target * (1 - rule.tolerance), rule.target * (1 + rule.tolerance)
    least, most = rule.target * (1 - rule.slack), rule.target * (1 + rule.slack)
    good, bad = [np.inf, -np.inf], [np.inf, -np.inf]
    for grids in range(max(1, outside), max(1, outside, int(total / least)) + 1):
        inner = grids - outside
        if not outside * least + inner * low - _HAIR <= total <= outside * most + inner * high + _HAIR:
            continue
        if inner:
            rest = outside * least + (inner - 1) * low, outside * most + (inner - 1) * high
            good = [min(good[0], max(low, total - rest[1])), max(good[1], min(high, total - rest[0]))]
        if outside:
            rest = (outside - 1) * least + inner * low, (outside - 1) * most + inner * high
            bad = [min(bad[0], max(least, total - rest[1])), max(bad[1], min(most, total - rest[0]))]
    return Ranges(
        (float(good[0]) - _HAIR, float(good[1]) + _HAIR), (float(bad[0]) - _HAIR, float(bad[1]) + _HAIR)
    )
