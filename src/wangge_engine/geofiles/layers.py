"""What a geographic file holds, and the formats it comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wangge_engine.datums.coordinates import Datum
from wangge_engine.geometry.measures import Geometry


class GeoFormat(StrEnum):
    """文件格式."""

    GEOJSON = "geojson"
    GEOPACKAGE = "gpkg"
    SHAPEFILE = "shapefile"


@dataclass(frozen=True, slots=True)
class Layer:
    """What a file held: columns by name, one geometry for each row, and how it was understood.

    ``datum`` is what the file itself says of its coordinates, None when it says nothing. ``notes`` are
    (zh, en) remarks for the report.
    """

    format: GeoFormat
    columns: Mapping[str, Sequence[Any]]
    geometries: Sequence[Geometry]
    datum: Datum | None
    crs: str
    degrees: bool
    notes: tuple[tuple[str, str], ...]
