"""查找: one box for a place, a person, a case. Each room answers for itself, within what the reader may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from wangge.console.asking import ask as keep
from wangge.console.asking import asked, said
from wangge.console.nav import open_to
from wangge.console.page import Answer, access_of, show, wants
from wangge.console.pages import page_modules
from wangge.kernel.problems import Refused

SHORTEST = 2  # characters; one Chinese character alone finds half the district
EACH = 6


def search(request: HttpRequest) -> HttpResponse:
    """All rooms' answers, by room: a page module that gives `answers(access, text, limit)` is asked.

    The lines under the box answer the form's body at once; a whole page is sent on to an address without the words.
    """
    access = access_of(request)
    if request.method == "POST" and wants(request) != "answers":
        return keep(request, request.path)
    text = said(request) if request.method == "POST" else asked(request)
    groups: list[list[Answer]] = []
    if len(text) >= SHORTEST:
        for module in page_modules():
            ask = getattr(module, "answers", None)
            if ask is None or not open_to(module, access):
                continue
            try:
                found = list(ask(access, text, EACH))
            except Refused:
                continue
            if found:
                groups.append(found)
    context = {"title": _("Search"), "search": text, "groups": groups, "short": len(text) < SHORTEST}
    return show(request, "console/search.html", context, parts={"answers": "console/components/answers.html"})


urlpatterns = [path("search/", search, name="search")]
