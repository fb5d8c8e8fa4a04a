"""Reading nets and units: polygons with a code, or tables that name each unit's grid; what is mended is told."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from wangge_engine.datums.coordinates import Datum
from wangge_engine.datums.verdicts import moved
from wangge_engine.divide.ground import read_file
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.geofiles.layers import Layer
from wangge_engine.geometry.measures import Geometry, repaired

TABLES = (".csv",)
LAYERS = (".geojson", ".json", ".gpkg", ".zip", ".shp")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Net:
    """A net as polygons in degrees, one for each code; ``drawn`` are its rows as they stand, with their codes."""

    codes: list[str]
    shapes: list[Geometry]
    households: Floats | None
    drawn: list[tuple[str, Geometry, int]]


@dataclass(frozen=True)
class Listing:
    """A net as a table: the grid of each unit, and the unit's weight (1 where the table has none)."""

    grid_of: dict[str, str]
    weight: dict[str, float]
    weighed: bool


@dataclass(frozen=True)
class Units:
    """Points with households."""

    lon: Floats
    lat: Floats
    households: Floats
    ids: list[str]


def is_table(path: Path) -> bool:
    """Whether a net is a table of units. Raises Refused for a format that is neither."""
    suffix = path.suffix.lower()
    if suffix not in (*TABLES, *LAYERS):
        known = ", ".join((*TABLES, *LAYERS))
        raise refuse("unknown_format", f"只能读 {known}", f"only {known} can be read", str(path))
    return suffix in TABLES


def read_net(path: Path, field: str, weight: str, datum: Datum, rejects: Rejects) -> Net:
    """A net of polygons. Rows without code or ground are rejected; rows of one code are one grid."""
    return net_of(read_file(path), path.name, field, weight, datum, rejects)


def net_of(  # noqa: PLR0917 -- one thing each, of its own type
    layer: Layer, file: str, field: str, weight: str, datum: Datum, rejects: Rejects
) -> Net:
    """A net from a layer that was read."""
    known = ("grid", "grid_code", "网格编码", "编码") if field == "code" else ()
    codes = _column(layer, field, file, *known)
    loads = layer.columns.get(weight)
    parts: dict[str, list[Geometry]] = {}
    heavy: dict[str, float] = {}
    drawn: list[tuple[str, Geometry, int]] = []
    for row, (told, shape) in enumerate(zip(codes, layer.geometries, strict=True), start=1):
        code = _plain(told)
        if not code:
            rejects.add(Reject(file, row, field, "no_code", "没有网格编码", "no code of a grid"))
            continue
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            rejects.add(Reject(file, row, "geometry", "no_polygon", "没有面", "no polygon"))
            continue
        ground = moved(shape, datum)
        drawn.append((code, ground, row))
        if not ground.is_valid:
            rejects.add(
                Reject(
                    file,
                    row,
                    "geometry",
                    "self_intersection",
                    "边界自相交，已修复",
                    "crosses itself, repaired",
                )
            )
            ground = repaired(ground)
        parts.setdefault(code, []).append(ground)
        heavy[code] = heavy.get(code, 0.0) + _number(loads[row - 1] if loads else None, 0.0)
    if not parts:
        raise refuse("layer_empty", "文件中没有可用的网格", "the file holds no usable grid", file)
    order = sorted(parts)
    shapes = [shapely.union_all(parts[code]) if len(parts[code]) > 1 else parts[code][0] for code in order]
    households = np.array([heavy[code] for code in order]) if loads is not None else None
    return Net(order, shapes, households, drawn)


