"""Codes that stay: new grids take the codes of old ones so that the least weight changes its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment


def kept_codes(
    old: Sequence[str | None], new: Sequence[int], weight: Sequence[float], kinds: Sequence[int]
) -> dict[int, str]:
    """The old code that each new grid keeps: the matching of greatest shared weight; nobody's code is given twice.

    ``old`` and ``new`` are each unit's grid before and now; units without weight count a little, so that empty grids
    keep their codes too. ``kinds`` are the new grids': an empty answer for a grid that shares nothing with any.
    """
    shared: Counter[tuple[int, str]] = Counter()
    for before, now, heavy in zip(old, new, weight, strict=True):
        if before is not None:
            shared[now, before] += heavy + 1e-3  # type: ignore[assignment]
    codes = sorted({code for _, code in shared})
    if not codes:
        return {}
    table = np.zeros((len(kinds), len(codes)))
    column = {code: at for at, code in enumerate(codes)}
    for (now, code), heavy in shared.items():
        table[now, column[code]] = heavy
    rows, columns = linear_sum_assignment(table, maximize=True)
    return {
        int(row): codes[int(at)]
        for row, at in zip(rows.tolist(), columns.tolist(), strict=True)
        if table[row, at] > 0
    }
