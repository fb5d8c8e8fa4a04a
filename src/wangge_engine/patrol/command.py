"""``wangge engine patrol``: the homes of one grid in, a month of rounds out.

Homes: ``id, x, y`` (metres, or degrees), ``priority`` (a number; larger is visited oftener; empty = 0), ``good_from,
good_to`` (18:30; both empty = not known). Out: ``date, round, order, id, arrive``. The report says how many homes are
verified, at their good hour, and what did not fit and why (``left_out``); work that does not fit into the limits of
rest is never planned.
"""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect, write
from wangge_engine.patrol.days import longest_run, working_days
from wangge_engine.patrol.intake import dates_of, month_of, number_of, read_homes, starts_of
from wangge_engine.patrol.kinds import Home, Plan, Slot, Terms
from wangge_engine.patrol.planning import plan_rounds, slots_of, times_of


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--homes", type=Path, required=True, metavar="FILE", help="id, x, y, priority, good_from, good_to"
    )
    parser.add_argument("--month", required=True, metavar="YYYY-MM", help="the month to plan")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the rounds: .csv or .parquet"
    )
    parser.add_argument("--days", type=int, default=22, help="days worked at the most")
    parser.add_argument(
        "--off", action="append", default=[], metavar="DATE|FROM..TO", help="holidays; may be repeated"
    )
    parser.add_argument(
        "--rest", action="append", default=[], metavar="DATE|FROM..TO", help="a rest notice: no round then"
    )
    parser.add_argument(
        "--starts", default="08:30-10:30 14:00-19:00", help="when each round of a day may begin"
    )
    parser.add_argument("--minutes", type=int, default=90, help="length of a round")
    parser.add_argument("--visit", type=float, default=10.0, metavar="MINUTES", help="one visit")
    parser.add_argument("--speed", type=float, default=4.0, metavar="KM/H", help="walking, straight lines")
    parser.add_argument(
        "--times", action="append", default=[], metavar="LEVEL=N", help="visits a month of a priority"
    )
    parser.add_argument(
        "--effort", type=float, default=2.0, help="how long the calendar is searched, about seconds"
    )
    parser.add_argument("--seed", type=int, default=1, help="one seed, one plan")


def run(args: Namespace) -> dict[str, Any]:
    """Plan one month."""
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    if args.out.suffix.lower() not in (".csv", ".parquet"):
        raise refuse(
            "unknown_format", "只能写 .csv、.parquet", "only .csv and .parquet can be written", str(args.out)
        )
    if not (
        args.minutes > 0
        and 0 < args.visit <= args.minutes
        and args.speed > 0
        and args.effort > 0
        and args.days > 0
    ):
        raise refuse(
            "bad_terms",
            "时长、速度、天数须为正，且一次走访不得长过一轮",
            "minutes, speed and days must be positive, and a visit no longer than a round",
        )
    year, month = month_of(args.month)
    off = dates_of([*args.off, *args.rest], year, month)
    days = working_days(year, month, most=min(args.days, 31), off=off)
    terms = Terms(args.minutes, args.visit, args.speed * 1000 / 60, starts_of(args.starts, args.minutes))
    with stages.stage("read"):
        homes = read_homes(args.homes, rejects)
        told = _told(args.times)
        if args.strict:
            rejects.require_none()
    slots = slots_of(days, terms)
    times = times_of(homes, math.ceil(len(days) / 5), told)
    with stages.stage("plan"):
        plan = plan_rounds(homes, times, slots, terms, seed=args.seed, effort=args.effort, say=stages.say)
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    with stages.stage("write"), files_aside(args.out, aside) as made:
        con = connect()
        con.register("rounds", _table(homes, slots, plan))
        rows = write(con, 'SELECT * FROM rounds ORDER BY date, round, "order"', made[0])
        rejects.write(made[1])
    return {
        **_report(homes, times, slots, plan, terms),
        "days": len(days),
        "longest_run_of_days": longest_run(days),
        "rows": rows,
        "rejected": rejects.counts(),
        "stages": stages.report(),
    }


def _told(words: Sequence[str]) -> dict[float, int]:
    told: dict[float, int] = {}
    for word in words:
        level, _, times = word.partition("=")
        value = number_of(level)
        if value is None or not times.isdigit():
            raise refuse(
                "bad_times", "次数写作 优先级=次数，如 2=4", "write --times as LEVEL=N, e.g. 2=4", word
            )
        told[value] = int(times)
    return told


def _clock(minutes: float) -> str:
    whole = math.ceil(minutes - 1e-9)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def _table(homes: Sequence[Home], slots: Sequence[Slot], plan: Plan) -> pa.Table:
    rows = [
        (slots[r.slot].day, slots[r.slot].number, order, homes[home].id, _clock(at))
        for r in plan.rounds
        for order, (home, at) in enumerate(zip(r.order, r.arrive, strict=True), 1)
    ]
    names = ("date", "round", "order", "id", "arrive")
    kinds = (pa.date32(), pa.int32(), pa.int32(), pa.string(), pa.string())
    return pa.table(
        {
            name: pa.array([row[i] for row in rows], kind)
            for i, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )


def _report(
    homes: Sequence[Home], times: Sequence[int], slots: Sequence[Slot], plan: Plan, terms: Terms
) -> dict[str, Any]:
    done = Counter(home for r in plan.rounds for home in r.order)
    at_hour = [
        home
        for r in plan.rounds
        for home, at in zip(r.order, r.arrive, strict=True)
        if (good := homes[home].good) and good[0] <= at < good[1]
    ]
    with_hour = sum(done[i] for i, home in enumerate(homes) if home.good)
    minutes = [r.arrive[-1] + terms.visit - r.start for r in plan.rounds]
    return {
        "analysis": "patrol",
        "homes": len(homes),
        "verified": sum(1 for i in range(len(homes)) if done[i]),
        "visits": sum(done.values()),
        "visits_wanted": sum(times),
        "left_out": [{"id": homes[i].id, "visits": n} for i, n in sorted(plan.left_out.items())],
        "good_hours": {"visits": with_hour, "kept": len(at_hour)},
        "rounds": {
            "possible": len(slots),
            "used": len(plan.rounds),
            "longest_minutes": round(max(minutes, default=0), 1),
        },
        "walk_minutes": round(sum(r.metres for r in plan.rounds) / terms.metres_a_minute, 1),
        "calendar_proven_best": plan.proven,
    }
