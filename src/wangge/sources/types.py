"""What the doors of the sources room give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from uuid import UUID

import polars as pl

from wangge.kernel.privacy import open_, personal
from wangge.sources.states import BatchState, Media, RowState


@dataclass(frozen=True, slots=True)
class SourceName:
    """What a table is called, by the code that facts carry."""

    code: str = open_()
    name_zh: str = open_()
    name_en: str = open_()


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A data resource; `schema` is the name of its canonical form, `cycle_days` after how many days its department
    promised a new file (None: it promised nothing)."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    organisation: UUID
    schema: str
    division: str
    unit_no: int
    emergency: UUID | None
    registered_at: datetime
    cycle_days: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A data resource as it stands: whose it is, rows and day of its newest accepted file, when the next is due.

    `due_on` is None where nothing was promised or nothing came yet; `late_days` counts from it.
    """

    code: str
    name_zh: str
    name_en: str
    organisation: UUID
    schema: str
    form_zh: str
    form_en: str
    as_of_on: date | None
    rows: int
    due_on: date | None
    late_days: int


@dataclass(frozen=True, slots=True)
class ProblemView:
    """Why a batch was refused: whole sentences, and the place (file, sheet, column)."""

    code: str
    zh: str = personal()
    en: str = personal()
    place: str = personal()


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One source column and what it is taken to be. `samples` are shortened and masked for everyone."""

    index: int
    header: str = personal()
    column: str | None = open_()
    column_zh: str = open_()
    column_en: str = open_()
    confidence: float = open_()
    reason_zh: str = open_()
    reason_en: str = open_()
    samples: tuple[str, ...] = personal()


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet. `table` is false for notes and empty sheets; `mapping` is the confirmed version, if any."""

    number: int
    table: bool
    rows: int
    header_row: int | None
    mapping: int | None
    remembered: bool
    columns: tuple[ColumnView, ...]
    name: str = personal()


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its counts. rows_in = rows_accepted + rows_quarantined + rows_repeated once it is validated;
    rows_unchanged of the accepted say what the batch before said. `again`: this very file was here before and
    nothing was changed by sending it."""

    id: UUID
    resource: UUID
    resource_code: str
    organisation: UUID
    schema: str
    state: BatchState
    state_zh: str
    state_en: str
    media: str
    encoding: str
    size_bytes: int
    as_of_on: date
    received_at: datetime
    received_by: str
    accepted_at: datetime | None
    revision: int
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    rows_repeated: int
    rows_unchanged: int
    emergency: UUID | None
    again: bool
    filename: str = personal()
    problem: ProblemView | None = None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason or a flag in words; `column` is the canonical column concerned, where there is one."""

    code: str
    column: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows of a batch are kept aside for a reason (the telling one of each row)."""

    reason: ReasonView
    rows: int


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a canonical form. `multiple`: several columns of a table may be joined into it."""

    name: str
    zh: str
    en: str
    multiple: bool


@dataclass(frozen=True, slots=True)
class FormView:
    """A canonical form that tables are brought into."""

    schema: str
    zh: str
    en: str
    emergency_only: bool
    columns: tuple[FormColumn, ...]


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """Where a row is kept aside and its telling reason; nothing of the row."""

    sheet_no: int
    row_no: int
    reason: str


@dataclass(frozen=True, slots=True)
class QuarantinedView:
    """A row kept aside: place, reasons, the original cells under their headers."""

    id: UUID
    batch: UUID
    sheet_no: int
    row_no: int
    state: RowState
    reasons: tuple[ReasonView, ...]
    sheet: str = personal()
    headers: tuple[str, ...] = personal()
    cells: tuple[str, ...] = personal()


@dataclass(frozen=True, slots=True)
class OriginalRow:
    """A row exactly as it stood in the department's file."""

    batch: UUID
    resource_code: str
    sheet_no: int
    row_no: int
    received_at: datetime
    as_of_on: date
    filename: str = personal()
    sheet: str = personal()
    headers: tuple[str, ...] = personal()
    cells: tuple[str, ...] = personal()


@dataclass(frozen=True, slots=True)
class AcceptedRows:
    """The accepted rows of one batch, unsealed part by part as they are read.

    Frames have the columns of `wangge.sources.queries.accepted_columns(schema)`: sheet_no, row_no (together unique
    in the batch), the canonical columns, flags ("code:column"), row_hash, unchanged. Read them before the
    emergency that they belong to ends: afterwards their key is gone.
    """

    batch: UUID
    revision: int
    resource: UUID
    resource_code: str
    organisation: UUID
    schema: str
    as_of_on: date
    received_at: datetime
    unit_no: int
    emergency: UUID | None
    rows: int
    files: tuple[str, ...] = field(repr=False)

    def frames(self) -> Iterator[pl.DataFrame]:
        """One polars frame for each part, in the order of the file."""
        from wangge.sources.store import store

        for name in self.files:
            yield pl.read_parquet(BytesIO(store().read(name)))

    def frame(self) -> pl.DataFrame:
        """All rows in one frame; for batches that fit in memory."""
        return pl.concat(list(self.frames())) if self.files else pl.DataFrame()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a visit found to be otherwise: canonical values as text, about one person (or organisation, building).

    `record_id` names the correction (the observation's id), `person` the registry's person where it is known.
    """

    record_id: str
    values: Mapping[str, str]
    person: UUID | None = None


__all__ = [
    "AcceptedRows",
    "BatchState",
    "BatchView",
    "ColumnView",
    "Correction",
    "FormColumn",
    "FormView",
    "Media",
    "OriginalRow",
    "ProblemView",
    "QuarantinedView",
    "ReasonCount",
    "ReasonView",
    "ResourceView",
    "RowState",
    "SheetView",
]
