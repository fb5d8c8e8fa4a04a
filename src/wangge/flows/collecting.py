"""A form goes out as tasks, one for each door; what visits bring back ends the doors; answers return as a batch.

Nothing is written to the register: answers come in through the front door of the sources, like any department's file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from wangge.access.actions import enter_system
from wangge.access.queries import organisations
from wangge.access.types import OrganisationView
from wangge.collection.actions import begin_campaign, end_campaign, lay_out, mark_answers_sent, note_visits
from wangge.collection.queries import answers_to_send, campaign, door_sheet
from wangge.collection.types import Answered, DoorSheet, DoorVisit, PersonAnswers, PlannedDoor
from wangge.field.actions import sync
from wangge.field.states import Receipt
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.kernel.access import Access
from wangge.kernel.problems import Conflict
from wangge.registry.queries import dwellings, prefill, reach
from wangge.registry.types import KnownPerson, Reached
from wangge.sources.actions import receive_corrections, register_source
from wangge.sources.types import Correction
from wangge.tasks.actions import cancel, complete, create_tasks
from wangge.tasks.queries import open_origins
from wangge.tasks.types import Completion, Created, NewTask, Subject

PURPOSE = "registry_maintenance"
KIND = FORM = "survey_visit"
ORIGIN = "campaign:"
AT_ONCE = 10_000
DONE_BY_ANOTHER = (
    "此户已由前任人员采集，任务收回。 The former worker has been to this door; nothing is left to do."
)
STOPPED = "采集行动已停止，任务取消。 The campaign was stopped."


@dataclass(frozen=True, slots=True)
class Sent:
    """What sending a form made: the campaign, its doors with a task each, how many of which wait for a dispatcher."""

    campaign: UUID
    doors: int
    unassigned: int


def origin_of(campaign_id: UUID, door_id: UUID) -> str:
    """What the task of a door says it comes from."""
    return f"{ORIGIN}{campaign_id}:{door_id}"


def door_of(origin_key: str) -> UUID | None:
    """The door that a task leads to; None for a task of another origin."""
    if not origin_key.startswith(ORIGIN):
        return None
    try:
        return UUID(origin_key.rpartition(":")[2])
    except ValueError:
        return None


@transaction.atomic
def send(access: Access, *, form: UUID, due_at: datetime, area: str = "", everyone: bool = False) -> Sent:
    """Send a checked form out: a task for each door where something is missing, or with `everyone` for every door.

    The steward decides that it goes; the house finds the doors and makes the tasks. One transaction: a campaign
    has all its doors with their tasks, or there is none.
    """
    campaign_id = begin_campaign(access, form=form, due_at=due_at, area=area, everyone=everyone)
    finder = enter_system(name="collecting", purpose=PURPOSE, scope=access.scope)
    doors = lay_out(finder, campaign=campaign_id)
    title = campaign(access, campaign_id=campaign_id).title
    addresses = {
        d.dwelling: d.address for d in dwellings(finder, ids=tuple(d.dwelling for d in doors if d.dwelling))
    }
    alone = tuple(d.person_id for d in doors if d.dwelling is None and d.person_id)
    carer = enter_system(name="collecting", purpose="care", scope=access.scope)
    people = {r.person_id: r for r in reach(carer, ids=alone)} if alone else {}
    tasker = enter_system(name="collecting", purpose="community_service", scope=access.scope)
    made: Created = create_tasks(
        tasker,
        tasks=[
            NewTask(
                kind=KIND,
                unit_no=d.unit_no,
                origin_key=origin_of(campaign_id, d.door_id),
                subject=_subject(
                    d, title, addresses.get(d.dwelling or d.door_id, ""), people.get(d.person_id or d.door_id)
                ),
                deadline_at=due_at,
            )
            for d in doors
        ],
    )
    return Sent(campaign_id, len(doors), made.unassigned)


def _subject(door: PlannedDoor, title: str, address: str, known: Reached | None) -> Subject:
    reason = f"{title}：{door.asked} 人有待补内容" if door.asked else title
    if door.dwelling is not None:
        return Subject(dwelling_id=door.dwelling, address=address, reasons=(reason,))
    return Subject(
        person_id=door.person_id,
        name=known.name if known else "",
        phone=known.phone if known else "",
        reasons=(reason, "底册没有此人住址 no address is known"),
    )


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A visit to a door of a campaign as the phone hands it in, with the answers of the people behind it."""

    visit: SubmittedVisit
    door_id: UUID
    answers: tuple[PersonAnswers, ...] = ()


