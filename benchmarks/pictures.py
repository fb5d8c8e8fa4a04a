"""The pictures of the manual and the README, each made by its command from simulated data.

``python -m benchmarks.pictures [--out docs/pictures]``
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.golden import call
from benchmarks.outbreaks import simulate
from benchmarks.scan import town

FIRST = date(2021, 11, 29)


def table(path: Path, head: str, rows: Iterable[Sequence[object]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([head.split(","), *rows])
    return str(path)


def series(folder: Path) -> str:
    """Five years of one street's fever visits with an outbreak in the last."""
    made = simulate(8, years=5, seed=11)
    weeks = ((t + 1, FIRST + timedelta(days=7 * t), int(count)) for t, count in enumerate(made.counts[4]))
    return table(
        folder / "s.csv", "series,t,date,observed", (("发热门诊 fever visits", *week) for week in weeks)
    )


def epidemic(folder: Path) -> tuple[str, str]:
    """Sixty days of cases whose R falls from 2 to 0.7, and a serial interval of 5 days."""
    random = np.random.default_rng(3)
    lags = np.arange(1, 15)
    interval = lags**3 * np.exp(-lags * 0.8)
    interval /= interval.sum()
    cases = [4.0] * 5
    for day in range(5, 60):
        r = 2 - 1.3 / (1 + np.exp(-(day - 32) / 3))
        past = sum(p * cases[day - lag] for lag, p in zip(lags, interval, strict=True) if day >= lag)
        cases.append(float(random.poisson(r * past)))
    days = ((date(2026, 9, 1) + timedelta(days=i), int(count)) for i, count in enumerate(cases))
    return (
        table(folder / "i.csv", "date,count", days),
        table(
            folder / "si.csv",
            "lag_days,probability",
            [(0, 0), *zip(lags.tolist(), interval.tolist(), strict=True)],
        ),
    )


def counties(folder: Path) -> tuple[str, str]:
    """Ninety counties and a wave of cases that ebbs."""
    random = np.random.default_rng(5)
    rows = []
    for area, size in enumerate(random.pareto(0.7, 90) * 4):
        for _ in range(int(min(size, 90))):
            day = date(2020, 1, 20) + timedelta(days=int(random.gamma(9, 2.1)))
            cluster = f"{area}-{random.integers(4)}" if random.random() < 0.4 else ""
            rows.append((len(rows), f"a{area}", day, int(random.random() < 0.6), cluster))
    return (
        table(folder / "c.csv", "case_id,area_id,onset,local,cluster_id", rows),
        table(folder / "a.csv", "area_id,name", ((f"a{i}", f"a{i}") for i in range(90))),
    )


def meetings(folder: Path) -> tuple[str, str]:
    """A fortnight of visits among seventy households; the root is the first."""
    random = np.random.default_rng(9)
    rows = []
    for _ in range(110):
        one, other = random.choice(70, 2, replace=False)
        rows.append(
            (f"户{one:02}", f"户{other:02}", date(2020, 1, 4) + timedelta(days=int(random.integers(12))))
        )
    return (
        table(folder / "m.csv", "source,destination,date", rows),
        table(folder / "r.csv", "root", ((f"户{n:02}",) for n in range(70))),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def draw(name: str, *options: str) -> None:
            out = ["--out", str(folder / "o.csv"), "--plot", str(args.out / f"engine-{name}.png")]
            call(name, *options, *out)
            (args.out / f"engine-{name}.png").chmod(0o644)

        weekly = series(folder)
        draw("warn", "--method", "farrington", "--series", weekly, "--from", "209")
        draw("forecast", "--series", weekly)
        files, _ = town(np.random.default_rng(2), folder, outbreak=True)
        draw("scan", *files, "--max-radius-km", "3", "--max-days", "7", "--to", "2026-11-30")
        met, roots = meetings(folder)
        draw("chains", "--contacts", met, "--roots", roots, "--direction", "out")
        incidence, interval = epidemic(folder)
        draw("reproduction", "--incidence", incidence, "--serial-interval", interval)
        cases, areas = counties(folder)
        told = ["--cases", cases, "--areas", areas, "--as-of", "2020-02-27"]
        draw("tiers", *told, "--rules", "five-colour-county")


if __name__ == "__main__":
    main()
