"""单位: organisations and venues as all lists tell them together, each field with who told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.access.queries import may
from wangge.console.page import Nav, access_of, show
from wangge.console.people import source_names
from wangge.establishments import queries
from wangge.establishments.states import Field
from wangge.establishments.types import EntityField, EntityView
from wangge.kernel.access import Access
from wangge.sources.queries import original_row

NAV = Nav(
    "console:organisations", gettext_lazy("Organisations"), "case", queries.search_entities, order=41, key="b"
)
PARTS = {"record": "office/establishments/record.html", "more": "office/establishments/rows.html"}
WORDS = {
    Field.NAME: gettext_lazy("Name of the organisation"),
    Field.CREDIT_CODE: gettext_lazy("Unified social credit code"),
    Field.KIND: gettext_lazy("Kind of organisation"),
    Field.ADDRESS: gettext_lazy("Registered address"),
    Field.LEGAL_PERSON: gettext_lazy("Legal person"),
    Field.PHONE: gettext_lazy("Office telephone"),
    Field.INDUSTRY: gettext_lazy("Industry"),
    Field.STATUS: gettext_lazy("Business state"),
    Field.EMPLOYEES: gettext_lazy("Employees"),
}
WHY = {
    "valid_code": gettext_lazy("told beside a valid code"),
    "authority": gettext_lazy("told by the list that registers organisations"),
    "newest": gettext_lazy("the newest telling"),
    "only_source": gettext_lazy("told by one list only"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one list told, with its name and the way to the row as it came."""

    value: str
    source: str
    row_no: int | None
    chosen: bool
    agrees: bool
    as_of_on: Any
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A field with its tellings."""

    word: str
    value: str
    why: str
    different: int
    told: tuple[Told, ...]


def organisations(request: HttpRequest) -> HttpResponse:
    """The list, by a part of a name or address or a whole code."""
    return show(
        request, "office/establishments/page.html", _listing(request, access_of(request)), parts=PARTS
    )


def organisation(request: HttpRequest, entity: UUID) -> HttpResponse:
    """One organisation, every field with who told it."""
    access = access_of(request)
    view = queries.entity(access, entity_id=entity)
    context = {**_listing(request, access), "entity": view, "fields": _fields(access, view)}
    return show(request, "office/establishments/page.html", context, parts=PARTS)


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    return {
        "title": _("Organisations"),
        "page": queries.search_entities(access, text=text, kind=kind, after=request.GET.get("after")),
        "counts": queries.entity_counts(access) if may(access, queries.entity_counts) else None,
        "kinds": (("several", _("In several lists")), ("uncoded", _("Without a valid code"))),
        "q": text,
        "map": None,
        "reads": True,
    }


def _fields(access: Access, view: EntityView) -> list[Line]:
    names = source_names(access)
    rows = may(access, original_row)
    return [
        Line(
            str(WORDS[Field(f.field)]),
            f.value,
            str(WHY.get(f.why, "")),
            f.different,
            _told(f, names, rows=rows),
        )
        for f in view.fields
    ]


def _told(field: EntityField, names: dict[str, str], *, rows: bool) -> tuple[Told, ...]:
    return tuple(
        Told(
            value=t.value,
            source=names.get(t.source, t.source),
            row_no=t.row_no,
            chosen=t.chosen,
            agrees=t.agrees,
            as_of_on=t.as_of_on,
            href=reverse("console:original_row", args=[t.batch, 1, t.row_no])
            if rows and t.batch and t.row_no
            else "",
        )
        for t in field.told
    )


urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/<uuid:entity>/", organisation, name="organisation"),
]
