"""What becomes of visits that wait for somebody: referred ones, held ones, and corrections to pass on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from wangge.field.actions.outbox import open_outbox
from wangge.field.actions.syncing import write
from wangge.field.models import Correction, QuarantinedVisit, Visit
from wangge.field.states import QUARANTINE_TABLE, VISIT_TABLE, Outcome, QuarantineState, Receipt, VisitState
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.tasks import queries as task_queries


def _referred(access: Access, visit_id: UUID) -> Visit:
    """A visit that waits for the caller's word. Raises NotFound; Refused when it waits for another."""
    visit = (
        Visit.objects.select_for_update()
        .filter(id=visit_id, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
        .first()
    )
    if visit is None:
        raise NotFound(code="visit_unknown", zh="没有此走访。", en="There is no such visit.")
    holders = {visit.review_actor}
    if visit.task_id is not None:
        holders |= {task.actor for task in task_queries.assignments(access, task_ids=[visit.task_id])}
    if access.role != "system" and access.actor not in holders:
        raise Refused(
            code="visit_waits_for_another",
            zh="此走访由任务的现责任人确认。",
            en="This visit waits for the word of the one who has its task now.",
        )
    return visit


def _end(access: Access, visit: Visit, verb: str, reason: str) -> VisitReceipt:
    visit.state = VISIT_TABLE.apply(VisitState(visit.state), verb, role=access.role, reason=reason)
    visit.reviewed_at = timezone.now()
    visit.save(update_fields=["state", "reviewed_at"])
    return VisitReceipt(
        client_id=visit.client_id,
        status=Receipt(visit.receipt),
        visit_id=visit.id,
        task_id=visit.task_id,
        outcome=Outcome(visit.outcome),
        ended_at=visit.ended_at,
        code="",
        zh=VISIT_TABLE.states[VisitState(visit.state)].zh,
        en=VISIT_TABLE.states[VisitState(visit.state)].en,
    )


@door(writes="visit", act="review")
def adopt(access: Access, *, visit_id: UUID) -> VisitReceipt:
    """The new responsible person takes a former worker's visit as good: its corrections may go on."""
    return _end(access, _referred(access, visit_id), "adopt", "")


@door(writes="visit", act="review")
def set_aside(access: Access, *, visit_id: UUID, reason: str) -> VisitReceipt:
    """The new responsible person sets a former worker's visit aside, with the reason; it stays on record."""
    return _end(access, _referred(access, visit_id), "set_aside", reason)


def _held(access: Access, quarantine_id: UUID) -> QuarantinedVisit:
    rows = QuarantinedVisit.objects.select_for_update().filter(
        id=quarantine_id, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    )
    if access.role == "grid_worker":
        rows = rows.filter(actor=access.actor)
    held = rows.first()
    if held is None:
        raise NotFound(code="held_visit_unknown", zh="没有此待更正走访。", en="There is no such held visit.")
    return held


@door(writes="visit", act="readmit")
def readmit(access: Access, *, quarantine_id: UUID, visit: SubmittedVisit) -> VisitReceipt:
    """Take in a held visit in its corrected form, under its old client id.

    Sent once more by the phone in its faulty form, it is a duplicate from now on. A form that still has a
    fault is answered with the reason, and the visit stays held.
    """
    held = _held(access, quarantine_id)
    after = QUARANTINE_TABLE.apply(QuarantineState(held.state), "readmit", role=access.role)
    corrected = replace(visit, client_id=held.client_id, emergency=held.emergency_id)
    batch = open_outbox(access, [corrected])
    if held.client_id in batch.known:
        raise BadInput(
            code="visit_differs",
            zh="同一编号的走访已收到，请放弃此份。",
            en="A visit of this id was received; discard this one.",
        )
    answer = batch.receive(corrected)
    if answer.visit_id is None:
        return answer  # still faulty: nothing is written, it stays held
    batch.held.clear()
    write(batch)
    held.state, held.visit_id = after, answer.visit_id
    held.ended_at, held.ended_by = timezone.now(), access.actor
    held.save(update_fields=["state", "visit_id", "ended_at", "ended_by"])
    return answer


@door(writes="visit", act="readmit")
def discard(access: Access, *, quarantine_id: UUID, reason: str) -> None:
    """Give a held visit up, with the reason; the phone may delete it."""
    held = _held(access, quarantine_id)
    held.state = QUARANTINE_TABLE.apply(
        QuarantineState(held.state), "discard", role=access.role, reason=reason
    )
    held.ended_at, held.ended_by = timezone.now(), access.actor
    held.save(update_fields=["state", "ended_at", "ended_by"])


@door(writes="correction", act="send")
def mark_corrections_sent(access: Access, *, correction_ids: Iterable[UUID], batch_id: UUID) -> int:
    """Note that corrections went back to the sources in a batch; gives how many had not been before."""
    return Correction.objects.filter(
        id__in=list(correction_ids),
        sent_at__isnull=True,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).update(sent_at=timezone.now(), batch_id=batch_id)
