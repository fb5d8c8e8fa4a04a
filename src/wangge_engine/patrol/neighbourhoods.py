"""Homes near each other, about a round's worth, and those groups in groups: what a calendar can reason about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wangge_engine.patrol.kinds import Home

Labels = NDArray[np.int64]


def neighbourhoods(homes: Sequence[Home], size: int) -> Labels:
    """Group of each home, at most ``size`` in one: halves along the longer side, never through one building's door.

    Groups are numbered along the halving, so that groups with near numbers lie near each other.
    """
    xy = np.array([(home.x, home.y) for home in homes], dtype=np.float64).reshape(-1, 2)
    labels = np.zeros(len(homes), dtype=np.int64)
    made = 0
    todo = [np.arange(len(homes))] if len(homes) else []
    while todo:
        part = todo.pop()
        spread = np.ptp(xy[part], axis=0)
        if len(part) <= size or not spread.any():
            for chunk in range(0, len(part), size):  # one tall building is several rounds
                labels[part[chunk : chunk + size]] = made
                made += 1
            continue
        axis = int(spread[1] > spread[0])
        order = part[np.lexsort((part, xy[part, 1 - axis], xy[part, axis]))]
        cut = _cut(xy[order, axis], -(-len(part) // size) // 2 * size or len(part) // 2)
        todo += [order[cut:], order[:cut]]
    return labels


def _cut(along: NDArray[np.float64], wish: int) -> int:
    """The place nearest to ``wish`` where the coordinate changes."""
    steps = np.flatnonzero(np.diff(along) > 0) + 1
    return int(steps[np.argmin(np.abs(steps - wish))])
