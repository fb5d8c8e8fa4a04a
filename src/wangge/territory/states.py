"""Closed lists of the room. Open, official lists (division codes) are data, not enums."""

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


class BuildingKind(StrEnum):
    """建筑用途."""

    RESIDENTIAL = "residential"
    GOVERNMENT = "government"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    MALL = "mall"
    OTHER = "other"


class Datum(StrEnum):
    """坐标基准: what a pair of degrees refers to. Inside the house only WGS-84 is stored."""

    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


class Severity(StrEnum):
    """缺陷级别: one blocking defect refuses the whole import; a warning is kept with it."""

    BLOCKING = "blocking"
    WARNING = "warning"


class DefectKind(StrEnum):
    """缺陷种类: everything an import of grids can be told."""

    MISSING_GEOMETRY = "missing_geometry"
    NOT_POLYGON = "not_polygon"
    SELF_INTERSECTION = "self_intersection"
    GAP = "gap"
    OVERLAP = "overlap"
    SLIVER_GAP = "sliver_gap"
    SLIVER_OVERLAP = "sliver_overlap"
    SLIVER_GRID = "sliver_grid"
    MULTIPART = "multipart"
    DUPLICATE_CODE = "duplicate_code"
    BAD_CODE = "bad_code"
    BAD_ATTRIBUTE = "bad_attribute"
    UNKNOWN_COMMUNITY = "unknown_community"
    OUTSIDE_COMMUNITY = "outside_community"
    DETACHED = "detached"
    EMPTY_COMMUNITY = "empty_community"
    NAME_EMBEDS_PARENT = "name_embeds_parent"
    COORDINATES_MISSING = "coordinates_missing"
    COORDINATES_SWAPPED = "coordinates_swapped"
    COORDINATES_PROJECTED = "coordinates_projected"
    COORDINATES_OUTSIDE = "coordinates_outside"
    WRONG_DATUM = "wrong_datum"
    DATUM_UNVERIFIED = "datum_unverified"


WARNINGS: frozenset[DefectKind] = frozenset(
    {
        DefectKind.MULTIPART,
        DefectKind.DETACHED,
        DefectKind.EMPTY_COMMUNITY,
        DefectKind.NAME_EMBEDS_PARENT,
        DefectKind.DATUM_UNVERIFIED,
        DefectKind.SLIVER_GRID,
    }
)


def severity_of(kind: DefectKind) -> Severity:
    """How a kind of defect weighs. Everything not listed as a warning blocks."""
    return Severity.WARNING if kind in WARNINGS else Severity.BLOCKING


class ImportState(StrEnum):
    """导入结果: an import is taken whole, or refused whole; its report is kept either way."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CHECKED = "checked"  # looked at on request, sound, and nothing changed


class GeoFormat(StrEnum):
    """文件格式."""

    GEOJSON = "geojson"
    GEOPACKAGE = "gpkg"
    SHAPEFILE = "shapefile"


class Precision(StrEnum):
    """定位精度: how finely a place could be told."""

    POINT = "point"  # a coordinate within a grid
    BUILDING = "building"  # an address that named a known building
    ESTATE = "estate"  # an estate that lies in one grid
    COMMUNITY = "community"
    STREET = "street"
    NONE = "none"
