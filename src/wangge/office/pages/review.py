"""复核: two records side by side, the evidence, what saying "same" would do; decided by keyboard, undone at once."""

from __future__ import annotations

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
from wangge.console.page import Fault, Nav, Need, access_of, redirect_to, show
from wangge.console.people import source_names
from wangge.flows import reviewing
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem
from wangge.linkage import actions, queries
from wangge.linkage.states import NAMESAKE, PairState
from wangge.linkage.types import PairRow, PairView
from wangge.office.person_words import FIELD_WORDS, sex_word
from wangge.office.review_words import AGREEMENT, WARNINGS, WHY_ASKED, ByName, Step, steps
from wangge.registry import queries as people
from wangge.registry.types import Preview

NAV = Nav("console:review", gettext_lazy("Same or not"), "check", queries.review_queue, order=42, key="v")
PARTS = {"record": "office/review/record.html", "more": "office/review/rows.html"}
SIZE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A pair in the list."""

    view: PairRow
    left: str
    right: str
    why: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A field on both sides."""

    word: str
    left: str
    right: str
    agreement: str
    said: str


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """A field before and after."""

    word: str
    before: str
    other: str
    after: str
    changed: bool
    percent: int


def outcomes(preview: Preview, side: int = 0) -> list[OutcomeLine]:
    """What becomes of the fields of one side of a preview."""
    return [
        OutcomeLine(
            str(FIELD_WORDS.get(f.field, f.field)),
            _shown(f.field, f.before),
            _shown(f.field, f.other),
            _shown(f.field, f.after),
            f.before != f.after,
            round(100 * f.sure),
        )
        for f in preview.sides[side].fields
    ]


def _shown(field: str, value: str) -> str:
    if field == "sex":
        return str(sex_word({"M": "male", "F": "female"}.get(value, value)))
    if field == "address" and "|" in value:
        return " ".join(part for part in value.split("|") if part)
    return value


def warnings(preview: Preview) -> list[str]:
    return [str(WARNINGS.get(code, code)) for code in preview.warnings]


def _lines(rows: tuple[PairRow, ...], names: dict[str, str]) -> list[Line]:
    return [
        Line(
            p, names.get(p.source_a, p.source_a), names.get(p.source_b, p.source_b), str(WHY_ASKED.get(p.why, p.why))
        )
        for p in rows
    ]  # fmt: skip


def by_name(
    access: Access, person_id: UUID, left: str, right: str, probability: float | None
) -> ByName | None:
    """What a join on a rare name rests on, for who may see it."""
    if not may(access, people.bearers):
        return None
    found = people.bearers(access, person_id=person_id)
    return ByName(found.others, found.among, left, right, round(100 * (probability or 0.9)))


def _joined(access: Access, pair: PairView, names: dict[str, str]) -> dict[str, Any]:
    """What a pair that linkage joined on a rare name needs beyond any other."""
    left, right = (names.get(s.source, s.source) for s in pair.sides)
    open_ = pair.state in (PairState.WAITING, PairState.UNSURE)
    return {
        "by_name": by_name(access, pair.sides[0].person_id, left, right, pair.probability),
        "after": [],
        "warnings": [],
        "stays": outcomes(pair.preview, 0) if pair.preview else [],
        "goes": outcomes(pair.preview, 1) if pair.preview else [],
        "open": open_ and pair.one_person,
    }


def _record(access: Access, pair: PairView, names: dict[str, str]) -> dict[str, Any]:
    values = [
        Beside(
            str(FIELD_WORDS.get(v.field, v.field)),
            _shown(v.field, v.left),
            _shown(v.field, v.right),
            v.agreement,
            str(AGREEMENT[v.agreement]),
        )
        for v in pair.values
    ]
    found: list[Step] = steps(pair.bits)
    shown: dict[str, Any] = {
        "pair": pair,
        "why": str(WHY_ASKED.get(pair.why, pair.why)),
        "left": pair.sides[0],
        "right": pair.sides[1],
        "left_source": names.get(pair.sides[0].source, pair.sides[0].source),
        "right_source": names.get(pair.sides[1].source, pair.sides[1].source),
        "values": values,
        "steps": found,
        "percent": None if pair.probability is None else round(100 * pair.probability),
    }
    if pair.why == NAMESAKE:
        return shown | _joined(access, pair, names)
    return shown | {
        "after": outcomes(pair.preview) if pair.preview else [],
        "warnings": warnings(pair.preview) if pair.preview else [],
        "open": pair.state in (PairState.WAITING, PairState.UNSURE) and not pair.one_person,
    }


