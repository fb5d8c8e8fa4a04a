"""The space-time permutation scan: New York's fever sample, how fast, how often it is wrong and what it finds.

``python -m benchmarks.scan [--data DIR] [--towns N] [--json]``

With ``--data`` (a folder with NYCfever.cas and .geo): the most likely cluster of circles up to 3 km and windows up to
7 days, 999 replicates. On simulated towns of our own (60 places, 30 days, 3 visits a day; half with an outbreak of
8 more visits within 2 km over the last 3 days): the share of quiet towns with p <= 0.05, and of outbreaks found (p <=
0.05 and the cluster holds most of the outbreak's places).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.golden import call


def first_row(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return next(csv.DictReader(handle), {})


def new_york(data: Path, folder: Path) -> dict[str, Any]:
    """The cluster and the seconds of 999 replicates."""
    files = ["--cases", str(data / "NYCfever.cas"), "--places", str(data / "NYCfever.geo")]
    cpu, wall = time.process_time(), time.perf_counter()
    call("scan", *files, "--max-radius-km", "3", "--max-days", "7", "--out", str(folder / "o.csv"))
    return {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        **first_row(folder / "o.csv"),
    }


def town(random: np.random.Generator, folder: Path, *, outbreak: bool) -> tuple[list[str], set[str]]:
    """Files of one town, and the places of its outbreak."""
    spots = np.column_stack([39.1 + random.uniform(-0.06, 0.06, 60), 117.3 + random.uniform(-0.08, 0.08, 60)])
    weight = random.dirichlet(np.ones(60) * 2)
    told = [
        (int(random.choice(60, p=weight)), int(day))
        for day in np.repeat(np.arange(30), random.poisson(3, 30))
    ]
    far = np.hypot((spots[:, 0] - spots[0, 0]) * 111, (spots[:, 1] - spots[0, 1]) * 86)
    near = np.flatnonzero(far <= 2)
    if outbreak:
        told += [(int(random.choice(near)), int(random.integers(27, 30))) for _ in range(8)]
    for name, head, rows in (
        ("places", ("place_id", "lat", "lon"), [(i, *spot) for i, spot in enumerate(spots.tolist())]),
        ("cases", ("place_id", "date"), [(p, date(2026, 11, 1) + timedelta(days=d)) for p, d in told]),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([head, *rows])
    files = ["--cases", str(folder / "cases.csv"), "--places", str(folder / "places.csv")]
    return files, {str(p) for p, d in told[-8:]} if outbreak else set()


def towns(number: int, folder: Path) -> dict[str, float]:
    """Shares of quiet towns that alarm and of outbreaks found."""
    random = np.random.default_rng(20261122)
    false = found = 0
    for i in range(number):
        files, places = town(random, folder, outbreak=i % 2 == 0)
        more = ["--max-radius-km", "3", "--max-days", "7", "--to", "2026-11-30", "--seed", str(i)]
        call("scan", *files, *more, "--replicates", "199", "--out", str(folder / "o.csv"))
        best = first_row(folder / "o.csv")
        alarm = bool(best) and float(best["p"]) <= 0.05
        if places:
            found += alarm and len(places & set(best["place_ids"].split(";"))) * 2 > len(places)
        else:
            false += alarm
    return {"false": 2 * false / number, "found": 2 * found / number}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--towns", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        figures = {
            "new_york": new_york(args.data, folder) if args.data else {},
            "towns": towns(args.towns, folder) if args.towns else {},
        }
    if args.json:
        json.dump(figures, sys.stdout)
        return
    if best := figures["new_york"]:
        print(
            f"New York fever: LLR {float(best['llr']):.6f}, {best['from']} to {best['to']}, {best['observed']} seen,"
        )
        print(f"  {float(best['expected']):.4f} expected, {best['places']} places round {best['centre']}, radius"
              f" {float(best['radius_km']):.2f} km, p {best['p']}")  # fmt: skip
        print(f"  the whole command with 999 replicates: {best['cpu']:.2f} s of CPU, {best['wall']:.2f} s")
    if args.towns:
        told = figures["towns"]
        print(
            f"{args.towns} towns, p <= 0.05: {told['false']:.3f} of quiet ones, {told['found']:.2f} of outbreaks found"
        )


if __name__ == "__main__":
    main()
