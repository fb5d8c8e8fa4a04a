"""A phone's visits come in, and what they did for tasks is entered with them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from wangge.field.actions import adopt, sync
from wangge.field.states import Outcome, Receipt
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.flows.collecting import FORM, HandedIn, door_of, hand_in
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.tasks.actions import complete
from wangge.tasks.queries import task
from wangge.tasks.types import Completion

COUNTS = (
    Receipt.ACCEPTED,
    Receipt.DUPLICATE,
)  # a visit sent again completes what a torn connection left open


def submit(access: Access, *, visits: Sequence[SubmittedVisit]) -> tuple[VisitReceipt, ...]:
    """Take visits in; one receipt each, in the order sent. Sent again, nothing changes.

    A visit to a door of a campaign ends that door as well; one whose end is not borne out is not taken in.
    """
    surveys = {v.client_id: _survey(access, v) for v in visits if v.form == FORM and v.task_id is not None}
    plain = iter(_submit(access, [v for v in visits if v.client_id not in surveys]))
    return tuple(surveys[v.client_id] if v.client_id in surveys else next(plain) for v in visits)


def _survey(access: Access, visit: SubmittedVisit) -> VisitReceipt:
    try:
        with transaction.atomic():
            door = door_of(task(access, task_id=visit.task_id).origin_key) if visit.task_id else None
            if door is None:
                return _submit(access, [visit])[0]
            return hand_in(access, visits=[HandedIn(visit, door)])[0]
    except Problem as problem:
        return VisitReceipt(
            visit.client_id,
            Receipt.REJECTED,
            None,
            visit.task_id,
            None,
            None,
            problem.code,
            problem.zh,
            problem.en,
        )


def _submit(access: Access, visits: Sequence[SubmittedVisit]) -> tuple[VisitReceipt, ...]:
    if not visits:
        return ()
    with transaction.atomic():
        receipts = sync(access, visits=visits)
        done = [
            Completion(r.task_id, r.visit_id, r.ended_at, met=r.outcome is Outcome.COMPLETE)
            for r in receipts
            if r.status in COUNTS
            and r.task_id is not None
            and r.visit_id is not None
            and r.ended_at is not None
        ]
        if done:
            complete(access, completions=done)
    return receipts


def confirm(access: Access, *, visit_id: UUID) -> VisitReceipt:
    """The one who has the task now takes a former worker's visit as good; it does for the task what it did."""
    with transaction.atomic():
        receipt = adopt(access, visit_id=visit_id)
        if receipt.task_id is not None and receipt.visit_id is not None and receipt.ended_at is not None:
            met = receipt.outcome is Outcome.COMPLETE
            complete(
                access, completions=[Completion(receipt.task_id, receipt.visit_id, receipt.ended_at, met=met)]
            )
    return receipt
