"""Every read that leaves the sources room."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import polars as pl
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, instant, number
from wangge.kernel.problems import Conflict, NotFound
from wangge.sources.analysis import canonical_dtypes, load_schema, original_cells, schema_names
from wangge.sources.finding import batches_of, find_batch, find_resource, resources_of, within
from wangge.sources.judging import UNCHANGED
from wangge.sources.models import Batch, DataResource, Part, QuarantinedRow, Sheet
from wangge.sources.sealed import read_frame, unseal_value
from wangge.sources.states import BatchState, RowState
from wangge.sources.types import (
    AcceptedRows,
    BatchView,
    CatalogueRow,
    FormColumn,
    FormView,
    HeldPlace,
    OriginalRow,
    QuarantinedView,
    ReasonCount,
    ReasonView,
    ResourceView,
    SheetView,
    SourceName,
)
from wangge.sources.views import batch_view, quarantined_view, reason_view, resource_view, sheet_view


@door(reads="source")
def sources(access: Access) -> tuple[ResourceView, ...]:
    """The data resources that this access may see, by code."""
    return tuple(resource_view(resource) for resource in resources_of(access).order_by("code"))


@door(reads="source")
def catalogue(access: Access) -> tuple[CatalogueRow, ...]:
    """Peacetime's data resources that this access may see, by form and code, with what stands and what is due."""
    today = timezone.localdate()
    known = resources_of(access).filter(emergency_id=None).order_by("schema", "code")
    accepted = Batch.objects.filter(
        resource__in=[r.id for r in known], state=BatchState.ACCEPTED.value, emergency_id=None
    ).exclude(media="corrections")
    newest: dict[UUID, Batch] = {b.resource_id: b for b in accepted.order_by("received_at", "id")}
    found = []
    for resource in known:
        form, batch = load_schema(resource.schema), newest.get(resource.id)
        cycle = resource.cycle_days
        due = batch.as_of_on + timedelta(days=cycle) if batch and cycle else None
        found.append(
            CatalogueRow(
                code=resource.code,
                name_zh=resource.name_zh,
                name_en=resource.name_en,
                organisation=resource.organisation_id,
                schema=resource.schema,
                form_zh=form.zh,
                form_en=form.en,
                as_of_on=batch.as_of_on if batch else None,
                rows=batch.rows_accepted if batch else 0,
                due_on=due,
                late_days=max((today - due).days, 0) if due else 0,
            )
        )
    return tuple(found)


@door(reads="source")
def source_names(access: Access) -> tuple[SourceName, ...]:
    """What every table of the territory is called, whoever's it is: what a fact rests on is said in words to all."""
    rows = within(access, DataResource.objects.order_by("code"))
    return tuple(SourceName(r.code, r.name_zh, r.name_en) for r in rows)


@door(reads="source")
def source(access: Access, *, resource: UUID | str) -> ResourceView:
    """One data resource, by id or code."""
    return resource_view(find_resource(access, resource))


