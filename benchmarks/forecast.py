"""Forecasts one to four weeks ahead, scored: ours beside the last count and beside an hhh4-like model.

``python -m benchmarks.forecast [--data DIR] [--series N] [--origins N] [--json]``

Log score and ranked probability score (Czado, Gneiting & Held 2009), means over forecasts, smaller is better; and the
share of outcomes inside the 95 % interval. Every forecast sees only what was known at its origin; origins are every
third week of the last two years. Simulated series are of `benchmarks.outbreaks`; with ``--data`` (a folder of `series,
t, date, observed` files) real ones are scored.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.outbreaks import simulate
from wangge_engine.counts.tails import quantile
from wangge_engine.forecast.models import MODELS
from wangge_engine.forecast.scores import log_score, ranked_probability_score

HORIZONS = 4


def real(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Counts of each file of the folder that is a series."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        table = pl.read_csv(path, infer_schema=False)
        if {"series", "t", "observed"} <= set(table.columns) and "upper" not in table.columns:
            found[path.stem] = table["observed"].cast(pl.Float64).to_numpy()
    return found


def score(series: dict[str, np.ndarray[Any, Any]], origins: int) -> dict[str, dict[str, list[float]]]:
    """Model -> figure -> one value per forecast; origins are every third week up to the end."""
    told: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in MODELS}
    for y in series.values():
        for back in range(origins):
            end = len(y) - HORIZONS - 3 * back
            if end < 60:
                break
            for name, model in MODELS.items():
                begin = time.process_time()
                one = model(y[:end], HORIZONS, 52)
                told[name]["cpu_ms"].append(1000 * (time.process_time() - begin))
                phi = 1 + one.mean / one.size
                low, high = quantile(0.025, one.mean, phi), quantile(0.975, one.mean, phi)
                for h in range(HORIZONS):
                    seen, mean, size = float(y[end + h]), float(one.mean[h]), float(one.size[h])
                    told[name][f"log_{h + 1}"].append(log_score(seen, mean, size))
                    told[name][f"rps_{h + 1}"].append(ranked_probability_score(seen, mean, size))
                    told[name]["inside"].append(low[h] <= seen <= high[h])
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--series", type=int, default=24)
    parser.add_argument("--origins", type=int, default=34)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    made = simulate(args.series, years=6, seed=20261122)
    sets = {"simulated": {str(i): row for i, row in enumerate(made.counts)}}
    if args.data:
        sets["real"] = real(args.data)
    figures = {
        name: {
            model: {figure: float(np.mean(values)) for figure, values in told.items()}
            for model, told in score(series, args.origins).items()
        }
        for name, series in sets.items()
    }
    if args.json:
        json.dump(figures, sys.stdout)
        return
    for name, models in figures.items():
        heads = [f for f in next(iter(models.values())) if f != "cpu_ms"]
        print(
            f"{name}: {len(sets[name])} series\n{'':<18}"
            + "".join(f"{head:>9}" for head in heads)
            + "   CPU ms"
        )
        for model, told in models.items():
            print(f"{model:<18}" + "".join(f"{told[head]:9.4f}" for head in heads) + f"{told['cpu_ms']:9.1f}")


if __name__ == "__main__":
    main()
