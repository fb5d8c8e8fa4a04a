"""What a check of grids can say, and how it weighs."""

from __future__ import annotations

from enum import StrEnum


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
