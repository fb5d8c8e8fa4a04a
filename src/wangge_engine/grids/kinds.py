"""Closed lists of a grid file: levels of divisions, kinds of grid, how finely a place can be told."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """行政层级: level of a division; the integer is the order from the province down."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    STREET = 4
    COMMUNITY = 5

    @property
    def width(self) -> int:
        """Significant digits of a code at this level."""
        return (2, 4, 6, 9, 12)[self - 1]


class GridKind(StrEnum):
    """网格类型: base grids (基础网格) and exclusive grids (专属网格) tile the territory together."""

    BASE = "base"
    EXCLUSIVE = "exclusive"


class GridSubkind(StrEnum):
    """网格细类: what a base grid is made of, or whom an exclusive grid belongs to."""

    ESTATE = "estate"
    NATURAL_VILLAGE = "natural_village"
    GOVERNMENT = "government"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    MALL = "mall"
    OTHER = "other"


SUBKINDS: dict[GridKind, frozenset[GridSubkind]] = {
    GridKind.BASE: frozenset({GridSubkind.ESTATE, GridSubkind.NATURAL_VILLAGE}),
    GridKind.EXCLUSIVE: frozenset(
        {
            GridSubkind.GOVERNMENT,
            GridSubkind.SCHOOL,
            GridSubkind.HOSPITAL,
            GridSubkind.MALL,
            GridSubkind.OTHER,
        }
    ),
}


class Precision(StrEnum):
    """定位精度: how finely a place could be told."""

    POINT = "point"  # a coordinate within a grid
    BUILDING = "building"  # an address that named a known building
    ESTATE = "estate"  # an estate that lies in one grid
    COMMUNITY = "community"
    STREET = "street"
    NONE = "none"
