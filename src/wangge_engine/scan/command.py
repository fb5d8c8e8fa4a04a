"""``wangge engine scan``: cases and places in, clusters in space and time out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from wangge_engine.frame.plots import plot_argument
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.results import column, out_argument, require_known_endings, write_columns
from wangge_engine.frame.tables import connect
from wangge_engine.scan.drawing import draw_map
from wangge_engine.scan.intake import read_cases, read_places
from wangge_engine.scan.scanning import Scan
from wangge_engine.scan.zones import zones_of

EPOCH = 719_163  # ordinal of 1970-01-01


def arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--cases", type=Path, required=True, metavar="FILE", help="place_id, date[, count]; or .cas")
    add("--places", type=Path, required=True, metavar="FILE", help="place_id, lat, lon; or .geo")
    out_argument(parser, "clusters")
    add("--max-radius-km", type=float, metavar="KM", help="largest circle (default: half of the cases)")
    add("--max-days", type=int, metavar="N", help="longest window (default: half of the period)")
    add("--kind", choices=("prospective", "retrospective"), default="prospective", help="which windows")
    add("--replicates", type=int, default=999, metavar="N", help="shuffles of the dates")
    add("--seed", type=int, default=1, help="of the shuffles")
    add("--earth-radius-km", type=float, default=6367.0, metavar="KM")
    add(
        "--from",
        type=date.fromisoformat,
        dest="from_",
        metavar="DATE",
        help="first day (default: of the cases)",
    )
    add("--to", type=date.fromisoformat, metavar="DATE", help="last day (default: of the cases)")
    add("--clusters", type=int, default=10, metavar="N", help="how many are listed at most")
    plot_argument(parser, "map of the clusters")


def run(args: Namespace) -> dict[str, Any]:
    """Read, scan, shuffle, write."""
    require_known_endings(args)
    _sound(args)
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    with stages.stage("read"):
        con = connect()
        places = read_places(con, args.places, rejects)
        cases = read_cases(con, args.cases, places, rejects, first=args.from_, last=args.to)
        con.close()
    if args.strict:
        rejects.require_none()
    first = args.from_.toordinal() - EPOCH if args.from_ else int(cases.day.min())
    last = args.to.toordinal() - EPOCH if args.to else int(cases.day.max())
    days = last - first + 1
    if days < 2:
        raise refuse(
            "period_too_short", "期间只有一天，无从比较", "one day only: nothing to compare", args.cases.name
        )
    by_place = np.bincount(cases.place, minlength=len(places.ids))
    with stages.stage("zones"):
        zones = zones_of(
            places, by_place, max_radius_km=args.max_radius_km, earth_radius_km=args.earth_radius_km
        )
    max_days = min(args.max_days or max(1, days // 2), days)
    scan = Scan(
        cases,
        zones,
        places=len(places.ids),
        last=last,
        days=days,
        max_days=max_days,
        prospective=args.kind == "prospective",
    )
    with stages.stage("scan"):
        clusters = scan.clusters(args.clusters)
    with stages.stage("shuffle"):
        best = scan.best_of_shuffles(args.replicates, args.seed)
    p = [(1 + int((best >= one.ratio - 1e-9).sum())) / (1 + args.replicates) for one in clusters]
    ids = [[places.ids[member] for member in zones.of(one.zone)] for one in clusters]
    table = {
        "rank": column(np.arange(1, len(clusters) + 1)),
        "centre": column(np.array([places.ids[zones.centre[one.zone]] for one in clusters], object)),
        "radius_km": column(np.array([zones.radius[one.zone] for one in clusters], float)),
        "places": column(np.array([len(one) for one in ids], np.int64)),
        "from": column(np.array([_day(one.first) for one in clusters], object)),
        "to": column(np.array([_day(one.last) for one in clusters], object)),
        "observed": column(np.array([one.observed for one in clusters], np.int64)),
        "expected": column(np.array([one.expected for one in clusters], float)),
        "llr": column(np.array([one.ratio for one in clusters], float)),
        "p": column(np.array(p, float)),
        "place_ids": column(np.array([";".join(one) for one in ids], object)),
    }
    with stages.stage("write"):
        write_columns(
            args,
            table,
            rejects,
            lambda path: draw_map(path, places, zones, cases=by_place, clusters=clusters, p=p),
        )
    return {
        "analysis": "scan",
        "kind": args.kind,
        "cases": scan.total,
        "places": len(places.ids),
        "days": days,
        "max_days": max_days,
        "zones": len(zones.centre),
        "replicates": args.replicates,
        "clusters": len(clusters),
        "most_likely": {"llr": clusters[0].ratio, "p": p[0]} if clusters else None,
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }


def _day(number: int) -> str:
    return date.fromordinal(number + EPOCH).isoformat()


def _sound(args: Namespace) -> None:
    for name, sound, words in (
        ("max-radius-km", args.max_radius_km is None or args.max_radius_km >= 0, "max-radius-km >= 0"),
        ("max-days", args.max_days is None or args.max_days >= 1, "max-days >= 1"),
        ("replicates", 0 <= args.replicates <= 1_000_000, "0 <= replicates <= 1000000"),
        ("earth-radius-km", args.earth_radius_km > 0, "earth-radius-km > 0"),
        ("clusters", args.clusters >= 1, "clusters >= 1"),
        ("seed", args.seed >= 0, "seed >= 0"),
        ("from", not (args.from_ and args.to) or args.from_ <= args.to, "from <= to"),
    ):
        if not sound:
            raise refuse("bad_parameter", f"参数超出范围：{words}", f"out of range: {words}", f"--{name}")
