"""Closed lists of the room. Open, official lists (division codes) are data, not enums.

What the engine says of files and grids it says in its own lists; they are the room's, too.
"""

from __future__ import annotations

from enum import StrEnum

from wangge.territory.analysis import (
    SUBKINDS,
    WARNINGS,
    Datum,
    DefectKind,
    GeoFormat,
    GridKind,
    GridSubkind,
    Level,
    Precision,
    Severity,
    severity_of,
)

__all__ = [
    "SUBKINDS",
    "WARNINGS",
    "BuildingKind",
    "Datum",
    "DefectKind",
    "GeoFormat",
    "GridKind",
    "GridSubkind",
    "ImportState",
    "Level",
    "Precision",
    "Severity",
    "severity_of",
]


class BuildingKind(StrEnum):
    """建筑用途."""

    RESIDENTIAL = "residential"
    GOVERNMENT = "government"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    MALL = "mall"
    OTHER = "other"


class ImportState(StrEnum):
    """导入结果: an import is taken whole, or refused whole; its report is kept either way."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CHECKED = "checked"  # looked at on request, sound, and nothing changed
