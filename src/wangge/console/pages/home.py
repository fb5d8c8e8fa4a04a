"""首页: what needs me now, most urgent first; figures come second. And the choice of post and purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from wangge.access.actions import choose
from wangge.console.nav import open_to
from wangge.console.page import Figure, Nav, Need, access_of, redirect_to, show
from wangge.console.pages import page_modules
from wangge.kernel.access import Access
from wangge.kernel.problems import Refused

NAV = Nav("console:home", gettext_lazy("Today"), "home", None, order=0, key="h", group=0)
_URGENCY = {"late": 0, "soon": 1, "plain": 2}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Today:
    """What the first page shows."""

    needs: tuple[Need, ...]
    figures: tuple[Figure, ...]


def _asked(name: str, access: Access) -> list[Any]:
    """What all page modules answer; who has no right to a room has no word from it."""
    found: list[Any] = []
    for module in page_modules():
        ask = getattr(module, name, None)
        if ask is not None and open_to(module, access):
            try:
                found += ask(access)
            except Refused:
                continue
    return found


def today(access: Access) -> Today:
    """Needs of all rooms, most urgent first, then by deadline; figures as the rooms give them."""
    needs = sorted(_asked("needs", access), key=lambda n: (_URGENCY[n.urgency], n.due_at or _NEVER))
    return Today(tuple(needs), tuple(_asked("figures", access)))


def home(request: HttpRequest) -> HttpResponse:
    found = today(access_of(request))
    return show(
        request, "console/home.html", {"title": _("Today"), "needs": found.needs, "figures": found.figures}
    )


@require_POST
def standing(request: HttpRequest) -> HttpResponse:
    """Work on under another post or purpose. The gate checks the choice at the next request, like any other."""
    choose(request.session, post=request.POST.get("post", ""), purpose=request.POST.get("purpose", ""))
    onward = request.POST.get("next", "/")
    ours = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect_to(request, onward if ours else "/")


urlpatterns = [path("", home, name="home"), path("standing/", standing, name="standing")]
