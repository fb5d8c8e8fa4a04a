"""What leaves the outbreaks room, and the rows that come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject
from wangge.kernel.problems import BadInput
from wangge.outbreaks.rules.canonical import PassengerRow, line_list_of, passengers_of
from wangge.outbreaks.rules.infection_sources import InfectionSource, SourceKind
from wangge.outbreaks.rules.line_list import LineList, LineListRow, read_line_list

__all__ = [
    "ChainNode", "CloseContactView", "ContactDetail",
    "ContactHousehold", "ContactLink", "ContactRuleView", "DayCount", "EmergencySummary",
    "ExposureFacts", "ExposureView", "HouseholdExposure", "ImportResult", "InfectionSource", "InfectiousContact",
    "LineList", "LineListRow", "ManifestResult", "PassengerRow", "PatientView", "PersonRef", "PlacedCase",
    "PlacedPatient", "RefusedRow", "SourceKind", "StayResult", "TravellerView", "YieldRow",
    "line_list_of", "passengers_of", "read_line_list",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not come in: its number in the list and why, in both languages. No value of the row."""

    row: int
    problem: BadInput


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of a line list."""

    added: int
    changed: int
    unchanged: int
    patient_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ManifestResult:
    """What became of a manifest: counts, and the rows that could not be read. Non-contacts were never stored.

    `contacts_aboard` are close contacts who could have passed it on that day.
    """

    manifest_id: UUID
    rule: str
    rule_version: str
    passengers: int
    patients_aboard: int
    patients_outside_window: int
    close_contacts: int
    general_contacts: int
    widened: int
    non_contacts_dropped: int
    refused: tuple[RefusedRow, ...]
    contacts_aboard: int = 0
    contacts_of_contacts: int = 0


@dataclass(frozen=True, slots=True)
class StayResult:
    """What became of a list of stays: counts, and the rows that could not be read. All others were never stored.

    `left_out`: data sets that the declaration does not name, so that their part was not done.
    """

    list_id: UUID
    stays: int
    patients_found: int
    close_contacts: int
    general_contacts: int
    arrivals: int
    dropped: int
    refused: tuple[RefusedRow, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YieldRow:
    """What one kind of contact has yielded: people found by it, and how many of them were patients later.

    Somebody met in several ways counts once in each.
    """

    kind: str = open_()
    contact_class: str = open_()
    found: int = open_()
    confirmed: int = open_()


@dataclass(frozen=True, slots=True)
class ChainNode:
    """Somebody whom a patient's chain reaches, in how few steps, by the path that arrives earliest.

    Outside the reader's territory only the distance and the days are told. A `joined` one came `through` another, by
    its place in the chain, or through the patient (None).
    """

    distance: int = open_()
    first_on: date = sensitive()
    last_on: date = sensitive()
    patient_id: UUID | None = open_()
    patient_no: str = personal()
    onset_on: date | None = sensitive()
    contact_id: UUID | None = open_()
    contact_class: str = sensitive()
    person_id: UUID | None = subject()
    name: str = personal(mask="name")
    joined: bool = open_(default=False)
    through: int | None = open_(default=None)


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person of the registry and where they live."""

    person_id: UUID
    unit_no: int


@dataclass(frozen=True, slots=True)
class PlacedPatient:
    """A patient found in the registry (or only located: no person)."""

    patient_id: UUID
    unit_no: int
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContactLink:
    """A contact from a manifest found in the registry."""

    contact_id: UUID
    person_id: UUID
    unit_no: int


@dataclass(frozen=True, slots=True)
class HouseholdExposure:
    """The household of a patient: everybody in it but the patient."""

    patient_id: UUID
    members: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class ContactHousehold:
    """The household of a close contact: everybody in it but the contact."""

    contact_id: UUID
    members: tuple[PersonRef, ...]


@dataclass(frozen=True, slots=True)
class InfectiousContact:
    """A close contact known to the registry, and the days on which they could have passed it on, both included."""

    contact_id: UUID = open_()
    person_id: UUID = subject()
    since: date = sensitive()
    until: date = sensitive()


