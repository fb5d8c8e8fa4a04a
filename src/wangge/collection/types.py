"""What enters and leaves the collection room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from wangge.collection.states import CampaignState, DoorState, FormState, QuestionKind, Standing
from wangge.kernel.privacy import open_, personal, sensitive, subject


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question as it is drafted. `field` is a canonical column, or "age", or empty for one of the form's own.

    `medium` is "recording" or "track" where an uploaded form wants a picture, a voice, a position: refused.
    """

    zh: str
    purpose: str
    basis: str
    en: str = ""
    field: str = ""
    kind: QuestionKind | None = None
    choices: tuple[tuple[str, str, str], ...] = ()
    place: str = ""
    medium: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Whom a form is for, within its area."""

    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskableField:
    """A field of the canonical person that a form may pick."""

    name: str = open_()
    zh: str = open_()
    en: str = open_()
    kept: bool = open_()
    follows: tuple[tuple[str, ...], ...] = open_()


@dataclass(frozen=True, slots=True)
class HolderView:
    """A source whose value stands for some of the people."""

    source: str = open_()
    people: int = open_()


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why something held is asked again, or no longer is; as it was written."""

    code: str = open_()
    again: bool = open_()
    reason: str = open_()
    held: int = open_()
    people: int = open_()
    given_at: datetime = open_()
    given_by: str = open_()


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question and what the register answers: held + derivable + missing = people, once the form is checked.

    `asked` of the people are asked it; `again`: everybody is, and `reason` says why.
    """

    number: int = open_()
    code: str = open_()
    zh: str = open_()
    en: str = open_()
    kind: QuestionKind = open_()
    choices: tuple[tuple[str, str, str], ...] = open_()
    field: str = open_()
    purpose: str = open_()
    basis: str = open_()
    place: str = open_()
    standing: Standing | None = open_()
    refused: str = open_()
    refused_zh: str = open_()
    refused_en: str = open_()
    held: int = open_()
    derivable: int = open_()
    missing: int = open_()
    stale: int = open_()
    derived_from: tuple[str, ...] = open_()
    holders: tuple[HolderView, ...] = open_()
    oldest: str = open_()
    middle: str = open_()
    newest: str = open_()
    sure: float | None = open_()
    again: bool = open_()
    asked: int = open_()
    reason: ReasonView | None = open_()


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form in a list. `saved_cells` questions need not be asked: target_cells - asked_cells."""

    form_id: UUID = open_()
    title: str = open_()
    organisation: UUID = open_()
    area: str = open_()
    state: FormState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    drafted_at: datetime = open_()
    questions: int = open_()
    people: int = open_()
    target_cells: int = open_()
    asked_cells: int = open_()

    @property
    def saved_cells(self) -> int:
        return self.target_cells - self.asked_cells


@dataclass(frozen=True, slots=True)
class FormView:
    """A form whole: its questions with the answers of the register, and every reason ever given for asking again."""

    form_id: UUID = open_()
    title: str = open_()
    organisation: UUID = open_()
    area: str = open_()
    unit_no: int = open_()
    target: People = open_()
    state: FormState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    drafted_at: datetime = open_()
    drafted_by: str = open_()
    checked_at: datetime | None = open_()
    people: int = open_()
    unknown_age: int = open_()
    target_cells: int = open_()
    asked_cells: int = open_()
    questions: tuple[QuestionView, ...] = open_()
    reasons: tuple[ReasonView, ...] = open_()

    @property
    def saved_cells(self) -> int:
        return self.target_cells - self.asked_cells


