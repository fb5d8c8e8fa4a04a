"""Early warning counted by hand, one week at a time: dense matrices, loops, the standard library."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist, mean, stdev

import numpy as np


class Diverged(Exception):
    """The likelihood has no maximum and the means sink to 0 faster than a float can hold."""


def glm(design, y, prior):
    """R's glm(family = quasipoisson): coefficients, means, dispersion, leverages, converged."""
    mu = y + 0.1
    eta = np.log(mu)

    def deviance(mu):
        terms = [
            p * ((v * math.log(v / m) if v > 0 else 0.0) - (v - m))
            for p, v, m in zip(prior, y, mu, strict=True)
        ]
        return 2 * sum(terms)

    before, done = deviance(mu), False
    for _ in range(25):
        root = np.sqrt(prior * mu)
        beta = np.linalg.lstsq(design * root[:, None], (eta + (y - mu) / mu) * root, rcond=1e-15)[0]
        eta = design @ beta
        mu = np.exp(eta)
        if not mu.min() > 1e-200:
            raise Diverged
        now = deviance(mu)
        if abs(now - before) / (abs(now) + 0.1) < 1e-8:
            done = True
            break
        before = now
    phi = float(np.sum(root**2 * ((y - mu) / mu) ** 2)) / (len(y) - design.shape[1])
    orthogonal, _ = np.linalg.qr(design * root[:, None])
    return beta, mu, phi, (orthogonal**2).sum(axis=1), done


def references(k, b, freq, first_day):
    if first_day is None:
        return [k - i * freq for i in range(b + 1)]
    today = first_day + timedelta(days=7 * (k - 1))
    found = []
    for i in range(b + 1):
        try:
            then = today.replace(year=today.year - i)
        except ValueError:
            then = date(today.year - i, 3, 1)
        near = min(
            (then + timedelta(days=d) for d in range(-3, 4)), key=lambda day: day.weekday() != today.weekday()
        )
        found.append((near - first_day).days // 7 + 1)
    return found


def blocks(k, at, w, periods, past):
    """Level of each baseline week (1-based), as a dict."""
    level = dict.fromkeys(range(k - w, k + 1), periods)
    for later, earlier in pairwise(at):
        level |= dict.fromkeys(range(earlier - w, earlier + w + 1), periods)
        if periods > 1:
            between = list(range(earlier + w + 1, later - w))
            share, rest = divmod(len(between), periods - 1)
            for number in range(1, periods):
                for week in [between.pop(0) for _ in range(share + (number <= rest))]:
                    level[week] = number
    return {week: told for week, told in level.items() if week < k - past}


def farrington(y, k, *, b=3, freq=52, w=3, periods=10, threshold=2.58, past=26, alpha=0.005, first_day=None):
    """(expected, upper, phi, trend) of week k (1-based) of the counts y, NaN where unknown."""
    level = blocks(k, references(k, b, freq, first_day), w, periods, past)
    weeks = np.array(sorted(week for week in level if not math.isnan(y[week - 1])))
    counts = np.array([y[week - 1] for week in weeks])
    if not counts.any():
        return 0.0, 0.0, 1.0, False
    named = sorted({level[week] for week in weeks})
    member = np.array([[level[week] == name for name in named] for week in weeks], float)
    now = named.index(periods)

    def fitted(trend):
        design = np.column_stack([member, weeks - k]) if trend else member
        ones = np.ones(len(counts))
        _, mu, phi, leverage, done = glm(design, counts, ones)
        phi = max(phi, 1)
        free = np.maximum(1 - leverage, 0)
        residual = np.zeros(len(counts))
        some = free > 1e-12
        residual[some] = (1.5 * (counts ** (2 / 3) * mu ** (-1 / 6) - mu**0.5))[some] / np.sqrt(
            phi * free[some]
        )
        inverse = np.array([r**-2 if r > threshold else 1.0 for r in residual])
        beta, _, phi, _, _ = glm(design, counts, len(counts) / inverse.sum() * inverse)
        return math.exp(beta[now]), max(phi, 1.0), done

    mu, phi, done = fitted(True)
    trend = done and b >= 3 and mu <= counts.max()
    if not trend:
        mu, phi, _ = fitted(False)
    return mu, quantile(1 - alpha, mu, phi), phi, trend


def quantile(level, mu, phi):
    """Smallest count whose cumulated probability reaches the level, summed term by term."""
    count = 0
    size, stay = (mu / (phi - 1), 1 / phi) if phi > 1 else (math.inf, 0.0)
    term = stay**size if phi > 1 else math.exp(-mu)
    total = term
    while total < level * (1 - 1e-13):
        count += 1
        term *= (size + count - 1) / count * (1 - stay) if phi > 1 else mu / count
        total += term
    return float(count)


def ears(y, t, method, *, baseline=7, floor=0.5, alpha=0.001):
    """(expected, upper, alarm) at t (1-based)."""
    z = NormalDist().inv_cdf(1 - alpha)
    gap = 0 if method == "ears-c1" else 2

    def of(t):
        window = y[t - 1 - gap - baseline : t - 1 - gap]
        m, s = mean(window), max(stdev(window), floor)
        return m, s, (y[t - 1] - m) / s

    m, s, c = of(t)
    if method != "ears-c3":
        return m, m + z * s, c > z
    lags = sum(max(0.0, of(t - back)[2] - 1) for back in (1, 2))
    return m, m + s * (z - lags), max(0.0, c - 1) + lags >= z


def cusum(y, *, k=1.04, h=2.26, history=7):
    """[(t, alarm)] with the mean of all counts before t."""
    total, found = 0.0, []
    for t in range(history + 1, len(y) + 1):
        m = sum(y[: t - 1]) / (t - 1) or 1 / t
        total = max(0.0, total + (y[t - 1] - 3 * m + 2 * math.sqrt(y[t - 1] * m)) / (2 * math.sqrt(m)) - k)
        found.append((t, total >= h))
        total = 0.0 if total >= h else total
    return found


def discoveries(p_values, q):
    """Benjamini & Hochberg: indices that stand."""
    ranked = sorted(range(len(p_values)), key=lambda i: p_values[i])
    last = max((rank for rank, i in enumerate(ranked, 1) if p_values[i] <= q * rank / len(ranked)), default=0)
    return set(ranked[:last])