@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient, for those who investigate."""

    id: UUID = open_()
    patient_no: str = personal()
    person_id: UUID | None = subject()
    unit_no: int = personal()
    name: str = personal(mask="name")
    sex: str = personal()
    age: int | None = personal()
    id_no: str = personal(mask="id_no")
    phone: str = personal(mask="phone")
    address: str = personal(mask="address")
    onset_on: date | None = sensitive()
    confirmed_on: date | None = sensitive()
    exposed_from: date | None = sensitive()
    exposed_until: date | None = sensitive()
    died_on: date | None = sensitive()
    severity: str = sensitive()
    infection_source: str = sensitive()
    source_patient_nos: tuple[str, ...] = sensitive()
    source_kinds: tuple[str, ...] = sensitive()
    symptoms: tuple[str, ...] = sensitive()
    outcome: str = sensitive()
    notes_zh: tuple[str, ...] = sensitive()
    notes_en: tuple[str, ...] = sensitive()


@dataclass(frozen=True, slots=True)
class TravellerView:
    """A contact from a manifest that is not yet found in the registry: what is needed to find them."""

    contact_id: UUID = open_()
    name: str = personal(mask="name")
    id_no: str = personal(mask="id_no")
    phone: str = personal(mask="phone")


@dataclass(frozen=True, slots=True)
class CloseContactView:
    """Somebody who met a patient."""

    id: UUID = open_()
    person_id: UUID | None = subject()
    unit_no: int = personal()
    name: str = personal(mask="name")
    phone: str = personal(mask="phone")
    contact_class: str = sensitive()
    matched: bool = open_()
    last_exposed_on: date | None = sensitive()
    found_at: datetime = open_()


@dataclass(frozen=True, slots=True)
class ExposureView:
    """One occasion on which a contact met a patient, or (`via`) a close contact of that patient, and why it counts.

    `counts_until` is the last day on which a meeting with a close contact counts; a direct one's end is the
    screening rules' to say. `overlap_minutes` is None where the list states no times, as a manifest does.
    """

    id: UUID = open_()
    patient_id: UUID = open_()
    patient_no: str = personal()
    kind: str = sensitive()
    contact_class: str = sensitive()
    rule: str = open_()
    rule_version: str = open_()
    widened: str = open_()
    exposed_on: date | None = sensitive()
    reason_zh: str = sensitive()
    reason_en: str = sensitive()
    via: UUID | None = open_()
    counts_until: date | None = sensitive()
    overlap_minutes: float | None = sensitive()
    rows_apart: int | None = sensitive()


@dataclass(frozen=True, slots=True)
class ContactDetail:
    """A contact with all exposures, nearest first."""

    contact: CloseContactView = open_()
    exposures: tuple[ExposureView, ...] = open_()


@dataclass(frozen=True, slots=True)
class ContactRuleView:
    """A rule pack by which contacts are found."""

    code: str = open_()
    version: str = open_()
    title_zh: str = open_()
    title_en: str = open_()
    source: str = open_()


@dataclass(frozen=True, slots=True)
class ExposureFacts:
    """The latest day of each kind of exposure of one person: what screening reads."""

    person_id: UUID = subject()
    unit_no: int = personal()
    patient_confirmed_on: date | None = sensitive()
    household_contact_on: date | None = sensitive()
    close_contact_on: date | None = sensitive()
    general_contact_on: date | None = sensitive()
    contact_of_contact_on: date | None = sensitive()
    affected_area_left_on: date | None = sensitive()
    affected_area_hours: float | None = sensitive()


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case as a rule about areas may know it: where, when, whether infected here, in which cluster; not who."""

    unit_no: int
    began_on: date
    local: bool
    cluster: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """Patients by day of onset and of confirmation."""

    day: date
    onset: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class EmergencySummary:
    """Counts of an emergency in force. Contacts by class; `unmatched` are not found in the registry."""

    patients: int
    manifests: int
    close_contacts: int
    general_contacts: int
    contacts_of_contacts: int
    unmatched: int
    arrivals: int
    non_contacts_dropped: int