@transaction.atomic
def hand_in(access: Access, *, visits: Sequence[HandedIn]) -> tuple[VisitReceipt, ...]:
    """Take visits to doors in: the visit to the field room, its end to the door, its answers to the sheets.

    One receipt each, in the order sent; sent again, nothing changes. Raises BadInput, and takes nothing in, when the
    end is not borne out (person, dwelling and state for a survey; evidence for the others) or an answer was not asked.
    """
    receipts = sync(access, visits=[v.visit for v in visits])
    noted = [
        _door_visit(handed, receipt.visit_id, access.actor)
        for handed, receipt in zip(visits, receipts, strict=True)
        if receipt.status in (Receipt.ACCEPTED, Receipt.TASK_REASSIGNED, Receipt.TASK_CLOSED)
        and receipt.visit_id is not None
    ]
    ends = {end.visit_id: end for end in note_visits(access, visits=noted)} if noted else {}
    done = []
    for receipt in receipts:
        end = ends.get(receipt.visit_id) if receipt.visit_id else None
        if end is None or receipt.task_id is None or receipt.visit_id is None or receipt.ended_at is None:
            continue
        met = end.step not in ("attempt", "already")
        done.append(Completion(receipt.task_id, receipt.visit_id, receipt.ended_at, met=met))
    finished = complete(access, completions=done) if done else ()
    left = [c.task_id for c in finished if c.status == "not_yours"]
    if left:  # given to another worker meanwhile: the door has ended all the same
        tasker = enter_system(name="collecting", purpose="community_service", scope=access.scope)
        cancel(tasker, reason=DONE_BY_ANOTHER, task_ids=left)
    return receipts


def _door_visit(handed: HandedIn, visit_id: UUID, actor: str) -> DoorVisit:
    visit = handed.visit
    evidence = str(visit.answers.get("evidence") or visit.observations)
    return DoorVisit(
        door_id=handed.door_id,
        visit_id=visit_id,
        at=visit.ended_at,
        actor=actor,
        saw_person=visit.saw_person,
        saw_dwelling=visit.saw_dwelling,
        saw_state=visit.saw_state,
        result=str(visit.answers.get("result") or ""),
        evidence=evidence,
        answers=handed.answers,
    )


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """What the worker's phone shows of a door: the sheet, and the people with what is held of them already."""

    sheet: DoorSheet
    people: tuple[KnownPerson, ...]


def at_the_door(access: Access, *, door_id: UUID) -> AtTheDoor:
    """The form of a door, filled with what is held, for the worker who stands before it."""
    sheet = door_sheet(access, door_id=door_id)
    ids = tuple(s.person_id for s in sheet.sheets if s.person_id is not None)
    fields = tuple(dict.fromkeys(q.field for q in sheet.questions if q.field))
    return AtTheDoor(sheet, prefill(access, ids=ids, columns=fields) if ids else ())


@transaction.atomic
def end(access: Access, *, campaign_id: UUID, reason: str = "") -> bool:
    """Close a campaign; stopped early, with a reason, its open tasks are cancelled. True when it was stopped."""
    stopped = end_campaign(access, campaign=campaign_id, reason=reason)
    if stopped:
        tasker = enter_system(name="collecting", purpose="community_service", scope=access.scope)
        open_ = [t.task_id for t in open_origins(tasker, prefix=f"{ORIGIN}{campaign_id}:")]
        if open_:
            cancel(tasker, reason=STOPPED, task_ids=open_)
    return stopped


@dataclass(frozen=True, slots=True)
class Returned:
    """What a run did: sheets sent and their batches."""

    sent: int
    batches: tuple[UUID, ...]


def return_answers() -> Returned:
    """Send the answers that have not gone yet to the asking departments' own table of answers, one batch each.

    A row for each person, with the day it was answered; the table (`collected_<code of the department>`) is registered
    when first needed. Batch and note of sending are one transaction, so that nothing is sent twice.
    """
    access = enter_system(name="collecting", purpose=PURPOSE)
    codes = {o.id: o for o in organisations(access)}
    waiting = sorted(answers_to_send(access, limit=None), key=lambda a: (str(a.organisation), a.area[:6]))
    batches, sent = [], 0
    for (organisation, district), part in groupby(waiting, key=lambda a: (a.organisation, a.area[:6])):
        answers = list(part)
        for at in range(0, len(answers), AT_ONCE):
            some = answers[at : at + AT_ONCE]
            batches.append(_return(access, codes[organisation], district, some))
            sent += len(some)
    return Returned(sent, tuple(batches))


@transaction.atomic
def _return(access: Access, asker: OrganisationView, district: str, answers: Sequence[Answered]) -> UUID:
    resource = register_source(
        access,
        code=f"collected_{asker.code}_{district}"[:60],
        name_zh=f"{asker.name_zh}采集答复",
        name_en=f"Answers collected for {asker.name_en}",
        organisation=asker.id,
        schema="person",
        division=district,
    )
    ids = [a.sheet_id for a in answers]
    batch = receive_corrections(
        access,
        resource=resource,
        key=hashlib.sha256("".join(sorted(map(str, ids))).encode()).hexdigest()[:32],
        corrections=tuple(
            Correction(
                record_id=str(a.sheet_id),
                values={**a.values, "recorded_on": a.answered_on.isoformat()},
                person=a.person_id,
            )
            for a in answers
        ),
        as_of=max(a.answered_on for a in answers),
    )
    if mark_answers_sent(access, sheet_ids=ids, batch_id=batch.id) != len(ids):
        raise Conflict(
            code="answers_sent_meanwhile",
            zh="这些答复已由另一次运行退回，本次未重复发送。",
            en="Another run has sent these answers meanwhile; nothing was sent twice.",
        )
    return batch.id