def read_listing(path: Path, field: str, weight: str, rejects: Rejects) -> Listing:
    """A net as a table of units with columns unit (or id) and the grid."""
    rows = _rows(path)
    head = list(rows[0]) if rows else []
    unit = next((name for name in ("unit", "id") if name in head), None)
    grid = next((name for name in (field, "grid", "code") if name in head), None)
    if unit is None or grid is None:
        told = ", ".join(head)
        raise refuse(
            "column_missing",
            f"需要 unit 与 grid 两列（有：{told}）",
            f"the columns unit and grid are needed (the file has: {told})",
            path.name,
        )
    grid_of: dict[str, str] = {}
    loads: dict[str, float] = {}
    for number, row in enumerate(rows, start=1):
        name, code = (row[unit] or "").strip(), (row[grid] or "").strip()
        if not name or not code:
            rejects.add(
                Reject(path.name, number, grid, "no_code", "没有单元或网格编码", "no unit or no grid")
            )
        elif name in grid_of:
            rejects.add(
                Reject(
                    path.name, number, unit, "unit_again", "单元重复，以第一行为准", "this unit stands above"
                )
            )
        else:
            grid_of[name] = code
            loads[name] = _number(row.get(weight), math.nan if weight in head else 1.0)
            if math.isnan(loads[name]):
                rejects.add(
                    Reject(
                        path.name, number, weight, "bad_weight", "户数不对，按 0 计", "no weight, taken as 0"
                    )
                )
                loads[name] = 0.0
    if not grid_of:
        raise refuse("layer_empty", "表中没有可用的单元", "the table holds no usable unit", path.name)
    return Listing(grid_of, loads, weight in head)


def read_units(path: Path, weight: str, datum: Datum, rejects: Rejects) -> Units:
    """Buildings: a table with lon and lat, or a layer of points or polygons."""
    if path.suffix.lower() not in TABLES:
        layer = read_file(path)
        loads = _column(layer, weight, path.name, "weight", "households", "户数")
        names = (
            layer.columns.get("id") or layer.columns.get("unit") or list(range(1, len(layer.geometries) + 1))
        )
        told = [
            None if shape is None or shape.is_empty else _place(moved(shape, datum))
            for shape in layer.geometries
        ]
    else:
        rows = _rows(path)
        head = list(rows[0]) if rows else []
        column = next((name for name in (weight, "weight", "households") if name in head), None)
        if column is None or "lon" not in head or "lat" not in head:
            raise refuse(
                "column_missing",
                f"需要 lon、lat、{weight} 列（有：{', '.join(head)}）",
                f"the columns lon, lat and {weight} are needed (the file has: {', '.join(head)})",
                path.name,
            )
        loads = [row[column] for row in rows]
        names = [row.get("id") or row.get("unit") or number for number, row in enumerate(rows, start=1)]
        told = []
        for row in rows:
            lon, lat = _number(row["lon"], math.nan), _number(row["lat"], math.nan)
            told.append(None if math.isnan(lon + lat) else _place(moved(shapely.Point(lon, lat), datum)))
    kept: list[tuple[float, float, float, str]] = []
    for number, (place, load, name) in enumerate(zip(told, loads, names, strict=True), start=1):
        households = _number(load, math.nan)
        if place is None:
            rejects.add(
                Reject(path.name, number, "lon", "no_place", "没有坐标，未计入", "no place, left out")
            )
        elif math.isnan(households) or households < 0:
            rejects.add(
                Reject(path.name, number, weight, "bad_weight", "户数不对，未计入", "no weight, left out")
            )
        else:
            kept.append((*place, households, _plain(name)))
    columns = [np.array([one[n] for one in kept], dtype=np.float64) for n in range(3)]
    return Units(columns[0], columns[1], columns[2], [one[3] for one in kept])


def _place(shape: Geometry) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.DictReader(handle))
    except OSError as error:
        raise refuse("no_such_file", "文件打不开", f"cannot be opened: {error}", str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(
            "bad_table", "表格读不出来（应为 UTF-8 CSV）", f"no UTF-8 CSV: {error}", str(path)
        ) from error


def _column(layer: Layer, *names: str) -> list[Any]:
    wanted, file, *others = names
    for name in (wanted, *others):
        if name in layer.columns:
            return list(layer.columns[name])
    told = ", ".join(layer.columns)
    raise refuse(
        "column_missing",
        f"没有 {wanted} 列（有：{told}）",
        f"no column {wanted} (the file has: {told})",
        file,
    )


def _plain(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _number(value: Any, missing: float) -> float:
    try:
        number = float(value) if value not in (None, "") else missing
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) or math.isnan(number) else math.nan
