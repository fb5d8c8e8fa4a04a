"""Every read of visits that leaves the room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from wangge.field.models import Correction, QuarantinedVisit, Visit
from wangge.field.rules.forms import Form, Question, form_named, shipped_forms
from wangge.field.sealed import opened, sealer
from wangge.field.states import VISIT_TABLE, Outcome, QuarantineState, Receipt, VisitState
from wangge.field.types import (
    Answer,
    ChoiceView,
    CorrectionView,
    Declared,
    FormView,
    HeldVisit,
    IsolationTold,
    QuestionView,
    VisitCounts,
    VisitRow,
    VisitView,
)
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, instant
from wangge.kernel.problems import BadInput, NotFound

LIST_AT_MOST = 500
_ROW = (
    "id",
    "form",
    "task_id",
    "unit_no",
    "actor",
    "ended_at",
    "received_at",
    "outcome",
    "receipt",
    "state",
    "review_actor",
    "emergency_id",
)


@door(reads="form")
def forms(access: Access) -> tuple[FormView, ...]:
    """The newest version of every form, as the phone shows it."""
    newest = {code: form_named(code) for code, _ in sorted(shipped_forms())}
    return tuple(
        FormView(form.code, form.version, form.zh, form.en, tuple(_question(q) for q in form.questions))
        for form in newest.values()
    )


def _question(question: Question) -> QuestionView:
    return QuestionView(
        code=question.code,
        section=question.section,
        zh=question.zh,
        en=question.en,
        type=question.type,
        required=question.required,
        least=question.least,
        most=question.most,
        longest=question.longest,
        choices=tuple(ChoiceView(*choice) for choice in question.choices),
    )


def _within(access: Access) -> QuerySet[Visit]:
    """Visits of the territory; an emergency's only under its own access, peacetime ones not under it."""
    return Visit.objects.filter(
        unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi, emergency_id=access.emergency
    )


def _form(code: str, version: str = "") -> Form | None:
    try:
        return form_named(code, version)
    except BadInput:
        return None


def _row(values: tuple[Any, ...]) -> VisitRow:
    id_, code, task_id, unit_no, actor, ended, received, outcome, receipt, state, review, emergency = values
    form, words = _form(code), VISIT_TABLE.states[VisitState(state)]
    return VisitRow(
        visit_id=id_,
        form=code,
        form_zh=form.zh if form else code,
        form_en=form.en if form else code,
        task_id=task_id,
        unit_no=unit_no,
        actor=actor,
        ended_at=ended,
        received_at=received,
        outcome=Outcome(outcome),
        receipt=Receipt(receipt),
        state=VisitState(state),
        state_zh=words.zh,
        state_en=words.en,
        review_actor=review,
        emergency=emergency,
    )


