"""The territory as GeoJSON: grids, communities, streets; and the samples that must be refused."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from demo.register import Register
from demo.scales import DISTRICT
from demo.tiling import DECIMALS


def write(register: Register) -> None:
    """Write territory/*.geojson."""
    world = register.world
    tiling = world.places.tiling
    homes = world.places.dwellings["grid"].gather(world.dwelling_of)
    per_grid = homes.value_counts(name="n")
    households = dict(zip(per_grid["grid"].to_list(), per_grid["n"].to_list(), strict=True))
    grids: list[tuple[dict[str, object], shapely.Polygon]] = [
        (
            {
                "code": g.code, "name": g.name, "kind": g.kind, "use": g.use, "community": g.community.code,
                "households": households.get(i, 0),
            },
            tiling.polygon(g.rect),
        )
        for i, g in enumerate(tiling.grids)
    ]  # fmt: skip
    communities = [
        ({"code": c.code, "name": c.name, "parent": c.street_code}, tiling.polygon(rect))
        for c, rect in tiling.communities
    ]
    streets = [
        ({"code": code, "name": name, "parent": DISTRICT + "000000"}, tiling.polygon(rect))
        for code, name, rect in tiling.streets
    ]
    layers: tuple[tuple[str, Sequence[tuple[Mapping[str, object], shapely.Polygon]]], ...] = (
        ("grids", grids),
        ("communities", communities),
        ("streets", streets),
    )
    for name, features in layers:
        path = register.out / "territory" / f"{name}.geojson"
        path.write_text(_collection(name, features), encoding="utf-8")
        register.add_entry(path, "civil_affairs", name, len(features), encoding="utf-8")
    _write_defects(register, grids)
    moved = [(facts, shapely.transform(shape, _to_gcj, interleaved=True)) for facts, shape in grids]
    path = register.out / "samples" / "坐标为GCJ02.geojson"
    path.write_text(_collection("grids", moved), encoding="utf-8")
    register.add_entry(
        path, "civil_affairs", "refused", len(moved), encoding="utf-8", note="GCJ-02 declared as WGS-84"
    )


def _write_defects(register: Register, grids: list[tuple[dict[str, object], shapely.Polygon]]) -> None:
    """The grids with one missing (a gap), one pushed over its neighbours, and one code given twice."""
    (first, _), (second, other), *rest = grids
    pushed = shapely.transform(other, lambda points: points + np.array([0.0004, 0.0003]))
    wrong = [
        (second, pushed),
        *[({**facts, "code": second["code"]} if i == 0 else facts, s) for i, (facts, s) in enumerate(rest)],
    ]
    path = register.out / "samples" / "网格有缺陷.geojson"
    path.write_text(_collection("grids", wrong), encoding="utf-8")
    missing = (
        f"gap where {first['code']} was, {second['code']} overlaps its neighbours and its code stands twice"
    )
    register.add_entry(path, "civil_affairs", "refused", len(wrong), encoding="utf-8", note=missing)


def _collection(name: str, features: Sequence[tuple[Mapping[str, object], shapely.Polygon]]) -> str:
    items = [
        {
            "type": "Feature",
            "properties": facts,
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in shape.exterior.coords]],
            },
        }
        for facts, shape in features
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    whole = {"type": "FeatureCollection", "name": name, "crs": crs, "features": items}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"


def _to_gcj(points: np.ndarray) -> np.ndarray:
    """WGS-84 to GCJ-02 by the published formula; only to make a file that must be refused."""
    a, ee = 6_378_245.0, 0.00669342162296594323
    moved = points.copy()
    for i, (lon, lat) in enumerate(points):
        x, y = lon - 105.0, lat - 35.0
        wave = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
        d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
        d_lat += (wave + 20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
        d_lat += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
        d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
        d_lon += (wave + 20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
        d_lon += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
        phi = lat / 180 * math.pi
        magic = 1 - ee * math.sin(phi) ** 2
        moved[i, 1] = lat + d_lat * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * math.pi)
        moved[i, 0] = lon + d_lon * 180 / (a / math.sqrt(magic) * math.cos(phi) * math.pi)
    return moved


def write_refused_columns(register: Register) -> None:
    """A civil-affairs extract with a column that may not exist here: it must be stopped at that column, named."""
    rows = register.world.persons.head(20).select("name", "id_no")
    lines = ["编号,姓名,身份证号,民族,联系电话"]
    lines += [f"{i},{name},{id_no},不应采集," for i, (name, id_no) in enumerate(rows.rows(), start=1)]
    path: Path = register.out / "samples" / "含民族列.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    register.add_entry(path, "civil_affairs", "refused", 20, encoding="utf-8", note="column 民族")
