"""What leaves and enters the field room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.field.states import Outcome, QuarantineState, Receipt, VisitState
from wangge.kernel.privacy import open_, personal, sensitive, subject


@dataclass(frozen=True, slots=True)
class FoundDifferent:
    """A fact found different at the door: which field of the canonical schema, the old value, the new one."""

    field: str
    new: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedVisit:
    """A visit as the phone sends it. ``client_id`` is made on the phone and makes it safe to send again.

    Times carry their zone. ``saw_person``, ``saw_dwelling``, ``saw_state`` are 见人 见居 见状态. ``unit_no`` may be
    left out when a task is named; ``emergency`` is that of the task as the phone knew it.
    """

    client_id: UUID
    form: str
    started_at: datetime
    ended_at: datetime
    saw_person: bool
    saw_dwelling: bool
    saw_state: bool
    form_version: str = ""
    task_id: UUID | None = None
    unit_no: int | None = None
    emergency: UUID | None = None
    person_id: UUID | None = None
    dwelling_id: UUID | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    observations: str = ""
    corrections: tuple[FoundDifferent, ...] = ()
    device: str = ""


@dataclass(frozen=True, slots=True)
class VisitReceipt:
    """The answer for one visit of a set, in the order sent.

    accepted; duplicate: it was received before; task_reassigned: kept and referred to the new responsible
    person; task_closed: kept beside the visit that closed the task; rejected: kept in quarantine (save where
    ``code`` says to send it elsewhere); emergency_ended: not kept, for its data is destroyed by law.
    """

    client_id: UUID = open_()
    status: Receipt = open_()
    visit_id: UUID | None = open_()
    task_id: UUID | None = open_()
    outcome: Outcome | None = open_()
    ended_at: datetime | None = open_()
    code: str = open_()
    zh: str = open_()
    en: str = open_()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question, in words."""

    code: str = open_()
    section: str = open_()
    zh: str = open_()
    en: str = open_()
    value_zh: str = sensitive()
    value_en: str = sensitive()


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit in a list."""

    visit_id: UUID = open_()
    form: str = open_()
    form_zh: str = open_()
    form_en: str = open_()
    task_id: UUID | None = open_()
    unit_no: int = open_()
    actor: str = open_()
    ended_at: datetime = open_()
    received_at: datetime = open_()
    outcome: Outcome = open_()
    receipt: Receipt = open_()
    state: VisitState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    review_actor: str = open_()
    emergency: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit whole."""

    visit_id: UUID = open_()
    form: str = open_()
    form_version: str = open_()
    form_zh: str = open_()
    form_en: str = open_()
    task_id: UUID | None = open_()
    unit_no: int = open_()
    actor: str = open_()
    started_at: datetime = open_()
    ended_at: datetime = open_()
    received_at: datetime = open_()
    saw_person: bool = open_()
    saw_dwelling: bool = open_()
    saw_state: bool = open_()
    outcome: Outcome = open_()
    receipt: Receipt = open_()
    state: VisitState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    review_actor: str = open_()
    emergency: UUID | None = open_()
    person_id: UUID | None = subject()
    dwelling_id: UUID | None = open_()
    answers: tuple[Answer, ...] = open_()
    observations: str = sensitive()
    corrections: tuple[CorrectionView, ...] = open_()


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A fact found different, for the batch that goes back to the sources."""

    correction_id: UUID = open_()
    visit_id: UUID = open_()
    field: str = open_()
    person_id: UUID | None = subject()
    dwelling_id: UUID | None = open_()
    old: str = personal()
    new: str = personal()
    unit_no: int = open_()
    actor: str = open_()
    observed_at: datetime = open_()
    sent_at: datetime | None = open_()
    batch_id: UUID | None = open_()
    emergency: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class HeldVisit:
    """A visit in quarantine with the reason; ``sent`` is what the phone sent, as JSON."""

    quarantine_id: UUID = open_()
    client_id: UUID = open_()
    actor: str = open_()
    received_at: datetime = open_()
    code: str = open_()
    zh: str = personal()
    en: str = personal()
    sent: str = sensitive()
    state: QuarantineState = open_()
    emergency: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One choice of a question."""

    code: str = open_()
    zh: str = open_()
    en: str = open_()


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question; ``type`` is number, one, many, yes_no or text."""

    code: str = open_()
    section: str = open_()
    zh: str = open_()
    en: str = open_()
    type: str = open_()
    required: bool = open_()
    least: float | None = open_()
    most: float | None = open_()
    longest: int = open_()
    choices: tuple[ChoiceView, ...] = open_()


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as the phone shows it."""

    code: str = open_()
    version: str = open_()
    zh: str = open_()
    en: str = open_()
    questions: tuple[QuestionView, ...] = open_()


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """Visits received since an instant, by outcome, and what waits for somebody."""

    complete: int = open_()
    partial: int = open_()
    nobody: int = open_()
    for_review: int = open_()
    held: int = open_()


@dataclass(frozen=True, slots=True)
class IsolationTold:
    """What visits last told of a person's isolation at home: whether, whether care is arranged, and on which day each.

    None where no visit said it.
    """

    person_id: UUID = subject()
    isolated: bool | None = sensitive()
    isolated_at: datetime | None = open_()
    care_plan: bool | None = sensitive()
    care_plan_at: datetime | None = open_()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person said of their own accord at their latest visit that has it."""

    person_id: UUID = subject()
    value: bool = sensitive()
    said_at: datetime = open_()
