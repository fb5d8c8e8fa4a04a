"""Polygons of units: read, mended where that is safe, and the borders they share measured.

Two units border each other where their outlines run together, also where one is drawn a hand's breadth beside the
other or has corners the other has not. Lengths are in metres in a flat frame around the middle of the file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from wangge_engine.datums.coordinates import Datum
from wangge_engine.datums.verdicts import moved
from wangge_engine.divide.territory import Ints, Territory
from wangge_engine.divide.units import Findings, territory_of, with_borders
from wangge_engine.frame.problems import refuse
from wangge_engine.geofiles.layers import Layer
from wangge_engine.geofiles.reading import read_layer
from wangge_engine.geometry.measures import LocalFrame, joined, place_of, polygons_of, repaired

_NEAR_M = 0.3  # outlines closer than this run together
_CORNER_M = 0.5  # shorter shared borders are corners
_SLIVER = 0.02  # of the smaller unit: overlaps up to this are drawn carelessly, larger ones are told apart
_DUST_M2 = 0.01
_SUFFIXES = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_file(path: Path) -> Layer:
    """One layer of a GeoJSON, GeoPackage or Shapefile (zipped, or its .shp beside the other parts)."""
    try:
        if path.suffix.lower() != ".shp":
            return read_layer(path.name, path.read_bytes())
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for part in sorted(path.parent.glob(f"{path.stem}.*")):
                if part.suffix.lower() in _SUFFIXES:
                    archive.write(part, part.name)
        return read_layer(f"{path.stem}.zip", packed.getvalue())
    except OSError as error:
        raise refuse("no_such_file", "文件打不开", f"cannot be opened: {error}", str(path)) from error


def read_ground(
    path: Path, fields: Mapping[str, str], barriers: Path | None, datum: Datum, found: Findings
) -> Territory:
    """Units from a file of polygons. ``fields`` names the columns of id, weight, within, keep, kind."""
    layer = read_file(path)
    shapes, rows = _sound(layer, datum, path.name, found)
    columns = {name: _column(layer, rows, header, name, path.name) for name, header in fields.items()}
    columns["id"] = [_plain(value) for value in columns["id"]]
    shapes, rows_left = _without_twins(shapes, columns["id"], path.name, found)
    columns = {name: [values[row] for row in rows_left] for name, values in columns.items()}
    shapes = _unmixed(shapes, [str(value) for value in columns["within"]], path.name, found)
    frame = LocalFrame.around(shapes)
    flat = np.array([frame.metres(shape) for shape in shapes], dtype=object)
    flat = _without_overlaps(flat, [str(one) for one in columns["id"]], frame, path.name, found)
    centre = shapely.centroid(flat)
    columns["x"], columns["y"] = shapely.get_x(centre).tolist(), shapely.get_y(centre).tolist()
    columns["area"], columns["perimeter"] = shapely.area(flat).tolist(), shapely.length(flat).tolist()
    base = territory_of(columns, path.name, found)
    lines = _barriers(barriers, frame, datum)
    pairs, metres, crossed = borders_of(flat, lines)
    land = with_borders(base, pairs, metres.tolist(), crossed.tolist())
    return replace(land, shapes=[frame.degrees(shape) for shape in flat])


def _plain(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None or value == "" else str(value)


def _column(layer: Layer, rows: Sequence[int], header: str, name: str, file: str) -> list[Any]:
    if header in layer.columns:
        values = layer.columns[header]
        return [_plain(values[row]) if name in ("within", "keep") else values[row] for row in rows]
    if name in ("keep", "kind"):
        return ["" if name == "keep" else "residential"] * len(rows)
    known = ", ".join(layer.columns)
    raise refuse(
        "column_missing",
        f"没有 {header} 列（有：{known}）",
        f"no column {header} for {name} (the file has: {known})",
        file,
    )


def _sound(layer: Layer, datum: Datum, file: str, found: Findings) -> tuple[list[Any], list[int]]:
    shapes, rows = [], []
    for row, drawn in enumerate(layer.geometries):
        shape = drawn
        place = f"{file}, row {row + 1}"
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            found.add("no_polygon", "没有面，已略去", "no polygon, left out", place)
            continue
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            found.add(
                "bad_coordinates", "坐标不是数字，已略去", "coordinates are no numbers, left out", place
            )
            continue
        shape = moved(shape, datum)
        if not shape.is_valid:
            lon, lat = place_of(shape)
            found.add(
                "self_intersection",
                "边界自相交，已修复",
                "its outline crosses itself, repaired",
                f"{place} ({lon:.5f}, {lat:.5f})",
            )
            shape = repaired(shape)
        if shape.is_empty or shape.area == 0:
            found.add("no_area", "面积为零，已略去", "no area, left out", place)
            continue
        shapes.append(shape)
        rows.append(row)
    if not shapes:
        raise refuse("layer_empty", "文件中没有可用的面", "the file holds no usable polygon", file)
    bounds = shapely.total_bounds(shapes)
    if bounds[2] - bounds[0] > 5.0 or bounds[3] - bounds[1] > 5.0:
        raise refuse(
            "mixed_coordinates",
            "单元相距超过 5 度，坐标系可能混用或经纬度颠倒",
            f"units lie more than 5 degrees apart ({bounds.round(2).tolist()}): mixed coordinate systems?",
            file,
        )
    return shapes, rows


def _without_twins(
    shapes: list[Any], ids: Sequence[Any], file: str, found: Findings
) -> tuple[list[Any], list[int]]:
    """Without units that repeat another's ground exactly."""
    seen: dict[bytes, int] = {}
    kept: list[int] = []
    for row, shape in enumerate(shapes):
        key = shapely.to_wkb(shapely.normalize(shape))
        if key in seen:
            found.add(
                "duplicate_parcel", f"与 {ids[seen[key]]} 重复，已略去",
                f"the same ground as {ids[seen[key]]}, left out",
                f"{file}, unit {ids[row]}",
            )  # fmt: skip
            continue
        seen[key] = row
        kept.append(row)
    return [shapes[row] for row in kept], kept


