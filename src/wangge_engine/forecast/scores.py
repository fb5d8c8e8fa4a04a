"""Proper scores of forecast counts (Czado, Gneiting & Held 2009): smaller is better."""

from __future__ import annotations

import numpy as np

from wangge_engine.counts.tails import cumulated
from wangge_engine.forecast.models import log_pmf


def log_score(y: float, mean: float, size: float) -> float:
    """Minus the log probability of what came."""
    return -float(log_pmf(np.array(y), np.array(mean), size))


def ranked_probability_score(y: float, mean: float, size: float) -> float:
    """Sum over all counts of the squared distance between forecast and observed distribution function."""
    spread = np.sqrt(mean + mean**2 / size)
    counts = np.arange(int(max(y, mean + 12 * spread)) + 20, dtype=float)
    told = cumulated(counts, np.full(len(counts), mean), np.full(len(counts), 1 + mean / size))
    return float(((told - (counts >= y)) ** 2).sum())
