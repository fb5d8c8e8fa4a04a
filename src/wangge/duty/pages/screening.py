"""筛查: findings with their reasons - exposure under an emergency, care gaps in peacetime; and objections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may
from wangge.console.ground import areas, ground, place_name
from wangge.console.page import Fault, Figure, Nav, access_of, geojson, redirect_to, show, wants
from wangge.console.people import staff_names
from wangge.credentials.actions import ask_apply
from wangge.duty.finding_words import KIND_WORDS, PACK_SOURCES, value_word
from wangge.flows.credentials import follow as follow_colours
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.kernel.units import interval_of
from wangge.outbreaks import queries as outbreaks
from wangge.registry import queries as registry
from wangge.screening import actions, queries
from wangge.screening.states import PackKind, Tier
from wangge.screening.types import FindingDetail, FindingRow, UnitTiers

NAV = [
    Nav(
        "console:exposure_findings",
        gettext_lazy("Exposure"),
        "finding",
        queries.exposure_findings,
        order=52,
        key="x",
    ),
    Nav(
        "console:care_findings", gettext_lazy("Care"), "home_visit", queries.care_findings, order=45, key="a"
    ),
]
PARTS = {"record": "duty/screening/record.html", "more": "duty/screening/rows.html"}


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in the list: about whom, as far as the reader may know, and where."""

    view: FindingRow
    name: str
    place: str
    at: str


def _names(access: Access, rows: Iterable[FindingRow]) -> dict[UUID, str]:
    if not may(access, registry.reach):
        return {}
    ids = tuple({row.person_id for row in rows})
    return {r.person_id: r.name for r in registry.reach(access, ids=ids)} if ids else {}


def _lines(access: Access, rows: tuple[FindingRow, ...], opens: str) -> list[Line]:
    names, ground_names = _names(access, rows), ground(access).names
    return [
        Line(
            row,
            names.get(row.person_id, ""),
            place_name(ground_names, row.unit_no),
            reverse(opens, args=[row.id]),
        )
        for row in rows
    ]


def _within(request: HttpRequest) -> Any:
    code = request.GET.get("unit", "")
    return interval_of(code) if code.isdigit() and len(code) in (6, 9, 12, 15) else None


def _kind(request: HttpRequest) -> PackKind | None:
    asked = request.GET.get("kind", "")
    return PackKind(asked) if asked in set(PackKind) else None


def _map(access: Access, layer: str) -> dict[str, Any]:
    return {"areas": reverse(layer), "bounds": ground(access).bounds}


def _show(
    request: HttpRequest, access: Access, context: dict[str, Any], detail: FindingDetail | None,
    faults: tuple[Fault, ...] = (),
) -> HttpResponse:  # fmt: skip
    context |= {"reads": True, "faults": faults, "no_emergency": context.get("page") is None and not detail}
    if detail is not None:
        row = detail.finding
        name = _names(access, (row,)).get(row.person_id, "")
        deciders = staff_names(access, [a.decided_by for a in detail.appeals if a.decided_by])
        chinese = (get_language() or "").startswith("zh")
        context |= {
            "record": detail,
            "row": row,
            "title": name or _("Finding"),
            "name": name,
            "place": place_name(ground(access).names, row.unit_no),
            "facts": [
                (f, value_word(f.value), PACK_SOURCES.get(f.source, f.source)) for f in detail.facts_used
            ],
            "changes": detail.change_zh if chinese else detail.change_en,
            "appeals": [(a, deciders.get(a.decided_by, "")) for a in detail.appeals],
            "may_open_person": may(access, registry.person),
            "credential_under": access.emergency if context["exposure"] and may(access, ask_apply) else None,
            "may_appeal": context["exposure"] and row.state == "open" and may(access, actions.appeal_finding),
            "may_decide": context["exposure"]
            and row.state == "appealed"
            and may(access, actions.decide_appeal),
            "kind_word": KIND_WORDS.get(row.kind, row.kind),
        }
    status = 400 if faults else 200
    return show(request, "duty/screening/page.html", context, parts=PARTS, status=status)


