"""``wangge engine reproduction``: daily cases and a serial interval in, R over sliding weeks out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from wangge_engine.frame.plots import plot_argument
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.results import column, out_argument, require_known_endings, write_columns
from wangge_engine.frame.tables import connect
from wangge_engine.reproduction.drawing import draw_reproduction
from wangge_engine.reproduction.estimate import reproduction
from wangge_engine.reproduction.intake import read_incidence, read_serial_interval


def arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--incidence", type=Path, required=True, metavar="FILE", help="date, count[, imported]")
    add("--serial-interval", type=Path, required=True, metavar="FILE", help="lag_days, probability")
    out_argument(parser, "R per window")
    add("--window", type=int, default=7, metavar="DAYS", help="days of a window")
    add("--prior-mean", type=float, default=5.0, metavar="R")
    add("--prior-sd", type=float, default=5.0, metavar="SD")
    add("--fill-gaps", action="store_true", help="a day without a row had no case")
    plot_argument(parser, "cases and R")


def run(args: Namespace) -> dict[str, Any]:
    """Read, estimate, write."""
    require_known_endings(args)
    for name, sound, words in (
        ("window", args.window >= 1, "window >= 1"),
        ("prior-mean", args.prior_mean > 0, "prior-mean > 0"),
        ("prior-sd", args.prior_sd > 0, "prior-sd > 0"),
    ):
        if not sound:
            raise refuse("bad_parameter", f"参数超出范围：{words}", f"out of range: {words}", f"--{name}")
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    with stages.stage("read"):
        con = connect()
        told = read_incidence(con, args.incidence, rejects, fill_gaps=args.fill_gaps)
        serial = read_serial_interval(con, args.serial_interval)
        con.close()
    if args.strict:
        rejects.require_none()
    if len(told.cases) < args.window + 1:
        raise refuse(
            "history_too_short",
            f"至少需要 {args.window + 1} 天",
            f"at least {args.window + 1} days are needed",
            args.incidence.name,
        )
    with stages.stage("estimate"):
        found = reproduction(
            told.local,
            told.cases,
            serial,
            window=args.window,
            prior_mean=args.prior_mean,
            prior_sd=args.prior_sd,
        )
    days = [
        [(told.first + timedelta(days=int(t) + more)).isoformat() for t in found.start]
        for more in (0, args.window - 1)
    ]
    table = {
        "from": column(np.array(days[0], object)),
        "to": column(np.array(days[1], object)),
        "mean": column(found.mean),
        "q025": column(found.quantiles[0]),
        "q500": column(found.quantiles[1]),
        "q975": column(found.quantiles[2]),
    }
    with stages.stage("write"):
        write_columns(args, table, rejects, lambda path: draw_reproduction(path, told, found, args.window))
    known = np.isfinite(found.mean)
    return {
        "analysis": "reproduction",
        "days": len(told.cases),
        "cases": int(told.cases.sum()),
        "windows": len(found.start),
        "last": float(found.mean[known][-1]) if known.any() else None,
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }
