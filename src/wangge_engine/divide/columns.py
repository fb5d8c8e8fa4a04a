"""All connected sets of atoms near the target weight, each once, layer by layer in NumPy.

Each set grows from its first atom by neighbours that no earlier member touched (Wernicke's enumeration of connected
subgraphs), so no set is met twice and nothing has to be compared. A layer that outgrows its cap keeps the most
compact sets, and the enumeration is no longer complete.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.atoms import Atoms, Masks
from wangge_engine.divide.prices import grid_prices, roundness
from wangge_engine.divide.territory import Floats, Ints, Rule

_ONE = np.uint64(1)


@dataclass(frozen=True)
class Columns:
    """Candidate grids: sets of atoms with their price. ``complete``: every set of the range is among them."""

    masks: Masks
    price: Floats
    complete: bool


def bits(masks: Masks, count: int) -> Floats:
    """A row of 0 and 1 for each set."""
    octets = masks.astype("<u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(octets, axis=1, count=count, bitorder="little").astype(np.float32)


def sums_over(masks: Masks, values: Floats) -> Floats:
    """The values of each set's members added up, eight atoms at a time from tables."""
    octets = masks.astype("<u8").view(np.uint8).reshape(-1, 8)
    total = np.zeros(len(masks))
    for first in range(0, len(values), 8):
        table = np.zeros(1)
        for value in values[first : first + 8].tolist():
            table = np.concatenate([table, table + value])
        total += table[octets[:, first // 8] & (len(table) - 1)]
    return total


def connected_sets(
    atoms: Atoms, low: float, high: float, cap: int, *, all_or_none: bool = False
) -> tuple[Masks, bool]:
    """Connected sets of weight low to high; single atoms beyond it too, so that a cover always exists.

    The flag says that none is missing. With ``all_or_none`` the enumeration ends where a layer outgrows ``cap``.
    """
    count = atoms.count
    each = _ONE << np.arange(count, dtype=np.uint64)
    later = np.array([~((int(one) << 1) - 1) & 0xFFFFFFFFFFFFFFFF for one in each], dtype=np.uint64)
    near = atoms.near
    mask, weight = each.copy(), atoms.weight.copy()
    after, touched, root = near & later, near | each, later.copy()
    found = [mask[~((weight >= low) & (weight <= high))]]
    complete = True
    while len(mask):
        good = (weight >= low) & (weight <= high)
        found.append(mask[good])
        open_ = (weight < high) & (after != 0)
        mask, weight, after, touched, root = (v[open_] for v in (mask, weight, after, touched, root))
        if len(mask) > cap:
            complete = False
            if all_or_none:
                break
            best = np.argsort(_promise(mask, atoms), kind="stable")[:cap]
            mask, weight, after, touched, root = (v[best] for v in (mask, weight, after, touched, root))
        grown: list[tuple[Masks, Floats, Masks, Masks, Masks]] = []
        while len(mask):  # each pass takes the lowest neighbour that every set has still to try
            bit = after & (~after + _ONE)
            after = after ^ bit
            atom = np.frexp(bit.astype(np.float64))[1] - 1
            total = weight + atoms.weight[atom]
            fits = np.flatnonzero(total <= high)
            at, reached, allowed = near[atom[fits]], touched[fits], root[fits]
            grown.append(
                (
                    mask[fits] | bit[fits],
                    total[fits],
                    after[fits] | (at & ~reached & allowed),
                    reached | at,
                    allowed,
                )
            )
            left = np.flatnonzero(after)
            if len(left) < len(after):
                mask, weight, after, touched, root = (v[left] for v in (mask, weight, after, touched, root))
        if not grown:
            break
        mask, weight, after, touched, root = (np.concatenate(part) for part in zip(*grown, strict=True))
    return np.concatenate(found), complete


def sets_around(atoms: Atoms, places: Ints, high: float, most: int = 4) -> Masks:
    """Connected sets of up to ``most`` atoms around some places, whatever they weigh up to ``high``."""
    near = [int(one) for one in atoms.near]
    weight = atoms.weight.tolist()
    found: set[int] = set()
    for place in places.tolist():
        layer = {1 << place: (weight[place], near[place])}
        for _ in range(most):
            found |= layer.keys()
            grown: dict[int, tuple[float, int]] = {}
            for mask, (total, reach) in layer.items():
                free = reach & ~mask
                while free:
                    atom = free.bit_length() - 1
                    free ^= 1 << atom
                    if total + weight[atom] <= high:
                        grown[mask | 1 << atom] = (total + weight[atom], reach | near[atom])
            layer = grown
    return np.array(sorted(found), dtype=np.uint64)


def _promise(mask: Masks, atoms: Atoms) -> Floats:
    held = bits(mask, atoms.count)
    area = held @ atoms.area.astype(np.float32)
    perimeter = held @ atoms.perimeter.astype(np.float32) - (
        (held @ atoms.shared.astype(np.float32)) * held
    ).sum(1)
    parts = held @ atoms.parts.astype(np.float32)
    cut = ((parts > 0) & (parts < atoms.wholes)).sum(1) if len(atoms.wholes) else 0.0
    crossed = ((held @ atoms.soft.astype(np.float32)) * held).sum(1)
    return np.asarray(
        1.0 - roundness(area, perimeter) + 0.4 * np.maximum(cut - 1.0, 0.0) + 2.0 * (crossed > 0)
    )


def parts_cut(masks: Masks, atoms: Atoms) -> Ints:
    """Of how many small estates each set holds a part but not the whole."""
    cut = np.zeros(len(masks), dtype=np.int64)
    for estate, apart in zip(*_estate_masks(atoms), strict=True):
        held = masks & estate
        cut += (held != 0) if apart else (held != 0) & (held != estate)
    return cut


def _estate_masks(atoms: Atoms) -> tuple[list[np.uint64], list[bool]]:
    """The atoms of each small estate that can be cut, and whether a part of it lies elsewhere anyway."""
    masks, apart = [], []
    for column, whole in zip(atoms.parts.T, atoms.wholes.tolist(), strict=True):
        held = np.flatnonzero(column).tolist()
        elsewhere = float(column.sum()) < whole
        if len(held) > 1 or elsewhere:
            masks.append(np.uint64(sum(1 << atom for atom in held)))
            apart.append(elsewhere)
    return masks, apart


def priced(masks: Masks, atoms: Atoms, rule: Rule, taste: float = 1.0, parts: Ints | None = None) -> Floats:
    """The price of each set as a grid."""
    if parts is None:
        parts = parts_cut(masks, atoms)
    out = np.empty(len(masks))
    own = np.array([atoms.weight, atoms.area, atoms.perimeter]).T
    shared = atoms.shared.astype(np.float32)
    for start in range(0, len(masks), 1 << 14):
        held = bits(masks[start : start + (1 << 14)], atoms.count)
        weight, area, perimeter = (held @ own).T
        perimeter = perimeter - np.einsum("ij,ij->i", held @ shared, held)
        crossed = leaps = np.zeros(len(held))
        if atoms.soft.any():
            crossed = np.einsum("ij,ij->i", held @ atoms.soft.astype(np.float32), held) / 2.0
        if atoms.virtual.any():
            leaps = np.einsum("ij,ij->i", held @ atoms.virtual.astype(np.float32), held) / 2.0
        cut = parts[start : start + (1 << 14)].astype(np.float64)
        out[start : start + len(held)] = grid_prices(
            weight, roundness(area, perimeter), cut, crossed, leaps, rule, taste
        )
    return out
