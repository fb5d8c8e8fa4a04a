"""Invented areas and points that tile without a gap."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

from wangge.console.styleguide.samples import cases, say

WEST, SOUTH, STEP_LON, STEP_LAT = 117.31, 39.06, 0.0125, 0.0095
COLUMNS, ROWS = 12, 9
Ring = list[tuple[float, float]]


def _corner(x: int, y: int) -> tuple[float, float]:
    """A corner shared by all areas that meet in it, moved a little unless it lies on the rim."""
    rim = x in (0, COLUMNS) or y in (0, ROWS)
    wild = random.Random(x * 101 + y)
    shift = 0.0 if rim else 0.32
    return (
        round(WEST + (x + (wild.random() - 0.5) * shift) * STEP_LON, 6),
        round(SOUTH + (y + (wild.random() - 0.5) * shift) * STEP_LAT, 6),
    )


def _ring(x0: int, y0: int, x1: int, y1: int) -> Ring:
    ring = [_corner(x, y0) for x in range(x0, x1)]
    ring += [_corner(x1, y) for y in range(y0, y1)]
    ring += [_corner(x, y1) for x in range(x1, x0, -1)]
    ring += [_corner(x0, y) for y in range(y1, y0, -1)]
    return [*ring, ring[0]]


def _feature(ring: Ring, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": dict(properties),
    }


def _area(level: str, code: str, name: str, ring: Ring) -> dict[str, Any]:
    return _feature(ring, {"id": f"{level}:{code}", "level": level, "code": code, "name": name})


def _grid(code: str, x: int, y: int, number: int) -> dict[str, Any]:
    wild = random.Random(x * 31 + y * 7)
    homes = wild.randint(240, 360)
    return _feature(
        _ring(x, y, x + 1, y + 1),
        {
            "id": f"grid:{code}",
            "level": "grid",
            "code": code,
            "tier": wild.choices(("red", "yellow", "blue", ""), (6, 9, 10, 75))[0],
            "kind": "exclusive" if wild.random() < 0.06 else "base",
            "name": say(f"{number} 号网格", f"Grid {number}"),
            "note": say(f"{homes} 户 · 网格员 刘洋", f"{homes} households · Liu Yang"),
        },
    )


def _street(code: str, name: str, box: tuple[int, int, int, int]) -> Iterator[dict[str, Any]]:
    x0, y0, x1, y1 = box
    yield _area("street", code, name, _ring(x0, y0, x1, y1))
    for y in range(y0, y1):
        community = f"{code}{y:03d}"
        title = say(f"第{y + 1}社区", f"Community {y + 1}")
        yield _area("community", community, title, _ring(x0, y, x1, y + 1))
        for x in range(x0, x1):
            yield _grid(f"{community}{x - x0 + 1:03d}", x, y, x - x0 + 1)


def areas() -> dict[str, Any]:
    """A district, four streets, their communities and grids, some with a tier."""
    mid_x, mid_y = COLUMNS // 2, math.ceil(ROWS / 2)
    features = [
        *_street("120110001", say("张贵庄街", "Zhangguizhuang"), (0, 0, mid_x, mid_y)),
        *_street("120110002", say("丰年村街", "Fengniancun"), (mid_x, 0, COLUMNS, mid_y)),
        *_street("120110003", say("万新街", "Wanxin"), (0, mid_y, mid_x, ROWS)),
        *_street("120110004", say("无瑕街", "Wuxia"), (mid_x, mid_y, COLUMNS, ROWS)),
        _area("district", "120110", say("东丽区", "Dongli"), _ring(0, 0, COLUMNS, ROWS)),
    ]
    return {"type": "FeatureCollection", "features": features}


def _point(lon: float, lat: float, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": dict(properties),
    }


def points() -> dict[str, Any]:
    """The sample cases, and sixty tasks to cluster."""
    wild = random.Random(3)
    found = [
        _point(
            c.lon,
            c.lat,
            {
                "id": c.key,
                "kind": "case",
                "tone": c.tone,
                "title": c.title,
                "note": c.place,
                "href": f"/styleguide/work/{c.number}/",
            },
        )
        for c in cases()
    ]
    for i in range(60):
        lon = WEST + wild.random() * COLUMNS * STEP_LON
        lat = SOUTH + wild.random() * ROWS * STEP_LAT
        tone = wild.choice(("waiting", "active", "done"))
        found.append(
            _point(lon, lat, {"id": f"task:{i}", "kind": "task", "tone": tone, "title": say("走访", "Visit")})
        )
    return {"type": "FeatureCollection", "features": found}


def bounds() -> str:
    """West, south, east, north."""
    return f"{WEST},{SOUTH},{WEST + COLUMNS * STEP_LON:.4f},{SOUTH + ROWS * STEP_LAT:.4f}"
