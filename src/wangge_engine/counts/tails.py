"""Upper quantiles and tails of counts: negative binomial where they scatter more than Poisson, else Poisson.

A negative binomial with mean ``mu`` and variance ``phi * mu`` has size ``mu / (phi - 1)`` and probability ``1 / phi``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


def cumulated(count: Floats, mu: Floats, phi: Floats) -> Floats:
    """P(X <= count); count below 0 gives 0."""
    count = np.asarray(count, float)
    below = count < 0
    safe = np.where(below, 0.0, np.floor(count))
    mu = np.asarray(mu, float)
    wide = phi > 1
    size = np.where(wide, mu / np.where(wide, phi - 1, 1.0), 1.0)
    found = np.where(
        wide & (mu > 0),
        special.betainc(np.where(size > 0, size, 1.0), safe + 1, 1 / np.where(wide, phi, 2.0)),
        special.gammaincc(safe + 1, mu),
    )
    return np.where(below, 0.0, found)


def exceeded(count: Floats, mu: Floats, phi: Floats) -> Floats:
    """P(X >= count), accurate however small; count 0 gives 1."""
    count = np.asarray(count, float)
    mu = np.asarray(mu, float)
    some = count > 0
    safe = np.where(some, count, 1.0)
    wide = phi > 1
    size = np.where(wide, mu / np.where(wide, phi - 1, 1.0), 1.0)
    found = np.where(
        wide & (mu > 0),
        special.betainc(safe, np.where(size > 0, size, 1.0), 1 - 1 / np.where(wide, phi, 2.0)),
        special.gammainc(safe, mu),
    )
    return np.where(some, found, 1.0)


def quantile(level: float, mu: Floats, phi: Floats) -> Floats:
    """Smallest count that holds at least ``level`` of the distribution; NaN where mu or phi is."""
    mu, phi = np.broadcast_arrays(np.asarray(mu, float), np.asarray(phi, float))
    found = np.full(mu.shape, np.nan)
    known = np.isfinite(mu) & np.isfinite(phi)
    mu, phi = mu[known], np.maximum(phi[known], 1.0)
    spread = np.sqrt(mu * phi)
    z = float(special.ndtri(level))
    skew = np.where(spread > 0, (2 * phi - 1) / np.where(spread > 0, spread, 1.0), 0.0)
    start = np.maximum(np.floor(mu + spread * (z + skew * (z * z - 1) / 6) + 0.5), 0.0)
    level *= 1 - 64 * np.finfo(float).eps  # a quantile that stands exactly on a step is that step
    low, high = _bracket(level, start, mu, phi)
    open_ = np.flatnonzero(high - low > 1)
    while len(open_):
        middle = np.floor((low[open_] + high[open_]) / 2)
        enough = cumulated(middle, mu[open_], phi[open_]) >= level
        high[open_] = np.where(enough, middle, high[open_])
        low[open_] = np.where(enough, low[open_], middle)
        open_ = open_[high[open_] - low[open_] > 1]
    found[known] = high
    return found


def _bracket(level: float, start: Floats, mu: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """A count that does not hold the level (or -1) and one that does, near ``start``."""
    enough = cumulated(start, mu, phi) >= level
    low = np.where(enough, -1.0, start)
    high = np.where(enough, start, np.inf)
    step = 1.0
    seek = np.arange(len(start))
    while len(seek):
        down = enough[seek]
        probe = np.where(down, np.maximum(high[seek] - step, -1.0), low[seek] + step)
        holds = cumulated(probe, mu[seek], phi[seek]) >= level
        high[seek] = np.where(holds, probe, high[seek])
        low[seek] = np.where(holds, low[seek], probe)
        seek = seek[np.where(down, holds & (high[seek] > 0), ~holds)]
        step *= 2
    return low, high
