"""What a reader searched for, kept out of every address: the address holds a mark that says nothing.

The words, often a name or an identity number, come in a form's body and stay sealed in the reader's session. The
mark leads back to them for paging, reloading and the other language, in this session alone.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse

from wangge.access.vault import vault
from wangge.console.page import access_of, redirect_to
from wangge.kernel.problems import Refused

MARK = "find"
LONGEST = 100  # characters
_KEPT = "wangge_asked"
_AT_MOST = 12  # the latest searches of a session; an older mark leads to an empty search


def _scope(request: HttpRequest) -> str:
    """Whose key seals: an emergency's own where the reader works under it, so that it ends with it."""
    emergency = access_of(request).emergency
    return str(emergency) if emergency else "registry"


def said(request: HttpRequest) -> str:
    """The words in the body of a search form."""
    return str(request.POST.get("q", "")).strip()[:LONGEST]


def asked(request: HttpRequest) -> str:
    """The words that the mark in the address stands for, or "" for none, an old one or somebody else's."""
    mark = request.GET.get(MARK, "")
    kept: list[list[str]] = request.session.get(_KEPT, [])
    for known, scope, sealed in kept:
        if secrets.compare_digest(known.encode(), mark.encode()) and scope == _scope(request):
            try:
                return vault(scope).unseal(base64.b64decode(sealed))
            except Refused:  # its key was destroyed with the emergency
                return ""
    return ""


def ask(request: HttpRequest, address: str) -> HttpResponse:
    """Keep the words of the form and send the reader to `address`, with the mark that stands for them."""
    text = said(request)
    if not text:
        return redirect_to(request, address)
    scope = _scope(request)
    mark = secrets.token_urlsafe(9)
    sealed = base64.b64encode(vault(scope).seal(text)).decode()
    kept: list[Any] = request.session.get(_KEPT, [])
    request.session[_KEPT] = [*kept, [mark, scope, sealed]][-_AT_MOST:]
    return redirect_to(request, f"{address}?{MARK}={mark}")
