"""What the demo's workers find at the doors: visits that are made up, submitted as phones submit them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.field.types import FoundDifferent, SubmittedVisit
from wangge.tasks.types import TaskView

DONE = 0.8  # of the tasks that a worker has are visited in the demo's first days
MATTERS = (
    ("M0501", "自来水管漏水", "water"),
    ("F0137", "楼前路灯不亮", "city_management"),
    ("M0110", "楼道外堆放生活垃圾", "city_management"),
    ("F0103", "雨水井盖破损", "water"),
)


def client_id(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def answers(form: str, rng: random.Random) -> dict[str, Any]:
    """Answers that the form accepts."""
    if form == "symptom_check":
        return {
            "temperature": round(rng.uniform(36.0, 37.4), 1),
            "symptoms": ["cough"] if rng.random() < 0.06 else [],
            "told": ["period", "phone", "appeal"],
            "reminded": ["air", "call"],
            "needs": rng.sample(["food", "medicine", "waste"], k=rng.randint(0, 2)),
        }
    if form == "care_visit":
        return {
            "living": rng.choice(["alone", "couple", "family"]),
            "wellbeing": rng.choices(["well", "fair", "poor"], [6, 3, 1])[0],
            "hazards": ["fall"] if rng.random() < 0.1 else [],
            "needs": ["meals"] if rng.random() < 0.2 else [],
            "next_visit_days": rng.choice([7, 14, 30]),
        }
    return {"occupied": "owner", "residents": rng.randint(1, 5), "moved_away": rng.random() < 0.05}


def visits(
    tasks: tuple[TaskView, ...], rng: random.Random, now: datetime | None = None
) -> Iterator[SubmittedVisit]:
    """A visit for most of a worker's tasks, in the order of the walk; some find a telephone changed."""
    at = (now or timezone.now()) - timedelta(minutes=12 * len(tasks) + 5)
    for task in tasks:
        if rng.random() > DONE:
            continue
        met = rng.random() < 0.93
        changed = met and rng.random() < 0.03
        at += timedelta(minutes=rng.randint(6, 11))
        yield SubmittedVisit(
            client_id=client_id(rng),
            form=task.form,
            started_at=at - timedelta(minutes=5),
            ended_at=at,
            saw_person=met,
            saw_dwelling=True,
            saw_state=met,
            task_id=task.task_id,
            unit_no=task.unit_no,
            emergency=task.emergency,
            person_id=task.person_id,
            dwelling_id=task.dwelling_id,
            answers=answers(task.form, rng) if met else {},
            corrections=(FoundDifferent("phone", f"139{rng.randrange(10**8):08d}"),) if changed else (),
            device="demo",
        )
