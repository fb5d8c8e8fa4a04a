"""Which rows an access reaches, and under which emergency."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from wangge.credentials.models import CredentialApplication
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound, Refused


def emergency_under(access: Access) -> UUID:
    """The access's emergency. Raises Refused when it has none."""
    if access.emergency is None:
        raise Refused(
            code="emergency_missing",
            zh="状态凭证只在已宣布的应急事件下签发。",
            en="Status credentials are issued under a declared emergency only.",
        )
    return access.emergency


def applications(access: Access) -> QuerySet[CredentialApplication]:
    """Applications of the access's emergency and territory that were not given back."""
    return CredentialApplication.objects.filter(
        emergency_id=emergency_under(access),
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
        given_back_at=None,
    )


def application(access: Access, application_id: UUID, *, lock: bool = False) -> CredentialApplication:
    rows = applications(access)
    found = (rows.select_for_update() if lock else rows).filter(id=application_id).first()
    if found is None:
        raise NotFound(code="application_unknown", zh="没有此凭证申领。", en="There is no such application.")
    return found
