"""What an emergency brought is destroyed at its end; what nobody points to any more is swept away."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import Refused
from wangge.kernel.units import EVERYWHERE
from wangge.sources.models import Batch, DataResource, Mapping, Part, QuarantinedRow, Sheet
from wangge.sources.store import scope_of, store

LEFT_OVER_AFTER = 6 * 3600.0  # seconds; no reading of one file takes that long


def _require_all(access: Access) -> None:
    """Who sees only a part of the rows would take the files of all others for left-overs."""
    if access.scope != EVERYWHERE:
        raise Refused(
            code="scope_too_narrow",
            zh="此操作须以全域范围执行。",
            en="This is done over the whole territory, or not at all.",
        )


@door(writes="batch", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row and file that the emergency brought into this room; returns how many by store.

    The access must be made under that emergency: the second net shows its rows to no other. Files go last, when
    the rows are gone for good; a file that could not be removed is unreadable once the emergency's key is gone.
    """
    _require_all(access)
    if access.emergency != emergency:
        raise Refused(
            code="emergency_differs",
            zh="须在该应急授权下销毁其数据。",
            en="An emergency's data are destroyed under that emergency.",
        )
    counts = []
    for model in (QuarantinedRow, Part, Sheet, Batch, Mapping, DataResource):
        deleted, _ = model.objects.filter(emergency_id=emergency).delete()
        counts.append(StoreCount(model._meta.db_table, deleted))
    counts.append(StoreCount("vault", store().count_scope(str(emergency))))
    store().remove_scope_after_commit(str(emergency))
    return tuple(counts)


@door(writes="batch", act="sweep")
def sweep_store(access: Access, *, older_than: float = LEFT_OVER_AFTER) -> int:
    """Remove files that no row points to: left by a process that was killed between file and commit.

    `older_than` in seconds keeps the files of a reading that is still going on. Returns how many were removed.
    """
    _require_all(access)
    files = store()
    known = set(Batch.objects.values_list("original_file", flat=True))
    for raw, accepted in Part.objects.values_list("raw_file", "accepted_file"):
        known.update((raw, accepted))
    left = [
        name for name in files.names(scope_of(access.emergency), older_than=older_than) if name not in known
    ]
    return files.remove(left)


__all__ = ["destroy_emergency", "sweep_store"]
