"""``wangge engine warn``: counted series in, one verdict per evaluated time out, with who should look."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wangge_engine.counts.intake import Counts, read_counts
from wangge_engine.frame.plots import plot_argument
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.results import column, out_argument, require_known_endings, write_result
from wangge_engine.frame.tables import ROW, adopt, connect, quote
from wangge_engine.warn.detect import EARS, METHODS, Settings, Verdicts, detect
from wangge_engine.warn.discovery import stand
from wangge_engine.warn.drawing import draw_series
from wangge_engine.warn.ears import history_needed
from wangge_engine.warn.farrington import Rule

ALPHA = {"farrington": 0.005, "ears-c1": 0.001, "ears-c2": 0.001, "ears-c3": 0.025, "cusum": 0.005}
MADE = ("series", "t", "observed", "expected", "upper", "alarm", "p_value", "alarm_fdr", "reason")
STEPS = {52: 7, 365: 1, 12: 0}  # days between dates for a number of times a year; 0: months


def arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--method", choices=METHODS, required=True)
    add("--series", type=Path, required=True, metavar="FILE", help="series, t[, date], observed, ...")
    out_argument(parser, "verdicts")
    add("--from", dest="from_", metavar="T", help="first t (or date) to evaluate")
    add("--to", metavar="T", help="last t (or date) to evaluate")
    add("--alpha", type=float, help="tail of the bound (default: 0.005; C1, C2 0.001; C3 0.025)")
    add("--fdr", type=float, default=0.05, metavar="Q", help="share of false ones among the day's alarm_fdr")
    add("--freq", type=int, default=52, help="farrington: times a year")
    add("--b", type=int, default=3, help="farrington: years back")
    add("--w", type=int, default=3, help="farrington: half-width of a reference window")
    add("--periods", type=int, default=10, help="farrington: season levels; 1: windows only")
    add(
        "--weights-threshold",
        type=float,
        default=2.58,
        metavar="S",
        help="farrington: residual weighted down",
    )
    add("--past-weeks-not-included", type=int, default=26, metavar="N", help="farrington: left out before t")
    add("--trend-threshold", type=float, default=1.0, metavar="P", help="farrington: p of a trend that stays")
    add("--min-cases", type=int, default=5, metavar="N", help="farrington: in four weeks; 0: no guard")
    add(
        "--bound",
        choices=("nb", "classic"),
        default="nb",
        help="farrington: Noufaily 2013 or Farrington 1996",
    )
    add("--population-offset", action="store_true", help="farrington: model counts per `population`")
    add("--baseline", type=int, default=7, metavar="N", help="ears, cusum: counts of the baseline")
    add("--min-sigma", type=float, default=0.5, metavar="S", help="ears: least standard deviation")
    add("--k", type=float, default=1.04, help="cusum: excess that is not added up")
    add("--h", type=float, default=2.26, help="cusum: sum that alarms")
    add("--mean", type=float, metavar="M", help="cusum: count in control (default: mean of all before t)")
    plot_argument(parser, "one series, its bound and alarms")
    add("--plot-series", metavar="NAME", help="which series is drawn (default: the one with most alarms)")


def run(args: Namespace) -> dict[str, Any]:
    """Read, evaluate, write; nothing is written when any parameter or the whole input cannot be used."""
    require_known_endings(args)
    settings = _settings(args)
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    con = connect()
    with stages.stage("read"):
        step = STEPS.get(args.freq) if args.method == "farrington" else None
        counts = read_counts(con, args.series, rejects, step=step, population=args.population_offset)
    if args.strict:
        rejects.require_none()
    if args.plot_series is not None and args.plot_series not in counts.names:
        raise refuse("unknown_series", "没有这条序列", f"no such series: {args.plot_series}", "--plot-series")
    with stages.stage("evaluate"):
        verdicts = detect(counts, settings, _wanted(counts, args))
        if not len(verdicts.at):
            raise _too_short(settings, args)
        stood = _stood(counts, verdicts, args.fdr)
    with stages.stage("write"):
        _register(con, counts, verdicts, stood)
        passed = "".join(f", s.{quote(name)}" for name in counts.headers if name not in MADE)
        write_result(
            con,
            args,
            f"SELECT s.series, s.t, r.observed, {', '.join(f'r.{name}' for name in MADE[3:])}{passed}"
            f" FROM verdicts r JOIN counts_file s ON s.{ROW} = r.{ROW} ORDER BY r.rank",
            rejects,
            lambda path: draw_series(path, counts, verdicts, settings.method, args.plot_series),
        )
    con.close()
    return _report(counts, settings, verdicts, stood=stood, rejects=rejects, stages=stages)


def _settings(args: Namespace) -> Settings:
    alpha = ALPHA[args.method] if args.alpha is None else args.alpha
    for name, sound, words in (
        ("alpha", 0 < alpha < 1, "0 < alpha < 1"),
        ("fdr", 0 < args.fdr <= 1, "0 < fdr <= 1"),
        ("freq", args.freq >= 1, "freq >= 1"),
        ("b", args.b >= 1, "b >= 1"),
        ("w", args.w >= 0, "w >= 0"),
        ("periods", args.periods >= 1, "periods >= 1"),
        ("weights-threshold", args.weights_threshold > 0, "weights-threshold > 0"),
        ("past-weeks-not-included", args.past_weeks_not_included >= 0, "past-weeks-not-included >= 0"),
        ("trend-threshold", args.trend_threshold >= 0, "trend-threshold >= 0"),
        ("min-cases", args.min_cases >= 0, "min-cases >= 0"),
        ("baseline", args.baseline >= 2, "baseline >= 2"),
        ("min-sigma", args.min_sigma >= 0, "min-sigma >= 0"),
        ("k", args.k >= 0, "k >= 0"),
        ("h", args.h > 0, "h > 0"),
        ("mean", args.mean is None or args.mean > 0, "mean > 0"),
        ("population-offset", not args.population_offset or args.method == "farrington", "only farrington"),
    ):
        if not sound:
            raise refuse("bad_parameter", f"参数超出范围：{words}", f"out of range: {words}", f"--{name}")
    return Settings(
        method=args.method,
        alpha=alpha,
        freq=args.freq,
        w=args.w,
        periods=args.periods,
        past_weeks_not_included=args.past_weeks_not_included,
        min_cases=args.min_cases,
        rule=Rule(args.b, args.weights_threshold, args.trend_threshold, alpha, args.bound == "classic"),
        population_offset=args.population_offset,
        baseline=args.baseline,
        min_sigma=args.min_sigma,
        k=args.k,
        h=args.h,
        mean=args.mean,
    )


def _wanted(counts: Counts, args: Namespace) -> npt.NDArray[np.bool_]:
    wanted = np.ones(len(counts.row), bool)
    for text, option, sign in ((args.from_, "--from", 1), (args.to, "--to", -1)):
        if text is None:
            continue
        try:
            values, edge = counts.t, float(int(text))
        except ValueError:
            try:
                values, edge = counts.day, float((date.fromisoformat(text) - date(1970, 1, 1)).days)
            except ValueError:
                raise refuse(
                    "bad_range", "应为 t 或日期 2026-11-22", "a t, or a date as 2026-11-22", option
                ) from None
        wanted &= sign * (values - edge) >= 0
    return wanted


def _too_short(settings: Settings, args: Namespace) -> Exception:
    if settings.method == "farrington":
        needed = settings.rule.b * settings.freq + settings.w
    elif settings.method in EARS:
        needed = history_needed(settings.method, settings.baseline)
    else:
        needed = settings.baseline
    return refuse(
        "history_too_short",
        f"没有一条序列在所求时间之前有 {needed} 个时间单位的历史",
        f"no series has {needed} times of history before any t that is asked for",
        args.series.name,
    )


def _stood(counts: Counts, verdicts: Verdicts, q: float) -> npt.NDArray[np.float64]:
    """`alarm_fdr`: raw alarms that are discoveries of their day; empty where there is no tail probability."""
    day = np.where(np.isfinite(counts.day), counts.day, counts.t)[verdicts.at].astype(np.int64)
    found = stand(verdicts.p_value, day, q) & (verdicts.alarm == 1)
    return np.where(np.isfinite(verdicts.p_value) & np.isfinite(verdicts.alarm), found, np.nan)


def _register(
    con: duckdb.DuckDBPyConnection, counts: Counts, verdicts: Verdicts, stood: npt.NDArray[np.float64]
) -> None:
    adopt(
        con,
        "verdicts",
        pa.table(
            {
                ROW: column(counts.row[verdicts.at]),
                "rank": column(np.arange(len(verdicts.at))),
                "observed": column(counts.observed()[verdicts.at], kind=pa.int64()),
                "expected": column(verdicts.expected),
                "upper": column(verdicts.upper),
                "alarm": column(verdicts.alarm, kind=pa.int8()),
                "p_value": column(verdicts.p_value),
                "alarm_fdr": column(stood, kind=pa.int8()),
                "reason": column(verdicts.reason),
            }
        ),
    )


def _report(
    counts: Counts,
    settings: Settings,
    verdicts: Verdicts,
    *,
    stood: npt.NDArray[np.float64],
    rejects: Rejects,
    stages: Stages,
) -> dict[str, Any]:
    seen = np.zeros(len(counts.names), bool)
    seen[counts.series[verdicts.at]] = True
    reasons, times = np.unique(verdicts.reason[verdicts.reason != ""], return_counts=True)
    return {
        "analysis": "warn",
        "method": settings.method,
        "alpha": settings.alpha,
        "series": len(counts.names),
        "evaluated": len(verdicts.at),
        "alarms": int(np.nansum(verdicts.alarm)),
        "alarms_fdr": int(np.nansum(stood)),
        "not_evaluated": [counts.names[i] for i in np.flatnonzero(~seen)[:100]],
        "unknown_times": counts.gaps(),
        "reasons": dict(zip(reasons.tolist(), times.tolist(), strict=True)),
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }
