"""The picture of R: daily cases above, R with its interval below."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from wangge_engine.frame.plots import BLUE, RED, date_axis, picture, words
from wangge_engine.reproduction.estimate import Posterior
from wangge_engine.reproduction.intake import Incidence


def draw_reproduction(path: Path, told: Incidence, found: Posterior, window: int) -> None:
    """R is drawn on the last day of its window."""
    first = told.first.toordinal() - date(1970, 1, 1).toordinal()
    day = first + np.arange(len(told.cases))
    at = first + found.start + window - 1
    with picture(path, width=8, height=4) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.4))
        upper.bar(day, told.cases, width=0.86, color="#b9c9dd")
        upper.set_ylabel(words("病例", "cases"))
        upper.set_title(words("病例与再生数", f"Cases and reproduction number, {window}-day windows"))
        lower.fill_between(at, found.quantiles[0], found.quantiles[2], color=BLUE, alpha=0.2, lw=0)
        lower.plot(at, found.quantiles[1], color=BLUE, lw=1.6)
        lower.axhline(1, color=RED, lw=1, ls="--")
        lower.set_ylabel("R")
        lower.set_ylim(0, min(float(np.nanmax(found.quantiles[2], initial=2.0)) * 1.05, 8.0))
        date_axis(lower)
        for axes in (upper, lower):
            axes.grid(visible=False, axis="x")
