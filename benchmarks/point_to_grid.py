"""Points per CPU-second from coordinate to grid, on the 1,147 polygons of the demo's district.

    python -m benchmarks.point_to_grid [--points 1000000]

Prints one JSON object. The rule alone is measured; through the door come one policy check and one ledger row for
the whole array, which at this size is nothing.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from demo.chance import stream
from demo.scales import SCALES, communities_of
from demo.tiling import lay_out
from wangge_engine.geometry.locating import GridIndex


def main() -> None:
    """Build the index, ask it, print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=1_000_000)
    wanted = parser.parse_args().points
    scale = SCALES["district"]
    tiling = lay_out(stream(1, "tiling"), scale, communities_of(scale))
    polygons = [tiling.polygon(grid.rect) for grid in tiling.grids]
    units = [int(grid.code) for grid in tiling.grids]
    began = time.process_time()
    index = GridIndex(units, polygons)
    built = time.process_time() - began
    west, south, east, north = scale.box
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(west, east, wanted), rng.uniform(south, north, wanted)
    began = time.process_time()
    found = index.units(lon, lat)
    spent = time.process_time() - began
    print(
        json.dumps(
            {
                "polygons": len(polygons),
                "points": wanted,
                "located": int(np.count_nonzero(found)),
                "index_cpu_seconds": round(built, 3),
                "cpu_seconds": round(spent, 3),
                "points_per_cpu_second": int(wanted / spent),
            }
        )
    )


if __name__ == "__main__":
    main()
