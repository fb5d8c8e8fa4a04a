"""The areas that a form offers: what lies in the reader's territory."""

from __future__ import annotations

from wangge.console.ground import short
from wangge.kernel.access import Access
from wangge.territory.queries import divisions
from wangge.territory.states import Level


def areas_of(access: Access) -> list[tuple[str, str]]:
    """District, streets and communities of the reader's territory, each street before its communities."""
    out = []
    for level, indent in ((Level.DISTRICT, ""), (Level.STREET, "　"), (Level.COMMUNITY, "　　")):
        for one in divisions(access, level=level):
            if access.scope.covers(one.scope):
                out.append((one.scope.lo, one.code, f"{indent}{short(one.name)}"))
    out.sort(key=lambda told: (told[0], len(told[2]) - len(told[2].lstrip())))
    return [(code, name) for _lo, code, name in out]
