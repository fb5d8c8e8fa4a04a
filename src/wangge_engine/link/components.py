"""Connected components of a graph with integer nodes, in arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def components(nodes: int, left: Ints, right: Ints) -> Ints:
    """Label of each node: the smallest node of its component.

    Hooks the larger root onto the smaller and shortens paths until no edge joins two roots.
    """
    labels = np.arange(nodes, dtype=np.int64)
    a, b = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    while len(a):
        la, lb = labels[a], labels[b]
        open_edges = la != lb
        if not open_edges.any():
            break
        a, b, la, lb = a[open_edges], b[open_edges], la[open_edges], lb[open_edges]
        high, low = np.maximum(la, lb), np.minimum(la, lb)
        order = np.lexsort((low, high))[::-1]  # the last write to a root is its smallest neighbour
        labels[high[order]] = low[order]
        while True:
            shorter = labels[labels]
            if np.array_equal(shorter, labels):
                break
            labels = shorter
    return labels
