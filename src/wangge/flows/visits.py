"""A phone's visits come in, and what they did for tasks is entered with them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from wangge.field.actions import adopt, sync
from wangge.field.states import Outcome, Receipt
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.kernel.access import Access
from wangge.tasks.actions import complete
from wangge.tasks.types import Completion

COUNTS = (
    Receipt.ACCEPTED,
    Receipt.DUPLICATE,
)  # a visit sent again completes what a torn connection left open


def submit(access: Access, *, visits: Sequence[SubmittedVisit]) -> tuple[VisitReceipt, ...]:
    """Take visits in; one receipt each, in the order sent. Sent again, nothing changes."""
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
