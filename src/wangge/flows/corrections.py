"""What visits found to be otherwise goes back to the sources as a batch: through the front door, as data."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from wangge.access.actions import enter_system
from wangge.field.actions import mark_corrections_sent
from wangge.field.queries import corrections
from wangge.field.types import CorrectionView
from wangge.sources.actions import receive_corrections
from wangge.sources.types import Correction

PURPOSE = "registry_maintenance"
READS = "community_service"


def return_corrections(resource: str) -> int:
    """Send peacetime corrections that have not gone yet to `resource` (the visits' own table); returns how many.

    An emergency's corrections stay with the emergency: what was gathered for it may serve nothing else.
    """
    reader = enter_system(name="corrections", purpose=READS)
    waiting = sorted(
        (c for c in corrections(reader) if c.emergency is None), key=lambda c: (str(c.visit_id), c.field)
    )
    sent = 0
    for visit, found in groupby(waiting, key=lambda c: c.visit_id):
        sent += _send(resource, visit, list(found))
    return sent


def _send(resource: str, visit: UUID, found: list[CorrectionView]) -> int:
    batch = receive_corrections(
        enter_system(name="corrections", purpose=PURPOSE),
        resource=resource,
        key=str(visit),
        corrections=(
            Correction(
                record_id=str(visit), values={c.field: c.new for c in found}, person=found[0].person_id
            ),
        ),
        as_of=found[0].observed_at.date(),
    )
    return mark_corrections_sent(
        enter_system(name="corrections", purpose=READS),
        correction_ids=[c.correction_id for c in found],
        batch_id=batch.id,
    )
