"""What stands on a day: divisions, grids and the indexes made of them, kept per day and map edition.

Private to the room. Nothing here checks anything; the doors do.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock

import numpy as np
import shapely
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.territory.analysis import AddressBook, Geometry, GridIndex, KnownBuilding, KnownDivision
from wangge.territory.models import Building, Division, GridVersion, MapEdition
from wangge.territory.states import Level

_KEPT = 8


def holds_on(day: date) -> Q:
    """The condition that a version holds on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def day_of(access: Access, on: date | None) -> date:
    """The day asked for, or the access's own day in local time."""
    return on or timezone.localdate(access.at)


def edition() -> int:
    """Number of the map's edition; 0 before anything was taken in."""
    found = MapEdition.objects.filter(id=1).values_list("number", flat=True).first()
    return int(found or 0)


def new_edition() -> int:
    """Locks the map for this transaction and renumbers it. Call it before reading what is to be changed.

    The number is the clock's, so that one given in a transaction that is rolled back never comes again: what
    was remembered under it could not be told from what came after.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_mapedition (id, number) VALUES (1, %s) ON CONFLICT (id) DO UPDATE "
            "SET number = greatest(territory_mapedition.number + 1, excluded.number) RETURNING number",
            [time.time_ns()],
        )
        return int(cursor.fetchone()[0])


def grids_on(day: date) -> QuerySet[GridVersion]:
    """Versions of grids that hold on a day, by unit number."""
    return GridVersion.objects.filter(holds_on(day)).order_by("unit_no")


def divisions_on(day: date) -> QuerySet[Division]:
    """Versions of divisions that hold on a day, by code."""
    return Division.objects.filter(holds_on(day)).order_by("code")


def division_names(codes: Iterable[str], day: date) -> dict[str, str]:
    """Names of divisions on a day by code; a code that did not stand is absent."""
    return dict(divisions_on(day).filter(code__in=set(codes)).values_list("code", "name"))


def shapes_of(rows: Iterable[GridVersion]) -> list[Geometry]:
    """Polygons of some versions."""
    return list(shapely.from_wkb([bytes(row.geometry) for row in rows]))


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What a place needs to say about its grid."""

    unit_no: int
    code: str
    name: str
    kind: str
    community: str


class Ground:
    """The ground on one day at one edition: point index, facts by unit number, address book."""

    def __init__(self, day: date, number: int) -> None:
        self.day = day
        self.number = number

    @property
    def stamp(self) -> str:
        """Names the state of the map that an answer came from."""
        return f"{self.number}.{self.day.isoformat()}"

    @cached_property
    def index(self) -> GridIndex:
        """Point to unit number."""
        rows = list(grids_on(self.day).only("unit_no", "geometry"))
        return GridIndex([row.unit_no for row in rows], shapes_of(rows))

    @cached_property
    def facts(self) -> dict[int, GridFacts]:
        """Facts of every grid by unit number."""
        rows = grids_on(self.day).values_list("unit_no", "code", "name", "kind", "community")
        return {row[0]: GridFacts(*row) for row in rows}

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of streets and communities by code."""
        rows = divisions_on(self.day).filter(level__gte=Level.STREET)
        return dict(rows.values_list("code", "name"))

    @cached_property
    def book(self) -> AddressBook:
        """Address to building, estate, community or street."""
        rows = list(
            Building.objects.exclude(address_key="").values_list(
                "address_key", "unit_no", "lon", "lat", "estate__name", "building_no"
            )
        )
        stored = np.array([row[1] for row in rows], dtype=np.int64)
        here = self.index.units(
            np.array([np.nan if row[2] is None else row[2] for row in rows], dtype=np.float64),
            np.array([np.nan if row[3] is None else row[3] for row in rows], dtype=np.float64),
        )
        units = np.where(here > 0, here, stored)
        buildings = [
            KnownBuilding(key, int(unit), estate or "", number, lon, lat)
            for (key, _, lon, lat, estate, number), unit in zip(rows, units, strict=True)
        ]
        return AddressBook(buildings, [KnownDivision(code, name) for code, name in self.names.items()])


class _Shelf:
    """The last few grounds used by this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[tuple[str, date, int], Ground] = {}

    def ground(self, database: str, day: date, number: int) -> Ground:
        key = (database, day, number)
        with self._lock:
            found = self._kept.pop(key, None) or Ground(day, number)
            self._kept[key] = found  # last used, last thrown away
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
            return found


_shelf = _Shelf()


def ground_on(day: date) -> Ground:
    """The ground on a day, from memory where the map has not changed since."""
    return _shelf.ground(str(connection.settings_dict["NAME"]), day, edition())
