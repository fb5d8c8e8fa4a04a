"""底册: people found by name, sound, number or phone; each with every field's sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.asking import ask, asked
from wangge.console.page import Answer, Fault, Nav, access_of, redirect_to, show, wants
from wangge.console.people import source_names
from wangge.credentials.actions import ask_apply
from wangge.field import queries as field
from wangge.kernel.access import Access
from wangge.kernel.problems import BadInput, Problem
from wangge.linkage.states import NAMESAKE
from wangge.office.person_words import FIELD_WORDS, WHY_WORDS, fact_line, sex_word
from wangge.office.review_words import ACT_WORDS, LINK_KINDS, ByName, Step, steps
from wangge.registry import actions, queries
from wangge.registry.states import Verdict
from wangge.registry.types import LinkView, PersonRow, PersonView, Told
from wangge.screening import queries as screening
from wangge.sources import queries as sources
from wangge.tasks import queries as tasks

NAV = Nav("console:people", gettext_lazy("People"), "people", queries.search_persons, order=40, key="p")
PARTS = {"record": "office/registry/record.html", "more": "office/registry/rows.html"}


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One telling of a field: by whom, where it stands, why it was chosen or not."""

    view: Told
    source: str
    why: str
    href: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the golden record and everything that was told of it."""

    name: str
    word: str
    value: object
    kind: str
    told: tuple[ToldLine, ...]
    different: int


def _original(told: Told, *, allowed: bool) -> str:
    if not allowed or told.batch is None or not told.sheet.isdigit():
        return ""
    return reverse("console:original_row", args=[told.batch, int(told.sheet), told.row_no])


def field_lines(access: Access, person: PersonView, names: Mapping[str, str]) -> list[FieldLine]:
    """The fields in their order; a field of which nothing was told has no line of sources."""
    told = {f.field: f for f in person.fields}
    opens = may(access, sources.original_row)
    values: dict[str, tuple[object, str]] = {
        "name": (person.name, ""),
        "id_no": (person.id_no, "mono"),
        "birth": (person.birth_on, "mono"),
        "sex": (sex_word(person.sex), ""),
        "phone": (person.phone, "mono"),
        "address": (person.address, ""),
    }
    lines = []
    for name, (value, kind) in values.items():
        field_view = told.get(name)
        tellings = tuple(
            ToldLine(t, names.get(t.source, t.source), _why(t), _original(t, allowed=opens))
            for t in (field_view.told if field_view else ())
        )
        lines.append(
            FieldLine(
                name, str(FIELD_WORDS[name]), value, kind, tellings, field_view.different if field_view else 0
            )
        )
    return lines


def _why(told: Told) -> str:
    return str(WHY_WORDS.get(told.why, told.why)) if told.chosen else ""


def _about(access: Access, person_id: UUID) -> dict[str, Any]:
    """What other rooms know about the person, as far as this reader may ask them."""
    under_emergency = access.purpose == "epidemic_response"
    findings: Iterable[Any] = ()
    if not under_emergency and may(access, screening.care_findings_of):
        findings = screening.care_findings_of(access, person_id=person_id)
    elif under_emergency and access.emergency and may(access, screening.exposure_findings_of):
        findings = screening.exposure_findings_of(access, person_id=person_id)
    return {
        "findings": findings,
        "findings_at": "console:exposure_finding" if under_emergency else "console:care_finding",
        "tasks": tasks.tasks_about(access, person_id=person_id) if may(access, tasks.tasks_about) else None,
        "visits": field.visits_about(access, person_id=person_id)
        if may(access, field.visits_about)
        else None,
    }


@dataclass(frozen=True, slots=True)
class LinkLine:
    """Why a record is this person: by what, with which other record, and the steps of its evidence."""

    source: str
    record_id: str
    other: str
    kind: str
    percent: str
    steps: list[Step]
    by_name: ByName | None = None


def link_lines(access: Access, person: PersonView, names: Mapping[str, str]) -> list[LinkLine]:
    """Why each record is this person; a join on a rare name is told once for both of its records."""
    told: set[frozenset[str]] = set()

    def first(link: LinkView) -> bool:
        pair = frozenset((f"{link.source}/{link.record_id}", f"{link.other_source}/{link.other_record}"))
        new = link.kind == NAMESAKE and pair not in told
        told.add(pair)
        return new

    return [
        LinkLine(
            names.get(link.source, link.source),
            link.record_id,
            names.get(link.other_source, link.other_source),
            str(LINK_KINDS.get(link.kind, link.kind)),
            "" if link.probability is None else f"{min(link.probability, 0.9999):.2%}",
            steps(link.bits),
            _by_name(access, person, link, names) if first(link) else None,
        )
        for link in person.links
    ]


def _by_name(access: Access, person: PersonView, link: LinkView, names: Mapping[str, str]) -> ByName | None:
    if not may(access, queries.bearers):
        return None
    found = queries.bearers(access, person_id=person.person_id)
    left, right = (names.get(s, s) for s in (link.source, link.other_source))
    return ByName(found.others, found.among, left, right, round(100 * (link.probability or 0.9)))


def _record(access: Access, person_id: UUID) -> dict[str, Any]:
    view = queries.person(access, person_id=person_id)
    names = source_names(access)
    return {
        "record": view,
        "fields": field_lines(access, view, names),
        "facts": [fact_line(f, names) for f in view.facts],
        "may_decide": may(access, actions.decide),
        "credential_under": access.emergency if may(access, ask_apply) else None,
        "links": link_lines(access, view, names),
        "acts": [
            (str(ACT_WORDS.get(a.kind, a.kind)), a) for a in queries.acts_about(access, person_id=person_id)
        ]
        if may(access, queries.acts_about)
        else [],
        **_about(access, person_id),
    }


def people(request: HttpRequest, person: UUID | None = None) -> HttpResponse:
    """The search, and beside it the person that was opened."""
    access = access_of(request)
    if request.method == "POST":
        return ask(request, reverse("console:people"))
    text = asked(request)
    context: dict[str, Any] = {"title": _("People"), "q": text, "reads": True, "map": None, "page": None}
    if text and wants(request) != "record" and may(access, queries.search_persons):
        context["page"] = queries.search_persons(access, text=text, after=request.GET.get("after"))
    if person is not None:
        context |= _record(access, person)
        context["title"] = context["record"].name
    return show(request, "office/registry/page.html", context, parts=PARTS)


@dataclass(frozen=True, slots=True)
class Record:
    """A source record as the choice of a decision: what it told, in one line."""

    key: str
    source: str
    record_id: str
    told: tuple[str, ...]
    id: UUID | None = None


def records_of(person: PersonView, names: Mapping[str, str]) -> list[Record]:
    told: dict[tuple[str, str], dict[str, str]] = {}
    for view in person.fields:
        for t in view.told:
            told.setdefault((t.source, t.record_id), {})[view.field] = t.value
    shown = ("name", "birth", "phone", "address")
    ids = {(link.source, link.record_id): link.record for link in person.links}
    return [
        Record(
            f"{source}/{record}",
            names.get(source, source),
            record,
            tuple(v[f] for f in shown if v.get(f)),
            ids.get((source, record)),
        )
        for (source, record), v in sorted(told.items())
    ]


def decide(request: HttpRequest, person: UUID) -> HttpResponse:
    """Say that two source records are, or are not, the same person; with another person's beside when asked."""
    access = access_of(request)
    if request.method == "POST" and "q" in request.POST:
        return ask(request, request.path)
    names = source_names(access)
    mine = queries.person(access, person_id=person)
    other = request.GET.get("with", "")
    beside = queries.person(access, person_id=UUID(other)) if other else None
    text = asked(request)
    found: tuple[PersonRow, ...] = ()
    if text and beside is None:
        found = tuple(
            p for p in queries.search_persons(access, text=text, size=8).rows if p.person_id != person
        )
    left = records_of(mine, names)
    right = records_of(beside, names) if beside else left
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            actions.decide(
                access,
                a=_key(request.POST.get("a", "")),
                b=_key(request.POST.get("b", "")),
                verdict=request.POST.get("verdict", ""),
                reason=request.POST.get("reason", "").strip(),
            )
        except Problem as problem:
            place = "verdict-same" if problem.code == "verdict_unknown" else "record-b"
            faults = (Fault(problem.text(get_language() or ""), place),)
        else:
            messages.success(request, _("Noted. It takes effect when the register is linked anew."))
            return redirect_to(request, reverse("console:person", args=[person]))
    context = {
        "title": _("Same person or not"),
        "person": mine,
        "beside": beside,
        "left": left,
        "right": right,
        "found": found,
        "q": text,
        "faults": faults,
        "given": request.POST,
        "verdicts": tuple(Verdict),
        "reads": True,
    }
    return show(request, "office/registry/decide.html", context, status=400 if faults else 200)


def _key(text: str) -> tuple[str, str]:
    source, _slash, record = text.partition("/")
    if not record:
        raise BadInput(code="record_not_chosen", zh="请选择两条来源记录。", en="Choose two source records.")
    return source, record


def answers(access: Access, text: str, limit: int) -> list[Answer]:
    """People for the search box at the top."""
    if not may(access, queries.search_persons):
        return []
    rows = queries.search_persons(access, text=text, size=limit).rows
    return [
        Answer(
            row.name,
            reverse("console:person", args=[row.person_id]),
            "person",
            " · ".join(part for part in (str(row.birth_on or ""), row.address) if part),
        )
        for row in rows
    ]


urlpatterns = [
    path("people/", people, name="people"),
    path("people/<uuid:person>/", people, name="person"),
    path("people/<uuid:person>/decide/", decide, name="person_decide"),
]
