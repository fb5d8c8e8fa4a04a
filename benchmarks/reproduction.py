"""How often the 95 % interval of the reproduction number holds the true one, on simulated epidemics.

``python -m benchmarks.reproduction [--epidemics 300] [--json]``

Daily cases are drawn from the renewal equation with a known R and a serial interval of 5 days (sd 2), sixty days from
twenty cases spread over the first five days. A window of seven days is counted once it holds ten cases; where R moves
inside it, the true value is the mean weighted by infectiousness. Scenes: R constant; a fall from 2 to 0.7 in a week;
a few infect most (negative binomial offspring, k = 0.5); only half of the cases found; an interval told a fifth too
long.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wangge_engine.reproduction.estimate import infectiousness, reproduction

Floats = npt.NDArray[np.float64]
DAYS, WINDOW, SEED, LEAST, MOST = 60, 7, 20261122, 10, 20_000


@dataclass(frozen=True)
class Scene:
    """What is simulated; ``size``: of the offspring's negative binomial, none for Poisson."""

    name: str
    r: Floats
    size: float | None = None
    found: float = 1.0
    longer: float = 1.0


def serial_interval(mean: float = 5.0, spread: float = 2.0) -> Floats:
    """A discretised gamma over 20 days; nothing on day 0."""
    lags = np.arange(21, dtype=float)
    shape, scale = (mean / spread) ** 2, spread**2 / mean
    told = np.where(lags > 0, lags ** (shape - 1) * np.exp(-lags / scale), 0.0)
    return np.asarray(told / told.sum())


def scenes() -> list[Scene]:
    day = np.arange(DAYS)
    constant = [Scene(f"R = {r}", np.full(DAYS, r)) for r in (0.8, 1.2, 1.6, 2.2)]
    fall = 2 - 1.3 * np.clip((day - 25) / 7, 0, 1)
    level = np.full(DAYS, 1.2)
    return [
        *constant,
        Scene("R falls from 2 to 0.7", fall),
        Scene("a few infect most (k 0.5), R = 1.2", level, size=0.5),
        Scene("half of the cases found, R = 1.2", level, found=0.5),
        Scene("serial interval told a fifth too long, R = 1.6", np.full(DAYS, 1.6), longer=1.2),
    ]


def epidemic(scene: Scene, random: np.random.Generator) -> tuple[Floats, Floats]:
    """True cases, and those found."""
    serial = serial_interval()
    cases = np.zeros(DAYS)
    cases[:5] = 4
    for t in range(5, DAYS):
        lags = np.arange(1, min(t, len(serial) - 1) + 1)
        mean = float(scene.r[t] * (serial[lags] * cases[t - lags]).sum())
        if scene.size is not None:  # so many infect, each with the same scatter
            shape = max(scene.size * mean / float(scene.r[t]), 1e-9)
            mean = float(random.gamma(shape, mean / shape))
        cases[t] = min(random.poisson(mean), MOST)
    found = random.binomial(cases.astype(int), scene.found).astype(float) if scene.found < 1 else cases
    return cases, found


def judge(scene: Scene, epidemics: int) -> dict[str, Any]:
    """Share of windows whose interval holds R, with the width, the mean error, and the share of each tail."""
    random = np.random.default_rng(SEED)
    below = above = windows = 0
    widths: list[Floats] = []
    errors: list[Floats] = []
    for _ in range(epidemics):
        cases, found = epidemic(scene, random)
        told = reproduction(
            found, found, serial_interval(5.0 * scene.longer), window=WINDOW, prior_mean=5, prior_sd=5
        )
        pressure = infectiousness(cases, serial_interval())
        part = told.start[:, None] + np.arange(WINDOW)
        weight = pressure[part]
        with np.errstate(invalid="ignore", divide="ignore"):
            true = (weight * scene.r[part]).sum(axis=1) / weight.sum(axis=1)
        used = (found[part].sum(axis=1) >= LEAST) & (told.start >= WINDOW) & (cases[part].max(axis=1) < MOST)
        low, _, high = told.quantiles[:, used]
        below += int((true[used] < low).sum())
        above += int((true[used] > high).sum())
        windows += int(used.sum())
        widths.append(high - low)
        errors.append(told.mean[used] - true[used])
    return {
        "scene": scene.name,
        "windows": windows,
        "inside": 1 - (below + above) / windows,
        "R_below": below / windows,
        "R_above": above / windows,
        "width": float(np.concatenate(widths).mean()),
        "error": float(np.concatenate(errors).mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epidemics", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    told = [judge(scene, args.epidemics) for scene in scenes()]
    if args.json:
        print(json.dumps(told))
        return
    for one in told:
        print(
            f"{one['scene']:<48} {one['windows']:6} windows, inside {one['inside']:.3f}"
            f" (R below {one['R_below']:.3f}, above {one['R_above']:.3f}),"
            f" width {one['width']:.2f}, mean error {one['error']:+.3f}"
        )


if __name__ == "__main__":
    main()
