"""The room's port to the engine: files of lines read and brought to WGS-84."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from wangge.kernel.problems import BadInput
from wangge_engine.datums.coordinates import Datum, RangeVerdict, range_verdicts, to_wgs84
from wangge_engine.frame.problems import Refused
from wangge_engine.geometry.measures import Geometry, LocalFrame
from wangge_engine.topology import intake

_LINES = ("LineString", "MultiLineString")
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file in WGS-84 with the columns of their rows; outlines of areas (a lake) count as lines."""

    sha256: str
    columns: Mapping[str, Sequence[Any]]
    rows: list[int]
    shapes: list[Geometry]
    metres: list[float]
    left_out: int


def lines_of(file_name: str, body: bytes, declared: Datum) -> Lines:
    """Read a file of lines. Raises BadInput where it cannot be read, or where its coordinates cannot be."""
    try:
        found = intake.take_in(file_name, body, declared)
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=told.zh, en=told.en, place=told.place or file_name) from refused
    if not found.usable:
        defect = found.defects[0]
        raise BadInput(code=defect.kind.value, zh=defect.zh, en=defect.en, place=file_name)
    rows, shapes = [], []
    for row, drawn in enumerate(found.geometries):
        shape = shapely.boundary(drawn) if drawn is not None and drawn.geom_type in _AREAS else drawn
        if shape is not None and not shape.is_empty and shape.geom_type in _LINES and shape.length > 0:
            rows.append(row)
            shapes.append(shape)
    frame = LocalFrame.around(shapes)
    metres = [float(frame.metres(shape).length) for shape in shapes]
    digest = hashlib.sha256(body).hexdigest()
    return Lines(digest, found.layer.columns, rows, shapes, metres, len(found.geometries) - len(rows))


__all__ = ["Datum", "Geometry", "Lines", "RangeVerdict", "lines_of", "range_verdicts", "to_wgs84"]
