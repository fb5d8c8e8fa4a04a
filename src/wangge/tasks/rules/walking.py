"""The order in which a worker goes from door to door.

First what is overdue or urgent, then by place: unit, then the address with its numbers read as numbers, so
that building 2 comes before building 10 and the second floor before the tenth.
"""

from __future__ import annotations

import re

_PARTS = re.compile(r"\d+|\D+")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")

Key = tuple[tuple[int, int, str], ...]


def address_key(address: str) -> Key:
    """A key that sorts addresses as one walks them. Total on any text."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in _PARTS.findall(address.translate(_WIDE).replace(" ", ""))
    )


def walking_key(
    *, overdue: bool, urgent: bool, unit_no: int, address: str, name: str
) -> tuple[bool, bool, int, Key, str]:
    """Overdue before urgent before the rest; within each, by place."""
    return (not overdue, not urgent, unit_no, address_key(address), name)
