"""Labelled simulated outbreaks of our own: weekly counts with season, trend and dispersion, and outbreaks put in.

After the design of Noufaily et al. 2013: log mean = level + trend + annual wave, negative-binomial counts; an outbreak
of size s spreads s times the standard deviation of the week over 3 to 8 weeks as log-normal delays do. Past outbreaks
stand in the history of every series; half of the series have one more in the year that is watched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """Counts (series x week), and which weeks are part of an outbreak."""

    counts: Floats
    outbreak: npt.NDArray[np.bool_]


def simulate(series: int, *, years: int, seed: int, watched: int = 52) -> Simulated:
    """The last ``watched`` weeks are those to be evaluated; one seed, one data set."""
    random = np.random.default_rng(seed)
    weeks = np.arange(years * 52)
    level = np.log(random.choice([1.0, 5.0, 20.0, 80.0], series))
    trend = random.choice([0.0, 0.0, 0.0005, -0.0005], series)
    wave = random.uniform(0, 0.6, series)
    turn = random.uniform(0, 52, series)
    mean = np.exp(
        level[:, None]
        + trend[:, None] * (weeks - weeks[-1])
        + wave[:, None] * np.cos(2 * np.pi * (weeks - turn[:, None]) / 52)
    )
    phi = random.uniform(1.5, 3.0, series)[:, None]
    counts = random.negative_binomial(mean / (phi - 1), 1 / phi).astype(float)
    outbreak = np.zeros(counts.shape, bool)
    for row in range(series):
        begins = list(random.choice(len(weeks) - watched - 10, 2, replace=False))
        if row % 2 == 0:
            begins.append(len(weeks) - watched + int(random.integers(0, watched - 10)))
        for begin in begins:
            length = int(random.integers(3, 9))
            size = random.uniform(3, 8) * np.sqrt(mean[row, begin] * phi[row, 0]) + 3
            shares = np.diff(np.concatenate([[0.0], np.sort(random.uniform(0, 1, length - 1)), [1.0]]))
            extra = random.poisson(size * length / 2 * shares)
            counts[row, begin : begin + length] += extra
            outbreak[row, begin : begin + length] = extra > 0
    return Simulated(counts, outbreak)
