"""Roads, rivers, rails and walls as the map of a plan shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wangge.access.queries import may
from wangge.kernel.access import Access
from wangge.landscape import queries


def barrier_lines(access: Access, under: str) -> dict[str, Any]:
    """What a map's dict needs to show the lines of a division; nothing where there are none."""
    if not may(access, queries.barrier_files):
        return {}
    held = [
        one
        for one in queries.barrier_files(access)
        if one.division[: len(under)] == under[: len(one.division)]
    ]
    if not held:
        return {}
    kinds = sorted({kind.value for one in held for kind, count in one.kinds if count})
    return {"lines": f"{reverse('console:barrier_lines')}?under={under}", "line_kinds": ",".join(kinds)}
