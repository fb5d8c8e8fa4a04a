"""A person says which column is what; it is remembered for the form."""

from __future__ import annotations

from collections.abc import Mapping as ColumnChoices
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput
from wangge.sources.analysis import Schema, load_schema
from wangge.sources.finding import find_batch, require_emergency
from wangge.sources.models import Batch, Mapping, Part, QuarantinedRow, Sheet
from wangge.sources.sealed import seal_value, unseal_value
from wangge.sources.states import BATCH_TABLE, BatchState, RowState
from wangge.sources.store import store
from wangge.sources.types import BatchView
from wangge.sources.views import batch_view

Choices = ColumnChoices[int, str | None]


@door(writes="mapping", act="confirm")
def confirm_mapping(
    access: Access, *, batch: UUID, sheet: int | None = None, columns: Choices | None = None
) -> BatchView:
    """Confirm what the columns are: the proposal as it stands, with `columns` (index -> canonical column, or None
    for "not taken over") put over it.

    `sheet` is a sheet's number; without it all sheets are confirmed. Sheets with the same header share a mapping.
    """
    found = find_batch(access, batch, lock=True)
    require_emergency(access, found.emergency_id)
    BATCH_TABLE.step(BatchState(found.state), "confirm")
    _confirm(access, found, sheet, columns or {})
    if not _tables(found).filter(mapping=None).exists():
        found.state = BatchState.MAPPED.value
        found.save(update_fields=["state"])
    return batch_view(found)


@door(writes="mapping", act="correct")
def correct_mapping(access: Access, *, batch: UUID, sheet: int, columns: Choices) -> BatchView:
    """Put a mapping right after the batch was judged: its rows are judged anew at the next `admit`.

    Rows that were corrected by hand keep their corrections. The batch's revision goes up, so that those who took
    its rows over know that there are new ones.
    """
    found = find_batch(access, batch, lock=True)
    require_emergency(access, found.emergency_id)
    if BatchState(found.state) in (BatchState.RECEIVED, BatchState.MAPPED):
        BATCH_TABLE.step(BatchState(found.state), "confirm")
    else:
        BATCH_TABLE.step(BatchState(found.state), "remap")
        take_back_judgement(found)
        found.revision += 1
    _confirm(access, found, sheet, columns)
    if not _tables(found).filter(mapping=None).exists():
        found.state = BatchState.MAPPED.value
    found.save()
    return batch_view(found)


def take_back_judgement(batch: Batch) -> None:
    """Forget what became of the rows; corrections by hand and the raw rows stay."""
    QuarantinedRow.objects.filter(batch=batch).exclude(state=RowState.READMITTED.value).delete()
    stale = [
        name for name in Part.objects.filter(batch=batch).values_list("accepted_file", flat=True) if name
    ]
    Part.objects.filter(batch=batch).update(
        accepted_file="", accepted=0, quarantined=0, repeated=0, unchanged=0, judged_at=None
    )
    batch.rows_accepted = batch.rows_quarantined = batch.rows_repeated = batch.rows_unchanged = 0
    batch.accepted_at, batch.accepted_by = None, ""
    store().remove_after_commit(stale)


def _tables(batch: Batch) -> Any:
    return Sheet.objects.filter(batch=batch, signature__isnull=False)


def _confirm(access: Access, batch: Batch, number: int | None, choices: Choices) -> None:
    schema = load_schema(batch.resource.schema)
    sheets = list(_tables(batch).select_related("mapping").order_by("number"))
    if number is not None:
        chosen = [sheet for sheet in sheets if sheet.number == number]
        if not chosen:
            raise BadInput(
                code="sheet_unknown",
                zh=f"没有第 {number} 张数据表。",
                en=f"There is no table on sheet {number}.",
                place=f"sheet {number}",
            )
        same = bytes(chosen[0].signature or b"")
        sheets = [sheet for sheet in sheets if bytes(sheet.signature or b"") == same]
    done: dict[bytes, Mapping] = {}
    for sheet in sheets:
        mark = bytes(sheet.signature or b"")
        if mark not in done:
            done[mark] = _remember(access, batch, sheet, schema, choices)
        sheet.mapping = done[mark]
        sheet.save(update_fields=["mapping"])


def _remember(access: Access, batch: Batch, sheet: Sheet, schema: Schema, choices: Choices) -> Mapping:
    """The mapping of a form: a new version unless it says what the last one said."""
    emergency = batch.emergency_id
    proposal = unseal_value(emergency, sheet.proposal)
    last = (
        Mapping.objects.filter(resource=batch.resource, signature=sheet.signature)
        .order_by("-version")
        .first()
    )
    base = unseal_value(emergency, last.columns)["columns"] if last else proposal["columns"]
    columns = [{"index": e["index"], "header": e["header"], "column": e["column"]} for e in base]
    for index, name in choices.items():
        if not 0 <= index < len(columns):
            raise BadInput(
                code="column_index_unknown",
                zh=f"没有第 {index + 1} 列。",
                en=f"There is no column {index + 1}.",
                place=f"column {index + 1}",
            )
        columns[index]["column"] = name or None
    _check(columns, schema)
    orders = {
        entry["column"]: proposal["orders"][str(entry["index"])]
        for entry in columns
        if entry["column"] and str(entry["index"]) in proposal["orders"]
    }
    value = {"columns": columns, "orders": orders}
    if last is not None and unseal_value(emergency, last.columns) == value:
        return last
    return Mapping.objects.create(
        resource=batch.resource,
        emergency_id=emergency,
        unit_no=batch.unit_no,
        signature=sheet.signature,
        version=last.version + 1 if last else 1,
        columns=seal_value(emergency, value),
        confirmed_at=timezone.now(),
        confirmed_by=access.actor,
    )


def _check(columns: list[dict[str, Any]], schema: Schema) -> None:
    """Known columns only, none twice unless it may be joined, and something that says what a row is about."""
    given: dict[str, str] = {}
    for entry in columns:
        name, header = entry["column"], entry["header"]
        if name is None:
            continue
        if name not in schema.column_names:
            raise BadInput(
                code="canonical_column_unknown",
                zh=f"标准格式“{schema.zh}”没有列“{name}”。",
                en=f'The form "{schema.en}" has no column "{name}".',
                place=header,
            )
        column = schema.column(name)
        if name in given and not column.multiple:
            raise BadInput(
                code="column_given_twice",
                zh=f"“{given[name]}”与“{header}”都对应到“{column.zh}”，请只选一列。",
                en=f'"{given[name]}" and "{header}" are both taken for "{column.en}"; choose one.',
                place=header,
            )
        given[name] = header
    for group in schema.needs:
        if not set(group) & set(given):
            words = [schema.column(name) for name in group]
            raise BadInput(
                code="needed_column_missing",
                zh=f"至少要有一列对应到：{'、'.join(c.zh for c in words)}。",
                en=f"At least one column must be one of: {', '.join(c.en for c in words)}.",
            )


__all__ = ["confirm_mapping", "correct_mapping"]
