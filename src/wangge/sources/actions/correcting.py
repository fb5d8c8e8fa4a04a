"""Putting right: rows kept aside, and what visits found to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping as Cells
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.sources.analysis import Block, Proposal, load_schema, raw_frame, signature
from wangge.sources.finding import find_batch, find_resource, require_emergency, within
from wangge.sources.intake import RawPart
from wangge.sources.judging import Judge, count_rows
from wangge.sources.models import Batch, DataResource, Mapping, Part, QuarantinedRow, Sheet
from wangge.sources.sealed import digest_of, seal_value, signature_of, unseal_value, write_frame
from wangge.sources.states import ROW_TABLE, BatchState, Media, RowState
from wangge.sources.store import store
from wangge.sources.types import BatchView, Correction
from wangge.sources.views import batch_view, reason_view


@door(writes="quarantine", act="correct")
def correct_quarantined(access: Access, *, row: UUID, cells: Cells[str, str]) -> BatchView:
    """Correct a row kept aside: `cells` (header -> text) are put over its original cells, and it is judged anew.

    When it can stand it is accepted at its place, flagged "corrected"; otherwise nothing changes and the reasons
    that are left are told. For a row longer than the header (shifted cells) give every header its cell.
    """
    held = _held(access, row, "correct")
    batch = find_batch(access, held.batch_id, lock=True)
    part = (
        Part.objects.select_related("sheet", "sheet__mapping")
        .select_for_update(of=("self",))
        .get(id=held.part_id)
    )
    headers = unseal_value(batch.emergency_id, part.sheet.headers)
    original = unseal_value(batch.emergency_id, held.cells)[: len(headers)]
    corrected = [*original, *([""] * (len(headers) - len(original)))]
    for header, text in cells.items():
        if header not in headers:
            raise BadInput(
                code="header_unknown",
                zh=f"没有列“{header}”。",
                en=f'There is no column "{header}".',
                place=header,
            )
        corrected[headers.index(header)] = text
    stale = part.accepted_file
    left = Judge(batch).readmit(part, [(held.row_no, tuple(corrected))])
    if left:
        words = [reason_view(reason) for reason in left[0].reasons]
        raise BadInput(
            code="row_still_cannot_stand",
            zh=f"更正后仍不能入库：{'；'.join(w.zh for w in words)}。",
            en=f"The row still cannot stand: {'; '.join(w.en for w in words)}.",
            place=f"sheet {held.sheet_no}, row {held.row_no}",
        )
    _settle(access, held, RowState.READMITTED, correction=seal_value(batch.emergency_id, corrected))
    count_rows(batch)
    batch.revision += 1
    batch.save()
    store().remove_after_commit([stale])
    return batch_view(batch)


@door(writes="quarantine", act="dismiss")
def dismiss_quarantined(access: Access, *, row: UUID, reason: str) -> None:
    """Say that a row kept aside is no record (a total, a test). It stays counted and readable."""
    held = _held(access, row, "dismiss", reason)
    _settle(access, held, RowState.DISMISSED, note=seal_value(held.emergency_id, reason))


def _held(access: Access, row: UUID, verb: str, reason: str = "") -> QuarantinedRow:
    held = within(access, QuarantinedRow.objects.select_for_update()).filter(id=row).first()
    if held is None:
        raise NotFound(code="row_unknown", zh="没有此隔离行。", en="There is no such quarantined row.")
    batch = find_batch(access, held.batch_id)  # also: is it this department's?
    require_emergency(access, batch.emergency_id)
    ROW_TABLE.step(RowState(held.state), verb, reason=reason)
    if BatchState(batch.state) not in (BatchState.VALIDATED, BatchState.ACCEPTED):
        raise Conflict(
            code="batch_not_judged",
            zh="批次尚未完成校验，稍后再更正。",
            en="The batch is not judged to its end yet; correct the row later.",
        )
    return held


def _settle(
    access: Access,
    row: QuarantinedRow,
    state: RowState,
    *,
    correction: bytes | None = None,
    note: bytes | None = None,
) -> None:
    row.state, row.correction, row.note = state.value, correction, note
    row.settled_at, row.settled_by = timezone.now(), access.actor
    row.save()


@door(writes="batch", act="correct")
def receive_corrections(
    access: Access,
    *,
    resource: UUID | str,
    key: str,
    corrections: tuple[Correction, ...],
    as_of: date | None = None,
    emergency: UUID | None = None,
) -> BatchView:
    """Make a batch of what visits found to be otherwise, and accept it: corrections come in as data, like any file.

    `key` names the set: the same key again changes nothing. A value that cannot be (an impossible date) puts its
    row into the quarantine like any other.
    """
    require_emergency(access, emergency)
    target = find_resource(access, resource)
    DataResource.objects.select_for_update().get(id=target.id)
    digest = digest_of(emergency, "corrections", key)
    known = Batch.objects.select_related("resource").filter(resource=target, digest=digest).first()
    if known is not None:
        return batch_view(known, again=True)
    schema = load_schema(target.schema)
    named = {name for correction in corrections for name in correction.values}
    if not corrections or not named <= set(schema.column_names) - {"record_id", "person_ref"}:
        unknown = "、".join(sorted(named - set(schema.column_names))) or "-"
        raise BadInput(
            code="correction_unknown",
            zh=f"更正为空，或含有标准格式没有的列：{unknown}。",
            en=f"The correction is empty or names columns that the form does not have: {unknown}.",
        )
    batch = Batch.objects.create(
        resource=target,
        emergency_id=emergency,
        unit_no=target.unit_no,
        state=BatchState.MAPPED.value,
        media=Media.CORRECTIONS.value,
        filename=seal_value(emergency, key),
        digest=digest,
        size_bytes=0,
        as_of_on=as_of or timezone.localdate(),
        received_at=timezone.now(),
        received_by=access.actor,
        rows_in=len(corrections),
    )
    part = _corrections_part(access, batch, corrections)
    try:
        Judge(batch).part(part)
    except BaseException:
        store().remove([part.raw_file, part.accepted_file])
        raise
    count_rows(batch)
    batch.state, batch.accepted_at, batch.accepted_by = (
        BatchState.ACCEPTED.value,
        timezone.now(),
        access.actor,
    )
    batch.save()
    return batch_view(batch)


def _corrections_part(access: Access, batch: Batch, corrections: tuple[Correction, ...]) -> Part:
    """The corrections as a table of canonical columns, mapped onto itself."""
    emergency = batch.emergency_id
    schema = load_schema(batch.resource.schema)
    headers = schema.column_names
    rows = [[_value(correction, name) for name in headers] for correction in corrections]
    frame = raw_frame(Block(list(range(1, len(rows) + 1)), list(zip(*rows, strict=True))))
    raw = RawPart(write_frame(emergency, frame), 1, len(rows), len(rows))
    mark = signature_of(emergency, signature(headers))
    columns = [{"index": n, "header": name, "column": name} for n, name in enumerate(headers)]
    mapping = Mapping.objects.filter(resource=batch.resource, signature=mark).order_by("-version").first()
    mapping = mapping or Mapping.objects.create(
        resource=batch.resource,
        emergency_id=emergency,
        unit_no=batch.unit_no,
        signature=mark,
        version=1,
        columns=seal_value(emergency, {"columns": columns, "orders": {}}),
        confirmed_at=timezone.now(),
        confirmed_by=access.actor,
    )
    proposals = [
        Proposal(n, name, name, 1.0, "本平台的更正。", "A correction of the house's own.")
        for n, name in enumerate(headers)
    ]
    proposal = {
        "columns": [
            {
                "index": p.index, "header": p.header, "column": p.column, "confidence": p.confidence,
                "reason_zh": p.reason_zh, "reason_en": p.reason_en,
            }
            for p in proposals
        ],
        "samples": [[] for _ in headers],
        "orders": {},
        "remembered": True,
    }  # fmt: skip
    sheet = Sheet.objects.create(
        batch=batch,
        emergency_id=emergency,
        unit_no=batch.unit_no,
        number=1,
        name=seal_value(emergency, "corrections"),
        headers=seal_value(emergency, headers),
        proposal=seal_value(emergency, proposal),
        signature=mark,
        rows=raw.rows,
        mapping=mapping,
    )
    return Part.objects.create(
        batch=batch,
        sheet=sheet,
        emergency_id=emergency,
        unit_no=batch.unit_no,
        number=1,
        first_row=raw.first_row,
        last_row=raw.last_row,
        rows=raw.rows,
        raw_file=raw.file,
    )


def _value(correction: Correction, name: str) -> str:
    if name == "record_id":
        return correction.record_id
    if name == "person_ref":
        return str(correction.person) if correction.person else ""
    return correction.values.get(name, "")


__all__ = ["correct_quarantined", "dismiss_quarantined", "receive_corrections"]
