"""What becomes of a file that was looked at first: taken in as it was sent, or discarded."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict
from wangge.territory.actions.grids import import_grids
from wangge.territory.models import HeldFile
from wangge.territory.states import Datum
from wangge.territory.types import ImportReport


@door(writes="territory", act="import_grids")
def accept_grids(access: Access, *, id: UUID) -> ImportReport:
    """Takes in the file of a check, from the day given then; it is judged anew, because the ground may have changed.

    Returns the new report, which may refuse. Raises Conflict when the file was taken in or discarded before.
    """
    held = _held(id)
    kept = held.grid_import
    told = import_grids(
        access,
        file_name=kept.file_name,
        body=bytes(held.body),
        declared_datum=Datum(kept.declared_datum),
        valid_from=kept.valid_from,
        scheme=kept.scheme,
        columns=held.columns or None,
        mend=held.mend,
    )
    held.delete()
    return told


@door(writes="territory", act="import_grids")
def discard_grids(access: Access, *, id: UUID) -> None:
    """Lets go of the file of a check; its report stays. Raises Conflict when there is none to let go of."""
    _held(id).delete()


def _held(id: UUID) -> HeldFile:
    found = HeldFile.objects.select_for_update().filter(grid_import_id=id).first()
    if found is None:
        raise Conflict(
            code="file_not_held",
            zh="该文件已入库或已放弃，请重新上传。",
            en="The file was taken in or discarded already; send it again.",
        )
    return found
