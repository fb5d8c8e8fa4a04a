"""Removing what an emergency's list has served for, before the emergency ends."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict, Refused
from wangge.sources.finding import find_batch, require_emergency
from wangge.sources.models import Part, QuarantinedRow
from wangge.sources.sealed import digest_of
from wangge.sources.states import BatchState, RowState
from wangge.sources.store import store


@door(writes="batch", act="spend")
def spend_batch(access: Access, *, batch: UUID) -> bool:
    """Remove the file and the accepted rows of an emergency's batch that has served, such as a manifest once its
    contacts are known. Its counts stay. True when they are gone.

    While rows are kept aside nothing is removed (False): one of them may be what was looked for. The same file can be
    handed in again afterwards.
    """
    found = find_batch(access, batch, lock=True)
    require_emergency(access, found.emergency_id)
    if found.emergency_id is None:
        raise Refused(
            code="batch_of_peacetime",
            zh="平时的批次是档案来源，不能这样删除。",
            en="A batch of peacetime is what the register stands on; it is not removed this way.",
        )
    if BatchState(found.state) is not BatchState.ACCEPTED:
        raise Conflict(
            code="batch_not_accepted",
            zh="批次尚未入库，没有可删除的行。",
            en="The batch is not accepted yet; there are no rows to remove.",
        )
    if QuarantinedRow.objects.filter(batch=found, state=RowState.HELD.value).exists():
        return False
    files = [found.original_file]
    for raw, accepted in Part.objects.filter(batch=found).values_list("raw_file", "accepted_file"):
        files += [raw, accepted]
    QuarantinedRow.objects.filter(batch=found).delete()
    Part.objects.filter(batch=found).delete()
    found.original_file = ""
    found.digest = digest_of(found.emergency_id, "spent", str(found.id))  # the file itself may come again
    found.save(update_fields=["original_file", "digest"])
    store().remove_after_commit(files)
    return True


__all__ = ["spend_batch"]
