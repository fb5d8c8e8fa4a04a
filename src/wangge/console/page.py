"""What every page is made of: whole or in part, its need of the reader, its place in the navigation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _

from wangge.kernel.access import Access


@dataclass(frozen=True, slots=True)
class Nav:
    """A line of the left navigation. `door` decides whether the reader has it; `key` is the letter after "g"."""

    url_name: str
    word: Promise | str
    icon: str
    door: Callable[..., Any] | None
    order: int
    key: str = ""
    group: int = 1


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for the reader: what, why now, and the one thing to do about it."""

    title: str
    href: str
    action: str
    reasons: tuple[str, ...] = ()
    due_at: datetime | None = None
    urgency: str = "plain"  # late, soon or plain


@dataclass(frozen=True, slots=True)
class Figure:
    """A count that opens to its source."""

    word: str
    value: str
    href: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One line under the search box."""

    title: str
    href: str
    icon: str
    note: str = ""


def access_of(request: HttpRequest) -> Access:
    """The access the gate put on this request. Raises Refused for who is not signed in or holds no post."""
    access = request.access  # type: ignore[attr-defined]
    # The middleware's value is lazy; asking what it is makes the gate decide here, before the page begins.
    if not isinstance(access, Access):
        raise TypeError("the gate put no access on this request")
    return access


def wants(request: HttpRequest) -> str:
    """The id of the element that htmx will fill, or "" when a whole page is wanted."""
    headers = request.headers
    if headers.get("HX-Request") != "true" or headers.get("HX-History-Restore-Request") == "true":
        return ""
    return headers.get("HX-Target", "")


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    parts: Mapping[str, str] | None = None,
    status: int = 200,
    notice: tuple[str, str] | None = None,
) -> HttpResponse:
    """The whole page, or the part that htmx asks for.

    `parts` maps an element's id ("record", "rows", "list") to the template of its content. The page must hold
    the same content in that element when it is loaded whole, so that an address can be sent and reloaded.
    `notice` is (text, tone) for the corner of a page that is only partly replaced.
    """
    values = dict(context)
    target = wants(request)
    part = (parts or {}).get(target)
    body = render_to_string(part or template, values, request)
    if part and target == "record" and (title := values.get("title")):
        body = format_html("<title>{} · {}</title>", title, _product()) + body
    response = HttpResponse(body, status=status)
    if notice and part:
        response.headers["HX-Trigger"] = _notice_header(*notice)
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """Pages hold personal data: no cache keeps them, and a part is never taken for the whole."""
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, ("HX-Request", "HX-Target", "Cookie"))
    return response


def geojson(body: bytes) -> HttpResponse:
    """An answer for the map."""
    return private(HttpResponse(body, content_type="application/geo+json"))


def redirect_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the reader on, whole page, from an htmx request or a plain one. `address` is one of our own."""
    if request.headers.get("HX-Request") == "true":
        return private(HttpResponse(headers={"HX-Redirect": address}))
    return private(HttpResponse(status=303, headers={"Location": address}))


def _notice_header(text: str, tone: str) -> str:
    return json.dumps({"wangge:notice": {"text": text, "tone": tone}})


def _product() -> str:
    return _("Wangge")


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of an error summary: what is wrong, what to do, and which field to go to."""

    text: str
    field: str = ""
    place: str = ""


def faults_of(forms: Sequence[Any]) -> tuple[Fault, ...]:
    """The errors of Django forms as lines of the summary, in the order of the fields."""
    found = []
    for form in forms:
        if not isinstance(form, BaseForm):  # a page without one names it all the same
            continue
        for message in form.non_field_errors():
            found.append(Fault(str(message)))
        for bound in form:
            for message in bound.errors:
                line = _("%(label)s: %(error)s") % {"label": bound.label, "error": message}
                found.append(Fault(line, bound.id_for_label or bound.auto_id))
    return tuple(found)
