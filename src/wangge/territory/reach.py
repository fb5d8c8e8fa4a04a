"""Whose ground may be redrawn: the map is open to all for reading, but everyone writes within their territory."""

from __future__ import annotations

from collections.abc import Iterable

from wangge.kernel.access import Access
from wangge.kernel.problems import Refused
from wangge.kernel.units import interval_of


def require_reach(access: Access, codes: Iterable[str]) -> None:
    """Raises Refused, naming the first, when a division or grid code lies outside the access's territory."""
    for code in sorted(set(codes)):
        if not access.scope.covers(interval_of(code)):
            raise Refused(
                code="outside_territory",
                zh=f"{code} 不在您的管辖范围内，不能改动。",
                en=f"{code} lies outside your territory; you cannot change it.",
                place=code,
            )
