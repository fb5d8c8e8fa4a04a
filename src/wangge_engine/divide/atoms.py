"""Atoms: the pieces a grid is put together from. Whole small estates, or buildings, the smallest joined.

At most 64, so that a set of atoms is one 64-bit number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wangge_engine.divide.prices import EstateBook, compacted
from wangge_engine.divide.territory import Bools, Floats, Ints, Region, components, sums

Masks = npt.NDArray[np.uint64]
MOST = 64


@dataclass(frozen=True)
class Atoms:
    """Pieces of a region with what adds up over them, and which touch which."""

    label: Ints
    weight: Floats
    area: Floats
    perimeter: Floats
    near: Masks
    shared: Floats
    soft: Floats
    virtual: Floats
    parts: Floats
    wholes: Floats

    @property
    def count(self) -> int:
        return len(self.weight)


def gather(region: Region, label: Ints, book: EstateBook, *, across: bool = False) -> Atoms:
    """The atoms that the labels name. Soft borders join atoms only where nothing else does, or ``across``."""
    label = compacted(label)
    count = int(label.max()) + 1
    total = {
        name: sums(label, values, count)
        for name, values in (("w", region.weight), ("a", region.area), ("p", region.perimeter))
    }
    shared, soft, virtual = (np.zeros((count, count)) for _ in range(3))
    near = np.zeros(count, dtype=np.uint64)
    if len(region.pairs):
        a, b = label[region.pairs].T
        inside = a == b
        total["p"] = total["p"] - 2.0 * sums(a[inside], region.metres[inside], count)
        out = ~inside
        for grid, values in (
            (shared, region.metres),
            (soft, region.soft & ~region.virtual),
            (virtual, region.virtual),
        ):
            np.add.at(grid, (a[out], b[out]), values[out])
            np.add.at(grid, (b[out], a[out]), values[out])
        firm = out & ~region.soft
        if across or len(np.unique(components(count, np.column_stack([a[firm], b[firm]])))) > 1:
            firm = out
        np.bitwise_or.at(near, a[firm], np.uint64(1) << b[firm].astype(np.uint64))
        np.bitwise_or.at(near, b[firm], np.uint64(1) << a[firm].astype(np.uint64))
    rows = book.rows(region.estate)
    used = np.unique(rows[rows >= 0])
    parts = np.zeros((count, len(used)))
    if len(used):
        held = rows >= 0
        np.add.at(parts, (label[held], np.searchsorted(used, rows[held])), 1.0)
    wholes = book.units[used].astype(np.float64) if len(used) else np.zeros(0)
    return Atoms(label, total["w"], total["a"], total["p"], near, shared, soft, virtual, parts, wholes)


def contract(
    region: Region, book: EstateBook, *, whole: Bools, tiny: float, most: float, together: Ints | None = None
) -> Ints:
    """Labels of atoms: small estates whole where asked for (each connected piece), those below ``tiny`` joined.

    ``together``: pairs of positions that are in one atom whatever they weigh.

    A tiny building joins the lightest neighbour of its estate, as long as both together weigh at most ``most``; an
    unpopulated unit joins whatever it shares its longest border with.
    """
    hard = ~region.soft
    a, b = region.pairs.reshape(-1, 2).T
    rows = book.rows(region.estate)
    kin = (rows[a] >= 0) & (rows[a] == rows[b]) & whole[a] & whole[b]
    sure = [] if together is None else [together]
    label = components(region.size, np.concatenate([region.pairs[hard & kin].reshape(-1, 2), *sure]))
    near: list[dict[int, float]] = [{} for _ in range(region.size)]
    for (a, b), metres, firm in zip(
        region.pairs.tolist(), region.metres.tolist(), hard.tolist(), strict=True
    ):
        one, two = int(label[a]), int(label[b])
        if firm and one != two:
            near[one][two] = near[one].get(two, 0.0) + metres
            near[two][one] = near[two].get(one, 0.0) + metres
    weight = sums(label, region.weight, region.size).tolist()
    estate = region.estate.tolist()
    alive = np.unique(label).tolist()
    joined: dict[int, int] = {}
    for one in sorted(alive, key=lambda atom: (weight[atom], atom)):
        if weight[one] >= tiny or one in joined:
            continue
        hosts = [two for two in near[one] if estate[two] == estate[one] and weight[two] + weight[one] <= most]
        if hosts:
            host = min(hosts, key=lambda two: (weight[two], -near[one][two], two))
        elif weight[one] == 0 and near[one]:
            host = max(near[one], key=lambda two: (estate[two] == estate[one], near[one][two], -two))
        else:
            continue
        joined[one] = host
        weight[host] += weight[one]
        for two, metres in near[one].items():
            near[two].pop(one, None)
            if two != host:
                near[host][two] = near[host].get(two, 0.0) + metres
                near[two][host] = near[two].get(host, 0.0) + metres
        near[one] = {}
    final: dict[int, int] = {}
    for one in alive:
        host = one
        while host in joined:
            host = joined[host]
        final[one] = host
    return np.array([final[int(name)] for name in label], dtype=np.int64)
