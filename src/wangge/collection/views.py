"""Rows made into what leaves the room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wangge.access.vault import vault
from wangge.collection.finding import questions_of, reasons_of
from wangge.collection.models import (
    SEALED,
    Campaign,
    CampaignDoor,
    CollectionForm,
    FormQuestion,
    Justification,
)
from wangge.collection.states import (
    CAMPAIGN_TABLE,
    DOOR_TABLE,
    FORM_TABLE,
    CampaignState,
    DoorState,
    FormState,
    QuestionKind,
    Standing,
)
from wangge.collection.types import (
    CampaignView,
    DoorCounts,
    DoorRow,
    FormView,
    HolderView,
    People,
    QuestionView,
    ReasonView,
)


def reason_view(row: Justification) -> ReasonView:
    return ReasonView(row.code, row.again, row.reason, row.held, row.people, row.given_at, row.given_by)


def asked_of(row: FormQuestion, people: int) -> int:
    """How many people are asked the question."""
    if row.refused:
        return 0
    return people if row.again else row.missing


def question_view(row: FormQuestion, people: int, reason: Justification | None) -> QuestionView:
    return QuestionView(
        number=row.number,
        code=row.code,
        zh=row.zh,
        en=row.en or row.zh,
        kind=QuestionKind(row.kind),
        choices=tuple((str(c), str(zh), str(en)) for c, zh, en in row.choices),
        field=row.field,
        purpose=row.purpose,
        basis=row.basis,
        place=row.place,
        standing=Standing(row.standing) if row.standing else None,
        refused=row.refused,
        refused_zh=row.refused_zh,
        refused_en=row.refused_en,
        held=row.held,
        derivable=row.derivable,
        missing=row.missing,
        stale=row.stale,
        derived_from=tuple(row.derived_from),
        holders=tuple(HolderView(source, people_) for source, people_ in row.holders),
        oldest=row.oldest,
        middle=row.middle,
        newest=row.newest,
        sure=row.sure,
        again=row.again,
        asked=asked_of(row, people),
        reason=reason_view(reason) if reason is not None else None,
    )


def question_views(rows: Iterable[FormQuestion], form: CollectionForm) -> tuple[QuestionView, ...]:
    latest = {r.code: r for r in reasons_of(form.id)}
    return tuple(question_view(q, form.people, latest.get(q.code) if q.again else None) for q in rows)


def form_view(form: CollectionForm) -> FormView:
    words = FORM_TABLE.states[FormState(form.state)]
    return FormView(
        form_id=form.id,
        title=form.title,
        organisation=form.organisation_id,
        area=form.area,
        unit_no=form.unit_no,
        target=People(form.age_from, form.age_to, form.sex, tuple(form.facts)),
        state=FormState(form.state),
        state_zh=words.zh,
        state_en=words.en,
        drafted_at=form.drafted_at,
        drafted_by=form.drafted_by,
        checked_at=form.checked_at,
        people=form.people,
        unknown_age=form.unknown_age,
        target_cells=form.target_cells,
        asked_cells=form.asked_cells,
        questions=question_views(questions_of(form.id), form),
        reasons=tuple(map(reason_view, reasons_of(form.id))),
    )


def door_counts(by_state: Mapping[str, int]) -> DoorCounts:
    return DoorCounts(sum(by_state.values()), *(by_state.get(state.value, 0) for state in DoorState))


def campaign_view(row: Campaign, doors: DoorCounts, answered: int, sent: int) -> CampaignView:
    words = CAMPAIGN_TABLE.states[CampaignState(row.state)]
    return CampaignView(
        campaign_id=row.id,
        form_id=row.form_id,
        title=row.form.title,
        organisation=row.form.organisation_id,
        area=row.area,
        unit_no=row.unit_no,
        everyone=row.everyone,
        state=CampaignState(row.state),
        state_zh=words.zh,
        state_en=words.en,
        begun_at=row.begun_at,
        begun_by=row.begun_by,
        due_at=row.due_at,
        ended_at=row.ended_at,
        reason=row.reason,
        people=row.people,
        asked_people=row.asked_people,
        target_cells=row.target_cells,
        asked_cells=row.asked_cells,
        doors=doors,
        answered=answered,
        sent=sent,
    )


def door_row(row: CampaignDoor) -> DoorRow:
    words = DOOR_TABLE.states[DoorState(row.state)]
    return DoorRow(
        door_id=row.id,
        campaign_id=row.campaign_id,
        unit_no=row.unit_no,
        dwelling=row.dwelling_id,
        people=row.people,
        state=DoorState(row.state),
        state_zh=words.zh,
        state_en=words.en,
        attempts=row.attempts,
        saw_person=row.saw_person,
        saw_dwelling=row.saw_dwelling,
        saw_state=row.saw_state,
        actor=row.actor,
        visit_id=row.visit_id,
        ended_at=row.ended_at,
        evidence=vault(SEALED).unseal(row.evidence_sealed) if row.evidence_sealed else "",
    )
