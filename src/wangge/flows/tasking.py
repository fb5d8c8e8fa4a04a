"""Findings become tasks: one each, for the one who answers for the place, with what is needed at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.kernel.access import Access
from wangge.kernel.pages import Page
from wangge.kernel.units import EVERYWHERE, Interval
from wangge.registry.queries import reach
from wangge.screening.queries import care_findings, exposure_findings
from wangge.screening.states import PackKind
from wangge.screening.types import FindingRow
from wangge.tasks.actions import create_tasks
from wangge.tasks.types import Created, NewTask, Subject

AT_ONCE = 2_000
MARGIN = timedelta(hours=1)  # a finding whose term ran out while nobody looked still gets an hour


def task_care(scope: Interval = EVERYWHERE) -> int:
    """Tasks for the standing gaps in care; returns how many are new. Stale facts are a grid's monthly list instead."""
    access = enter_system(name="tasking", purpose="care", scope=scope)
    return _task(access, lambda mark: care_findings(access, kind=PackKind.CARE, after=mark, size=AT_ONCE))


def task_emergency(emergency: UUID) -> int:
    """Tasks for the findings of an emergency; they are the emergency's and end with it."""
    access = enter_system(name="tasking", purpose="epidemic_response", emergency=emergency)
    return _task(access, lambda mark: exposure_findings(access, after=mark, size=AT_ONCE))


def _task(access: Access, read: Callable[[str | None], Page[FindingRow]]) -> int:
    made = 0
    mark: str | None = None
    while True:
        page = read(mark)
        made += _page_of_tasks(access, [f for f in page.rows if f.task]).created
        if page.next is None:
            return made
        mark = page.next


def _page_of_tasks(access: Access, findings: list[FindingRow]) -> Created:
    doors = {r.person_id: r for r in reach(access, ids=tuple({f.person_id for f in findings}))}
    now = timezone.now()
    return create_tasks(
        access,
        tasks=[
            NewTask(
                kind=f.task,
                unit_no=f.unit_no,
                origin_key=f"finding:{f.id}",
                subject=Subject(
                    person_id=f.person_id,
                    dwelling_id=doors[f.person_id].dwelling,
                    name=doors[f.person_id].name,
                    phone=doors[f.person_id].phone,
                    address=doors[f.person_id].address,
                    reasons=(f.reason_zh,),
                ),
                deadline_at=max(f.found_at + timedelta(hours=f.within_hours), now + MARGIN),
                grade=f.tier,
            )
            for f in findings
            if f.person_id in doors
        ],
    )
