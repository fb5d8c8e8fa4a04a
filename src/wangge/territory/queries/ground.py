"""The ground that a plan of grids is drawn on: what stands, with its outlines, and which codes were ever given."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.units import Interval, interval_of
from wangge.territory.models import GridVersion
from wangge.territory.standing import day_of, divisions_on, grids_on
from wangge.territory.states import GridKind, GridSubkind, Level
from wangge.territory.types import CommunityGround, GridGround


@door(reads="territory")
def community_grounds(access: Access, *, under: str, on: date | None = None) -> tuple[CommunityGround, ...]:
    """The communities below a division, by code, with the grids that hold on a day and their exact outlines."""
    day, within = day_of(access, on), interval_of(under)
    standing: dict[str, list[GridGround]] = defaultdict(list)
    for grid in grids_on(day).filter(unit_no__range=(within.lo, within.hi)):
        standing[grid.community].append(
            GridGround(
                code=grid.code,
                name=grid.name,
                kind=GridKind(grid.kind),
                subkind=GridSubkind(grid.subkind),
                households=grid.households,
                shape=bytes(grid.geometry),
            )
        )
    highest = _highest(within)
    rows = divisions_on(day).filter(level=Level.COMMUNITY, lo__lte=within.hi, hi__gte=within.lo)
    return tuple(
        CommunityGround(
            code=row.code,
            name=row.name,
            border=None if row.border is None else bytes(row.border),
            grids=tuple(standing[row.code]),
            highest=highest.get(row.code, 0),
            stamp=_stamp(standing[row.code]),
        )
        for row in rows
    )


def _highest(within: Interval) -> dict[str, int]:
    """The largest number that a grid of each community ever had, also one that ended or was withdrawn."""
    found: dict[str, int] = {}
    for number in GridVersion.objects.filter(unit_no__range=(within.lo, within.hi)).values_list(
        "unit_no", flat=True
    ):
        community = f"{number // 1000:012d}"
        found[community] = max(found.get(community, 0), number % 1000)
    return found


def _stamp(grids: list[GridGround]) -> str:
    told = hashlib.sha256()
    for grid in grids:
        told.update(f"{grid.code}|{grid.name}|{grid.kind}|".encode() + grid.shape)
    return told.hexdigest()
