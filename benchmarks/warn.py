"""Early warning: equal to R's bounds, how fast, and how often it is wrong.

``python -m benchmarks.warn [--data DIR] [--series N] [--json]``

Prints, for `--data` (reference series with R surveillance's bounds beside them), the largest relative difference; the
CPU of the whole command per week and series for ``--series`` series x 52 weeks, file in and file out; and on labelled
simulated outbreaks (`benchmarks.outbreaks`) the share of quiet weeks with an alarm, the share of outbreaks with one,
and the weeks until it, each raw and with the day's false discovery rate controlled.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.golden import call
from benchmarks.outbreaks import simulate
from wangge_engine.warn.detect import METHODS

REFERENCES = (
    (
        "salmonella.agona",
        "ff_noufaily_limit0",
        ["--method", "farrington", "--b", "4", "--min-cases", "0"],
        "",
    ),
    ("shadar", "ff_noufaily_limit0", ["--method", "farrington", "--b", "3", "--min-cases", "0"], ""),
    ("h1_nrwrp", "ff_noufaily_limit0", ["--method", "farrington", "--b", "3", "--min-cases", "0"], ""),
    ("stsNewport", "ff_noufaily_limit0", ["--method", "farrington", "--b", "5", "--min-cases", "0"], ""),
    ("abattoir", "ears_C1_minSigma0.5", ["--method", "ears-c1"], ""),
    ("abattoir", "ears_C2_minSigma0.5", ["--method", "ears-c2"], ""),
    ("abattoir", "ears_C3_minSigma0.5", ["--method", "ears-c3"], "_formula"),
)
YEARS, WATCHED = 5, 52
CLASSIC = ("--bound", "classic", "--trend-threshold", "0.05")


def rows(path: Path) -> dict[str, dict[str, str]]:
    """Rows by t."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["t"]: row for row in csv.DictReader(handle)}


def equal(data: Path, folder: Path) -> list[dict[str, Any]]:
    """Rows compared, largest relative difference of the bound, and alarms that differ."""
    found = []
    for name, kind, options, tail in REFERENCES:
        told = rows(data / f"{name}__{kind}.csv")
        call("warn", *options, "--series", str(data / f"{name}.csv"), "--out", str(folder / "o.csv"))
        ours = rows(folder / "o.csv")
        apart = [abs(float(ours[t]["upper"]) / float(row[f"upper{tail}"]) - 1) for t, row in told.items()]
        alarms = sum(ours[t]["alarm"] != row[f"alarm{tail}"] for t, row in told.items())
        found.append(
            {"series": name, "bounds": kind, "rows": len(told), "apart": max(apart), "alarms": alarms}
        )
    return found


def written(path: Path, counts: npt.NDArray[np.float64]) -> Path:
    """The counts as a Parquet file of series."""
    number, weeks = counts.shape
    names = pa.array([f"s{i}" for i in range(number)])
    table = pa.table(
        {
            "series": names.take(pa.array(np.repeat(np.arange(number), weeks))),
            "t": np.tile(np.arange(1, weeks + 1), number),
            "observed": counts.ravel().astype(int),
        }
    )
    pq.write_table(table, path)
    return path


def speed(number: int, folder: Path) -> dict[str, dict[str, float]]:
    """CPU and wall milliseconds per week and series of the whole command."""
    weeks = 3 * 52 + 3 + WATCHED
    counts = (
        np.random.default_rng(1)
        .poisson(np.geomspace(0.3, 60, number)[:, None], (number, weeks))
        .astype(float)
    )
    path = written(folder / "many.parquet", counts)
    found = {}
    for method in METHODS:
        span = ["--from", str(weeks - WATCHED + 1)]
        cpu, wall = time.process_time(), time.perf_counter()
        told = call(
            "warn", "--method", method, "--series", str(path), "--out", str(folder / "o.parquet"), *span
        )
        assert told["evaluated"] == number * WATCHED
        per = 1000 / told["evaluated"]
        found[method] = {
            "cpu_ms": (time.process_time() - cpu) * per,
            "wall_ms": (time.perf_counter() - wall) * per,
        }
    return found


def quality(number: int, folder: Path) -> dict[str, dict[str, float]]:
    """False alarms and detection on the labelled series."""
    made = simulate(number, years=YEARS, seed=20261122)
    path = written(folder / "labelled.parquet", made.counts)
    first = made.counts.shape[1] - WATCHED
    label = made.outbreak[:, first:]
    hit = label.any(axis=1)
    found: dict[str, dict[str, float]] = {}
    for method, more in (*((method, ()) for method in METHODS), ("farrington", CLASSIC)):
        options = ["--method", method, "--from", str(first + 1), *more]
        out = folder / "o.parquet"
        call("warn", *options, "--series", str(path), "--out", str(out))
        told = pq.read_table(out, columns=["alarm", "alarm_fdr"])
        name = f"{method} classic" if more else method
        for column in ("alarm", "alarm_fdr"):
            if told[column].null_count == len(told):
                continue
            alarm = np.asarray(told[column]).reshape(number, WATCHED) == 1
            caught = (alarm & label).any(axis=1)[hit]
            late = [
                int(np.argmax(a & o) - np.argmax(o))
                for a, o in zip(alarm[hit], label[hit], strict=True)
                if (a & o).any()
            ]
            found[name if column == "alarm" else f"{name}, fdr"] = {
                "false": float(alarm[~label].mean()),
                "found": float(caught.mean()),
                "weeks": float(np.mean(late)) if late else float("nan"),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--labelled", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        figures = {
            "equal": equal(args.data, folder) if args.data else [],
            "quality": quality(args.labelled, folder),
            "speed": speed(args.series, folder) if args.series else {},
        }
    if args.json:
        json.dump(figures, sys.stdout)
        return
    for row in figures["equal"]:
        print(f"{row['series']:<18}{row['bounds']:<22}{row['rows']:5} bounds, at most {row['apart']:.1e} apart,"
              f" {row['alarms']} alarms differ")  # fmt: skip
    print(f"\n{'labelled outbreaks':<24}{'false alarms':>14}{'found':>9}{'weeks until':>13}")
    for name, told in figures["quality"].items():
        print(f"{name:<24}{told['false']:14.4f}{told['found']:9.2f}{told['weeks']:13.1f}")
    if args.series:
        print(
            f"\n{args.series} series x {WATCHED} weeks, file in, file out: CPU (wall) ms per week and series"
        )
    for method, told in figures["speed"].items():
        print(f"{method:<24}{told['cpu_ms']:10.4f} ({told['wall_ms']:.4f})")


if __name__ == "__main__":
    main()
