"""The phones' outbox: 10,000 visits in one request set, each for a task of its own, and the tasks completed by them.

    python -m benchmarks.field [--visits 10000]

Goal: `flows.visits.submit` of the set, visits and tasks in one transaction, within 5 s. Prints seconds for making the
tasks, submitting the set, and submitting the very same set again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from benchmarks.cases import unit
from demo.place import clear, enter, migrate, place_of

GOAL = 5.0  # seconds for 10,000 visits


def timed(what: str, work: Callable[[], Any], *, goal: float | None = None) -> Any:
    began, cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds = time.perf_counter() - began
    figures: dict[str, Any] = {
        "what": what,
        "seconds": round(seconds, 2),
        "own_cpu_seconds": round(time.process_time() - cpu, 2),
    }
    if goal is not None:
        figures |= {"goal_seconds": goal, "within_goal": seconds < goal}
    print(json.dumps(figures), flush=True)
    return result


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=10_000)
    options = parser.parse_args()
    place = place_of("benchmark-field")
    clear(place)
    migrate(place)
    enter(place)
    run(options.visits)
    return 0


def run(count: int) -> None:
    import random

    from wangge.access import actions as access_actions
    from wangge.field.states import Receipt
    from wangge.field.types import FoundDifferent, SubmittedVisit
    from wangge.flows.visits import submit
    from wangge.tasks import actions as task_actions
    from wangge.tasks import queries as task_queries
    from wangge.tasks.types import NewTask, Subject

    operations = access_actions.enter_system(name="benchmark", purpose="operations")
    user = access_actions.create_account(operations, username="bench-worker", password=uuid4().hex)
    post = access_actions.appoint(operations, user=user, role="grid_worker", division="120110")
    worker = access_actions.enter(user=user, post=post, purpose="community_service")
    flow = access_actions.enter_system(name="benchmark", purpose="community_service")
    chance = random.Random(1)
    new = [
        NewTask(
            "symptom_check",
            unit(chance),
            f"bench:{n}",
            Subject(
                uuid4(),
                name="王奶奶",
                phone="13800138000",
                address=f"嘉春园{n % 40}号楼",
                reasons=("同车厢",),
            ),
            actor=worker.actor,
            grade=chance.choice(("red", "yellow", "blue")),
        )
        for n in range(count)
    ]
    timed(f"make {count} tasks", lambda: task_actions.create_tasks(flow, tasks=new))
    ids, cursor = [], None
    while True:
        page = task_queries.task_page(flow, cursor=cursor, size=1000)
        ids += [row.task_id for row in page.rows]
        if not page.more:
            break
        cursor = page.next
    now = datetime.now(UTC)
    visits = [
        SubmittedVisit(
            client_id=uuid4(),
            form="symptom_check",
            started_at=now - timedelta(minutes=20),
            ended_at=now - timedelta(minutes=5),
            saw_person=True,
            saw_dwelling=True,
            saw_state=True,
            task_id=task_id,
            person_id=uuid4(),
            answers={
                "temperature": 36.5,
                "symptoms": ["cough"],
                "told": ["period", "appeal"],
                "reminded": ["air"],
            },
            observations="一切正常，需要代买降压药。",
            corrections=(FoundDifferent("phone", "13900139000", "13800138000"),) if n % 20 == 0 else (),
            device="pda",
        )
        for n, task_id in enumerate(ids)
    ]
    answers = timed(f"submit {count} visits", lambda: submit(worker, visits=visits), goal=GOAL)
    assert all(answer.status is Receipt.ACCEPTED for answer in answers)
    assert not task_queries.task_page(flow).rows, "every task is done"
    again = timed("the same set again", lambda: submit(worker, visits=visits))
    assert all(answer.status is Receipt.DUPLICATE for answer in again)


if __name__ == "__main__":
    sys.exit(main())
