"""Windows of neighbouring grids: where to look, and what lies around."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wangge_engine.divide.prices import EstateBook, figures_of, outside_of
from wangge_engine.divide.territory import Ints, Region, Rule, sums


def centres(region: Region, label: Ints, rule: Rule, book: EstateBook, only_bad: bool) -> Iterator[int]:
    """A unit of each grid, the dearest grids first; without ``only_bad`` only as many as cover the region."""
    price = figures_of(region, label, book).prices(rule)
    weight = sums(label, region.weight)
    bad = outside_of(weight, rule)
    done: set[int] = set()
    for grid in np.argsort(-price, kind="stable").tolist():
        if only_bad and not bad[grid]:
            continue
        members = np.flatnonzero(label == grid)
        if not only_bad:
            if grid in done:
                continue
            done |= set(around(region, label, grid, 3))
        yield int(members[0])


def around(region: Region, label: Ints, grid: int, most: int) -> list[int]:
    """A grid and those nearest to it, by shared border, ring by ring."""
    a, b = label[region.pairs].T
    other = a != b
    near: dict[int, dict[int, float]] = {}
    for one, two, metres, soft in zip(
        a[other].tolist(),
        b[other].tolist(),
        region.metres[other].tolist(),
        region.soft[other].tolist(),
        strict=True,
    ):
        worth = metres * (0.05 if soft else 1.0) + 0.01
        near.setdefault(one, {})[two] = near.get(one, {}).get(two, 0.0) + worth
        near.setdefault(two, {})[one] = near.get(two, {}).get(one, 0.0) + worth
    chosen = [grid]
    while len(chosen) < most:
        reach: dict[int, float] = {}
        for one in chosen:
            for two, worth in near.get(one, {}).items():
                if two not in chosen:
                    reach[two] = reach.get(two, 0.0) + worth
        if not reach:
            break
        chosen.append(max(reach, key=lambda two: (reach[two], -two)))
    return chosen
