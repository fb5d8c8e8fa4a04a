"""kill -9 of web, worker and database at random points during ingest, sync and closing loses and doubles nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

import psycopg
import pytest

from tests.endurance.platform import Platform, persist, platform, victims
from tests.endurance.work import BAD, ROWS, Closing, Ingest, Sync


def count(platform: Platform, statement: str) -> list[tuple]:
    with psycopg.connect(platform.urls.app) as connection:
        connection.execute(
            "SELECT set_config('wangge.lo', '0', false), set_config('wangge.hi', '999999999999999', false)"
        )
        return connection.execute(statement).fetchall()


def endure(kills: int, seed: int) -> None:
    with platform() as house:
        work = [Ingest(house, seed), Sync(house, seed + 1), Closing(house, seed + 2)]
        for worker in work:
            worker.start()
        for number, (victim, after) in enumerate(victims(kills, seed), 1):
            time.sleep(after)
            began = time.monotonic()
            house.kill(victim)
            sys.stderr.write(f"kill {number}: {victim}, back after {time.monotonic() - began:.1f} s\n")
        # each kind of work gets through at least once after the last kill
        marks = [len(w.done) for w in work]
        for _ in persist():
            if all(len(w.done) > mark or w.fault for w, mark in zip(work, marks, strict=True)):
                break
        for worker in work:
            worker.enough.set()
        for worker in work:
            worker.join(timeout=600)
            if worker.fault is not None:
                raise worker.fault
        ingest, sync, closing = work
        check_files(house, ingest)
        check_visits(house, sync)
        check_cases(house, closing)
        check_ledger(house)


def check_files(house: Platform, ingest: Ingest) -> None:
    batches = count(
        house, "SELECT id::text, state, rows_in, rows_accepted, rows_quarantined FROM sources_batch"
    )
    accepted = [b for b in batches if b[1] == "accepted"]
    assert {b[0] for b in accepted} == {b["id"] for b in ingest.done}, "each file once"
    assert {b[2:] for b in accepted} == {(ROWS, ROWS - BAD, BAD)}
    held = count(house, "SELECT batch_id::text, count(*) FROM sources_quarantinedrow GROUP BY 1")
    assert {n for _, n in held} == {BAD}


def check_visits(house: Platform, sync: Sync) -> None:
    kept = Counter(c for (c,) in count(house, "SELECT client_id::text FROM field_visit"))
    assert set(kept) == set(sync.done), "none lost"
    assert max(kept.values()) == 1, "none doubled"


def check_cases(house: Platform, closing: Closing) -> None:
    states = dict(count(house, "SELECT id::text, state FROM cases_case"))
    assert {states[c] for c in closing.done} == {"closed"}
    assert len(states) == len(closing.done), "no case twice, none half-made"
    verbs = ["report", *(verb for _, verb, _ in Closing.STEPS)]
    steps: dict[str, list[str]] = {}
    for case, verb in count(house, "SELECT case_id::text, verb FROM cases_casestep ORDER BY case_id, seq"):
        steps.setdefault(case, []).append(verb)
    assert all(steps[case] == verbs for case in closing.done), "every step once, in order"


def check_ledger(house: Platform) -> None:
    for _ in persist(300):
        if count(house, "SELECT count(*) FROM ledger_pending") == [(0,)]:
            break
    found = json.loads(house.run("-m", "wangge.project.manage", "ledger", "verify"))
    assert found["verified"] and found["unsealed"] == 0, found
    ((cases, closes),) = count(
        house,
        "SELECT (SELECT count(*) FROM cases_case WHERE state = 'closed'),"
        " (SELECT count(*) FROM ledger_entry WHERE door = 'cases.close' AND kind = 'write')",
    )
    assert cases == closes, "an act and its ledger row stand or fall together"


@pytest.mark.slow
def test_nine_kills_lose_and_double_nothing() -> None:
    endure(9, seed=20261122)


@pytest.mark.long
def test_sixty_kills_lose_and_double_nothing() -> None:
    endure(60, seed=7)
