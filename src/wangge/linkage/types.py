"""What leaves linkage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from wangge.kernel.privacy import open_, personal, subject
from wangge.registry.types import EvidenceStep, Preview, RecordPlace


@dataclass(frozen=True, slots=True)
class LinkageRunView:
    """A run of linkage. `persons`, `new_persons`, `retired` and `unlocated` are counts of its import.

    `why_anew` says why nothing was added to what stood; with `engine`, `fault` is the engine's own word for it.
    """

    id: UUID = open_()
    state: str = open_()
    asked_at: datetime = open_()
    asked_by: str = open_()
    began_at: datetime | None = open_()
    ended_at: datetime | None = open_()
    rows: int = open_()
    persons: int = open_()
    new_persons: int = open_()
    retired: int = open_()
    unlocated: int = open_()
    fault: str = open_()
    added: bool = open_()
    changed: int = open_()
    why_anew: str = open_()
    namesakes: bool = open_()


@dataclass(frozen=True, slots=True)
class OpenedBase:
    """What the last linkage kept, opened in a folder: which batches each source told, rows when last linked whole.

    `damaged`: there was one, but its files are not what was sealed; the folder is empty.
    """

    folder: Path
    told: dict[str, list[list[object]]]
    rows_whole: int
    damaged: bool = False
    namesakes: bool = True


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in the review queue. `worth`: how much a verdict settles; `taken`: somebody else has it in hand."""

    id: UUID = open_()
    source_a: str = open_()
    source_b: str = open_()
    name_a: str = personal(mask="name")
    name_b: str = personal(mask="name")
    why: str = open_()
    probability: float | None = open_()
    worth: float = open_()
    state: str = open_()
    taken: bool = open_()


@dataclass(frozen=True, slots=True)
class PairValue:
    """A field as two records tell it; `agreement` is same, different or missing."""

    field: str = open_()
    left: str = personal()
    right: str = personal()
    agreement: str = open_()


@dataclass(frozen=True, slots=True)
class PairView:
    """Two records side by side with the evidence and what a verdict would do.

    Of two persons `preview` shows them as one. Where linkage joined them on a rare name (`why` namesake) they are one
    person, and it shows them as two.
    """

    id: UUID = open_()
    why: str = open_()
    probability: float | None = open_()
    worth: float = open_()
    state: str = open_()
    reason: str = personal()
    act: UUID | None = open_()
    taken: bool = open_()
    sides: tuple[RecordPlace, ...] = open_()
    values: tuple[PairValue, ...] = open_()
    bits: tuple[EvidenceStep, ...] = open_()
    one_person: bool = open_()
    preview: Preview | None = open_()


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """Pairs by state; those that wait also by why they are asked."""

    waiting: int = open_()
    unsure: int = open_()
    same: int = open_()
    different: int = open_()
    why: dict[str, int] = open_()


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A correction request in a list."""

    id: UUID = open_()
    person_id: UUID = subject()
    name: str = personal(mask="name")
    source: str = open_()
    field: str = open_()
    reason: str = open_()
    worth: float = open_()
    state: str = open_()
    organisation: UUID | None = open_()
    due_on: date | None = open_()
    overdue: bool = open_()


@dataclass(frozen=True, slots=True)
class RequestView:
    """A correction request whole. `better` is empty for the department: another's data is not its to see."""

    id: UUID = open_()
    person_id: UUID = subject()
    source: str = open_()
    record_id: str = personal()
    name: str = personal(mask="name")
    batch: UUID | None = open_()
    sheet: str = open_()
    row_no: int = open_()
    as_of_on: date | None = open_()
    field: str = open_()
    reason: str = open_()
    told: str = personal()
    better: str = personal()
    sure: float = open_()
    state: str = open_()
    organisation: UUID | None = open_()
    note: str = personal()
    sent_at: datetime | None = open_()
    sent_by: str = open_()
    due_on: date | None = open_()
    overdue: bool = open_()
    answer: str = open_()
    answered: str = personal()
    answer_note: str = personal()
    answered_at: datetime | None = open_()
    answered_by: str = open_()
    answer_batch: UUID | None = open_()
    mine: bool = open_()


@dataclass(frozen=True, slots=True)
class RequestCount:
    """Correction requests of one organisation by where they stand."""

    organisation: UUID | None = open_()
    found: int = open_()
    open: int = open_()
    overdue: int = open_()
    settled: int = open_()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a department answered, for the batch that carries it back: the value of one field of one person."""

    request: UUID = open_()
    person_id: UUID = subject()
    source: str = open_()
    field: str = open_()
    value: str = personal()
