"""What was met before: rows and record numbers of a batch that come a second time, by hash."""

from __future__ import annotations

import numpy as np
import polars as pl


class Seen:
    """64-bit hashes met so far, in order, so that asking about a part costs a part and not all that came before."""

    def __init__(self) -> None:
        self._sorted = np.zeros(0, dtype=np.int64)

    def has(self, hashes: np.ndarray) -> np.ndarray:
        """For each hash whether it was met."""
        if not len(self._sorted):
            return np.zeros(len(hashes), dtype=bool)
        at = np.minimum(np.searchsorted(self._sorted, hashes), len(self._sorted) - 1)
        found: np.ndarray = self._sorted[at] == hashes
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Remember these hashes."""
        self._sorted = np.sort(np.concatenate([self._sorted, hashes]), kind="stable")


def hashed(numbers: pl.Series) -> np.ndarray:
    """Record numbers as hashes of this process; two that fall together only get a place added without need."""
    return numbers.hash(seed=1).to_numpy().view(np.int64)