@dataclass(frozen=True, slots=True)
class DoorCounts:
    """Doors by how they ended; they add up to `doors`."""

    doors: int = open_()
    waiting: int = open_()
    surveyed: int = open_()
    refused: int = open_()
    empty: int = open_()
    not_found: int = open_()

    @property
    def ended(self) -> int:
        return self.doors - self.waiting


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign: what was sent where, and how far it is."""

    campaign_id: UUID = open_()
    form_id: UUID = open_()
    title: str = open_()
    organisation: UUID = open_()
    area: str = open_()
    unit_no: int = open_()
    everyone: bool = open_()
    state: CampaignState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    begun_at: datetime = open_()
    begun_by: str = open_()
    due_at: datetime = open_()
    ended_at: datetime | None = open_()
    reason: str = open_()
    people: int = open_()
    asked_people: int = open_()
    target_cells: int = open_()
    asked_cells: int = open_()
    doors: DoorCounts = open_()
    answered: int = open_()
    sent: int = open_()

    @property
    def saved_cells(self) -> int:
        return self.target_cells - self.asked_cells


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How far a campaign is in one grid."""

    unit_no: int = open_()
    counts: DoorCounts = open_()
    asked_people: int = open_()
    answered: int = open_()
    attempts: int = open_()


@dataclass(frozen=True, slots=True)
class DayProgress:
    """Doors that ended on one day."""

    day: date = open_()
    ended: int = open_()
    answered: int = open_()


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One door in a list; `evidence` says why one without survey ended."""

    door_id: UUID = open_()
    campaign_id: UUID = open_()
    unit_no: int = open_()
    dwelling: UUID | None = open_()
    people: int = open_()
    state: DoorState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    attempts: int = open_()
    saw_person: bool = open_()
    saw_dwelling: bool = open_()
    saw_state: bool = open_()
    actor: str = open_()
    visit_id: UUID | None = open_()
    ended_at: datetime | None = open_()
    evidence: str = personal()


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """What one person at a door is asked."""

    sheet_id: UUID = open_()
    person_id: UUID | None = subject()
    asked: tuple[str, ...] = open_()
    answered: bool = open_()


@dataclass(frozen=True, slots=True)
class DoorSheet:
    """A door as the worker's phone needs it: the form's questions, and who is asked which of them."""

    door: DoorRow = open_()
    title: str = open_()
    questions: tuple[QuestionView, ...] = open_()
    sheets: tuple[PersonSheet, ...] = open_()


@dataclass(frozen=True, slots=True)
class PlannedDoor:
    """A door that was laid out, for the task that leads to it."""

    door_id: UUID = open_()
    unit_no: int = open_()
    dwelling: UUID | None = open_()
    person_id: UUID | None = subject()
    asked: int = open_()


@dataclass(frozen=True, slots=True)
class PersonAnswers:
    """One person's answers by question code; without a sheet it is somebody the register did not know to live here."""

    values: Mapping[str, str]
    sheet_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DoorVisit:
    """What a visit found at a door."""

    door_id: UUID
    visit_id: UUID
    at: datetime
    actor: str
    saw_person: bool
    saw_dwelling: bool
    saw_state: bool
    result: str = ""
    evidence: str = ""
    answers: tuple[PersonAnswers, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class DoorEnd:
    """What a visit did for its door: `step` is survey, refuse, empty, miss, attempt, or already (it had ended)."""

    door_id: UUID = open_()
    visit_id: UUID = open_()
    step: str = open_()
    answered: int = open_()


@dataclass(frozen=True, slots=True)
class OwnValue:
    """The answer to a question of a form's own, in the words of its choices; a number or a date as it was given."""

    code: str = open_()
    question_zh: str = open_()
    question_en: str = open_()
    value_zh: str = sensitive()
    value_en: str = sensitive()


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """What one person answered to the questions of a form's own; they stand in no register."""

    sheet_id: UUID = open_()
    person_id: UUID | None = subject()
    unit_no: int = open_()
    answered_on: date = open_()
    values: tuple[OwnValue, ...] = open_()


@dataclass(frozen=True, slots=True)
class Answered:
    """A sheet whose answers wait to go back as data: canonical columns as text."""

    sheet_id: UUID = open_()
    campaign_id: UUID = open_()
    organisation: UUID = open_()
    area: str = open_()
    person_id: UUID | None = subject()
    answered_on: date = open_()
    values: Mapping[str, str] = personal()
