"""Every read of cases that leaves the room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from wangge.access import queries as access_queries
from wangge.cases import actions
from wangge.cases.catalogue import in_force, version, words_of
from wangge.cases.models import RUNNING, Case, CaseStep
from wangge.cases.rules.handling import check_charge
from wangge.cases.rules.separation import check_separation
from wangge.cases.sealed import blind_phone, unseal_details, unseal_note
from wangge.cases.states import CASE_TABLE, CLOCK_STOPS, CaseState, Located, SourceKind
from wangge.cases.types import (
    CaseCounts,
    CasePoint,
    CaseRow,
    CaseView,
    CategoryView,
    DayTally,
    NextStep,
    StateCount,
    StepView,
)
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import COUNT_CAP, PAGE_SIZE, Cursor, Page, instant
from wangge.kernel.problems import NotFound, Refused
from wangge.kernel.units import Interval

POINTS_AT_MOST = 20_000
_ROW = (
    "id",
    "number",
    "title",
    "category_code",
    "taxonomy",
    "taxonomy_version",
    "unit_no",
    "state",
    "source_kind",
    "handling_organisation_id",
    "opened_at",
    "deadline_at",
    "closed_at",
)
_STEP_WORDS = {"report": ("上报", "report"), "import": ("导入", "import")} | {
    step.verb: (step.zh, step.en) for step in CASE_TABLE.transitions
}


class Order(StrEnum):
    """Newest first, or by deadline, the most urgent first (only cases whose clock runs)."""

    NEWEST = "newest"
    DEADLINE = "deadline"


def _within(access: Access, unit: Interval | None = None) -> QuerySet[Case]:
    """Cases this access may list: its territory, for a department only what was dispatched to it."""
    lo = max(access.scope.lo, unit.lo) if unit else access.scope.lo
    hi = min(access.scope.hi, unit.hi) if unit else access.scope.hi
    rows = Case.objects.filter(unit_no__gte=lo, unit_no__lte=hi)
    return rows.filter(handling_organisation_id=access.organisation) if access.role == "handler" else rows


def _row(values: tuple[Any, ...], now: datetime) -> CaseRow:
    (
        id_,
        number,
        title,
        code,
        taxonomy,
        taxonomy_version,
        unit_no,
        state_code,
        source,
        unit,
        opened,
        due,
        closed,
    ) = values
    state = CaseState(state_code)
    words = CASE_TABLE.states[state]
    zh, en = words_of(taxonomy, taxonomy_version, code)
    return CaseRow(
        case_id=id_,
        number=number,
        title=title or zh,
        category_code=code,
        category_zh=zh,
        category_en=en,
        unit_no=unit_no,
        state=state,
        state_zh=words.zh,
        state_en=words.en,
        source_kind=SourceKind(source),
        handling_organisation=unit,
        opened_at=opened,
        deadline_at=due,
        closed_at=closed,
        overdue=_overdue(state, due, now),
    )


def _overdue(state: CaseState, due: datetime | None, now: datetime) -> bool:
    return due is not None and due < now and state not in CLOCK_STOPS


@door(reads="case", act="list")
def case_page(
    access: Access,
    *,
    states: Iterable[CaseState] = (),
    category_code: str = "",
    organisation: UUID | None = None,
    unit: Interval | None = None,
    overdue: bool = False,
    number: str = "",
    phone: str = "",
    order: Order = Order.NEWEST,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[CaseRow]:
    """A page of cases, by key. The count, on the first page only, stops at 1,000 and says so.

    ``number`` finds a case by its own or its external number, ``phone`` by the reporter's exact phone. By
    deadline, or ``overdue``, only cases whose clock runs are listed.
    """
    now = timezone.now()
    rows = _within(access, unit)
    if chosen := [CaseState(state).value for state in states]:
        rows = rows.filter(state__in=chosen)
    if category_code:
        rows = rows.filter(category_code=category_code)
    if organisation is not None:
        rows = rows.filter(handling_organisation_id=organisation)
    if number:
        rows = rows.filter(Q(number=number.strip()) | Q(external_id=number.strip()))
    if phone:
        rows = rows.filter(reporter_phone_blind=blind_phone(phone))
    if overdue:
        rows, order = rows.filter(deadline_at__lt=now), Order.DEADLINE
    if order is Order.DEADLINE:
        rows = rows.filter(state__in=RUNNING, deadline_at__isnull=False)
    total = rows.order_by()[: COUNT_CAP + 1].count() if cursor is None else None
    column, ascending = ("deadline_at", True) if order is Order.DEADLINE else ("opened_at", False)
    # which rows is asked apart from what they say: an index answers the first without fetching a whole community
    wanted = _after(rows, column, ascending, cursor).values("id")[: size + 1]
    found = list(_ordered(Case.objects.filter(id__in=wanted), column, ascending).values_list(*_ROW))
    shown = found[:size]
    at = _ROW.index(column)
    onward = Cursor((shown[-1][at].isoformat(), str(shown[-1][0]))).encode() if len(found) > size else None
    return Page(rows=tuple(_row(values, now) for values in shown), next=onward, total=total)


def _after(rows: QuerySet[Case], column: str, ascending: bool, cursor: str | None) -> QuerySet[Case]:
    """``rows`` in order, from behind the cursor on."""
    beyond = "gt" if ascending else "lt"
    mark = Cursor.decode(cursor, 2, instant, UUID)
    if mark is not None:
        last, last_id = mark.values
        rows = rows.filter(
            Q(**{f"{column}__{beyond}": last}) | Q(**{column: last, f"id__{beyond}": last_id}),
            **{f"{column}__{beyond}e": last},  # the plain bound is what the index uses
        )
    return _ordered(rows, column, ascending)


def _ordered(rows: QuerySet[Case], column: str, ascending: bool) -> QuerySet[Case]:
    sign = "" if ascending else "-"
    return rows.order_by(f"{sign}{column}", f"{sign}id")


@door(reads="case")
def case(access: Access, *, case_id: UUID) -> CaseView:
    """A case whole. Raises NotFound also when it lies out of the territory or was dispatched to others."""
    found = _within(access).filter(id=case_id).first()
    if found is None and access.role == "handler":  # a department also sees what it reported
        found = Case.objects.filter(
            id=case_id,
            reported_by=access.actor,
            unit_no__gte=access.scope.lo,
            unit_no__lte=access.scope.hi,
        ).first()
    if found is None:
        raise NotFound(
            code="case_unknown", zh="没有此事件，或不在您的辖区。", en="There is no such case here."
        )
    details = unseal_details(found.details_sealed)
    state = CaseState(found.state)
    words = CASE_TABLE.states[state]
    zh, en = words_of(found.taxonomy, found.taxonomy_version, found.category_code)
    category = version(found.taxonomy, found.taxonomy_version).categories.get(found.category_code)
    return CaseView(
        case_id=found.id,
        number=found.number,
        title=found.title or zh,
        description=details.description,
        place=details.place,
        reporter_name=details.reporter_name,
        reporter_phone=details.reporter_phone,
        taxonomy=found.taxonomy,
        taxonomy_version=found.taxonomy_version,
        category_code=found.category_code,
        category_zh=zh,
        category_en=en,
        closing_zh=category.closing_zh if category else "",
        source_kind=SourceKind(found.source_kind),
        origin=found.origin,
        external_system=found.external_system,
        external_id=found.external_id or "",
        unit_no=found.unit_no,
        lon=found.lon,
        lat=found.lat,
        located=Located(found.located),
        state=state,
        state_zh=words.zh,
        state_en=words.en,
        owner=words.owner,
        reported_by=found.reported_by,
        handling_organisation=found.handling_organisation_id,
        handling_actor=found.handling_actor,
        opened_at=found.opened_at,
        deadline_at=found.deadline_at,
        closed_at=found.closed_at,
        overdue=_overdue(state, found.deadline_at, timezone.now()),
        limit_amount=found.limit_amount,
        limit_unit=found.limit_unit,
        limit_rule=found.limit_rule,
        steps=_steps(found.id),
        next_steps=_next_steps(access, found),
    )


def _steps(case_id: UUID) -> tuple[StepView, ...]:
    return tuple(
        StepView(
            seq=step.seq,
            verb=step.verb,
            verb_zh=_STEP_WORDS.get(step.verb, (step.verb, step.verb))[0],
            verb_en=_STEP_WORDS.get(step.verb, (step.verb, step.verb))[1],
            from_state=step.from_state,
            to_state=step.to_state,
            actor=step.actor,
            role=step.role,
            organisation=step.organisation_id,
            to_organisation=step.to_organisation_id,
            at=step.at,
            deadline_at=step.deadline_at,
            score=step.score,
            note=unseal_note(step.note_sealed),
        )
        for step in CaseStep.objects.filter(case_id=case_id).order_by("seq")
    )


def _next_steps(access: Access, found: Case) -> tuple[NextStep, ...]:
    """What this access could do now: table, policy, charge and separation all agree."""
    deeds = actions.handling.deeds_of(found.id)
    possible = []
    for step in CASE_TABLE.steps(CaseState(found.state), access.role):
        if not access_queries.may(access, getattr(actions, step.verb)):
            continue
        try:
            check_charge(
                step.verb,
                actor=access.actor,
                organisation=access.organisation,
                handling_organisation=found.handling_organisation_id,
                handling_actor=found.handling_actor,
            )
            check_separation(
                step.verb,
                actor=access.actor,
                organisation=access.organisation,
                handling_organisation=found.handling_organisation_id,
                deeds=deeds,
            )
        except Refused:
            continue
        possible.append(NextStep(step.verb, step.zh, step.en, step.reason))
    return tuple(possible)


@door(reads="case", act="list")
def cases_on_map(
    access: Access, *, unit: Interval | None = None, limit: int = POINTS_AT_MOST
) -> tuple[CasePoint, ...]:
    """Located cases that are not settled yet, newest first; placeholders and bad positions are left out."""
    now = timezone.now()
    waiting = [state.value for state in CaseState if state not in CASE_TABLE.settled]
    rows = (
        _within(access, unit)
        .filter(state__in=waiting, located=Located.POINT)
        .order_by("-opened_at", "-id")
        .values_list("id", "lon", "lat", "unit_no", "state", "category_code", "deadline_at")
    )
    return tuple(
        CasePoint(id_, lon, lat, unit_no, CaseState(state), code, _overdue(CaseState(state), due, now))
        for id_, lon, lat, unit_no, state, code, due in rows[: min(limit, POINTS_AT_MOST)]
    )


@door(reads="case", act="list")
def counts(access: Access, *, unit: Interval | None = None) -> CaseCounts:
    """Counts by state and of overdue cases; each stops at 1,000 and says so."""
    rows = _within(access, unit).order_by()
    states = []
    for state, words in CASE_TABLE.states.items():
        number = rows.filter(state=state.value)[: COUNT_CAP + 1].count()
        states.append(StateCount(state, words.zh, words.en, min(number, COUNT_CAP), number > COUNT_CAP))
    late = rows.filter(state__in=RUNNING, deadline_at__lt=timezone.now())[: COUNT_CAP + 1].count()
    return CaseCounts(tuple(states), min(late, COUNT_CAP), late > COUNT_CAP)


@door(reads="case", act="tally")
def daily_tallies(access: Access, *, since: date) -> tuple[DayTally, ...]:
    """Matters reported since a day, by category, street and day: for early warning; nothing about any of them."""
    rows = (
        _within(access, None)
        .order_by()
        .exclude(state=CaseState.CANCELLED)
        .filter(opened_at__gte=timezone.make_aware(datetime.combine(since, time.min)))
        .annotate(day=TruncDate("opened_at"), street=F("unit_no") / 1_000_000)
    )
    counts: dict[tuple[str, int], dict[date, int]] = {}
    told = rows.values_list("category_code", "street", "day").annotate(n=Count("id"))
    for category, street, day, n in told:
        counts.setdefault((category, street), {})[day] = n
    handled: dict[tuple[str, int], set[UUID]] = {}
    for category, street, organisation in rows.values_list(
        "category_code", "street", "handling_organisation"
    ).distinct():
        if organisation is not None:
            handled.setdefault((category, street), set()).add(organisation)
    return tuple(
        DayTally(
            category,
            f"{street}000",
            tuple(sorted(days.items())),
            tuple(sorted(handled.get((category, street), ()))),
        )
        for (category, street), days in sorted(counts.items())
    )


@door(reads="category")
def categories(access: Access, *, taxonomy: str = "") -> tuple[CategoryView, ...]:
    """The categories in force, in the order of their table."""
    table = in_force(taxonomy, timezone.now())
    return tuple(
        CategoryView(
            taxonomy=table.name,
            version=table.version,
            code=category.code,
            kind=category.kind,
            group_zh=category.group_zh,
            group_en=category.group_en,
            zh=category.zh,
            en=category.en,
            filing_zh=category.filing_zh,
            limit_amount=category.limit_amount,
            limit_unit=category.limit_unit or "",
            closing_zh=category.closing_zh,
        )
        for category in table.categories.values()
    )
