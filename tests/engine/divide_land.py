"""Small invented territories for the tests of the division."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from wangge_engine.divide.territory import Territory
from wangge_engine.divide.units import Findings, read_graph


def lattice(
    rows: int, columns: int, seed: int, *, communities: int = 1, mean: float = 55.0, special: float = 0.05
) -> dict[str, Any]:
    """Buildings on a lattice of 40 m squares; estates are 2 x 3 blocks; a few exclusive and open units."""
    rng = np.random.default_rng(seed)
    nodes, edges = [], []
    for row in range(rows):
        for column in range(columns):
            drawn = rng.random()
            kind = "exclusive" if drawn < special / 2 else "open" if drawn < special else "residential"
            community = column * communities // columns
            nodes.append(
                {
                    "id": f"u{row}-{column}",
                    "weight": int(min(250, rng.gamma(2.0, mean / 2.0))) if kind == "residential" else 0,
                    "within": f"1201100010{community + 1:02d}",
                    "keep": f"e{community}-{row // 2}-{column // 3}" if rng.random() < 0.9 else None,
                    "kind": kind,
                    "x": 40.0 * column,
                    "y": -40.0 * row,
                    "area": 1600.0,
                    "perimeter": 160.0,
                }
            )
            if column:
                edges.append([f"u{row}-{column - 1}", f"u{row}-{column}", 40.0, False])
            if row:
                edges.append([f"u{row - 1}-{column}", f"u{row}-{column}", 40.0, bool(row == rows // 2 + 3)])
    return {"nodes": nodes, "edges": edges}


def written(folder: Path, graph: dict[str, Any], name: str = "units.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(graph), encoding="utf-8")
    return path


def land_of(folder: Path, graph: dict[str, Any]) -> Territory:
    return read_graph(written(folder, graph), Findings())


def square(column: float, row: float, size: float = 1.0) -> list[list[list[float]]]:
    """A ring of about 50 m squares near Tianjin."""
    step_x, step_y, lon, lat = 0.00058, 0.00045, 117.3, 39.0
    corners = ((0, 0), (size, 0), (size, size), (0, size), (0, 0))
    return [[[lon + step_x * (column + x), lat + step_y * (row + y)] for x, y in corners]]


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def parcel(name: str, column: float, row: float, weight: Any = 75, **facts: Any) -> dict[str, Any]:
    """A feature of one unit."""
    properties = {"id": name, "weight": weight, "within": "120110001001", "keep": "", "kind": "residential"}
    return {
        "type": "Feature",
        "properties": properties | facts,
        "geometry": {"type": "Polygon", "coordinates": square(column, row)},
    }
