"""Counts about people, told to those who may not see the people: small ones hidden, others rounded.

As OpenSAFELY releases counts: 1 to 7 are not told apart, more are rounded to the nearest five. Rounded parts do not add
up to rounded sums, so that no hidden part can be had by taking one from the other.
"""

from __future__ import annotations

SMALL, STEP = 7, 5


def coarse(count: int) -> str:
    """The count as it may be told: "0", "1–7", or rounded to five."""
    if count <= 0:
        return "0"
    return f"1–{SMALL}" if count <= SMALL else str((count + STEP // 2) // STEP * STEP)