def _unmixed(shapes: list[Any], within: list[str], file: str, found: Findings) -> list[Any]:
    """A community drawn in GCJ-02 among others in WGS-84 lies on its neighbours; moved back, it fits."""
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(within):
        groups.setdefault(name, []).append(row)
    tree = shapely.STRtree(shapes)
    out = list(shapes)
    for name, rows in sorted(groups.items()) if len(groups) > 1 else ():
        own = set(rows)
        ground = shapely.union_all([shapes[row] for row in rows])
        near = [row for row in tree.query(ground, predicate="intersects").tolist() if row not in own]
        laid = _laid_over(ground, [shapes[row] for row in near])
        if laid < 0.15:
            continue
        back = moved(ground, Datum.GCJ02)
        near = [row for row in tree.query(back, predicate="intersects").tolist() if row not in own]
        if _laid_over(back, [shapes[row] for row in near]) < 0.1 * laid:
            lon, lat = place_of(back)
            found.add(
                "gcj02_among_wgs84", "该社区按 GCJ-02 绘制，已转换为 WGS-84",
                "this community is drawn in GCJ-02, turned into WGS-84", f"{file}, {name} ({lon:.5f}, {lat:.5f})",
            )  # fmt: skip
            for row in rows:
                out[row] = moved(shapes[row], Datum.GCJ02)
    return out


def _laid_over(ground: Any, others: list[Any]) -> float:
    """The share of some ground that others cover too."""
    if not others:
        return 0.0
    return float(shapely.intersection(ground, shapely.union_all(others)).area / ground.area)


