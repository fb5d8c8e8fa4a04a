"""Puts `request.access` on each request of a signed-in account: the post and purpose chosen in this session."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from wangge.access import actions, queries
from wangge.access.actions import EMERGENCY, POST, PURPOSE
from wangge.access.states import MAIN_PURPOSE, Purpose
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import Refused


def access_of(request: HttpRequest) -> Access:
    """The access of this request. Raises Refused for an account that holds no post."""
    user = request.user
    if not user.is_authenticated:
        raise Refused(code="not_signed_in", zh="请先登录。", en="Sign in first.", status=401)
    held = {str(p.id): p for p in queries.posts_of(UUID(str(user.pk)))}
    if not held:
        raise Refused(code="post_not_held", zh="此账户尚无岗位。", en="This account holds no post.")
    post = held.get(request.session.get(POST, "")) or next(iter(held.values()))
    purpose = request.session.get(PURPOSE, "")
    if purpose not in post.purposes:
        main = MAIN_PURPOSE.get(post.role, "")
        purpose = main if main in post.purposes else post.purposes[0]
    return actions.enter(
        user=UUID(str(user.pk)),
        post=post.id,
        purpose=purpose,
        emergency=_emergency(request, post.scope, purpose),
        second_factor=bool(request.session.get("account_authentication_methods"))
        and any(m.get("method") == "mfa" for m in request.session["account_authentication_methods"]),
        request=new_id().hex,
    )


def _emergency(request: HttpRequest, scope: object, purpose: str) -> UUID | None:
    """The emergency chosen in the session, or the one that covers this territory, while it is in force."""
    standing = {
        str(m.id): m.id
        for m in queries.mandates_in_force(purpose)
        if m.scope.lo <= scope.hi and scope.lo <= m.scope.hi  # type: ignore[attr-defined]
    }
    if purpose != Purpose.EPIDEMIC_RESPONSE or not standing:
        return None
    return standing.get(request.session.get(EMERGENCY, "")) or next(iter(standing.values()))


class AccessMiddleware:
    """Lazy, so that pages without a door cost nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.access = SimpleLazyObject(lambda: access_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)
