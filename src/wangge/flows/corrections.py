"""What visits found to be otherwise goes back to the sources as a batch: through the front door, as data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.field.actions import mark_corrections_sent
from wangge.field.queries import corrections
from wangge.field.types import CorrectionView
from wangge.kernel.access import Access
from wangge.kernel.problems import Conflict
from wangge.sources.actions import receive_corrections
from wangge.sources.queries import forms, source
from wangge.sources.types import Correction

PURPOSE = "registry_maintenance"
READS = "community_service"
AT_ONCE = 10_000  # corrections in one batch; a run has one batch unless more wait than that
DAY = "recorded_on"  # the column that says when a row was seen, where the form has one


@dataclass(frozen=True, slots=True)
class Returned:
    """What a run did: corrections sent and their batches; `unplaced` wait because the form has no such column."""

    sent: int
    batches: tuple[UUID, ...]
    unplaced: int


def return_corrections(resource: str) -> Returned:
    """Send the peacetime corrections that have not gone yet to `resource` (the visits' own table), as one batch.

    A row for each visit, with the day it was seen. Batch and note of sending are one transaction, so a run that is
    torn, or two at once, send nothing twice. An emergency's corrections stay with the emergency: what was gathered
    for it may serve nothing else. Raises Conflict when another run was faster: nothing is sent then.
    """
    writer = enter_system(name="corrections", purpose=PURPOSE)
    form = source(writer, resource=resource).schema
    columns = next({c.name for c in f.columns} for f in forms(writer) if f.schema == form)
    reader = enter_system(name="corrections", purpose=READS)
    waiting = [c for c in corrections(reader, limit=None) if c.emergency is None]
    fitting = [c for c in waiting if c.field in columns - {"record_id", "person_ref"}]
    batches = tuple(
        _send(writer, reader, resource, fitting[at : at + AT_ONCE], dated=DAY in columns)
        for at in range(0, len(fitting), AT_ONCE)
    )
    return Returned(len(fitting), batches, len(waiting) - len(fitting))


@transaction.atomic
def _send(
    writer: Access, reader: Access, resource: str, found: Sequence[CorrectionView], *, dated: bool
) -> UUID:
    by_visit = sorted(found, key=lambda c: (str(c.visit_id), c.field))
    ids = [c.correction_id for c in by_visit]
    batch = receive_corrections(
        writer,
        resource=resource,
        key=hashlib.sha256("".join(sorted(map(str, ids))).encode()).hexdigest()[:32],
        corrections=tuple(
            _row(visit, list(part), dated=dated)
            for visit, part in groupby(by_visit, key=lambda c: c.visit_id)
        ),
        as_of=max(timezone.localdate(c.observed_at) for c in found),
    )
    if mark_corrections_sent(reader, correction_ids=ids, batch_id=batch.id) != len(ids):
        raise Conflict(
            code="corrections_sent_meanwhile",
            zh="这些更正已由另一次运行退回，本次未重复发送。",
            en="Another run has sent these corrections meanwhile; nothing was sent twice.",
        )
    return batch.id


def _row(visit: UUID, found: list[CorrectionView], *, dated: bool) -> Correction:
    values = {c.field: c.new for c in found}
    if dated:
        values.setdefault(DAY, timezone.localdate(found[0].observed_at).isoformat())
    return Correction(record_id=str(visit), values=values, person=found[0].person_id)
