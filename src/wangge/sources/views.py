"""From rows of our tables to what the doors give; private to the room."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from wangge.kernel.privacy import MASKS
from wangge.sources.analysis import FLAGS, REASONS, Reason, Words, load_schema
from wangge.sources.models import Batch, DataResource, QuarantinedRow, Sheet
from wangge.sources.sealed import unseal_value
from wangge.sources.states import BATCH_TABLE, BatchState, RowState
from wangge.sources.types import (
    BatchView,
    ColumnView,
    ProblemView,
    QuarantinedView,
    ReasonView,
    ResourceView,
    SheetView,
)

SHOWN_SAMPLES = 3
_MASK_BY_KIND = {"id_no": "id_no", "phone": "phone", "name": "name", "address": "address"}


def resource_view(resource: DataResource) -> ResourceView:
    return ResourceView(
        id=resource.id,
        code=resource.code,
        name_zh=resource.name_zh,
        name_en=resource.name_en,
        organisation=resource.organisation_id,
        schema=resource.schema,
        division=resource.division,
        unit_no=resource.unit_no,
        emergency=resource.emergency_id,
        registered_at=resource.registered_at,
        cycle_days=resource.cycle_days,
    )


def batch_view(batch: Batch, *, again: bool = False) -> BatchView:
    """The batch; its resource is loaded when it is not yet."""
    state = BatchState(batch.state)
    words = BATCH_TABLE.states[state]
    problem = unseal_value(batch.emergency_id, batch.problem)
    return BatchView(
        id=batch.id,
        resource=batch.resource_id,
        resource_code=batch.resource.code,
        organisation=batch.resource.organisation_id,
        schema=batch.resource.schema,
        state=state,
        state_zh=words.zh,
        state_en=words.en,
        media=batch.media,
        encoding=batch.encoding,
        size_bytes=batch.size_bytes,
        as_of_on=batch.as_of_on,
        received_at=batch.received_at,
        received_by=batch.received_by,
        accepted_at=batch.accepted_at,
        revision=batch.revision,
        rows_in=batch.rows_in,
        rows_accepted=batch.rows_accepted,
        rows_quarantined=batch.rows_quarantined,
        rows_repeated=batch.rows_repeated,
        rows_unchanged=batch.rows_unchanged,
        emergency=batch.emergency_id,
        again=again,
        filename=unseal_value(batch.emergency_id, batch.filename),
        problem=ProblemView(**problem) if problem else None,
    )


def sample_of(cell: str, kind: str | None) -> str:
    """A cell shortened and masked: its shape is told, not whose it is."""
    text = cell.strip()[:24]
    mask = _MASK_BY_KIND.get(kind or "")
    if mask == "address":
        return text[:3] + "…"
    if mask:
        return MASKS[mask](text)
    if kind is None or kind in ("birth", "text", "code"):
        return text[:2] + re.sub(r"[^\W_]", "*", text[2:])
    return text


def sheet_view(sheet: Sheet, schema_name: str) -> SheetView:
    schema = load_schema(schema_name)
    proposal = unseal_value(sheet.emergency_id, sheet.proposal) or {
        "columns": [],
        "samples": [],
        "remembered": False,
    }
    confirmed = unseal_value(sheet.emergency_id, sheet.mapping.columns) if sheet.mapping else None
    by_index = {entry["index"]: entry["column"] for entry in confirmed["columns"]} if confirmed else {}
    columns = []
    for entry, cells in zip(proposal["columns"], proposal["samples"], strict=True):
        name = by_index.get(entry["index"]) if confirmed else entry["column"]
        column = schema.column(name) if name else None
        same = not confirmed or name == entry["column"]
        columns.append(
            ColumnView(
                index=entry["index"],
                header=entry["header"],
                column=name,
                column_zh=column.zh if column else "",
                column_en=column.en if column else "",
                confidence=entry["confidence"] if same else 1.0,
                reason_zh=entry["reason_zh"] if same else "由人工指定。",
                reason_en=entry["reason_en"] if same else "Set by a person.",
                samples=tuple(
                    sample_of(cell, column.kind if column else None) for cell in cells[:SHOWN_SAMPLES]
                ),
            )
        )
    return SheetView(
        number=sheet.number,
        table=sheet.signature is not None,
        rows=sheet.rows,
        header_row=sheet.header_row,
        mapping=sheet.mapping.version if sheet.mapping else None,
        remembered=bool(proposal["remembered"]),
        columns=tuple(columns),
        name=unseal_value(sheet.emergency_id, sheet.name),
    )


def reason_view(told: str) -> ReasonView:
    """A reason ("impossible_date:birth") or a flag in words."""
    code, _, column = told.partition(":")
    if code in REASONS:
        words = REASONS[Reason(code)]
    else:
        words = FLAGS.get(code, Words(f"不符合规则“{told}”", f'does not meet the rule "{told}"'))
    return ReasonView(code, column, words.zh, words.en)


def quarantined_view(
    row: QuarantinedRow, sheets: dict[int, dict[str, Any]], emergency: UUID | None
) -> QuarantinedView:
    sheet = sheets[row.sheet_no]
    return QuarantinedView(
        id=row.id,
        batch=row.batch_id,
        sheet_no=row.sheet_no,
        row_no=row.row_no,
        state=RowState(row.state),
        reasons=tuple(reason_view(reason) for reason in row.reasons),
        sheet=sheet["name"],
        headers=tuple(sheet["headers"]),
        cells=tuple(unseal_value(emergency, row.cells)),
    )
