"""The phone's outbox comes in: in bulk, each visit once, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from orjson import dumps

from wangge.access.bulk import insert_rows
from wangge.field.actions.outbox import Held, Outbox, Taken, open_outbox
from wangge.field.models import Correction, QuarantinedVisit, Visit
from wangge.field.rules.forms import form_named
from wangge.field.sealed import content
from wangge.field.states import QuarantineState, Receipt, VisitState
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id

_VISIT_COLUMNS = (
    "id",
    "client_id",
    "digest",
    "form",
    "form_version",
    "task_id",
    "unit_no",
    "emergency_id",
    "actor",
    "device",
    "started_at",
    "ended_at",
    "received_at",
    "saw_person",
    "saw_dwelling",
    "saw_state",
    "outcome",
    "receipt",
    "state",
    "review_actor",
    "subject_token",
    "content_sealed",
)
_CORRECTION_COLUMNS = (
    "id",
    "visit_id",
    "field",
    "unit_no",
    "emergency_id",
    "actor",
    "observed_at",
    "content_sealed",
)
_HELD_COLUMNS = (
    "id",
    "client_id",
    "digest",
    "unit_no",
    "emergency_id",
    "actor",
    "received_at",
    "reason_code",
    "content_sealed",
    "state",
    "ended_by",
)


def write(batch: Outbox) -> set[UUID]:
    """Write what was put aside; gives the client ids that another call was faster with."""
    # in one order, so that two calls never lock crosswise
    in_order = sorted(batch.taken.values(), key=lambda taken: taken.visit.client_id)
    fresh = {
        client_id
        for (client_id,) in insert_rows(
            Visit,
            _VISIT_COLUMNS,
            (_visit_row(batch, taken) for taken in in_order),
            on_conflict="ON CONFLICT (client_id) DO NOTHING",
            returning=("client_id",),
        )
    }
    insert_rows(
        Correction,
        _CORRECTION_COLUMNS,
        (row for client_id in fresh for row in _correction_rows(batch, batch.taken[client_id])),
    )
    if batch.held:
        insert_rows(
            QuarantinedVisit,
            _HELD_COLUMNS,
            (_held_row(batch, held) for held in batch.held.values()),
            on_conflict="ON CONFLICT (client_id, digest) DO NOTHING",
        )
    return set(batch.taken) - fresh


def _visit_row(batch: Outbox, taken: Taken) -> tuple[Any, ...]:
    visit, seals = taken.visit, batch.seals(taken.emergency)
    review = taken.receipt is Receipt.TASK_REASSIGNED
    return (
        taken.visit_id,
        visit.client_id,
        taken.digest,
        visit.form,
        visit.form_version or form_named(visit.form).version,
        visit.task_id,
        taken.unit_no,
        taken.emergency,
        batch.access.actor,
        visit.device.replace("\0", "")[:64],
        visit.started_at,
        visit.ended_at,
        batch.now,
        visit.saw_person,
        visit.saw_dwelling,
        visit.saw_state,
        taken.outcome.value,
        taken.receipt.value,
        (VisitState.FOR_REVIEW if review else VisitState.ACCEPTED).value,
        taken.review_actor,
        seals.token(str(visit.person_id)) if visit.person_id else None,
        seals.seal(content(visit)),
    )


def _correction_rows(batch: Outbox, taken: Taken) -> list[tuple[Any, ...]]:
    visit, seals = taken.visit, batch.seals(taken.emergency)
    return [
        (
            new_id(),
            taken.visit_id,
            found.field,
            taken.unit_no,
            taken.emergency,
            batch.access.actor,
            visit.ended_at,
            seals.seal(
                dumps(
                    {
                        "person_id": visit.person_id,
                        "dwelling_id": visit.dwelling_id,
                        "old": found.old,
                        "new": found.new,
                    }
                )
            ),
        )
        for found in visit.corrections
    ]


def _held_row(batch: Outbox, held: Held) -> tuple[Any, ...]:
    problem = held.problem
    body = b'{"zh":' + dumps(problem.zh) + b',"en":' + dumps(problem.en) + b',"sent":' + held.sent + b"}"
    return (
        new_id(),
        held.client_id,
        held.digest,
        held.unit_no,
        held.emergency,
        batch.access.actor,
        batch.now,
        problem.code,
        batch.seals(held.emergency).seal(body),
        QuarantineState.HELD.value,
        "",
    )


@door(writes="visit", act="sync")
def sync(access: Access, *, visits: Sequence[SubmittedVisit]) -> tuple[VisitReceipt, ...]:
    """Take in a phone's visits; one answer for each, in the order sent.

    A visit is known by its client id: sent twice it counts once. One that cannot be taken in is kept in
    quarantine with the reason, and the others are taken in. One for a task that was given to another worker
    meanwhile is kept and referred to that worker. Nothing is lost, save what belongs to an emergency that has
    ended: that may not be kept.
    """
    batch = open_outbox(access, visits)
    answers = [batch.receive(visit) for visit in visits]
    overtaken = write(batch)
    if overtaken:  # the same outbox was sent twice at once, or the visit lies where this access cannot look
        again = open_outbox(access, [visit for visit in visits if visit.client_id in overtaken])
        answers = [
            again.received_elsewhere(visit) if visit.client_id in overtaken else answer
            for visit, answer in zip(visits, answers, strict=True)
        ]
        write(again)
    return tuple(answers)
