"""Two nets of a city laid over each other: seconds, and what a greedy choice of partners would move more.

    python -m benchmarks.crosswalk [--grids 10000] [--units 70000]

Both nets are jittered lattices over the same ground, drawn apart; units are buildings of 1 to 250 households. The
command runs as it does for a user, on files; one JSON object is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from wangge_engine.frame.cli import main as engine
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer

WEST, SOUTH, STEP_LON, STEP_LAT = 117.2, 39.0, 0.0035, 0.0027


def net(side_x: int, side_y: int, seed: int) -> list[shapely.Polygon]:
    """Quadrilaterals of about equal size over one rectangle; the outline is straight."""
    chance = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, side_x + 1), np.linspace(0, 1, side_y + 1), indexing="ij")
    inner = np.zeros_like(x, dtype=bool)
    inner[1:-1, 1:-1] = True
    x += np.where(inner, chance.uniform(-0.35, 0.35, x.shape) / side_x, 0.0)
    y += np.where(inner, chance.uniform(-0.35, 0.35, y.shape) / side_y, 0.0)
    lon, lat = WEST + x * 100 * STEP_LON, SOUTH + y * 100 * STEP_LAT
    at = np.stack([lon, lat], axis=-1)
    return [
        shapely.Polygon([at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]])
        for i in range(side_x)
        for j in range(side_y)
    ]


def main() -> None:
    """Make the nets, run the command, print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--grids", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=70_000)
    asked = parser.parse_args()
    side = round(asked.grids**0.5)
    chance = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, shapes in (("a", net(side, side, 1)), ("b", net(side - 3, side + 2, 2))):
            codes = [f"{name}{number:06d}" for number in range(len(shapes))]
            (home / f"{name}.gpkg").write_bytes(
                write_layer(GeoFormat.GEOPACKAGE, name, {"code": codes}, shapes)[2]
            )
        with (home / "units.csv").open("w", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["id", "lon", "lat", "households"])
            for number, (x, y, n) in enumerate(
                zip(
                    chance.random(asked.units),
                    chance.random(asked.units),
                    chance.gamma(2, 22, asked.units),
                    strict=True,
                )
            ):
                writer.writerow(
                    [number, WEST + x * 100 * STEP_LON, SOUTH + y * 100 * STEP_LAT, 1 + int(min(n, 249))]
                )
        words = ["--a", f"{home}/a.gpkg", "--b", f"{home}/b.gpkg", "--units", f"{home}/units.csv"]
        began, clock = time.process_time(), time.monotonic()
        code = engine(
            ["crosswalk", *words, "--out", f"{home}/o.csv", "--report", f"{home}/r.json", "--quiet"]
        )
        cpu, wall = time.process_time() - began, time.monotonic() - clock
        assert code == 0, "the command refused its own input"
        told = json.loads((home / "r.json").read_text("utf-8"))
        greedy = _greedy(home / "o.csv")
    changes = told["fewest_changes"]
    print(
        json.dumps(
            {
                "grids": [told["grids_a"], told["grids_b"]],
                "units": asked.units,
                "pairs": told["pairs"],
                "households_that_move": changes["moves"],
                "share": changes["share"],
                "greedy_would_move": greedy,
                "cpu_seconds": round(cpu, 2),
                "wall_seconds": round(wall, 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def _greedy(pairs: Path) -> float:
    """What moves when partners are chosen by the heaviest pair left."""
    with pairs.open(newline="") as handle:
        rows = [
            (float(row["households"]), row["a"], row["b"])
            for row in csv.DictReader(handle)
            if row["a"] and row["b"]
        ]
    taken: set[str] = set()
    stays = 0.0
    for weight, a, b in sorted(rows, reverse=True):
        if a not in taken and b not in taken:
            taken |= {a, b}
            stays += weight
    return round(sum(weight for weight, _, _ in rows) - stays, 2)


if __name__ == "__main__":
    main()
