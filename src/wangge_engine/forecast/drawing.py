"""The picture of a forecast: the last counts as bars, what comes as points with intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from wangge_engine.frame.plots import BLUE, date_axis, picture, shorten, words

Floats = npt.NDArray[np.float64]


def draw_forecast(
    path: Path,
    name: str,
    counts: Floats,
    mean: Floats,
    quantiles: Floats,
    *,
    last: float,
    step: float,
    dated: bool,
) -> None:
    """``last`` is the place of the last count on the axis, ``step`` the distance between two."""
    shown = counts[-52:]
    at = last - step * np.arange(len(shown) - 1, -1, -1)
    ahead = last + step * np.arange(1, len(mean) + 1)
    with picture(path, width=8, height=3.2) as figure:
        axes = figure.subplots()
        axes.bar(
            at, np.nan_to_num(shown), width=step * 0.86, color="#b9c9dd", label=words("报告数", "observed")
        )
        low, middle, high = quantiles
        axes.vlines(ahead, low, high, color=BLUE, lw=5, alpha=0.28, label="95 %")
        axes.scatter(ahead, mean, color=BLUE, s=24, zorder=3, label=words("预测均值", "mean"))
        axes.hlines(middle, ahead - 0.35 * step, ahead + 0.35 * step, color=BLUE, lw=1.2)
        axes.set_title(shorten(name, 48))
        axes.set_ylabel(words("例数", "count"))
        axes.set_xlabel(words("日期", "date") if dated else "t")
        axes.set_ylim(0, 1.22 * max(float(np.nanmax(shown, initial=1)), float(high.max())))
        if dated:
            date_axis(axes)
        axes.grid(visible=False, axis="x")
        axes.legend(loc="upper left", ncols=3)