def review(request: HttpRequest, pair: UUID | None = None) -> HttpResponse:
    """The queue, and the pair that is looked at; without one, the first that waits."""
    return _page(request, pair)


def _page(
    request: HttpRequest, pair: UUID | None, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    access = access_of(request)
    state = request.GET.get("state", PairState.WAITING)
    page = queries.review_queue(
        access, state=state, why=request.GET.get("why", ""), after=request.GET.get("after"), size=SIZE
    )
    names = source_names(access)
    context: dict[str, Any] = {
        "title": _("Same or not"),
        "page": page,
        "lines": _lines(page.rows, names),
        "counts": queries.review_counts(access) if may(access, queries.review_counts) else None,
        "whys": [(code, str(word)) for code, word in WHY_ASKED.items()],
        "map": None,
        "reads": True,
        "faults": faults,
        "done": _act(request),
        "given": request.POST,
    }
    if pair is not None and may(access, queries.review_pair):
        if may(access, actions.claim_pair):
            actions.claim_pair(access, pair=pair)
        context |= _record(access, queries.review_pair(access, pair=pair), names)
    return show(request, "office/review/page.html", context, parts=PARTS, status=status)


def _act(request: HttpRequest) -> UUID | None:
    """The verdict just given, which the next page offers to take back."""
    try:
        return UUID(request.GET.get("done", ""))
    except ValueError:
        return None


@require_POST
def verdict(request: HttpRequest, pair: UUID) -> HttpResponse:
    """Same, different or unsure; then the next pair."""
    access = access_of(request)
    given = request.POST.get("verdict", "")
    joined = queries.review_pair(access, pair=pair).why == NAMESAKE
    try:
        act = actions.decide_pair(
            access, pair=pair, verdict=given, reason=request.POST.get("reason", "").strip()
        )
    except Problem as problem:
        return _page(
            request,
            pair,
            (Fault(problem.text(get_language() or ""), "reason", problem.place),),
            problem.status,
        )
    said = {"same": _("Merged."), "different": _("Kept apart."), "unsure": _("Put aside as unsure.")}
    if joined:
        said |= {"same": _("Confirmed as one person."), "different": _("Parted into two people.")}
    messages.success(request, said[given])
    following = _after(access, pair)
    address = reverse("console:review_pair", args=[following]) if following else reverse("console:review")
    return redirect_to(request, f"{address}?done={act}" if act else address)


def _after(access: Access, pair: UUID) -> UUID | None:
    """The pair that comes next: the first that waits and is free."""
    rows = queries.review_queue(access, size=SIZE).rows
    return next((p.id for p in rows if p.id != pair and not p.taken), None)


@require_POST
def undo(request: HttpRequest, act: UUID) -> HttpResponse:
    """Take a verdict, a merge or a split back."""
    reviewing.undo(access_of(request), act=act, reason=request.POST.get("reason", "").strip())
    messages.success(request, _("Taken back."))
    return redirect_to(request, _own(request.POST.get("back", "")) or reverse("console:review"))


def _own(address: str) -> str:
    """An address of one of our pages, or nothing."""
    return address if address.startswith("/") and not address.startswith("//") else ""


def needs(access: Access) -> list[Need]:
    """The review queue, when pairs wait."""
    if not may(access, queries.review_counts) or not may(access, actions.decide_pair):
        return []
    waiting = queries.review_counts(access).waiting
    if not waiting:
        return []
    first = queries.review_queue(access, size=1).rows[0]
    return [
        Need(
            _("Are these the same people?"),
            reverse("console:review_pair", args=[first.id]),
            _("Compare"),
            (
                ngettext("%(n)s pair waits", "%(n)s pairs wait, the most valuable first", waiting)
                % {"n": f"{waiting:,}"},
            ),
        )
    ]


urlpatterns = [
    path("review/", review, name="review"),
    path("review/<uuid:pair>/", review, name="review_pair"),
    path("review/<uuid:pair>/verdict/", verdict, name="review_verdict"),
    path("review/undo/<uuid:act>/", undo, name="review_undo"),
]
