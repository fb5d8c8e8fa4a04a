"""目录: every data set the house knows, whose it is, what it is as of and when the next one is due."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.page import Nav, access_of, show
from wangge.console.people import organisation_names
from wangge.sources import queries
from wangge.sources.types import CatalogueRow

NAV = Nav("console:catalogue", gettext_lazy("Catalogue"), "filter", queries.catalogue, order=62, group=2)


@dataclass(frozen=True, slots=True)
class Line:
    """A data set in the table."""

    row: CatalogueRow
    name: str
    owner: str
    href: str


def catalogue(request: HttpRequest) -> HttpResponse:
    """The data sets by their form: residents, organisations, buildings, fixtures, indicators ..."""
    access = access_of(request)
    chinese = (get_language() or "").startswith("zh")
    owners = organisation_names(access)
    opens = may(access, queries.batches)
    groups: dict[str, list[Line]] = {}
    late = 0
    for row in queries.catalogue(access):
        late += row.late_days > 0
        groups.setdefault(row.form_zh if chinese else row.form_en, []).append(
            Line(
                row,
                row.name_zh if chinese else row.name_en,
                owners.get(row.organisation, ""),
                f"{reverse('console:sources')}?resource={row.code}" if opens else "",
            )
        )
    context = {"title": _("Catalogue of data sets"), "groups": list(groups.items()), "late": late}
    return show(request, "office/sources/catalogue.html", context)


urlpatterns = [path("catalogue/", catalogue, name="catalogue")]
