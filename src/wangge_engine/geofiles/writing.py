"""Writing GeoJSON, GeoPackage and zipped Shapefile, in memory, through GDAL."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geometry.measures import Geometry

_DRIVERS = {
    GeoFormat.GEOJSON: ("GeoJSON", ".geojson", "application/geo+json"),
    GeoFormat.GEOPACKAGE: ("GPKG", ".gpkg", "application/geopackage+sqlite3"),
    GeoFormat.SHAPEFILE: ("ESRI Shapefile", ".shp", "application/zip"),
}


def write_layer(
    format_: GeoFormat, name: str, columns: Mapping[str, Sequence[Any]], geometries: Sequence[Geometry]
) -> tuple[str, str, bytes]:
    """Writes polygons in WGS-84; returns (file name, media type, bytes). Column names must be short ASCII."""
    driver, suffix, media = _DRIVERS[format_]
    with tempfile.TemporaryDirectory(prefix="wangge-out-") as folder:
        path = Path(folder) / f"{name}{suffix}"
        multi = any(shape.geom_type == "MultiPolygon" for shape in geometries)
        shapes = [
            shapely.multipolygons([shape]) if multi and shape.geom_type == "Polygon" else shape
            for shape in geometries
        ]
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": "9"} if format_ is GeoFormat.GEOJSON else {}
        pyogrio.raw.write(
            path,
            np.array(shapely.to_wkb(shapes), dtype=object),
            field_data=[_column(values) for values in columns.values()],
            fields=list(columns),
            crs="EPSG:4326",
            geometry_type="MultiPolygon" if multi else "Polygon",
            driver=driver,
            encoding="UTF-8" if format_ is GeoFormat.SHAPEFILE else None,
            layer=name if format_ is GeoFormat.GEOPACKAGE else None,
            **options,
        )
        if format_ is not GeoFormat.SHAPEFILE:
            return path.name, media, path.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
        return f"{name}.zip", media, packed.getvalue()


def _column(values: Sequence[Any]) -> Any:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, int) for value in present) and len(present) == len(values):
        return np.array(values, dtype=np.int64)
    if present and all(isinstance(value, int | float) for value in present):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array([None if value is None else str(value) for value in values], dtype=object)
