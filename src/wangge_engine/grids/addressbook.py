"""From the parts of an address to a place: known building, estate in one grid, community, street, or nothing.

The parts come from the address parser; nothing is guessed. Where a name occurs twice in the territory, the
community or street that the address names decides; if it names none, the answer is only as fine as what all
candidates share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wangge_engine.grids.kinds import Precision
from wangge_engine.grids.naming import stem


class AddressParts(Protocol):
    """What the parser gives: empty text for what was not written."""

    @property
    def street(self) -> str: ...
    @property
    def community(self) -> str: ...
    @property
    def building(self) -> str: ...
    @property
    def place(self) -> str: ...


@dataclass(frozen=True, slots=True)
class KnownBuilding:
    """A building: key place|building, unit number, names for showing, position."""

    key: str
    unit_no: int
    estate: str
    building_no: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class KnownDivision:
    """A street or community by code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: how fine, the lowest unit number of the place, and the building if one was named."""

    precision: Precision
    unit_no: int
    building: KnownBuilding | None = None


NOT_FOUND = Found(Precision.NONE, 0)


def building_key(place: str, building: str) -> str:
    """The key under which a building is kept: place|building."""
    return f"{place}|{building}" if place else ""


class AddressBook:
    """Known buildings and divisions, asked with parsed addresses."""

    def __init__(self, buildings: Sequence[KnownBuilding], divisions: Iterable[KnownDivision]) -> None:
        self._by_key: dict[str, list[KnownBuilding]] = defaultdict(list)
        self._by_place: dict[str, list[KnownBuilding]] = defaultdict(list)
        for building in buildings:
            self._by_key[building.key].append(building)
            self._by_place[building.key.rpartition("|")[0]].append(building)
        self._divisions: dict[str, set[str]] = defaultdict(set)
        for division in divisions:
            self._divisions[stem(division.name)].add(division.code)

    def find(self, parts: AddressParts, within: tuple[int, int] | None = None) -> Found:
        """The place of an address. ``within`` prefers candidates in an interval of unit numbers."""
        communities = self._named(parts.community, street=False)
        streets = self._named(parts.street, street=True)
        if parts.place:
            same = self._by_key.get(building_key(parts.place, parts.building), ())
            if parts.building and same:
                return self._agreed(_narrowed(same, communities, streets, within), Precision.BUILDING)
            estate = self._by_place.get(parts.place, ())
            if estate:
                whole = _narrowed(estate, communities, streets, within)
                # one building without a number (a school, a shop): the place is the building
                lone = Precision.BUILDING if len(whole) == 1 and not parts.building else Precision.ESTATE
                return self._agreed(whole, lone)
        return _of_division(communities, streets)

    def _named(self, name: str, *, street: bool) -> set[str]:
        codes = self._divisions.get(stem(name), set()) if name else set()
        return {code for code in codes if code.endswith("000") is street}

    def _agreed(self, candidates: Sequence[KnownBuilding], precision: Precision) -> Found:
        """As fine as all candidates agree: a grid, a community, a street, or nothing."""
        units = {building.unit_no for building in candidates}
        if len(units) == 1:
            unit = candidates[0].unit_no
            if unit % 1000 == 0:  # the building itself is located no finer
                return _of_number(unit)
            building = candidates[0] if precision is Precision.BUILDING and len(candidates) == 1 else None
            return Found(precision, unit, building)
        for span in (1_000, 1_000_000):
            shared = {unit // span for unit in units}
            if len(shared) == 1:
                return _of_number(shared.pop() * span)
        return NOT_FOUND


def _narrowed(
    candidates: Sequence[KnownBuilding],
    communities: set[str],
    streets: set[str],
    within: tuple[int, int] | None,
) -> Sequence[KnownBuilding]:
    """Candidates in the named community, else in the named street, else in the interval; all if none is.

    A building that could not be located says nothing beside one that could.
    """
    candidates = [building for building in candidates if building.unit_no % 1000] or candidates
    for codes, digits in ((communities, 12), (streets, 9)):
        prefixes = {code[:digits] for code in codes}
        kept = [building for building in candidates if str(building.unit_no)[:digits] in prefixes]
        if kept:
            return kept
    if within:
        kept = [building for building in candidates if within[0] <= building.unit_no <= within[1]]
        if kept:
            return kept
    return candidates


def _of_division(communities: set[str], streets: set[str]) -> Found:
    if streets:
        prefixes = {code[:9] for code in streets}
        communities = {code for code in communities if code[:9] in prefixes} or communities
    if len(communities) == 1:
        return Found(Precision.COMMUNITY, int(next(iter(communities))) * 1000)
    if len(streets) == 1:
        return Found(Precision.STREET, int(next(iter(streets))) * 1000)
    return NOT_FOUND


def _of_number(unit_no: int) -> Found:
    if unit_no % 1_000_000 == 0:
        return Found(Precision.STREET, unit_no) if unit_no % 10**9 else NOT_FOUND
    return Found(Precision.COMMUNITY, unit_no)
