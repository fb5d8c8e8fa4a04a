"""来源可信度: how often each source is believed right about each field, and which sources share their errors."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from wangge.console.page import access_of, show
from wangge.console.people import source_names
from wangge.office.person_words import FIELD_WORDS
from wangge.registry import queries
from wangge.registry.states import Field
from wangge.registry.types import SourceRecordOf

DOUBTFUL = 0.9  # of a field believed right less often it is said


@dataclass(frozen=True, slots=True)
class Cell:
    """How often a source is believed right about a field, in percent, over how many cases."""

    percent: str
    judged: int
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One source."""

    name: str
    cells: tuple[tuple[str, Cell | None], ...]  # under the word of their field


def _cell(view: SourceRecordOf | None) -> Cell | None:
    return Cell(f"{view.share * 100:.1f}", view.judged, view.share < DOUBTFUL) if view else None


def trust(request: HttpRequest) -> HttpResponse:
    """What the last linkage learnt of the sources from one another: no one told it whom to believe."""
    access = access_of(request)
    names = source_names(access)
    found = {(r.source, r.field): r for r in queries.source_records(access)}
    fields = [f for f in Field if any(field == f for _source, field in found)]
    heads = {f: str(FIELD_WORDS.get(f, f)) for f in fields}
    lines = [
        Line(
            names.get(source, source),
            tuple((heads[f], _cell(found.get((source, str(f))))) for f in fields),
        )
        for source in sorted({source for source, _field in found})
    ]
    pairs = [
        (names.get(p.source, p.source), names.get(p.other, p.other), round(100 * p.share))
        for p in queries.source_pairs(access)
    ]
    context = {
        "title": _("Trust in the sources"),
        "heads": list(heads.values()),
        "lines": lines,
        "pairs": pairs,
    }
    return show(request, "office/quality/trust.html", context)


urlpatterns = [path("trust/", trust, name="source_trust")]
