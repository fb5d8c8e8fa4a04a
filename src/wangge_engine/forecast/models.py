"""Forecast models of one series: history in, mean and negative-binomial size per horizon out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Floats = npt.NDArray[np.float64]
SMOOTHING = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
STAYING = (0.5, 0.75, 0.88, 0.95, 1.0)
HALF = 0.5  # added to counts under a logarithm
LEAST_MEAN = 0.05
SIZES = np.geomspace(0.1, 1000.0, 32)  # of a negative binomial, tried for the likeliest
MOST_SIZE = 1e4  # of a negative binomial; beyond it is Poisson


@dataclass(frozen=True)
class Forecast:
    """Mean and size per horizon, the first being one step ahead."""

    mean: Floats
    size: Floats


def log_pmf(y: Floats, mean: Floats, size: Floats | float) -> Floats:
    """Log probability of counts under a negative binomial."""
    size = np.asarray(size, float)
    return np.asarray(
        special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
        + size * np.log(size / (size + mean)) + y * np.log(mean / (size + mean))
    )  # fmt: skip


def size_of_errors(y: Floats, mean: Floats, axis: int = -1) -> Floats:
    """Size that gives past errors their variance, mean + mean^2 / size; NaN counts for nothing."""
    known = np.isfinite(y) & np.isfinite(mean)
    excess = np.where(known, (y - mean) ** 2 - mean, 0.0).sum(axis=axis)
    square = np.where(known, mean**2, 0.0).sum(axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(excess > square / MOST_SIZE, square / excess, MOST_SIZE))


def _harmonics(times: Floats, freq: int, pairs: int) -> Floats:
    turns = 2 * math.pi * times / freq
    waves = [wave(k * turns) for k in range(1, pairs + 1) for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones(len(times)), *waves])


def season(y: Floats, freq: int, ahead: int) -> Floats:
    """Seasonal mean of the history and of the next ``ahead`` times: a Poisson fit of two harmonics, lightly held back.

    With less than two years of history (or a short year) it is the mean.
    """
    known = np.isfinite(y)
    pairs = 2 if len(y) >= 2 * freq and freq >= 8 else 0
    design = _harmonics(np.arange(len(y) + ahead, dtype=float), freq, pairs)
    used, counts = design[: len(y)][known], y[known]
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(counts.mean() + HALF / len(counts))
    hold = np.diag([0.0, *[1.0] * (design.shape[1] - 1)])
    for _ in range(30):
        mu = np.exp(np.clip(used @ beta, -20, 20))
        step = np.linalg.solve(
            used.T @ (mu[:, None] * used) + hold + 1e-9 * np.eye(len(beta)),
            used.T @ (counts - mu) - hold @ beta,
        )
        beta += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(np.exp(np.clip(design @ beta, -20, 20)))


def level(y: Floats, horizons: int, freq: int) -> Forecast:
    """Season times a level that falls back to it; see the manual page."""
    usual = season(y, freq, horizons)
    ratio = np.log((y + HALF) / (usual[: len(y)] + HALF))
    alpha = np.array(SMOOTHING)
    levels = np.zeros((len(alpha), len(y)))
    now = np.zeros(len(alpha))
    for t, one in enumerate(ratio.tolist()):
        if not math.isnan(one):  # an unknown count leaves the level as it is
            now = now + alpha * (one - now)
        levels[:, t] = now
    ahead = np.arange(1, horizons + 1)
    stay = np.array(STAYING)[:, None] ** ahead
    burn = min(len(y) // 4, freq)
    places = np.arange(burn, len(y) - 1)
    target = places[:, None] + ahead
    inside = target < len(y)
    later = np.minimum(target, len(y) - 1)
    told = np.where(inside, y[later], np.nan)  # place x horizon
    exponent = levels[:, None, places, None] * stay[None, :, None, :]
    mean = np.maximum((usual[later] + HALF) * np.exp(exponent) - HALF, LEAST_MEAN)
    size = size_of_errors(np.broadcast_to(told, mean.shape), mean, axis=2)
    recent = np.where(np.isfinite(told), HALF ** ((len(y) - 1 - places) / freq)[:, None], 0.0)
    told = np.nan_to_num(told)
    score = (recent * log_pmf(told, mean, size[:, :, None, :])).sum(axis=(2, 3))
    a, s = np.unravel_index(int(np.argmax(score)), score.shape)
    tried = (recent * log_pmf(told, mean[a, s], SIZES[:, None, None])).sum(axis=1)
    final = (usual[len(y) :] + HALF) * np.exp(levels[a, -1] * stay[s]) - HALF
    return Forecast(np.maximum(final, LEAST_MEAN), SIZES[tried.argmax(axis=0)])


def endemic_epidemic(y: Floats, horizons: int, freq: int) -> Forecast:
    """One-series hhh4: endemic season plus a share of the last count."""
    known = np.isfinite(y)
    filled = np.where(known, y, np.nanmean(y))
    pairs = 1 if len(y) >= 2 * freq and freq >= 8 else 0
    design = _harmonics(np.arange(len(y) + horizons, dtype=float), freq, pairs)
    now, before, waves = filled[1:], filled[:-1], design[1 : len(y)]
    used = known[1:] & known[:-1]
    now, before, waves = now[used], before[used], waves[used]

    def loss(told: Floats) -> tuple[float, Floats]:
        """Minus the log likelihood and its slope; the edges keep the exponentials finite."""
        endemic, share, size = np.exp(waves @ told[:-2]), math.exp(told[-2]), math.exp(told[-1])
        mean = np.maximum(endemic + share * before, 1e-8)
        by_mean = now / mean - (now + size) / (size + mean)
        by_size = (
            special.digamma(now + size) - special.digamma(size)
            + math.log(size) + 1 - np.log(size + mean) - (size + now) / (size + mean)
        )  # fmt: skip
        slope = [*(waves.T @ (by_mean * endemic)), (by_mean * before).sum() * share, by_size.sum() * size]
        return -float(log_pmf(now, mean, size).sum()), -np.array(slope)

    start = np.zeros(design.shape[1] + 2)
    start[0] = math.log(max(float(now.mean()), 0.05) / 2)
    start[-2], start[-1] = math.log(0.5), math.log(5.0)
    edges = [(-15.0, 15.0), *[(-5.0, 5.0)] * (design.shape[1] - 1), (-15.0, 1.0), (-6.0, 9.0)]
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=edges).x
    share, size = math.exp(best[-2]), math.exp(best[-1])
    endemic = np.exp(design[len(y) :] @ best[:-2])
    means, spread, mean, variance = [], [], float(filled[-1]), 0.0
    for part in endemic.tolist():
        mean = part + share * mean
        of_mean = share**2 * variance
        variance = of_mean + mean + (mean**2 + of_mean) / size
        means.append(max(mean, LEAST_MEAN))
        spread.append(min(mean**2 / max(variance - mean, mean**2 / MOST_SIZE), MOST_SIZE))
    return Forecast(np.array(means), np.array(spread))


def naive(y: Floats, horizons: int, freq: int) -> Forecast:
    """The last known count stays; the size is that of such forecasts' past errors."""
    last = np.asarray(y[np.isfinite(y)])
    held = np.maximum(last, HALF)
    sizes = [size_of_errors(last[h:], held[:-h]) for h in range(1, horizons + 1)]
    return Forecast(np.full(horizons, held[-1]), np.array([float(size) for size in sizes]))


def pooled(y: Floats, horizons: int, freq: int) -> Forecast:
    """Two parts `level`, two `endemic_epidemic`, one `naive`: one distribution with the mixture's mean and variance."""
    parts = [(share, model(y, horizons, freq)) for share, model in SHARES]
    mean = sum((share * part.mean for share, part in parts), np.zeros(horizons))
    variance = sum(
        (share * (part.mean + part.mean**2 / part.size + (part.mean - mean) ** 2) for share, part in parts),
        np.zeros(horizons),
    )
    return Forecast(mean, mean**2 / np.maximum(variance - mean, mean**2 / MOST_SIZE))


SHARES = ((0.4, level), (0.4, endemic_epidemic), (0.2, naive))
MODELS: dict[str, Callable[[Floats, int, int], Forecast]] = {
    "pooled": pooled,
    "level": level,
    "endemic-epidemic": endemic_epidemic,
    "naive": naive,
}