@door(reads="visit", act="list")
def visit_page(
    access: Access, *, actor: str = "", form: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[VisitRow]:
    """A page of visits, newest first, without what was seen. A grid worker lists only their own."""
    rows = _within(access)
    wanted = access.actor if access.role == "grid_worker" else actor
    for column, value in (("actor", wanted), ("form", form)):
        if value:
            rows = rows.filter(**{column: value})
    mark = Cursor.decode(cursor, 2, instant, UUID)
    if mark is not None:
        last, last_id = mark.values
        rows = rows.filter(Q(ended_at__lt=last) | Q(ended_at=last, id__lt=last_id), ended_at__lte=last)
    found = list(rows.order_by("-ended_at", "-id").values_list(*_ROW)[: size + 1])
    shown = found[:size]
    at = _ROW.index("ended_at")
    onward = Cursor((shown[-1][at].isoformat(), str(shown[-1][0]))).encode() if len(found) > size else None
    return Page(rows=tuple(_row(values) for values in shown), next=onward)


@door(reads="visit", act="list")
def visits_of_task(access: Access, *, task_id: UUID) -> tuple[VisitRow, ...]:
    """The visits made for one task, oldest first."""
    rows = _within(access).filter(task_id=task_id).order_by("ended_at", "id")
    return tuple(_row(values) for values in rows.values_list(*_ROW)[:LIST_AT_MOST])


@door(reads="visit", act="list")
def visits_about(access: Access, *, person_id: UUID) -> tuple[VisitRow, ...]:
    """Visits to one person, newest first, at most 100; an emergency's only under its own access."""
    token = sealer(access.emergency).token(str(person_id))
    rows = _within(access).filter(subject_token=token).order_by("-ended_at", "-id")
    return tuple(_row(values) for values in rows.values_list(*_ROW)[:100])


@door(reads="visit", act="declared")
def illness_declared(access: Access, *, person_ids: Collection[UUID]) -> tuple[Declared, ...]:
    """Who of these persons declared that they have, or have not, a chronic illness; the latest word counts.

    An emergency's visits only under its own access. Nothing a health record says is read here.
    """
    told = _last_word(access, person_ids, ("illness_declared",))
    return tuple(Declared(person, *said["illness_declared"]) for person, said in told.items())


@door(reads="visit", act="declared")
def isolation_told(access: Access, *, person_ids: Collection[UUID]) -> tuple[IsolationTold, ...]:
    """Who of these persons is isolated at home, and whether care is arranged, as visits of the emergency last told.

    Only under an emergency: what is said in one is not known outside it, and nothing of it in peacetime.
    """
    if access.emergency is None:
        return ()
    told = _last_word(access, person_ids, ("isolated_at_home", "care_plan"))
    return tuple(
        IsolationTold(
            person, *said.get("isolated_at_home", (None, None)), *said.get("care_plan", (None, None))
        )
        for person, said in told.items()
    )


def _last_word(
    access: Access, person_ids: Collection[UUID], questions: Collection[str]
) -> dict[UUID, dict[str, tuple[bool, datetime]]]:
    """The latest yes or no to some questions, of each person that answered any, and when it was said."""
    seals = sealer(access.emergency)
    who = {seals.token(str(person)): person for person in person_ids}
    said: dict[UUID, dict[str, tuple[bool, datetime]]] = {}
    rows = (
        _within(access)
        .filter(subject_token__in=list(who), state=VisitState.ACCEPTED)
        .order_by("ended_at", "id")
    )
    for token, ended_at, sealed, emergency in rows.values_list(
        "subject_token", "ended_at", "content_sealed", "emergency_id"
    ):
        answers = opened(sealed, emergency)["answers"]
        for question in questions:
            if isinstance(value := answers.get(question), bool):
                said.setdefault(who[bytes(token or b"")], {})[question] = value, ended_at
    return said


@door(reads="visit", act="mine")
def visits_to_review(access: Access) -> tuple[VisitRow, ...]:
    """Visits of former workers that wait for the caller's word, oldest first."""
    rows = Visit.objects.filter(
        Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency),
        review_actor=access.actor,
        state=VisitState.FOR_REVIEW,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).order_by("ended_at", "id")
    return tuple(_row(values) for values in rows.values_list(*_ROW)[:LIST_AT_MOST])


@door(reads="visit", act="mine")
def visit(access: Access, *, visit_id: UUID) -> VisitView:
    """A visit whole. A grid worker opens their own and those referred to them; NotFound for others, as for none."""
    rows = Visit.objects.filter(
        Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency),
        id=visit_id,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    )
    if access.role == "grid_worker":
        rows = rows.filter(Q(actor=access.actor) | Q(review_actor=access.actor))
    found = rows.first()
    if found is None:
        raise NotFound(code="visit_unknown", zh="没有此走访。", en="There is no such visit.")
    form, words = _form(found.form, found.form_version), VISIT_TABLE.states[VisitState(found.state)]
    seen = opened(found.content_sealed, found.emergency_id)
    return VisitView(
        visit_id=found.id,
        form=found.form,
        form_version=found.form_version,
        form_zh=form.zh if form else found.form,
        form_en=form.en if form else found.form,
        task_id=found.task_id,
        unit_no=found.unit_no,
        actor=found.actor,
        started_at=found.started_at,
        ended_at=found.ended_at,
        received_at=found.received_at,
        saw_person=found.saw_person,
        saw_dwelling=found.saw_dwelling,
        saw_state=found.saw_state,
        outcome=Outcome(found.outcome),
        receipt=Receipt(found.receipt),
        state=VisitState(found.state),
        state_zh=words.zh,
        state_en=words.en,
        review_actor=found.review_actor,
        emergency=found.emergency_id,
        person_id=seen["person_id"],
        dwelling_id=seen["dwelling_id"],
        answers=_answers(form, seen["answers"]),
        observations=seen["observations"],
        corrections=tuple(
            _correction(row) for row in Correction.objects.filter(visit_id=found.id).order_by("field")
        ),
    )


