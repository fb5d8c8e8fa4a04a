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


def connected_sets(
    atoms: Atoms, low: float, high: float, cap: int, *, all_or_none: bool = False
) -> tuple[Masks, bool]:
    """Connected sets of weight low to high; single atoms beyond it too, so that a cover always exists.

    The flag says that none is missing. With ``all_or_none`` the enumeration ends where it would leave one out.
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
        for j in range(count):
            chosen = np.flatnonzero(((after & each[j]) != 0) & (weight + atoms.weight[j] <= high))
            if not len(chosen):
                continue
            fresh = near[j] & ~touched[chosen] & root[chosen]
            grown.append(
                (
                    mask[chosen] | each[j],
                    weight[chosen] + atoms.weight[j],
                    (after[chosen] & later[j]) | fresh,
                    touched[chosen] | near[j],
                    root[chosen],
                )
            )
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


def priced(masks: Masks, atoms: Atoms, rule: Rule, taste: float = 1.0) -> Floats:
    """The price of each set as a grid."""
    out = np.empty(len(masks))
    for start in range(0, len(masks), 1 << 16):
        held = bits(masks[start : start + (1 << 16)], atoms.count)
        weight = held.astype(np.float64) @ atoms.weight
        area = held @ atoms.area.astype(np.float32)
        perimeter = held @ atoms.perimeter.astype(np.float32)
        perimeter = perimeter - ((held @ atoms.shared.astype(np.float32)) * held).sum(1)
        crossed = (
            ((held @ atoms.soft.astype(np.float32)) * held).sum(1) / 2.0 if atoms.soft.any() else 0.0 * weight
        )
        leaps = (
            ((held @ atoms.virtual.astype(np.float32)) * held).sum(1) / 2.0
            if atoms.virtual.any()
            else 0.0 * weight
        )
        if len(atoms.wholes):
            parts = held @ atoms.parts.astype(np.float32)
            cut = ((parts > 0) & (parts < atoms.wholes)).sum(1).astype(np.float64)
        else:
            cut = np.zeros(len(held))
        out[start : start + len(held)] = grid_prices(
            weight, roundness(area, perimeter), cut, crossed, leaps, rule, taste
        )
    return out
