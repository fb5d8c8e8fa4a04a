"""Which rows of our tables an access may touch; private to the room.

The second net in the database holds territory and emergency. Here stands what it does not know: a department's
steward works on the department's own resources, and peacetime purposes never reach an emergency's batches.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from wangge.access.queries import organisations
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound, Refused
from wangge.sources.models import Batch, DataResource

M = TypeVar("M", bound=models.Model)
EMERGENCY_PURPOSE = "epidemic_response"
_OWNERS_ONLY = frozenset(("data_steward",))


def emergency_of(access: Access) -> UUID | None:
    """The emergency whose rows this access reaches: only for the purpose that emergencies are for."""
    return access.emergency if access.purpose == EMERGENCY_PURPOSE else None


def within(access: Access, rows: QuerySet[M], prefix: str = "") -> QuerySet[M]:
    """Rows in the access's territory and, under an emergency, its own beside peacetime's."""
    emergency = emergency_of(access)
    mine = Q(**{f"{prefix}emergency_id": None})
    if emergency is not None:
        mine |= Q(**{f"{prefix}emergency_id": emergency})
    return rows.filter(
        mine, **{f"{prefix}unit_no__gte": access.scope.lo, f"{prefix}unit_no__lte": access.scope.hi}
    )


def owned(access: Access, rows: QuerySet[M], field: str) -> QuerySet[M]:
    """Of these rows, for a department's steward only the department's own. The grid centre's steward sees all."""
    if access.role not in _OWNERS_ONLY or _is_centre(access):
        return rows
    return rows.filter(**{field: access.organisation})


def _is_centre(access: Access) -> bool:
    if access.organisation is None:
        return False
    return any(centre.id == access.organisation for centre in organisations(access, kind="centre"))


def resources_of(access: Access) -> QuerySet[DataResource]:
    return owned(access, within(access, DataResource.objects.all()), "organisation_id")


def batches_of(access: Access) -> QuerySet[Batch]:
    rows = within(access, Batch.objects.select_related("resource"))
    return owned(access, rows, "resource__organisation_id")


def find_resource(access: Access, resource: UUID | str) -> DataResource:
    """A resource by id or code. Raises NotFound, also for one that is not this access's."""
    key = {"id": resource} if isinstance(resource, UUID) else {"code": resource}
    found = resources_of(access).filter(**key).first()
    if found is None:
        raise NotFound(code="resource_unknown", zh="没有此数据资源。", en="There is no such data resource.")
    return found


def find_batch(access: Access, batch: UUID, *, lock: bool = False) -> Batch:
    """A batch; locked until the transaction ends when it is to be written. Raises NotFound."""
    rows = batches_of(access)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(id=batch).first()
    if found is None:
        raise NotFound(code="batch_unknown", zh="没有此批次。", en="There is no such batch.")
    return found


def require_emergency(access: Access, emergency: UUID | None) -> None:
    """An emergency's data are written under that very emergency, peacetime's under none."""
    if emergency != emergency_of(access):
        raise Refused(
            code="emergency_differs",
            zh="应急数据须在该应急授权下导入；平时数据不得在应急授权下导入。",
            en="An emergency's data are brought in under that emergency, peacetime's under none.",
        )
