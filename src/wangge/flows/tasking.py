"""Findings become tasks: one each, for the one who answers for the place, with what is needed at the door.

A finding that changed keeps its task where the same thing is still to be done at the same place; else the task is
cancelled with the reason. A visit made for it stays on record either way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.kernel.access import Access
from wangge.kernel.pages import Page
from wangge.kernel.units import EVERYWHERE, Interval
from wangge.registry.queries import reach
from wangge.screening.queries import care_fates, care_findings, exposure_fates, exposure_findings
from wangge.screening.states import FindingState, PackKind
from wangge.screening.types import Fate, FindingRow
from wangge.tasks.actions import cancel, create_tasks, reaim
from wangge.tasks.queries import open_origins
from wangge.tasks.types import Aim, NewTask, OpenOrigin, Subject

AT_ONCE = 2_000
MARGIN = timedelta(hours=1)  # a finding whose term ran out while nobody looked still gets an hour
ORIGIN = "finding:"
NEW_GROUNDS = "依据的结论已更新，任务照办。 The finding behind this task was renewed; the task goes on."
GONE: dict[str, str] = {
    FindingState.SUPERSEDED: "依据的结论已被新结论取代，本任务不再需要。 A new finding took its place; not needed.",
    FindingState.LAPSED: "依据的条件已不成立，本任务不再需要。 The grounds of this task no longer hold.",
    FindingState.WITHDRAWN: "依据的结论已经申诉撤销，本任务取消。 The finding was withdrawn on appeal.",
    FindingState.EXPIRED: "依据的结论已到期，本任务不再需要。 The finding behind this task has expired.",
}
FORGOTTEN = "依据的结论已按期删除，本任务取消。 The finding behind this task was deleted when its term ended."


@dataclass(slots=True)
class _Adrift:
    """Open tasks whose finding no longer stands: by the finding that took its place, and by why they would go."""

    by_successor: dict[UUID, list[OpenOrigin]] = field(default_factory=lambda: defaultdict(list))
    why: dict[UUID, str] = field(default_factory=dict)


def _adrift(access: Access, follow: Callable[[Collection[UUID]], tuple[Fate, ...]]) -> _Adrift:
    held: dict[UUID, list[OpenOrigin]] = defaultdict(list)
    for task in open_origins(access, prefix=ORIGIN):
        try:
            held[UUID(task.origin_key.removeprefix(ORIGIN))].append(task)
        except ValueError:  # an origin somebody wrote by hand: not a finding of ours
            continue
    found = _Adrift()
    for fate in follow(tuple(held)):
        for task in held[fate.id]:
            found.why[task.task_id] = GONE.get(fate.state, FORGOTTEN)
            if fate.successor is not None:
                found.by_successor[fate.successor].append(task)
    return found


def task_care(scope: Interval = EVERYWHERE) -> int:
    """Tasks for the standing gaps in care; returns how many are new. Stale facts are a grid's monthly list instead."""
    access = enter_system(name="tasking", purpose="care", scope=scope)
    return _task(
        access,
        lambda mark: care_findings(access, kind=PackKind.CARE, after=mark, size=AT_ONCE),
        lambda ids: care_fates(access, ids=ids),
    )


def task_emergency(emergency: UUID) -> int:
    """Tasks for the findings of an emergency; they are the emergency's and end with it."""
    access = enter_system(name="tasking", purpose="epidemic_response", emergency=emergency)
    return _task(
        access,
        lambda mark: exposure_findings(access, after=mark, size=AT_ONCE),
        lambda ids: exposure_fates(access, ids=ids),
    )


@transaction.atomic
def _task(
    access: Access,
    read: Callable[[str | None], Page[FindingRow]],
    follow: Callable[[Collection[UUID]], tuple[Fate, ...]],
) -> int:
    adrift = _adrift(access, follow)
    made = 0
    mark: str | None = None
    while True:
        page = read(mark)
        wanted = [f for f in page.rows if f.task]
        _carry_on(access, wanted, adrift)
        made += _page_of_tasks(access, wanted)
        if page.next is None:
            break
        mark = page.next
    by_reason: dict[str, list[UUID]] = defaultdict(list)
    for task_id, reason in adrift.why.items():
        by_reason[reason].append(task_id)
    for reason, ids in by_reason.items():
        cancel(access, reason=reason, task_ids=ids)
    return made


def _carry_on(access: Access, findings: list[FindingRow], adrift: _Adrift) -> None:
    """Put the task of a finding that was superseded on the new one, where it asks for the same at the same place."""
    aims = []
    for f in findings:
        same = [t for t in adrift.by_successor.get(f.id, ()) if (t.kind, t.unit_no) == (f.task, f.unit_no)]
        if same:  # of several, the one with most visits goes on
            aims.append(Aim(same[0].task_id, f"{ORIGIN}{f.id}", f.tier, (f.reason_zh,), _due(f)))
    for task_id in reaim(access, aims=aims, reason=NEW_GROUNDS) if aims else ():
        del adrift.why[task_id]


def _due(finding: FindingRow) -> datetime:
    return max(finding.found_at + timedelta(hours=finding.within_hours), timezone.now() + MARGIN)


def _page_of_tasks(access: Access, findings: list[FindingRow]) -> int:
    doors = {r.person_id: r for r in reach(access, ids=tuple({f.person_id for f in findings}))}
    return create_tasks(
        access,
        tasks=[
            NewTask(
                kind=f.task,
                unit_no=f.unit_no,
                origin_key=f"{ORIGIN}{f.id}",
                subject=Subject(
                    person_id=f.person_id,
                    dwelling_id=doors[f.person_id].dwelling,
                    name=doors[f.person_id].name,
                    phone=doors[f.person_id].phone,
                    address=doors[f.person_id].address,
                    reasons=(f.reason_zh,),
                ),
                deadline_at=_due(f),
                grade=f.tier,
            )
            for f in findings
            if f.person_id in doors
        ],
    ).created
