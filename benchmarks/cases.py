"""Cases at size: bulk load, lists, one case, counts, all through the doors (policy, scope and ledger row included).

    python -m benchmarks.cases [--cases 1000000] [--rounds 60] [--keep]

Goal: a page of 50 under 50 ms at the 95th percentile with 1,000,000 cases in the table. `--keep` measures an
already loaded place again. Prints one line of JSON for each thing measured, times in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from demo.place import Place, clear, enter, migrate, place_of

STREETS, COMMUNITIES, GRIDS = 19, 8, 8
DEPARTMENTS = 12
YEARS = 3
BATCH = 50_000


def unit(chance: random.Random) -> int:
    """A grid of an invented district of 19 streets, 152 communities, 1,216 grids."""
    street, community = chance.randint(1, STREETS), chance.randint(1, COMMUNITIES)
    return int(f"120110{street:03d}{community:03d}{chance.randint(1, GRIDS):03d}")


def imported(count: int, organisations: list[UUID], seed: int) -> Iterator[Any]:
    """Cases as another system would hand them over: 92 in 100 closed, all with their own deadline."""
    from wangge.cases.rules.categories import shipped_taxonomy
    from wangge.cases.types import ImportedCase

    chance = random.Random(seed)
    codes = list(shipped_taxonomy().categories)
    start = datetime.now(UTC) - timedelta(days=365 * YEARS)
    step = timedelta(days=365 * YEARS) / count
    for number in range(count):
        opened = start + number * step
        due = opened + timedelta(hours=chance.choice((2, 4, 8, 24, 72)))
        closed = opened + timedelta(hours=chance.expovariate(1 / 20)) if chance.random() < 0.92 else None
        yield ImportedCase(
            external_id=f"B{number:08d}",
            category_code=chance.choice(codes),
            opened_at=opened,
            unit_no=unit(chance),
            title="路灯不亮",
            description="三号楼前路灯不亮，夜间行走不便，请尽快处理。",
            lon=117.3 + chance.random() / 5,
            lat=39.0 + chance.random() / 5,
            deadline_at=due,
            closed_at=closed if closed and closed < datetime.now(UTC) else None,
            closing_note="已更换灯泡" if closed else "",
            handling_organisation=chance.choice(organisations),
        )


def load(place: Place, count: int) -> None:
    """Departments, cases, statistics."""
    import psycopg

    from wangge.access import actions as access_actions
    from wangge.cases import actions

    operations = access_actions.enter_system(name="benchmark", purpose="operations")
    organisations = [
        access_actions.create_organisation(
            operations, code=f"dept-{n}", name_zh=f"部门{n}", name_en=f"department {n}", kind="department"
        )
        for n in range(DEPARTMENTS)
    ]
    access = access_actions.enter_system(name="benchmark", purpose="case_handling")
    began = time.perf_counter()
    rows, created = imported(count, organisations, 1), 0
    while part := list(islice(rows, BATCH)):  # one transaction each, as an importer would
        created += actions.import_cases(access, cases=part, system="bench").created
    seconds = time.perf_counter() - began
    say("bulk load", cases=created, seconds=round(seconds, 1), per_second=round(created / seconds))
    with psycopg.connect(place.owner_url, autocommit=True) as owner:
        for table in ("cases_case", "cases_casestep"):
            owner.execute(f"VACUUM ANALYZE {table}")
        size = owner.execute("SELECT pg_database_size(current_database())").fetchone()
        say("database", megabytes=round((size or [0])[0] / 2**20))


def say(what: str, **figures: Any) -> None:
    print(json.dumps({"what": what, **figures}, ensure_ascii=False), flush=True)


def measure(what: str, rounds: int, work: Callable[[random.Random], Any]) -> None:
    """Times of `work` with fresh parameters each round, after three to warm up."""
    chance = random.Random(what)
    for _ in range(3):
        work(chance)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work(chance)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    say(
        what,
        median=round(statistics.median(times), 1),
        p95=round(times[min(int(len(times) * 0.95), len(times) - 1)], 1),
        most=round(times[-1], 1),
    )


def access_as(role: str, scope: str = "120110", organisation: UUID | None = None) -> Any:
    from wangge.access import actions

    operations = actions.enter_system(name="benchmark", purpose="operations")
    name = f"bench-{role}-{uuid4().hex[:8]}"
    user = actions.create_account(operations, username=name, password=uuid4().hex)
    post = actions.appoint(operations, user=user, role=role, division=scope, organisation=organisation)
    return actions.enter(user=user, post=post, purpose="case_handling")


def lists(rounds: int) -> None:
    from wangge.access import queries as access_queries
    from wangge.cases import queries
    from wangge.cases.rules.categories import shipped_taxonomy
    from wangge.cases.states import CaseState
    from wangge.kernel.units import interval_of

    district = access_as("dispatcher")
    departments = access_queries.organisations(district, kind="department")
    handler = access_as("handler", organisation=departments[0].id)
    codes = list(shipped_taxonomy().categories)

    def somewhere(chance: random.Random, digits: int) -> Any:
        return interval_of(f"{unit(chance):015d}"[:digits])

    def deep(chance: random.Random) -> None:
        cursor = None
        for _ in range(3):
            cursor = queries.case_page(district, cursor=cursor).next

    page = queries.case_page
    measure("page: district, newest", rounds, lambda c: page(district))
    measure("three pages: district, newest", rounds, deep)
    measure("page: district, reported", rounds, lambda c: page(district, states=[CaseState.REPORTED]))
    measure("page: district, closed", rounds, lambda c: page(district, states=[CaseState.CLOSED]))
    measure("page: district, overdue", rounds, lambda c: page(district, overdue=True))
    measure("page: district, a category", rounds, lambda c: page(district, category_code=c.choice(codes)))
    for name, digits in (("street", 9), ("community", 12), ("grid", 15)):
        measure(f"page: a {name}, newest", rounds, lambda c, d=digits: page(district, unit=somewhere(c, d)))
        measure(
            f"page: a {name}, reported",
            rounds,
            lambda c, d=digits: page(district, unit=somewhere(c, d), states=[CaseState.REPORTED]),
        )
        measure(
            f"page: a {name}, a category",
            rounds,
            lambda c, d=digits: page(district, unit=somewhere(c, d), category_code=c.choice(codes)),
        )
    measure("page: a department", rounds, lambda c: page(handler))
    measure("page: a department in a community", rounds, lambda c: page(handler, unit=somewhere(c, 12)))
    measure("page: by number", rounds, lambda c: page(district, number=f"B{c.randrange(1000):08d}"))
    newest = page(district).rows
    measure("one case", rounds, lambda c: queries.case(district, case_id=c.choice(newest).case_id))
    measure("counts: district", rounds, lambda c: queries.counts(district))
    measure("counts: a grid", rounds, lambda c: queries.counts(district, unit=somewhere(c, 15)))
    measure(
        "map: a street", max(rounds // 6, 3), lambda c: queries.cases_on_map(district, unit=somewhere(c, 9))
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="measure what an earlier run loaded")
    options = parser.parse_args()
    place = place_of("benchmark-cases")
    if not options.keep:
        clear(place)
        migrate(place)
    enter(place)
    if not options.keep:
        load(place, options.cases)
    lists(options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
