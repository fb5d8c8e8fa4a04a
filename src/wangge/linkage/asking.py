"""Which correction requests an access may touch. Private to the room.

A department sees what it is asked about its own table; the grid centre's steward, who asks, sees all.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from wangge.access.queries import organisations
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound
from wangge.linkage.models import CorrectionRequest
from wangge.linkage.states import RequestState

DEPARTMENTS = ("data_steward", "handler")


def is_centre(access: Access) -> bool:
    """Whether this access is the grid centre's, which asks the departments."""
    if access.role not in DEPARTMENTS:
        return True
    if access.role == "handler" or access.organisation is None:
        return False
    return any(centre.id == access.organisation for centre in organisations(access, kind="centre"))


def requests_of(access: Access) -> QuerySet[CorrectionRequest]:
    rows = CorrectionRequest.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
    if is_centre(access):
        return rows
    if access.organisation is None:
        return rows.none()
    return rows.filter(organisation_id=access.organisation).exclude(state=RequestState.FOUND)


def find_request(access: Access, request: UUID, *, lock: bool = False) -> CorrectionRequest:
    rows = requests_of(access)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(id=request).first()
    if found is None:
        raise NotFound(
            code="request_unknown", zh="没有此校核请求。", en="There is no such correction request."
        )
    return found
