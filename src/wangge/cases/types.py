"""What leaves and enters the cases room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.cases.states import CaseState, Located, SourceKind
from wangge.kernel.privacy import open_, personal
from wangge.kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class DayTally:
    """Matters of one category in one street by day of report, and the organisations that handled any of them."""

    category: str
    street: str  # 12-digit code
    days: tuple[tuple[date, int], ...]
    organisations: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One category with its filing condition, limit and closing condition."""

    taxonomy: str = open_()
    version: str = open_()
    code: str = open_()
    kind: str = open_()
    group_zh: str = open_()
    group_en: str = open_()
    zh: str = open_()
    en: str = open_()
    filing_zh: str = open_()
    limit_amount: float | None = open_()
    limit_unit: str = open_()
    closing_zh: str = open_()


@dataclass(frozen=True, slots=True)
class Reported:
    """The receipt of a report; ``existing`` when this very report was received before."""

    case_id: UUID = open_()
    number: str = open_()
    state: CaseState = open_()
    existing: bool = open_()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list. ``overdue`` says whether the handling limit has run out and still runs."""

    case_id: UUID = open_()
    number: str = open_()
    title: str = personal()
    category_code: str = open_()
    category_zh: str = open_()
    category_en: str = open_()
    unit_no: int = open_()
    state: CaseState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    source_kind: SourceKind = open_()
    handling_organisation: UUID | None = open_()
    opened_at: datetime = open_()
    deadline_at: datetime | None = open_()
    closed_at: datetime | None = open_()
    overdue: bool = open_()


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a case."""

    seq: int = open_()
    verb: str = open_()
    verb_zh: str = open_()
    verb_en: str = open_()
    from_state: str = open_()
    to_state: str = open_()
    actor: str = open_()
    role: str = open_()
    organisation: UUID | None = open_()
    to_organisation: UUID | None = open_()
    at: datetime = open_()
    deadline_at: datetime | None = open_()
    score: int | None = open_()
    note: str = personal()


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that this access may take now: what a button says. ``reason`` marks that words are required."""

    verb: str = open_()
    zh: str = open_()
    en: str = open_()
    reason: bool = open_()


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case whole: facts, clock with its rule, steps, and what may be done next."""

    case_id: UUID = open_()
    number: str = open_()
    title: str = personal()
    description: str = personal()
    place: str = personal(mask="address")
    reporter_name: str = personal(mask="name")
    reporter_phone: str = personal(mask="phone")
    taxonomy: str = open_()
    taxonomy_version: str = open_()
    category_code: str = open_()
    category_zh: str = open_()
    category_en: str = open_()
    closing_zh: str = open_()
    source_kind: SourceKind = open_()
    origin: str = open_()
    external_system: str = open_()
    external_id: str = open_()
    unit_no: int = open_()
    lon: float | None = personal()
    lat: float | None = personal()
    located: Located = open_()
    state: CaseState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    owner: str = open_()
    reported_by: str = open_()
    handling_organisation: UUID | None = open_()
    handling_actor: str = open_()
    opened_at: datetime = open_()
    deadline_at: datetime | None = open_()
    closed_at: datetime | None = open_()
    overdue: bool = open_()
    limit_amount: float | None = open_()
    limit_unit: str = open_()
    limit_rule: str = open_()
    steps: tuple[StepView, ...] = open_()
    next_steps: tuple[NextStep, ...] = open_()


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A located case on the map."""

    case_id: UUID = open_()
    lon: float | None = personal()
    lat: float | None = personal()
    unit_no: int = open_()
    state: CaseState = open_()
    category_code: str = open_()
    overdue: bool = open_()


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many cases stand in a state; ``capped`` when counting stopped at ``number``."""

    state: CaseState = open_()
    zh: str = open_()
    en: str = open_()
    number: int = open_()
    capped: bool = open_()


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Counts for the first page: by state, and overdue."""

    states: tuple[StateCount, ...] = open_()
    overdue: int = open_()
    overdue_capped: bool = open_()

    def of(self, *states: CaseState) -> int:
        """Sum of the counts of some states."""
        return sum(count.number for count in self.states if count.state in states)


@dataclass(frozen=True, slots=True)
class ImportedCase:
    """A case as another system holds it. Times with zone; ``closed_at`` set means closed there.

    ``deadline_at`` is that system's own deadline and is kept as it is.
    """

    external_id: str
    category_code: str
    opened_at: datetime
    unit_no: int
    title: str = ""
    description: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    deadline_at: datetime | None = None
    closed_at: datetime | None = None
    closing_note: str = ""
    handling_organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class RefusedImport:
    """A row that could not be taken in, with the reason in both languages."""

    external_id: str = open_()
    row: int = open_()
    code: str = open_()
    zh: str = open_()
    en: str = open_()

    @classmethod
    def of(cls, external_id: str, row: int, problem: Problem) -> RefusedImport:
        return cls(external_id, row, problem.code, problem.zh, problem.en)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of an import: ``created`` + ``existing`` + len(``refused``) = rows sent."""

    created: int = open_()
    existing: int = open_()
    not_located: int = open_()
    refused: tuple[RefusedImport, ...] = open_()
