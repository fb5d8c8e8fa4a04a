"""What changed most between two measurements, and what is worth mending first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CHANGES_AT_MOST = 3
LEAST_CHANGE = 0.005  # half a percentage point; less is noise to a reader
LATE_WORTH = 0.5  # a table one cycle late weighs as half of its rows would; two cycles late as all of them
LATE_AT_MOST = 2.0

Key = tuple[str, str]  # formula, item
Count = tuple[int, int]  # counted, of


def badness(formula: str, counted: int, of: int) -> int:
    """How many records a figure complains of."""
    return of - counted if formula in ("completeness", "validity") else counted


def worths(
    figures: Mapping[Key, Count], weights: Mapping[str, float], rows: int
) -> list[tuple[float, Key, int]]:
    """What there is to mend, dearest first: (worth, figure, records). A blank, a fault and a conflict are told by field
    or reason; repetitions and lateness of the source as a whole; nothing that concerns no record."""
    found = []
    for (formula, item), (counted, of) in figures.items():
        if formula == "timeliness":
            over = counted / of - 1
            if over > 0:
                worth = LATE_WORTH * rows * min(over, LATE_AT_MOST)
                found.append((worth, (formula, item), counted - of))
            continue
        whole = formula in ("completeness", "conflict") and not item
        bad = badness(formula, counted, of)
        if formula in weights and not whole and bad:
            found.append((weights[formula] * bad, (formula, item), bad))
    return sorted(found, key=lambda told: (-told[0], told[1]))


def changes(now: Mapping[Key, Count], before: Mapping[Key, Count], skip: Sequence[str] = ()) -> list[Key]:
    """The figures by field or reason that changed most, the greatest change first. A reason that is gone, or new, has
    changed from or to nothing; a field is compared only where both measurements have it."""
    moved = []
    for key in {*now, *before}:
        formula, item = key
        if not item or formula in skip:
            continue
        one, other = now.get(key), before.get(key)
        if formula in ("completeness", "conflict") and (one is None or other is None):
            continue
        change = _share(one) - _share(other)
        if abs(change) >= LEAST_CHANGE:
            moved.append((-abs(change), key))
    return [key for _, key in sorted(moved)][:CHANGES_AT_MOST]


def _share(count: Count | None) -> float:
    return 0.0 if count is None else count[0] / count[1]