def _without_overlaps(flat: Any, ids: list[str], frame: LocalFrame, file: str, found: Findings) -> Any:
    """Overlaps taken off the later unit; slivers silently counted as one finding, larger ones named."""
    tree = shapely.STRtree(flat)
    left, right = tree.query(flat, predicate="overlaps")
    inside, outside = tree.query(flat, predicate="within")
    met = [
        *zip(left.tolist(), right.tolist(), strict=True),
        *zip(inside.tolist(), outside.tolist(), strict=True),
    ]
    pairs = sorted({(min(a, b), max(a, b)) for a, b in met if a != b})
    out = flat.copy()
    for a, b in pairs:
        shared = shapely.intersection(out[a], out[b])
        size = float(shapely.area(shared))
        if size <= _DUST_M2:
            continue
        # what lies inside another unit is cut out of that; else the later unit gives way
        loser = a if out[a].area > out[b].area and size > 0.5 * out[b].area else b
        lon, lat = place_of(frame.degrees(shared))
        sliver = size <= _SLIVER * min(float(out[a].area), float(out[b].area))
        found.add(
            "sliver" if sliver else "overlap",
            f"与 {ids[a if loser == b else b]} 重叠 {size:.1f} m2，已扣除",
            f"overlaps {ids[a if loser == b else b]} by {size:.1f} m2, taken off",
            f"{file}, unit {ids[loser]} ({lon:.5f}, {lat:.5f})",
        )
        rest = joined(polygons_of(shapely.difference(out[loser], shared)))
        if not rest.is_empty:
            out[loser] = rest
    return out


def borders_of(flat: Any, lines: Any) -> tuple[Ints, Any, Any]:
    """Pairs of units that border each other, metres shared, and whether a barrier runs along."""
    tree = shapely.STRtree(flat)
    a, b = tree.query(flat, predicate="dwithin", distance=_NEAR_M)
    a, b = a[a < b], b[a < b]
    edges = shapely.boundary(flat)
    shared = shapely.intersection(edges[a], edges[b])
    metres = shapely.length(shared)
    loose = np.flatnonzero(metres < 2.0)
    if len(loose):
        around = shapely.buffer(edges[b[loose]], _NEAR_M, cap_style="flat")
        along = shapely.intersection(edges[a[loose]], around)
        near = np.maximum(shapely.length(along) - 2 * _NEAR_M, 0.0)
        better = near > metres[loose]
        metres[loose] = np.where(better, near, metres[loose])
        shared[loose[better]] = along[better]
    keep = metres > _CORNER_M
    a, b, metres, shared = a[keep], b[keep], metres[keep], shared[keep]
    crossed = np.zeros(len(a), dtype=bool)
    if lines is not None and len(a):
        one, two = shapely.point_on_surface(flat[a]), shapely.point_on_surface(flat[b])
        middle = shapely.line_interpolate_point(shapely.line_merge(shared), 0.5, normalized=True)
        middle = np.where(
            shapely.is_empty(middle) | shapely.is_missing(middle), shapely.point_on_surface(shared), middle
        )
        ways = shapely.linestrings(
            np.stack([shapely.get_coordinates(points) for points in (one, middle, two)], axis=1)
        )
        walls = shapely.STRtree(lines)
        hit, _ = walls.query(ways, predicate="intersects")
        crossed[np.unique(hit)] = True
    return np.column_stack([a, b]).astype(np.int64).reshape(-1, 2), metres, crossed


def _barriers(path: Path | None, frame: LocalFrame, datum: Datum) -> Any:
    if path is None:
        return None
    shapes = [shape for shape in read_file(path).geometries if shape is not None and not shape.is_empty]
    lines = [
        shapely.boundary(shape) if shape.geom_type in ("Polygon", "MultiPolygon") else shape
        for shape in shapes
    ]
    return np.array([frame.metres(moved(line, datum)) for line in lines], dtype=object)


def dissolved(land: Territory, grid: Ints) -> tuple[list[Any], float, float]:
    """Each grid's polygon in degrees, and square metres of gap and overlap against the input's ground."""
    assert land.shapes is not None, "only polygons can be dissolved"
    shapes = np.array(land.shapes, dtype=object)
    order = np.argsort(grid, kind="stable")
    starts = np.searchsorted(grid[order], np.arange(int(grid.max()) + 2))
    out = [
        joined(polygons_of(shapely.union_all(shapes[order[starts[one] : starts[one + 1]]])))
        for one in range(int(grid.max()) + 1)
    ]
    frame = LocalFrame.around(shapes)
    scale = frame.metres_per_lon * frame.metres_per_lat
    ground, sheet = shapely.union_all(shapes), shapely.union_all(out)
    gap = float(shapely.area(shapely.difference(ground, sheet))) * scale
    overlap = max(0.0, float(sum(shape.area for shape in out) - sheet.area)) * scale
    return out, gap, overlap
