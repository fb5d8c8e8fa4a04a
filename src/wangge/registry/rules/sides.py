"""Two persons side by side: which id stays in a merge, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from wangge.registry.rules.survivorship import Choice


def keeps(records: int, person: UUID, other_records: int, other: UUID) -> bool:
    """Whether the first keeps its id: the one with more records, else the one known longer."""
    return (-records, person) <= (-other_records, other)


def warnings(a: Mapping[str, Choice], b: Mapping[str, Choice]) -> tuple[str, ...]:
    """What speaks against two being one, as codes the screens put in words."""
    found = []
    for field, code in (
        ("id_no", "two_valid_numbers"),
        ("birth", "births_differ"),
        ("sex", "sexes_differ"),
        ("name", "names_differ"),
    ):
        one, two = a.get(field), b.get(field)
        if one is None or two is None or one.best.level == 0 or two.best.level == 0:
            continue
        if one.best.value != two.best.value:
            found.append(code)
    return tuple(found)
