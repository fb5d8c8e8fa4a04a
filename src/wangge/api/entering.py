"""How programs and signed-in accounts enter through HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from wangge.access.actions import enter_with_token
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Refused

EMERGENCY_HEADER = "X-Wangge-Emergency"


class TokenAuth(HttpBearer):
    """`Authorization: Bearer wangge_...`; under an emergency also `X-Wangge-Emergency: <id>`."""

    def authenticate(self, request: HttpRequest, token: str) -> Access:
        return enter_with_token(token, emergency=_emergency(request), request=new_id().hex)


def _emergency(request: HttpRequest) -> UUID | None:
    named = request.headers.get(EMERGENCY_HEADER)
    if not named:
        return None
    try:
        return UUID(named)
    except ValueError as error:
        raise BadInput(
            code="emergency_malformed",
            zh="应急编号格式不正确。",
            en="The emergency id is malformed.",
            place=EMERGENCY_HEADER,
        ) from error


class SessionAuth:
    """The session of a signed-in account; changes need the CSRF token."""

    openapi_type = "apiKey"

    def __call__(self, request: HttpRequest) -> Access | None:
        if not request.user.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD", "OPTIONS") and check_csrf(request) is not None:
            raise Refused(
                code="csrf_failed", zh="请求来源校验失败，请刷新页面。", en="Cross-site check failed."
            )
        access: Access = request.access  # type: ignore[attr-defined]
        # it is made lazily: made here, a refusal is answered in words; made after us, it would be a bare 500
        return access if access.actor else None


def access_of(request: HttpRequest) -> Access:
    """The access that the entrance made."""
    access: Access = request.auth  # type: ignore[attr-defined]
    return access
