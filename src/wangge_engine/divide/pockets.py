"""What a single unit cuts off from the rest of its part: too light for a grid, it goes with that unit."""

from __future__ import annotations

import numpy as np

from wangge_engine.divide.territory import Floats, Ints


def pockets(count: int, pairs: Ints, weight: Floats, least: float) -> Ints:
    """Pairs of positions that are in one grid of every plan whose grids all weigh ``least`` or more."""
    near: list[list[int]] = [[] for _ in range(count)]
    for a, b in pairs.tolist():
        near[a].append(b)
        near[b].append(a)
    together: list[tuple[int, int]] = []
    for unit, part in _cut_off(near):
        if sum(float(weight[one]) for one in part) < least:
            together += [(unit, one) for one in part]
    return np.array(together, dtype=np.int64).reshape(-1, 2)


def _cut_off(near: list[list[int]]) -> list[tuple[int, list[int]]]:
    """Every unit without which its piece falls apart, with each of the parts (Tarjan: one walk, depth first)."""
    count = len(near)
    order, low, parent = [-1] * count, [0] * count, [-1] * count
    below: list[list[int]] = [[] for _ in range(count)]
    branches: list[list[int]] = [[] for _ in range(count)]
    found: list[tuple[int, list[int]]] = []
    seen = 0
    for root in range(count):
        if order[root] >= 0:
            continue
        order[root] = low[root] = seen
        seen += 1
        path = [(root, iter(near[root]))]
        while path:
            unit, rest = path[-1]
            other = next((one for one in rest if order[one] < 0), -1)
            if other >= 0:
                order[other] = low[other] = seen
                seen += 1
                parent[other] = unit
                path.append((other, iter(near[other])))
                continue
            path.pop()
            low[unit] = min([low[unit], *(order[one] for one in near[unit])])
            above = parent[unit]
            if above >= 0:
                low[above] = min(low[above], low[unit])
                below[above] += [unit, *below[unit]]
                if low[unit] >= order[above]:
                    branches[above].append(unit)
        piece = [root, *below[root]]
        for unit in piece:
            parts = [[one, *below[one]] for one in branches[unit]]
            if unit != root and parts:
                held = {unit}.union(*parts)
                parts.append([one for one in piece if one not in held])
            found += [(unit, part) for part in parts]
    return found
