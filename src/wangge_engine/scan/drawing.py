"""The picture of a scan: places, the clusters' circles, and how many cases each place has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wangge_engine.frame.plots import AMBER, RED, SOFT, picture, shorten, words
from wangge_engine.scan.intake import Places
from wangge_engine.scan.scanning import Cluster
from wangge_engine.scan.zones import Zones

KM_PER_DEGREE = math.pi * 6367 / 180


def draw_map(
    path: Path,
    places: Places,
    zones: Zones,
    *,
    cases: npt.NDArray[np.int64],
    clusters: Sequence[Cluster],
    p: Sequence[float],
) -> None:
    """Kilometres east and north of the middle of all places; the most likely cluster red, others amber."""
    middle = float(np.mean(places.lat))
    x = (places.lon - float(np.mean(places.lon))) * KM_PER_DEGREE * math.cos(math.radians(middle))
    y = (places.lat - middle) * KM_PER_DEGREE
    with picture(path, width=6.4, height=5.2) as figure:
        axes = figure.subplots()
        empty = cases == 0
        axes.scatter(x[empty], y[empty], s=7, color="#cbd2d9", lw=0, label=words("地点", "place"))
        axes.scatter(
            x[~empty], y[~empty], s=14 + 9 * cases[~empty], color=SOFT, alpha=0.55, lw=0,
            label=words("有病例的地点", "place with cases"),
        )  # fmt: skip
        angle = np.linspace(0, 2 * math.pi, 90)
        for rank, (cluster, tail) in enumerate(zip(clusters, p, strict=True), 1):
            colour = RED if rank == 1 else AMBER
            members, centre = zones.of(cluster.zone), zones.centre[cluster.zone]
            reach = max(float(zones.radius[cluster.zone]), 0.15)
            axes.plot(
                x[centre] + reach * np.cos(angle), y[centre] + reach * np.sin(angle), color=colour,
                lw=2 if rank == 1 else 1,
            )  # fmt: skip
            axes.scatter(x[members], y[members], s=12 + 9 * cases[members], color=colour, lw=0, zorder=3)
            if rank == 1:
                told = (
                    f"{cluster.observed} {words('例', 'cases')}, {words('预期', 'expected')} {cluster.expected:.1f}"
                    f" · p {tail:.3f}"
                )
                axes.annotate(
                    f"{shorten(places.ids[centre])}: {told}", (float(x[centre]), float(y[centre] + reach)),
                    xytext=(0, 5), textcoords="offset points", ha="center", va="bottom", color=RED, weight="bold",
                    zorder=4, bbox={"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 1.5},
                )  # fmt: skip
        axes.set_aspect("equal")
        axes.margins(0.08)
        axes.set_title(words("聚集地点", "Clusters"))
        axes.set_xlabel(words("东西 (km)", "east (km)"))
        axes.set_ylabel(words("南北 (km)", "north (km)"))
        axes.legend(loc="best")
