"""From a grid up to the divisions it lies in: who answers when a smaller place has nobody."""

from __future__ import annotations

from wangge.kernel.units import UNIT_DIGITS

LEVELS = (("grid", 15), ("community", 12), ("street", 9), ("district", 6))


def places_above(unit_no: int) -> tuple[tuple[str, int], ...]:
    """The place itself, then its community, street and district as (level, unit number), nearest first."""
    code = f"{unit_no:0{UNIT_DIGITS}d}"
    seen: dict[int, str] = {}
    for level, digits in LEVELS:
        number = int(code[:digits].ljust(UNIT_DIGITS, "0"))
        seen[number] = level  # the widest name wins: a community's own number is called community, not grid
    return tuple((level, number) for number, level in seen.items())
