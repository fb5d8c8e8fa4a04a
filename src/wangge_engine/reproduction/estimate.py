"""The posterior of R over sliding windows (Cori et al. 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
QUANTILES = (0.025, 0.5, 0.975)


@dataclass(frozen=True)
class Posterior:
    """Per window: index of its first day, mean, and the three quantiles; NaN without infectiousness."""

    start: npt.NDArray[np.int64]
    mean: Floats
    quantiles: Floats


def infectiousness(cases: Floats, serial: Floats) -> Floats:
    """Sum of ``serial[s] * cases[t - s]`` for s >= 1; ``serial[0]`` belongs to lag 0 and is not used."""
    told = np.zeros(len(cases))
    for lag in range(1, min(len(serial), len(cases))):
        told[lag:] += serial[lag] * cases[:-lag]
    return told


def reproduction(
    local: Floats, cases: Floats, serial: Floats, *, window: int, prior_mean: float, prior_sd: float
) -> Posterior:
    """Posterior of each window of ``window`` days, the first beginning on the second day."""
    shape, scale = (prior_mean / prior_sd) ** 2, prior_sd**2 / prior_mean
    start = np.arange(1, len(cases) - window + 1)
    pressure = infectiousness(cases, serial)
    infected = np.array([local[t : t + window].sum() for t in start])
    exposed = np.array([pressure[t : t + window].sum() for t in start])
    a = shape + infected
    rate = 1 / scale + exposed
    silent = exposed <= 0
    mean = np.where(silent, np.nan, a / rate)
    quantiles = np.stack([np.where(silent, np.nan, special.gammaincinv(a, q) / rate) for q in QUANTILES])
    return Posterior(start, mean, quantiles)