@door(reads="batch")
def batches(
    access: Access,
    *,
    resource: UUID | str | None = None,
    state: BatchState | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[BatchView]:
    """A page of batches, newest first."""
    rows = batches_of(access).order_by("-received_at", "-id")
    if resource is not None:
        rows = rows.filter(resource=find_resource(access, resource))
    if state is not None:
        rows = rows.filter(state=state.value)
    after = Cursor.decode(cursor, 2, instant, UUID)
    if after is not None:
        at, last = after.values
        rows = rows.filter(received_at__lte=at).exclude(received_at=at, id__gte=last)
    found = list(rows[: size + 1])
    more = (
        Cursor((found[size - 1].received_at.isoformat(), str(found[size - 1].id)))
        if len(found) > size
        else None
    )
    return Page(tuple(batch_view(b) for b in found[:size]), more.encode() if more else None)


@door(reads="batch")
def batch(access: Access, *, batch: UUID) -> BatchView:
    """One batch with its counts, and why it was refused if it was."""
    return batch_view(find_batch(access, batch))


@door(reads="batch")
def sheets(access: Access, *, batch: UUID) -> tuple[SheetView, ...]:
    """The sheets of a batch with what each column is taken to be, how surely and why, and masked samples."""
    found = find_batch(access, batch)
    rows = Sheet.objects.filter(batch=found).select_related("mapping").order_by("number")
    return tuple(sheet_view(sheet, found.resource.schema) for sheet in rows)


@door(reads="quarantine")
def quarantine(
    access: Access,
    *,
    batch: UUID,
    state: RowState | None = RowState.HELD,
    reason: str = "",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[QuarantinedView]:
    """A page of the rows kept aside, in the order of the file; `state` None for all, `reason` a code."""
    found = find_batch(access, batch)
    rows = QuarantinedRow.objects.filter(batch=found).order_by("sheet_no", "row_no")
    if state is not None:
        rows = rows.filter(state=state.value)
    if reason:
        rows = rows.filter(reasons__0__startswith=reason)
    after = Cursor.decode(cursor, 2, number, number)
    if after is not None:
        sheet_no, row_no = after.values
        rows = rows.filter(sheet_no__gte=sheet_no).exclude(sheet_no=sheet_no, row_no__lte=row_no)
    listed = list(rows[: size + 1])
    known = _sheets(found)
    more = Cursor((listed[size - 1].sheet_no, listed[size - 1].row_no)) if len(listed) > size else None
    views = tuple(quarantined_view(row, known, found.emergency_id) for row in listed[:size])
    return Page(views, more.encode() if more else None)


@door(reads="quarantine")
def quarantine_reasons(
    access: Access, *, batch: UUID, state: RowState | None = RowState.HELD
) -> tuple[ReasonCount, ...]:
    """Why rows of a batch are kept aside, the most frequent reason first; each row counts once, by its first."""
    rows = QuarantinedRow.objects.filter(batch=find_batch(access, batch))
    if state is not None:
        rows = rows.filter(state=state.value)
    first = Counter(str(reasons[0]).partition(":")[0] for reasons in rows.values_list("reasons", flat=True))
    return tuple(ReasonCount(reason_view(code), count) for code, count in first.most_common())


@door(reads="quarantine")
def held_places(access: Access, *, batch: UUID) -> tuple[HeldPlace, ...]:
    """Where rows of a batch are kept aside and why, by the reason that tells most; nothing of the rows themselves."""
    rows = QuarantinedRow.objects.filter(batch=find_batch(access, batch), state=RowState.HELD.value)
    told = rows.order_by("sheet_no", "row_no").values_list("sheet_no", "row_no", "reasons")
    return tuple(HeldPlace(sheet, row, str(reasons[0])) for sheet, row, reasons in told)


def _sheets(found: Batch) -> dict[int, dict[str, Any]]:
    return {
        sheet.number: {
            "name": unseal_value(found.emergency_id, sheet.name),
            "headers": unseal_value(found.emergency_id, sheet.headers) or [],
        }
        for sheet in Sheet.objects.filter(batch=found)
    }


@door(reads="accepted_row")
def accepted_rows(access: Access, *, batch: UUID) -> AcceptedRows:
    """The accepted rows of a batch, for the registry and for analyses: frames that are unsealed as they are read."""
    found = find_batch(access, batch)
    if BatchState(found.state) is not BatchState.ACCEPTED:
        raise Conflict(
            code="batch_not_accepted",
            zh="批次尚未入库，没有可用的行。",
            en="The batch is not accepted yet; there are no rows to use.",
        )
    return _accepted(found)


@door(reads="accepted_row")
def latest_accepted(access: Access, *, schema: str) -> tuple[AcceptedRows, ...]:
    """The newest accepted file of each resource of a canonical form, and all accepted corrections, oldest first."""
    rows = batches_of(access).filter(state=BatchState.ACCEPTED.value, resource__schema=schema)
    found = list(rows.order_by("received_at", "id"))
    newest = {b.resource_id: b.id for b in found if b.media != "corrections"}
    return tuple(_accepted(b) for b in found if b.media == "corrections" or newest[b.resource_id] == b.id)


def _accepted(found: Batch) -> AcceptedRows:
    files = Part.objects.filter(batch=found).exclude(accepted_file="").order_by("number")
    return AcceptedRows(
        batch=found.id,
        revision=found.revision,
        resource=found.resource_id,
        resource_code=found.resource.code,
        organisation=found.resource.organisation_id,
        schema=found.resource.schema,
        as_of_on=found.as_of_on,
        received_at=found.received_at,
        unit_no=found.unit_no,
        emergency=found.emergency_id,
        rows=found.rows_accepted,
        files=tuple(files.values_list("accepted_file", flat=True)),
    )


@door(reads="original_row")
def original_row(access: Access, *, batch: UUID, sheet_no: int, row_no: int) -> OriginalRow:
    """A row exactly as it stood in the department's file: the end of every line of descent."""
    found = find_batch(access, batch)
    part = (
        Part.objects.filter(batch=found, sheet__number=sheet_no, first_row__lte=row_no, last_row__gte=row_no)
        .select_related("sheet")
        .first()
    )
    headers = unseal_value(found.emergency_id, part.sheet.headers) if part else ()
    cells = original_cells(read_frame(part.raw_file), len(headers), [row_no]) if part else {}
    if part is None or row_no not in cells:
        raise NotFound(code="row_unknown", zh="没有这一行。", en="There is no such row.")
    return OriginalRow(
        batch=found.id,
        resource_code=found.resource.code,
        sheet_no=sheet_no,
        row_no=row_no,
        received_at=found.received_at,
        as_of_on=found.as_of_on,
        filename=unseal_value(found.emergency_id, found.filename),
        sheet=unseal_value(found.emergency_id, part.sheet.name),
        headers=tuple(headers),
        cells=cells[row_no],
    )


@door(reads="source")
def flag_words(access: Access, *, flags: tuple[str, ...]) -> tuple[ReasonView, ...]:
    """Flags and reasons ("id_wrong_check:id_no") in words of both languages."""
    return tuple(reason_view(flag) for flag in flags)


@door(reads="source")
def forms(access: Access) -> tuple[FormView, ...]:
    """The canonical forms that tables are brought into, with their columns in both languages."""
    return tuple(
        FormView(
            name,
            schema.zh,
            schema.en,
            schema.emergency_only,
            tuple(FormColumn(c.name, c.zh, c.en, c.multiple) for c in schema.columns),
        )
        for name, schema in ((name, load_schema(name)) for name in schema_names())
    )


@door(reads="source")
def accepted_columns(access: Access, *, schema: str) -> tuple[tuple[str, str], ...]:
    """Names and polars types of the columns of accepted frames of a canonical form."""
    columns = {**canonical_dtypes(load_schema(schema)), UNCHANGED: pl.Boolean}
    return tuple((name, str(dtype)) for name, dtype in columns.items())


__all__ = [
    "accepted_columns",
    "accepted_rows",
    "batch",
    "batches",
    "flag_words",
    "forms",
    "held_places",
    "latest_accepted",
    "original_row",
    "quarantine",
    "quarantine_reasons",
    "sheets",
    "source",
    "source_names",
    "sources",
]
