"""What leaves establishments, and what linkage brings in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.privacy import open_, personal


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """One row of one list about an organisation: its place and what it told, by field."""

    source: str
    record_id: str
    batch: UUID | None
    row_no: int | None
    as_of_on: date | None
    told: dict[str, str]


@dataclass(frozen=True, slots=True)
class LinkedOrganisation:
    """One organisation as linkage found it: its records in the order in which they are believed.

    `code` is the valid credit code, empty without one; `other_keys` are keys under which its records would stand alone.
    """

    key: str
    code: str
    unit_no: int | None
    records: tuple[ListedRecord, ...]
    other_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An organisation in a list. `sources`: how many lists tell of it."""

    entity_id: UUID = open_()
    name: str = open_()
    credit_code: str = open_()
    code_valid: bool = open_()
    kind: str = open_()
    address: str = open_()
    status: str = open_()
    records: int = open_()
    sources: int = open_()
    unit_no: int = open_()


@dataclass(frozen=True, slots=True)
class EntityTold:
    """What one row of one list told of a field; `chosen` is the value that stands, `agrees` tells the same."""

    value: str = personal()
    source: str = open_()
    record_id: str = open_()
    batch: UUID | None = open_()
    row_no: int | None = open_()
    as_of_on: date | None = open_()
    chosen: bool = open_()
    agrees: bool = open_()


@dataclass(frozen=True, slots=True)
class EntityField:
    """A field of an organisation with everything that was told, the value that stands first.

    `why`: valid_code, authority, newest, only_source or all_agree. `agreeing` and `different` count lists and values.
    """

    field: str = open_()
    value: str = personal()
    why: str = open_()
    agreeing: int = open_()
    different: int = open_()
    told: tuple[EntityTold, ...] = open_()


@dataclass(frozen=True, slots=True)
class EntityView:
    """An organisation whole: one record over all lists, with provenance for each field."""

    entity_id: UUID = open_()
    name: str = open_()
    credit_code: str = open_()
    code_valid: bool = open_()
    kind: str = open_()
    address: str = open_()
    legal_person: str = personal(mask="name")
    phone: str = personal(mask="phone")
    records: int = open_()
    sources: int = open_()
    as_of_on: date | None = open_()
    unit_no: int = open_()
    fields: tuple[EntityField, ...] = open_()


@dataclass(frozen=True, slots=True)
class EntityCounts:
    """How many organisations stand; `several`: told by more than one list, `uncoded`: without a valid code."""

    entities: int = open_()
    several: int = open_()
    uncoded: int = open_()
    unlocated: int = open_()
