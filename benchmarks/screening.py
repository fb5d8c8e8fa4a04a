"""A district through the rules: facts by column, findings told apart from those that stand, sealed and stored.

    python -m benchmarks.screening [--persons 710000]

Goal: a district of 710,000 within 60 s. Prints seconds for the rules alone, a first run, the same run again, a page of
the most pressing findings, the page after it, and the counts by grid.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.field import timed
from demo.place import clear, enter, migrate, place_of

ON = np.datetime64("today", "D")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=710_000)
    options = parser.parse_args()
    place = place_of("benchmark-screening")
    clear(place)
    migrate(place)
    enter(place)
    run(options.persons)
    return 0


def people(count: int) -> Any:
    """Invented people; about one in ten has a gap in care, one in six a stale record."""
    from wangge.screening.types import fact_table

    chance = np.random.default_rng(1)

    def days(missing: float, span: int) -> Any:
        back = (ON - chance.integers(0, span, count).astype("timedelta64[D]")).astype("datetime64[D]")
        back[chance.random(count) < missing] = np.datetime64("NaT")
        return back

    def flags(share: float, missing: float = 0.1) -> Any:
        values = (chance.random(count) < share).astype(np.int8)
        values[chance.random(count) < missing] = -1
        return values

    return fact_table(
        subjects=[str(UUID(int=n + 10**30)) for n in range(count)],
        unit_nos=120110001001000 + chance.integers(1, 900, count),
        facts={
            "age": chance.integers(0, 100, count),
            "lives_alone": flags(0.15),
            "adults_at_home": chance.integers(0, 4, count),
            "disability": flags(0.02),
            "frontline_family": flags(0.02),
            "last_visit_on": days(0.9, 60),
            "last_verified_on": days(0.05, 35),
            "phone_known": flags(0.9),
            "dwelling_located": flags(0.99, 0),
            "illness_declared": flags(0.05),
        },
    )


def run(count: int) -> None:
    from wangge.access.actions import enter_system
    from wangge.screening import actions, queries
    from wangge.screening.rules.bulk import evaluate_columns
    from wangge.screening.rules.packs import shipped

    access = enter_system(name="benchmark", purpose="care")
    table = timed(f"facts of {count} persons as columns", lambda: people(count))
    packs = shipped().values()
    timed(
        "the rules alone, all packs", lambda: [evaluate_columns(p, table, ON.astype(object)) for p in packs]
    )
    first = timed("first run", lambda: actions.screen_care(access, table=table, complete=True))
    again = timed("the same again", lambda: actions.screen_care(access, table=table, complete=True))
    assert (again.added, again.renewed) == (0, first.added)
    page = timed("page of the most pressing", lambda: queries.care_findings(access))
    timed("the page after it", lambda: queries.care_findings(access, after=page.next))
    units = timed("counts by grid", lambda: queries.care_counts_by_unit(access))
    sys.stdout.write(f"{first.added} findings in {len(units)} grids\n")


if __name__ == "__main__":
    sys.exit(main())
