"""EARS C1, C2 and C3 (Hutwagner, Thompson, Seeman & Treadwell 2003, J Urban Health 80:i89).

C1 compares a count with mean m and standard deviation s of the `baseline` counts just before it; C2 leaves a gap of two
between, so that an outbreak does not raise its own bound; C3 adds what C2 exceeded 1 by on the two times before.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
GAP = 2


@dataclass(frozen=True)
class Watch:
    """Per series x time: expected, upper, tail of the observed statistic, alarm (NaN where not known)."""

    expected: Floats
    upper: Floats
    p_value: Floats
    alarm: Floats


def history_needed(method: str, baseline: int) -> int:
    """How many times before t must exist for t to be evaluated."""
    return baseline + {"ears-c1": 0, "ears-c2": GAP, "ears-c3": 2 * GAP}[method]


def ears(counts: Floats, method: str, *, baseline: int, min_sigma: float, alpha: float) -> Watch:
    """Bounds for every time of series x time, NaN where unknown or where too little stands before it.

    A baseline needs at least half of its counts (and two).
    """
    z = float(special.ndtri(1 - alpha))
    mean, spread = _before(counts, baseline, 0 if method == "ears-c1" else GAP)
    spread = np.maximum(spread, min_sigma)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = (counts - mean) / spread
    excess = np.where(np.isnan(excess) & np.isfinite(counts) & np.isfinite(mean), 0.0, excess)  # 0 of 0
    if method != "ears-c3":
        upper = mean + z * spread
        alarm = np.where(np.isfinite(counts) & np.isfinite(upper), counts > upper, np.nan)
        return Watch(mean, upper, special.ndtr(-excess), alarm)
    over = np.maximum(excess - 1, 0.0)
    earlier = np.nan_to_num(over, nan=0.0, posinf=np.inf)
    lags = np.zeros_like(counts)
    lags[:, 1:] += earlier[:, :-1]
    lags[:, 2:] += earlier[:, :-2]
    upper = np.where(spread > 0, mean + spread * (z - lags), mean)
    statistic = over + lags
    alarm = np.where(np.isfinite(counts) & np.isfinite(mean), statistic >= z, np.nan)
    return Watch(mean, upper, np.where(np.isnan(alarm), np.nan, special.ndtr(-statistic)), alarm)


def _before(counts: Floats, baseline: int, gap: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) of the `baseline` counts that end `gap` before each time.

    Each window is summed by itself: running sums would lose digits that a bound is compared with.
    """
    mean = np.full(counts.shape, np.nan)
    spread = np.full(counts.shape, np.nan)
    reach = baseline + gap
    if counts.shape[1] <= reach:
        return mean, spread
    windows = np.lib.stride_tricks.sliding_window_view(
        counts[:, : counts.shape[1] - gap - 1], baseline, axis=1
    )
    enough = max(2, math.ceil(baseline / 2))
    rows = max(1, 4_000_000 // (windows.shape[1] * baseline))
    for start in range(0, len(counts), rows):
        part = windows[start : start + rows]
        known = np.isfinite(part)
        if known.all():
            found_mean, found_spread = part.mean(axis=2), part.std(axis=2, ddof=1)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # windows without a count
                found_mean, found_spread = np.nanmean(part, axis=2), np.nanstd(part, axis=2, ddof=1)
            few = known.sum(axis=2) < enough
            found_mean[few] = np.nan
            found_spread[few] = np.nan
        mean[start : start + rows, reach:] = found_mean
        spread[start : start + rows, reach:] = found_spread
    return mean, spread
