"""The picture of a series: counts as bars, what was expected, the bound, the alarms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from wangge_engine.counts.intake import Counts
from wangge_engine.frame.plots import BLUE, RED, SOFT, date_axis, picture, shorten, words
from wangge_engine.warn.detect import Verdicts

Floats = npt.NDArray[np.float64]


def draw_series(path: Path, counts: Counts, verdicts: Verdicts, method: str, name: str | None) -> None:
    """One series: the one named, else the one with most alarms (then the highest count)."""
    series = counts.series[verdicts.at]
    if name is None:
        alarms = np.bincount(series, np.nan_to_num(verdicts.alarm), len(counts.names))
        number = int(np.argmax(alarms * 1e12 + np.nan_to_num(counts.matrix).max(axis=1)))
    else:
        number = counts.names.index(name)
    rows = np.flatnonzero(counts.series == number)
    rows = rows[np.argsort(counts.index[rows])]
    mine = np.flatnonzero(series == number)
    at = verdicts.at[mine]
    lead = max(len(mine), 12)
    if len(mine):
        rows = rows[counts.index[rows] >= counts.index[at[0]] - lead]
    dated = bool(np.isfinite(counts.day[rows]).all())
    places = counts.day if dated else counts.t

    def where(chosen: npt.NDArray[np.int64]) -> Floats:
        return np.asarray(places[chosen])  # matplotlib counts dates in days since 1970, too

    step = float(np.median(np.diff(places[rows]))) if len(rows) > 1 else 1.0
    observed = counts.observed()
    ring = mine[verdicts.alarm[mine] == 1]
    with picture(path, width=8, height=3.4) as figure:
        axes = figure.subplots()
        axes.bar(
            where(rows), observed[rows], width=step * 0.86, color="#b9c9dd", label=words("报告数", "observed")
        )
        axes.bar(where(verdicts.at[ring]), observed[verdicts.at[ring]], width=step * 0.86, color="#e9a29c")
        axes.plot(where(at), verdicts.expected[mine], color=BLUE, lw=1.4, label=words("预期", "expected"))
        axes.step(
            where(at), verdicts.upper[mine], where="mid", color=RED, lw=1.3, label=words("上限", "bound")
        )
        axes.scatter(
            where(verdicts.at[ring]), observed[verdicts.at[ring]], marker="v", s=26, color=RED, zorder=4,
            label=words("预警", "alarm"),
        )  # fmt: skip
        axes.set_title(f"{shorten(counts.names[number], 48)} · {method}")
        axes.set_xlabel(words("日期", "date") if dated else "t")
        axes.set_ylabel(words("例数", "count"))
        axes.set_ylim(bottom=0)
        axes.grid(visible=False, axis="x")
        axes.legend(loc="upper left", ncols=4, bbox_to_anchor=(0, 1.0))
        top = max(
            float(np.nanmax(observed[rows], initial=1)), float(np.nanmax(verdicts.upper[mine], initial=1))
        )
        axes.set_ylim(top=top * 1.22)
        if len(at):
            axes.axvspan(float(where(at)[0]), float(where(at)[-1]), color=SOFT, alpha=0.06, lw=0)
        if dated:
            date_axis(axes)
