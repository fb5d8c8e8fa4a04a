"""Many series a day: which raw alarms stand when the share of false ones is held down.

Benjamini & Hochberg (1995, JRSS B 57:289) over all series evaluated on one day, at level ``q``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def stand(p_value: Floats, day: npt.NDArray[np.int64], q: float) -> npt.NDArray[np.bool_]:
    """True where the value is among the discoveries of its day; NaN is never one and counts for nothing."""
    found = np.zeros(len(p_value), bool)
    known = np.flatnonzero(np.isfinite(p_value))
    order = known[np.lexsort((p_value[known], day[known]))]
    if not len(order):
        return found
    begin = np.flatnonzero(np.diff(day[order], prepend=day[order[0]] - 1))
    size = np.diff(np.append(begin, len(order)))
    rank = np.arange(len(order)) - np.repeat(begin, size) + 1
    below = p_value[order] <= q * rank / np.repeat(size, size)
    last = np.maximum.reduceat(np.where(below, rank, 0), begin)
    found[order] = rank <= np.repeat(last, size)
    return found
