"""Named random streams, so that a change in one part of the district leaves the others as they were."""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def stream(seed: int, *path: str) -> np.random.Generator:
    """An independent generator for one part of the district; the same seed and path give the same stream."""
    digest = hashlib.sha256("/".join((str(seed), *path)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def quota_by(score: NDArray[np.float64], eligible: Bools, rate: float) -> Bools:
    """Mark the ceil(rate * all) eligible rows of the highest score: errors that fall on some people more than others."""
    rows = np.flatnonzero(eligible)
    count = min(len(rows), math.ceil(rate * len(eligible)))
    chosen = np.zeros(len(eligible), dtype=bool)
    chosen[rows[np.argsort(-score[rows], kind="stable")[:count]]] = True
    return chosen


def quota(rng: np.random.Generator, eligible: Bools, rate: float, of: int | None = None) -> Bools:
    """Mark ceil(rate * of) of the eligible rows, never fewer than the rate says while enough are eligible.

    A drawn share would miss a stated error rate by luck on small districts; an exact share cannot.
    """
    rows = np.flatnonzero(eligible)
    count = min(len(rows), math.ceil(rate * (len(eligible) if of is None else of)))
    chosen = np.zeros(len(eligible), dtype=bool)
    chosen[rng.choice(rows, size=count, replace=False)] = True
    return chosen
