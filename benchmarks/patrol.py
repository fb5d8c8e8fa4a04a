"""A month of rounds in one grid: 300 households in 40 buildings of 220 x 215 m, as measured with routing solvers.

``python -m benchmarks.patrol [--homes N] [--visit MINUTES]`` prints ours beside the plain order cut into rounds of
seven, which was as good as any routing solver there (walking 656 min a month with checkpoints, PyVRP 668, OR-Tools 669)
but knows nothing of good hours, priority or the limit of a round.
"""

from __future__ import annotations

import argparse
import random
import resource
import time

from wangge_engine.patrol.days import working_days
from wangge_engine.patrol.intake import starts_of
from wangge_engine.patrol.kinds import Home, Terms
from wangge_engine.patrol.planning import plan_rounds, slots_of, times_of
from wangge_engine.patrol.walking import walk

HOURS = ((18 * 60, 20 * 60), (9 * 60, 11 * 60), (14 * 60, 16 * 60))


def grid(count: int, seed: int) -> list[Home]:
    """Homes in 40 buildings; a tenth of priority, three tenths with a known good hour."""
    draw = random.Random(seed)
    doors = [(draw.uniform(0, 220), draw.uniform(0, 215)) for _ in range(40)]
    return [
        Home(
            f"h{i}",
            *draw.choice(doors),
            float(draw.random() < 0.1),
            draw.choice(HOURS) if draw.random() < 0.3 else None,
        )
        for i in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=300)
    parser.add_argument("--visit", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    homes = grid(args.homes, args.seed)
    terms = Terms(90, args.visit, 4000 / 60, starts_of("08:30-10:30 14:00-19:00", 90))
    slots = slots_of(working_days(2026, 11, most=22), terms)
    times = times_of(homes, 5, {})
    print(
        f"{len(homes)} homes, {sum(times)} visits wanted, {len(slots)} rounds of 90 min, a visit {args.visit:g} min"
    )
    row = "{:28}{:>7}{:>8}{:>14}{:>13}{:>10.0f}{:>8.2f}"
    print(
        f"{'method':28}{'homes':>7}{'visits':>8}{'at good hour':>14}{'over 90 min':>13}{'walk min':>10}{'CPU s':>8}"
    )

    plain = [home for _, home in sorted((round(homes[i].x // 40), i) for i in range(len(homes)))]
    begin = time.process_time()
    untimed = [Home(h.id, h.x, h.y, h.priority, None) for h in homes]
    loose = Terms(900, args.visit, terms.metres_a_minute, terms.starts)
    walks = [walk(untimed, plain[i : i + 7], 9 * 60, loose) for i in range(0, len(plain), 7)][: len(slots)]
    found = [one for one in walks if one]
    timed = sum(1 for h in homes if h.good)
    kept = sum(
        1
        for one in found
        for i, at in zip(one.order, one.arrive, strict=True)
        if (g := homes[i].good) and g[0] <= at < g[1]
    )
    over = sum(one.end - 9 * 60 > 90 for one in found)
    metres = sum(one.metres for one in found)
    seen = sum(len(one.order) for one in found)
    took = time.process_time() - begin
    share = f"{kept} of {timed}"
    print(row.format("order, seven a round", seen, seen, share, over, metres / terms.metres_a_minute, took))

    begin = time.process_time()
    plan = plan_rounds(homes, times, slots, terms, seed=args.seed)
    took = time.process_time() - begin
    visits = [(i, at) for r in plan.rounds for i, at in zip(r.order, r.arrive, strict=True)]
    timed = sum(1 for i, _ in visits if homes[i].good)
    kept = sum(1 for i, at in visits if (g := homes[i].good) and g[0] <= at < g[1])
    over = sum(r.arrive[-1] + args.visit - r.start > 90 + 1e-9 for r in plan.rounds)
    metres = sum(r.metres for r in plan.rounds)
    seen = len({i for i, _ in visits})
    share = f"{kept} of {timed}"
    print(row.format("ours", seen, len(visits), share, over, metres / terms.metres_a_minute, took))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"left out {sum(plan.left_out.values())} visits; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
