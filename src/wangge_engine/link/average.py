"""Average-link clustering: two groups become one while their pairs, taken together, speak for it.

Single links chain: among ten faulty records of one person some always resemble a brother's. Here a merge is
judged by the mean weight of all pairs between two groups; a pair that blocking never brought together counts as
weak evidence against. Greedy, strongest first, as in average-linkage agglomeration (Sokal & Michener 1958).
"""

from __future__ import annotations

import heapq

import numpy as np

from wangge_engine.link.cluster import Edges
from wangge_engine.link.components import Ints, components

LARGEST_WEIGHT = 12.0  # bits; one telling pair must not outvote ten that disagree
UNSEEN = -3.0  # bits; what a pair counts that no blocking rule found


def average_groups(nodes: int, pairs: Edges, least: float) -> Ints:
    """Label per record (the smallest record of its group). ``least``: mean weight, in bits, that a merge needs.

    ``pairs`` are all scored pairs, the weak and negative ones too.
    """
    strong = pairs.weight >= least
    labels = components(nodes, pairs.left[strong], pairs.right[strong])
    doubtful = _doubtful(labels, pairs, strong)
    if not doubtful.any():
        return labels
    inside = doubtful[labels[pairs.left]] & (labels[pairs.left] == labels[pairs.right])
    groups = _Groups(pairs, np.flatnonzero(inside), least)
    groups.merge()
    for member in np.flatnonzero(doubtful[labels]).tolist():
        labels[member] = groups.root(member)
    first = np.full(nodes, nodes, dtype=np.int64)
    np.minimum.at(first, labels, np.arange(nodes))
    return first[labels]


def _doubtful(labels: Ints, pairs: Edges, strong: np.typing.NDArray[np.bool_]) -> np.typing.NDArray[np.bool_]:
    """By label: components of which some pair is weak or was never seen."""
    size = np.bincount(labels, minlength=len(labels)).astype(np.int64)
    agreed = np.bincount(labels[pairs.left[strong]], minlength=len(labels))
    return np.asarray(agreed < size * (size - 1) // 2)


class _Groups:
    """Groups of records and, for each pair of groups, the sum of weights and number of scored pairs between."""

    def __init__(self, pairs: Edges, chosen: Ints, least: float) -> None:
        self.least = least
        self.size: dict[int, int] = {}
        self.near: dict[int, dict[int, tuple[float, int]]] = {}
        self.parent: dict[int, int] = {}
        self.heap: list[tuple[float, int, int, int, int]] = []
        for left, right, weight in zip(
            pairs.left[chosen].tolist(),
            pairs.right[chosen].tolist(),
            np.clip(pairs.weight[chosen], -LARGEST_WEIGHT, LARGEST_WEIGHT).tolist(),
            strict=True,
        ):
            self.near.setdefault(left, {})[right] = (weight, 1)
            self.near.setdefault(right, {})[left] = (weight, 1)
            self.size[left] = self.size[right] = 1
            if weight >= least:
                self.heap.append((-weight, left, right, 1, 1))
        heapq.heapify(self.heap)

    def root(self, record: int) -> int:
        while record in self.parent:
            record = self.parent[record]
        return record

    def merge(self) -> None:
        while self.heap:
            _, a, b, size_a, size_b = heapq.heappop(self.heap)
            if self.size.get(a) != size_a or self.size.get(b) != size_b:
                continue  # one of the two has grown or gone since: its newer entry stands further down
            self._join(*((a, b) if len(self.near[a]) >= len(self.near[b]) else (b, a)))

    def _join(self, kept: int, gone: int) -> None:
        self.parent[gone] = kept
        self.size[kept] += self.size.pop(gone)
        mine, theirs = self.near[kept], self.near.pop(gone)
        del mine[gone], theirs[kept]
        for other, (weight, count) in theirs.items():
            del self.near[other][gone]
            had_weight, had_count = mine.get(other, (0.0, 0))
            mine[other] = self.near[other][kept] = (weight + had_weight, count + had_count)
        for other, (weight, count) in mine.items():
            every = self.size[kept] * self.size[other]
            mean = (weight + UNSEEN * (every - count)) / every
            if mean >= self.least:
                a, b = sorted((kept, other))
                heapq.heappush(self.heap, (-mean, a, b, self.size[a], self.size[b]))
