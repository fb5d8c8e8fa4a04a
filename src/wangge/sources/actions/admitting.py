"""Judging a batch and accepting it, or refusing it as a whole."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.sources.finding import find_batch, require_emergency
from wangge.sources.judging import Judge, count_rows
from wangge.sources.models import Batch, Part, QuarantinedRow, Sheet
from wangge.sources.sealed import seal_value
from wangge.sources.states import BATCH_TABLE, BatchState
from wangge.sources.store import store
from wangge.sources.types import BatchView
from wangge.sources.views import batch_view

MOST_QUARANTINED = 0.2  # more than this share kept aside speaks of a wrong mapping, not of bad rows


@door(writes="batch", act="admit")
def admit(access: Access, *, batch: UUID, parts: int | None = None, despite: str = "") -> BatchView:
    """Judge a mapped batch by the rules and accept it. Every row is accepted, kept aside with its reasons, or
    counted as a repetition of one in the same batch.

    `parts` judges at most so many parts (of 50,000 rows) now; call again to go on: what was judged stays judged,
    whatever happens in between. When more than a fifth would be kept aside the batch stays "validated" and waits:
    correct the mapping, or admit it with `despite` saying why.
    """
    found = find_batch(access, batch, lock=True)
    require_emergency(access, found.emergency_id)
    if BatchState(found.state) is not BatchState.VALIDATED:
        BATCH_TABLE.step(BatchState(found.state), "validate")
        if not _judge(found, parts):
            found.save()
            return batch_view(found)
        found.state = BatchState.VALIDATED.value
    doubtful = (
        found.rows_quarantined > MOST_QUARANTINED * max(found.rows_in, 1) and found.rows_quarantined > 5
    )
    if not doubtful or despite.strip():
        found.state = BATCH_TABLE.apply(BatchState.VALIDATED, "accept").value
        found.accepted_at, found.accepted_by = timezone.now(), access.actor
    found.save()
    return batch_view(found)


def _judge(batch: Batch, at_most: int | None) -> bool:
    """Judge the parts that are not judged yet; true when none is left."""
    waiting = list(
        Part.objects.filter(batch=batch, judged_at=None)
        .select_related("sheet", "sheet__mapping")
        .order_by("number")
    )
    judge = Judge(batch)
    written: list[str] = []
    try:
        for part in waiting[:at_most]:
            judge.part(part)
            written.append(part.accepted_file)
    except BaseException:
        store().remove(written)
        raise
    count_rows(batch)
    return at_most is None or len(waiting) <= at_most


@door(writes="batch", act="refuse")
def refuse_batch(access: Access, *, batch: UUID, reason: str) -> BatchView:
    """Send a batch back that has not been accepted: its file and rows are removed, the reason stays."""
    found = find_batch(access, batch, lock=True)
    require_emergency(access, found.emergency_id)
    found.state = BATCH_TABLE.apply(BatchState(found.state), "refuse", reason=reason).value
    kept = [found.original_file]
    for raw, accepted in Part.objects.filter(batch=found).values_list("raw_file", "accepted_file"):
        kept += [raw, accepted]
    QuarantinedRow.objects.filter(batch=found).delete()
    Part.objects.filter(batch=found).delete()
    Sheet.objects.filter(batch=found).delete()
    found.original_file = ""
    found.rows_accepted = found.rows_quarantined = found.rows_repeated = found.rows_unchanged = 0
    words = {
        "code": "refused_by_person",
        "zh": f"人工拒收：{reason}",
        "en": f"Refused by a person: {reason}",
        "place": "",
    }
    found.problem = seal_value(found.emergency_id, words)
    found.save()
    store().remove_after_commit([name for name in kept if name])
    return batch_view(found)


__all__ = ["admit", "refuse_batch"]
