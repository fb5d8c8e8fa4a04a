"""What leaves the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject
from wangge.kernel.units import Interval

COMPARISON = "w_"
NOTHING = 0.05  # bits; what adds less says nothing


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list."""

    person_id: UUID = subject()
    name: str = personal(mask="name")
    sex: str = personal()
    birth_on: date | None = personal()
    phone: str = personal(mask="phone")
    address: str = personal(mask="address")
    unit_no: int = open_()
    records: int = open_()


@dataclass(frozen=True, slots=True)
class Told:
    """One value that one source told of one field, with its place: file batch, sheet, row."""

    value: str = personal()
    source: str = open_()
    record_id: str = personal()
    batch: UUID | None = open_()
    sheet: str = open_()
    row_no: int = open_()
    as_of_on: date | None = open_()
    chosen: bool = open_()
    why: str = open_()
    agrees: bool = open_(default=False)
    bits: float = open_(default=0.0)
    copied: bool = open_(default=False)
    verified: bool = open_(default=False)


@dataclass(frozen=True, slots=True)
class EvidenceStep:
    """One step of a link's waterfall: what one comparison (name, number, birth ...) added or took, in bits."""

    comparison: str = open_()
    bits: float = open_()

    @classmethod
    def of(cls, bits: Mapping[str, float | None]) -> tuple[EvidenceStep, ...]:
        """The comparisons of a link (`w_name`, `w_birth` ...) with what each added or took, the strongest first."""
        steps = [
            cls(name.removeprefix(COMPARISON), float(value))
            for name, value in bits.items()
            if name.startswith(COMPARISON) and value is not None and abs(value) >= NOTHING
        ]
        return tuple(sorted(steps, key=lambda s: (-abs(s.bits), s.comparison)))


@dataclass(frozen=True, slots=True)
class LinkView:
    """Why one source record is held to be this person: its strongest link to another record of the person.

    `kind` is scored, household, respelt (one birth date, another given name), namesake (the only two of a name), title,
    decision, moved (put here by hand since the last linkage) or empty (alone).
    """

    record: UUID = open_()
    source: str = open_()
    record_id: str = personal()
    other_source: str = open_()
    other_record: str = personal()
    kind: str = open_()
    probability: float | None = open_()
    bits: tuple[EvidenceStep, ...] = open_()


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the golden record: the value that survived and everything that was told."""

    field: str = open_()
    value: str = personal()
    agreeing: int = open_()
    different: int = open_()
    told: tuple[Told, ...] = open_()
    sure: float = open_(default=0.0)


@dataclass(frozen=True, slots=True)
class FactView:
    """A further fact about a person (lives alone, disability ...) with the source that told it."""

    fact: str = open_()
    value: str = sensitive()
    source: str = open_()
    as_of: str = open_()


@dataclass(frozen=True, slots=True)
class MemberView:
    """Someone of the same household."""

    person_id: UUID = subject()
    name: str = personal(mask="name")
    sex: str = personal()
    birth_on: date | None = personal()


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the person page shows it: golden record, provenance, household."""

    person_id: UUID = subject()
    name: str = personal(mask="name")
    sex: str = personal()
    birth_on: date | None = personal()
    id_no: str = personal(mask="id_no")
    phone: str = personal(mask="phone")
    address: str = personal(mask="address")
    household: UUID | None = open_()
    dwelling: UUID | None = open_()
    unit_no: int = open_()
    records: int = open_()
    rule: str = open_()
    fields: tuple[FieldView, ...] = open_()
    facts: tuple[FactView, ...] = open_()
    members: tuple[MemberView, ...] = open_()
    links: tuple[LinkView, ...] = open_(default=())


@dataclass(frozen=True, slots=True)
class Reached:
    """What a task needs to reach a person: name, door, phone. No more."""

    person_id: UUID = subject()
    name: str = personal(mask="name")
    phone: str = personal(mask="phone")
    address: str = personal(mask="address")
    dwelling: UUID | None = open_()
    unit_no: int = open_()


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a status credential shows of a person: up to four initials (none where no name is known) and the birthday
    without its year as month x 100 + day (0 where it is not known); and in which grid the person is."""

    person_id: UUID = subject()
    initials: str = personal()
    birthday: int = personal()
    unit_no: int = personal()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons of one household."""

    person_id: UUID = subject()
    other_id: UUID = open_()
    household: UUID = open_()


@dataclass(frozen=True, slots=True)
class Decision:
    """A link decision as it was made."""

    id: UUID
    source_a: str
    record_a: str
    source_b: str
    record_b: str
    verdict: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryCounts:
    persons: int = open_()
    records: int = open_()
    households: int = open_()
    dwellings: int = open_()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What importing a linkage result did."""

    persons: int
    new_persons: int
    retired: int
    records: int
    households: int
    dwellings: int
    unlocated: int
    changed: int = 0  # persons that were written; the others stand as the last import wrote them
    renewed: int = 0  # of the others, those whose rows were sent again unchanged: their days moved


@dataclass(frozen=True, slots=True)
class ScreeningColumns:
    """Facts about many persons by column, in one order: what screening reads in bulk.

    `facts` maps a fact of the screening catalogue to its values, None for not known; `subjects` are person ids as text.
    """

    subjects: list[str] = open_()
    unit_nos: list[int] = open_()
    facts: dict[str, list[object]] = sensitive()


@dataclass(frozen=True, slots=True)
class RecordBrief:
    """A source record by name."""

    record: UUID = open_()
    source: str = open_()
    record_id: str = personal()
    as_of_on: date | None = open_()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A field before and after: of the one who stays, of the other (in a merge), and as it would be."""

    field: str = open_()
    before: str = personal()
    other: str = personal()
    after: str = personal()
    sure: float = open_()


