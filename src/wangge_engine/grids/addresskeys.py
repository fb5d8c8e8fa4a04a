"""The keys that a building and an estate are found under, as the address parser would write them."""

from __future__ import annotations

from wangge_engine.grids.addressbook import building_key
from wangge_engine.text.addresses import parse


def key_of_building(estate: str, building_no: str, address: str) -> str:
    """The key a building is found under: from estate and number where given, else from its address.

    Empty when neither names a place.
    """
    number = building_no.strip()
    if estate and number:
        # a bare number is a building only with its word behind it
        parts = parse(
            f"{estate}{number}号楼" if number[-1:].isalnum() and number.isascii() else estate + number
        )
    else:
        parts = parse(address or estate)
    return building_key(parts.place, parts.building)


def key_of_estate(name: str) -> str:
    """An estate's name as the parser would find it in an address."""
    return parse(name).place or name.strip()
