"""``wangge engine forecast``: counted series in, the next weeks' counts with their intervals out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from wangge_engine.counts.intake import MONTH, Counts, read_counts
from wangge_engine.counts.tails import quantile
from wangge_engine.forecast.drawing import draw_forecast
from wangge_engine.forecast.models import MODELS, Forecast
from wangge_engine.frame.plots import plot_argument
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.results import column, out_argument, require_known_endings, write_columns
from wangge_engine.frame.tables import connect

LEAST_HISTORY = 8
QUANTILES = (0.025, 0.5, 0.975)
EPOCH = date(1970, 1, 1)


def arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--series", type=Path, required=True, metavar="FILE", help="series, t[, date], observed")
    out_argument(parser, "forecasts")
    add("--horizons", type=int, default=4, metavar="N", help="how many times ahead")
    add("--freq", type=int, default=52, help="times a year")
    add("--model", choices=tuple(MODELS), default="pooled", help="see above")
    plot_argument(parser, "one series and its forecast")
    add("--plot-series", metavar="NAME", help="which series is drawn (default: the first)")


def run(args: Namespace) -> dict[str, Any]:
    """Read, fit each series, write; series with too little history are named in the report."""
    require_known_endings(args)
    for name, sound, words in (
        ("horizons", 1 <= args.horizons <= 52, "1 <= horizons <= 52"),
        ("freq", args.freq >= 1, "freq >= 1"),
    ):
        if not sound:
            raise refuse("bad_parameter", f"参数超出范围：{words}", f"out of range: {words}", f"--{name}")
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    with stages.stage("read"):
        con = connect()
        counts = read_counts(con, args.series, rejects)
        con.close()
    if args.strict:
        rejects.require_none()
    with stages.stage("forecast"):
        least = max(LEAST_HISTORY, args.horizons + 2)
        told = {number: _history(counts, number) for number in range(len(counts.names))}
        enough = [n for n, y in told.items() if np.isfinite(y).sum() >= least]
        if not enough:
            raise refuse(
                "history_too_short",
                f"没有一条序列有 {least} 个已知计数",
                f"no series has {least} known counts",
                args.series.name,
            )
        found = {n: MODELS[args.model](told[n], args.horizons, args.freq) for n in enough}
    with stages.stage("write"):
        table, spread = _table(counts, found, args.horizons)
        drawn = enough[0] if args.plot_series is None else _named(counts, args.plot_series, enough)
        write_columns(
            args,
            table,
            rejects,
            lambda path: _draw(path, counts, told, found=found, spread=spread, number=drawn),
        )
    return {
        "analysis": "forecast",
        "model": args.model,
        "series": len(counts.names),
        "forecasts": len(enough) * args.horizons,
        "not_forecast": [name for n, name in enumerate(counts.names) if n not in found][:100],
        "unknown_times": counts.gaps(),
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }


def _named(counts: Counts, name: str, enough: list[int]) -> int:
    number = counts.names.index(name) if name in counts.names else -1
    if number not in enough:
        raise refuse(
            "unknown_series", "没有这条序列的预测", f"no forecast of such a series: {name}", "--plot-series"
        )
    return number


def _history(counts: Counts, number: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """From the first to the last known count."""
    row = counts.matrix[number]
    known = np.flatnonzero(np.isfinite(row))
    return np.asarray(row[known[0] : known[-1] + 1]) if len(known) else np.zeros(0)


def _last(counts: Counts, number: int) -> int:
    """Place, among all accepted rows, of the last known count of a series."""
    rows = np.flatnonzero((counts.series == number) & np.isfinite(counts.observed()))
    return int(rows[np.argmax(counts.index[rows])])


def _table(
    counts: Counts, found: dict[int, Forecast], horizons: int
) -> tuple[dict[str, pa.Array], dict[int, np.ndarray[Any, np.dtype[np.float64]]]]:
    ahead = np.arange(1, horizons + 1)
    mean = np.concatenate([one.mean for one in found.values()])
    size = np.concatenate([one.size for one in found.values()])
    spread = np.stack([quantile(level, mean, 1 + mean / size) for level in QUANTILES])
    last = [_last(counts, number) for number in found]
    t = np.concatenate([counts.t[row] + ahead for row in last])
    table = {
        "series": pa.array([counts.names[number] for number in found for _ in ahead]),
        "t": column(t, kind=pa.int64())
        if (t[np.isfinite(t)] == np.floor(t[np.isfinite(t)])).all()
        else column(t),
        "horizon": column(np.tile(ahead, len(found))),
        "mean": column(mean),
        "q025": column(spread[0]),
        "q500": column(spread[1]),
        "q975": column(spread[2]),
    }
    days = [_ahead(counts.day[row], counts.step, int(h)) for row in last for h in ahead]
    if any(days):
        table["date"] = pa.array(days, pa.string())
    by_series = {n: spread[:, i * horizons : (i + 1) * horizons] for i, n in enumerate(found)}
    return table, by_series


def _ahead(day: float, step: int | None, horizon: int) -> str | None:
    if step is None or not np.isfinite(day):
        return None
    begin = EPOCH + timedelta(days=int(day))
    if step != MONTH:
        return (begin + timedelta(days=step * horizon)).isoformat()
    month = begin.year * 12 + begin.month - 1 + horizon
    return date(month // 12, month % 12 + 1, min(begin.day, 28)).isoformat()


def _draw(
    path: Path,
    counts: Counts,
    told: dict[int, np.ndarray[Any, np.dtype[np.float64]]],
    *,
    found: dict[int, Forecast],
    spread: dict[int, np.ndarray[Any, np.dtype[np.float64]]],
    number: int,
) -> None:
    row = _last(counts, number)
    dated = counts.step is not None and bool(np.isfinite(counts.day[row]))
    draw_forecast(
        path,
        counts.names[number],
        told[number],
        found[number].mean,
        spread[number],
        last=float(counts.day[row] if dated else counts.t[row]),
        step=float((counts.step or 30) if dated else 1),
        dated=dated,
    )