def exposure(
    request: HttpRequest, finding: UUID | None = None, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    """Findings of the emergency in force, red first."""
    access = access_of(request)
    asked = request.GET.get("tier", "")
    context: dict[str, Any] = {
        "title": _("Exposure findings"),
        "list_title": _("Exposure findings"),
        "exposure": True,
        "list_at": reverse("console:exposure_findings"),
        "map": _map(access, "console:exposure_areas"),
    }
    if wants(request) != "record":
        page = queries.exposure_findings(
            access,
            tier=Tier(asked) if asked in set(Tier) else None,
            kind=_kind(request),
            within=_within(request),
            after=request.GET.get("after"),
        )
        counts = queries.exposure_counts(access, within=_within(request))
        context |= {
            "page": page,
            "lines": _lines(access, page.rows, "console:exposure_finding"),
            "tiers": [(t.value, sum(c.count for c in counts if c.tier == t)) for t in Tier],
            "kinds": [(k, KIND_WORDS[k]) for k in sorted({c.kind for c in counts})],
            "unmatched_of": access.emergency,
            "unmatched": outbreaks.emergency_summary(access).unmatched
            if may(access, outbreaks.emergency_summary)
            else 0,
        }
    detail = queries.exposure_finding(access, finding_id=finding) if finding else None
    return _show(request, access, context, detail, faults)


def care(request: HttpRequest, finding: UUID | None = None) -> HttpResponse:
    """Peacetime: who needs care and shows no sign of getting it, and what is too old."""
    access = access_of(request)
    context: dict[str, Any] = {
        "title": _("Care findings"),
        "list_title": _("Care findings"),
        "exposure": False,
        "list_at": reverse("console:care_findings"),
        "map": _map(access, "console:care_areas") | {"no_tiers": True},
    }
    if wants(request) != "record":
        page = queries.care_findings(
            access, kind=_kind(request), within=_within(request), after=request.GET.get("after")
        )
        counts = queries.care_counts(access, within=_within(request))
        context |= {
            "page": page,
            "lines": _lines(access, page.rows, "console:care_finding"),
            "kinds": [(k, KIND_WORDS[k]) for k in sorted({c.kind for c in counts})],
        }
    detail = queries.care_finding(access, finding_id=finding) if finding else None
    return _show(request, access, context, detail)


def _worst(unit: UnitTiers) -> str:
    return "red" if unit.red else "yellow" if unit.yellow else "blue" if unit.blue else ""


def exposure_areas(request: HttpRequest) -> HttpResponse:
    """Grids in the colour of their worst finding, with the counts as a note."""
    access = access_of(request)
    units = queries.exposure_counts_by_unit(access)
    note = _("red %(red)s · yellow %(yellow)s · blue %(blue)s")
    href = reverse("console:exposure_findings")
    return geojson(
        areas(
            access,
            hrefs=f"{href}?unit={{code}}",
            notes={u.unit_no: note % {"red": u.red, "yellow": u.yellow, "blue": u.blue} for u in units},
            tiers={u.unit_no: _worst(u) for u in units},
        )
    )


def care_areas(request: HttpRequest) -> HttpResponse:
    """Grids with how many care findings stand there."""
    access = access_of(request)
    units = queries.care_counts_by_unit(access)
    href = reverse("console:care_findings")
    counts = {u.unit_no: u.red + u.yellow + u.blue for u in units}
    notes = {unit: ngettext("%(n)s finding", "%(n)s findings", n) % {"n": n} for unit, n in counts.items()}
    return geojson(areas(access, hrefs=f"{href}?unit={{code}}", notes=notes))


@require_POST
def appeal(request: HttpRequest, finding: UUID) -> HttpResponse:
    """Take a person's objection in."""
    access = access_of(request)
    try:
        actions.appeal_finding(access, finding_id=finding, statement=request.POST.get("statement", ""))
    except Problem as problem:
        return exposure(request, finding, (Fault(problem.text(get_language() or ""), "appeal-statement"),))
    messages.success(
        request, _("The objection is in. It is decided within a day, and the finding is not made worse.")
    )
    return redirect_to(request, reverse("console:exposure_finding", args=[finding]))


@require_POST
def decide(request: HttpRequest, finding: UUID) -> HttpResponse:
    """A human decides an objection."""
    access = access_of(request)
    try:
        actions.decide_appeal(
            access,
            finding_id=finding,
            uphold=request.POST.get("decision") != "withdraw",
            reason=request.POST.get("reason", ""),
        )
    except Problem as problem:
        return exposure(request, finding, (Fault(problem.text(get_language() or ""), "decide-reason"),))
    if access.emergency is not None:
        follow_colours(access.emergency)
    messages.success(request, _("Decided. The reason stands with the finding."))
    return redirect_to(request, reverse("console:exposure_findings"))


def figures(access: Access) -> list[Figure]:
    """Findings in force by tier."""
    if access.emergency is None or not may(access, queries.exposure_counts):
        return []
    counts = queries.exposure_counts(access)
    href = reverse("console:exposure_findings")
    words = {Tier.RED: _("red findings"), Tier.YELLOW: _("yellow findings"), Tier.BLUE: _("blue findings")}
    return [
        Figure(word, f"{sum(c.count for c in counts if c.tier == tier):,}", f"{href}?tier={tier.value}")
        for tier, word in words.items()
    ]


urlpatterns = [
    path("findings/", exposure, name="exposure_findings"),
    path("findings/areas.geojson", exposure_areas, name="exposure_areas"),
    path("findings/<uuid:finding>/", exposure, name="exposure_finding"),
    path("findings/<uuid:finding>/appeal/", appeal, name="finding_appeal"),
    path("findings/<uuid:finding>/decide/", decide, name="finding_decide"),
    path("care/", care, name="care_findings"),
    path("care/areas.geojson", care_areas, name="care_areas"),
    path("care/<uuid:finding>/", care, name="care_finding"),
]