@dataclass(frozen=True, slots=True)
class SideView:
    """One person after a merge or a split; without an id, a new one."""

    person_id: UUID | None = subject()
    records: tuple[RecordBrief, ...] = open_()
    fields: tuple[Outcome, ...] = open_()
    facts: tuple[str, ...] = open_()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge or a split would do. `overruled`: earlier decisions that it would take back."""

    kind: str = open_()
    sides: tuple[SideView, ...] = open_()
    warnings: tuple[str, ...] = open_()
    overruled: int = open_()
    keep: UUID | None = open_(default=None)
    other: UUID | None = open_(default=None)


@dataclass(frozen=True, slots=True)
class Bearers:
    """How many others bear a person's name, among how many people."""

    others: int = open_()
    among: int = open_()


@dataclass(frozen=True, slots=True)
class ActView:
    """A merge, a split or a verdict as it was made, and whether it was taken back."""

    id: UUID = open_()
    kind: str = open_()
    person_id: UUID = subject()
    other: UUID | None = open_()
    records: int = open_()
    reason: str = personal()
    made_by: str = open_()
    made_at: datetime = open_()
    undone_by: str = open_()
    undone_at: datetime | None = open_()


@dataclass(frozen=True, slots=True)
class SourceRecordOf:
    """How often a source is believed right about a field, and over how many cases."""

    source: str = open_()
    field: str = open_()
    judged: int = open_()
    share: float = open_()


@dataclass(frozen=True, slots=True)
class SourcePair:
    """Two sources that share a part of their errors."""

    source: str = open_()
    other: str = open_()
    share: float = open_()


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a question is for: people of a territory by age, sex and facts that are known to be true of them.

    Ages are whole years today, both ends included. People of unknown age are in no target that asks for an age.
    """

    scope: Interval
    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column that somebody wants to know, and from which others it follows: any one of the groups, all of it held."""

    column: str
    follows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """For how many people the surviving value of a column is this source's."""

    source: str = open_()
    people: int = open_()


@dataclass(frozen=True, slots=True)
class Holding:
    """What the register holds of a column for a target; held + derivable + missing = people of the target.

    `oldest`, `middle` and `newest` are the days the held values are of; `stale` of them are older than asked;
    `sure` is the mean probability that a held value is right, None where no value is weighed (further facts).
    """

    column: str = open_()
    held: int = open_()
    derivable: int = open_()
    missing: int = open_()
    stale: int = open_()
    oldest: str = open_()
    middle: str = open_()
    newest: str = open_()
    sure: float | None = open_()
    holders: tuple[Holder, ...] = open_()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held for a target. `unknown_age`: people who may belong to it, but of whom no birth is known."""

    people: int = open_()
    unknown_age: int = open_()
    holdings: tuple[Holding, ...] = open_()


@dataclass(frozen=True, slots=True)
class Gap:
    """One person of a target, where they live, and the wanted columns that are neither held nor derivable."""

    person_id: UUID
    dwelling: UUID | None
    unit_no: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One dwelling: the door to knock at."""

    dwelling: UUID = open_()
    unit_no: int = open_()
    address: str = personal(mask="address")


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that is held of a person, to be shown instead of asked; a sensitive one stands in `guarded`."""

    column: str = open_()
    value: str = personal()
    guarded: str = sensitive()
    source: str = open_()
    as_of: str = open_()


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What a form is filled with before it is opened: the asked columns of one person, as far as they are held."""

    person_id: UUID = subject()
    name: str = personal(mask="name")
    birth_on: date | None = personal()
    dwelling: UUID | None = open_()
    values: tuple[KnownValue, ...] = open_()


@dataclass(frozen=True, slots=True)
class Said:
    """One field as a source's record told it, and as linkage read it."""

    field: str = open_()
    raw: str = personal()
    read: str = personal()


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a source record came from, and whose it is now; `name` and `records` are that person's."""

    record: UUID = open_()
    person_id: UUID = subject()
    source: str = open_()
    record_id: str = personal()
    batch: UUID | None = open_()
    sheet: str = open_()
    row_no: int = open_()
    as_of_on: date | None = open_()
    name: str = personal(mask="name")
    records: int = open_()


@dataclass(frozen=True, slots=True)
class RecordView(RecordPlace):
    """A source record as it came."""

    told_name: str = personal(mask="name")
    said: tuple[Said, ...] = open_()

    def place(self) -> RecordPlace:
        """Where it came from, without what it told."""
        return RecordPlace(**{f.name: getattr(self, f.name) for f in fields(RecordPlace)})

    def value(self, field: str) -> str:
        """What was told of a field, empty for nothing."""
        return next((s.raw for s in self.said if s.field == field), "")
