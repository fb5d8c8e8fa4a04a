"""Files of lines for tests."""

from __future__ import annotations

import json
from typing import Any

import shapely


def feature(shape: Any, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}


def file_of(*features: dict[str, Any]) -> bytes:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
