"""How many grids must lie across a barrier: what barriers cut off and is no grid by itself has to go with something.

A piece between barriers that cannot be divided into bearable grids leaves at least a rest to grids that cross. All
rests of a part of a community together, in grids as heavy as can be borne, give the number that no plan stays below.
"""

from __future__ import annotations

import math

import numpy as np

from wangge_engine.divide.territory import Region, Rule, components, divisible, sums

_HAIR = 1e-9


def least_across(region: Region, rule: Rule) -> int:
    """Grids across a barrier in every plan of bearable grids; 0 where there is no such plan."""
    least, most = rule.target * (1 - rule.slack), rule.target * (1 + rule.slack)
    if not divisible(float(region.weight.sum()), least, most):
        return 0
    name = components(region.size, region.pairs[~region.soft | region.virtual])
    places = np.unique(name, return_inverse=True)[1].reshape(-1)
    rests = [_rest(weight, least, most) for weight in sums(places, region.weight).tolist()]
    if len(rests) == 1:
        return 0
    needed = [rest for rest in rests if rest is not None]
    return max(1, math.ceil(sum(needed) / most - _HAIR)) if needed else 0


def _rest(weight: float, least: float, most: float) -> float | None:
    """The least weight that a piece leaves when bearable grids are taken from it; None where nothing is left."""
    grids = int((weight + _HAIR) // least)
    if grids and weight <= grids * most + _HAIR:
        return None
    return weight - grids * most
