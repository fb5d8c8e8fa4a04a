"""Cumulative sum of standardised counts (Rossi, Lampugnani & Marchi 1999, Stat Med 18:2111).

z = (x - 3m + 2 sqrt(x m)) / (2 sqrt(m)), S = max(0, S + z - k), alarm when S reaches h; S starts again at 0 after an
alarm. ``upper`` is the count with which S would just reach h.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wangge_engine.warn.ears import Watch

Floats = npt.NDArray[np.float64]


def cusum(counts: Floats, *, k: float, h: float, mean: float | None, history: int) -> Watch:
    """Sums over series x time; a missing count leaves the sum as it is.

    ``mean`` is the count in control; None: the mean of all counts before t, of which at least ``history`` must be known
    (with no case among n counts, 1 / (n + 1)).
    """
    known = np.isfinite(counts)
    before = np.cumsum(known, axis=1) - known
    if mean is None:
        total = np.cumsum(np.where(known, counts, 0.0), axis=1) - np.where(known, counts, 0.0)
        level = np.where(total > 0, total / np.maximum(before, 1), 1 / (before + 1.0))
        level = np.where(before >= history, level, np.nan)
    else:
        level = np.full(counts.shape, mean)
    root = np.sqrt(level)
    with np.errstate(invalid="ignore"):
        z = (counts - 3 * level + 2 * np.sqrt(counts * level)) / (2 * root)
    total_sum = np.zeros(len(counts))
    upper = np.full(counts.shape, np.nan)
    alarm = np.full(counts.shape, np.nan)
    for at in range(counts.shape[1]):
        now = np.isfinite(level[:, at])
        needed = h - total_sum + k
        count = np.sqrt(np.maximum(4 * level[:, at] + 2 * root[:, at] * needed, 0.0)) - root[:, at]
        upper[:, at] = np.where(now, np.maximum(count, 0.0) ** 2, np.nan)
        seen = now & known[:, at]
        total_sum = np.where(seen, np.maximum(0.0, total_sum + z[:, at] - k), total_sum)
        ring = seen & (total_sum >= h)
        alarm[seen, at] = ring[seen]
        total_sum = np.where(ring, 0.0, total_sum)
    return Watch(np.where(np.isfinite(level), level, np.nan), upper, np.full(counts.shape, np.nan), alarm)