def _answers(form: Form | None, given: dict[str, Any]) -> tuple[Answer, ...]:
    """Answers in the order of the form, in words."""
    if form is None:
        return tuple(Answer(code, "", code, code, str(value), str(value)) for code, value in given.items())
    told = []
    for question in form.questions:
        value = given.get(question.code)
        if value is None or value in ("", []):
            continue
        zh = {code: words for code, words, _ in question.choices}
        en = {code: words for code, _, words in question.choices}
        if isinstance(value, bool):
            pair = ("是", "yes") if value else ("否", "no")
        elif isinstance(value, list):
            chosen = [str(item) for item in value]
            pair = ("、".join(zh.get(c, c) for c in chosen), ", ".join(en.get(c, c) for c in chosen))
        elif isinstance(value, str):
            pair = (zh.get(value, value), en.get(value, value))
        else:
            pair = (f"{value:g}", f"{value:g}")
        told.append(Answer(question.code, question.section, question.zh, question.en, *pair))
    return tuple(told)


def _correction(row: Correction) -> CorrectionView:
    told = opened(row.content_sealed, row.emergency_id)
    return CorrectionView(
        correction_id=row.id,
        visit_id=row.visit_id,
        field=row.field,
        person_id=told["person_id"],
        dwelling_id=told["dwelling_id"],
        old=told["old"],
        new=told["new"],
        unit_no=row.unit_no,
        actor=row.actor,
        observed_at=row.observed_at,
        sent_at=row.sent_at,
        batch_id=row.batch_id,
        emergency=row.emergency_id,
    )


@door(reads="correction")
def corrections(access: Access, *, limit: int | None = 10_000) -> tuple[CorrectionView, ...]:
    """Corrections of accepted visits that have not gone back to the sources yet, oldest first; all for `limit` None.

    Those of visits that still wait for the new responsible person, or were set aside, are not among them.
    """
    rows = Correction.objects.filter(
        sent_at__isnull=True,
        visit__state=VisitState.ACCEPTED,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
        emergency_id=access.emergency,
    ).order_by("id")
    return tuple(_correction(row) for row in rows[:limit])


@door(reads="visit", act="mine")
def held_visits(access: Access) -> tuple[HeldVisit, ...]:
    """Visits in quarantine that wait to be put right, oldest first; a grid worker sees their own."""
    rows = QuarantinedVisit.objects.filter(
        Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency),
        state=QuarantineState.HELD,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    )
    if access.role == "grid_worker":
        rows = rows.filter(actor=access.actor)
    told = []
    for row in rows.order_by("received_at", "id")[:LIST_AT_MOST]:
        body = opened(row.content_sealed, row.emergency_id)
        told.append(
            HeldVisit(
                quarantine_id=row.id,
                client_id=row.client_id,
                actor=row.actor,
                received_at=row.received_at,
                code=row.reason_code,
                zh=body["zh"],
                en=body["en"],
                sent=orjson.dumps(body["sent"]).decode(),
                state=QuarantineState(row.state),
                emergency=row.emergency_id,
            )
        )
    return tuple(told)


@door(reads="visit", act="list")
def counts(access: Access, *, since: datetime | None = None) -> VisitCounts:
    """Visits that ended since an instant (default: today), by outcome, and what waits for somebody."""
    start = since or timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = _within(access).filter(ended_at__gte=start)
    by_outcome: dict[str, int] = dict(rows.values_list("outcome").annotate(n=Count("id")).order_by())
    held = QuarantinedVisit.objects.filter(
        state=QuarantineState.HELD,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
        emergency_id=access.emergency,
    ).count()
    return VisitCounts(
        complete=by_outcome.get(Outcome.COMPLETE, 0),
        partial=by_outcome.get(Outcome.PARTIAL, 0),
        nobody=by_outcome.get(Outcome.NOBODY, 0),
        for_review=_within(access).filter(state=VisitState.FOR_REVIEW).count(),
        held=held,
    )
