"""Registering a department's table, and taking in a file of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO
from uuid import UUID

from django.utils import timezone

from wangge.access.files import Stored
from wangge.access.queries import organisations
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound, Problem, Refused
from wangge.kernel.units import interval_of
from wangge.sources.analysis import Limits, load_schema, schema_names
from wangge.sources.finding import find_resource, require_emergency
from wangge.sources.intake import Intake, refusal_problem, take_in
from wangge.sources.models import Batch, DataResource, Mapping, Part, Sheet
from wangge.sources.sealed import digest_of, seal_value, signature_of
from wangge.sources.states import BatchState
from wangge.sources.store import scope_of, store
from wangge.sources.types import BatchView
from wangge.sources.views import batch_view

_READ_AT_ONCE = 1 << 20
LONGEST_CYCLE = 3660  # days


@door(writes="source", act="register")
def register_source(
    access: Access,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    organisation: UUID,
    schema: str,
    division: str,
    emergency: UUID | None = None,
    cycle_days: int | None = None,
) -> UUID:
    """Register a department's table: whose it is, its canonical form, the division that it covers.

    `cycle_days`: after how many days the department promises a new file. The same code again, by the same
    organisation, renames it and takes a new promise if one is given. Returns the resource's id.
    """
    if cycle_days is not None and not 1 <= cycle_days <= LONGEST_CYCLE:
        raise BadInput(
            code="cycle_out_of_range",
            zh=f"更新周期应为 1 至 {LONGEST_CYCLE} 天。",
            en=f"A cycle is 1 to {LONGEST_CYCLE} days.",
            place="cycle_days",
        )
    if schema not in schema_names():
        raise BadInput(
            code="schema_unknown",
            zh=f"没有标准格式“{schema}”，可用：{'、'.join(schema_names())}。",
            en=f'There is no canonical form "{schema}"; there are: {", ".join(schema_names())}.',
            place="schema",
        )
    require_emergency(access, emergency)
    if load_schema(schema).emergency_only and emergency is None:
        raise Refused(
            code="emergency_needed",
            zh=f"“{load_schema(schema).zh}”只能在已宣布的应急授权下接收。",
            en=f'"{load_schema(schema).en}" is taken only under a declared emergency.',
        )
    _require_own(access, organisation)
    area = interval_of(division)
    if not access.scope.covers(area):
        raise Refused(
            code="area_out_of_scope",
            zh=f"区划 {division} 不在您的辖区内。",
            en=f"Division {division} is not in your territory.",
        )
    known = DataResource.objects.filter(code=code).first()
    if known is not None:
        if known.organisation_id != organisation or known.schema != schema or known.emergency_id != emergency:
            raise Conflict(
                code="resource_code_taken",
                zh=f"数据资源代码“{code}”已被使用。",
                en=f'The resource code "{code}" is taken.',
                place="code",
            )
        promised = known.cycle_days if cycle_days is None else cycle_days
        DataResource.objects.filter(id=known.id).update(name_zh=name_zh, name_en=name_en, cycle_days=promised)
        return known.id
    resource = DataResource.objects.create(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        organisation_id=organisation,
        schema=schema,
        unit_no=area.lo,
        division=division,
        emergency_id=emergency,
        cycle_days=cycle_days,
        registered_at=timezone.now(),
        registered_by=access.actor,
    )
    return resource.id


def _require_own(access: Access, organisation: UUID) -> None:
    known = {o.id: o for o in organisations(access)}
    if organisation not in known:
        raise NotFound(code="organisation_unknown", zh="没有此单位。", en="There is no such organisation.")
    own = access.organisation == organisation
    centre = access.organisation in known and known[access.organisation].kind == "centre"
    if access.role == "data_steward" and not (own or centre):
        raise Refused(
            code="not_your_organisation",
            zh="只能登记本单位的数据资源。",
            en="You can register your own organisation's data only.",
        )


@door(writes="batch", act="receive")
def receive_file(
    access: Access,
    *,
    resource: UUID | str,
    filename: str,
    stream: BinaryIO,
    as_of: date | None = None,
    emergency: UUID | None = None,
) -> BatchView:
    """Take in one file of a resource: keep it sealed, read it, propose a mapping.

    A file that was here before changes nothing (`again` is true). A file that cannot be read, or that brings a
    refused column, becomes a refused batch that says why, and nothing of it is kept. A form seen before gets its
    remembered mapping at once. `as_of` is the day its facts are of (default today).
    """
    require_emergency(access, emergency)
    target = find_resource(access, resource)
    if target.emergency_id != emergency:
        raise Refused(
            code="emergency_differs",
            zh="此数据资源属于另一应急授权（或平时）。",
            en="This resource belongs to another emergency (or to peacetime).",
        )
    # one file of a resource at a time: two uploads of the same file must not both find that it is new
    DataResource.objects.select_for_update().get(id=target.id)
    stored = _keep(stream, filename, emergency)
    digest = digest_of(emergency, "file", stored.digest)
    before = Batch.objects.select_related("resource").filter(resource=target, digest=digest)
    known = before.exclude(state=BatchState.REFUSED.value).first()
    if known is not None:
        store().remove([stored.name])
        return batch_view(known, again=True)
    batch = Batch(
        resource=target,
        emergency_id=emergency,
        unit_no=target.unit_no,
        state=BatchState.RECEIVED.value,
        filename=seal_value(emergency, filename),
        digest=digest,
        size_bytes=stored.size,
        as_of_on=as_of or timezone.localdate(),
        received_at=timezone.now(),
        received_by=access.actor,
        original_file=stored.name,
    )
    return _take(batch, stored, filename)


def _take(batch: Batch, stored: Stored, filename: str) -> BatchView:
    emergency = batch.emergency_id
    try:
        with store().open(stored.name) as original:
            intake = take_in(original, filename, load_schema(batch.resource.schema), emergency)
        problem: Problem | None = refusal_problem(intake.refused, filename) if intake.refused else None
    except BadInput as unreadable:
        intake, problem = Intake(), unreadable
    except BaseException:
        store().remove([stored.name])
        raise
    if problem is not None:
        store().remove([stored.name])
        batch.state, batch.original_file = BatchState.REFUSED.value, ""
        told = {"code": problem.code, "zh": problem.zh, "en": problem.en, "place": problem.place}
        batch.problem = seal_value(emergency, told)
        batch.save(force_insert=True)
        return batch_view(batch)
    try:
        _write(batch, intake)
    except BaseException:
        intake.discard()
        store().remove([stored.name])
        raise
    return batch_view(batch)


def _keep(stream: BinaryIO, filename: str, emergency: UUID | None) -> Stored:
    limits = Limits()
    too_large = BadInput(
        code="file_too_large",
        zh=f"文件超过 {limits.file_bytes // 2**20} MiB，请拆分后上传。",
        en=f"The file is larger than {limits.file_bytes // 2**20} MiB; split it.",
        place=filename,
    )

    def pieces() -> Iterator[bytes]:
        while piece := stream.read(_READ_AT_ONCE):
            yield piece

    return store().write(scope_of(emergency), pieces(), limit=too_large, limit_bytes=limits.file_bytes)


def _write(batch: Batch, intake: Intake) -> None:
    emergency = batch.emergency_id
    batch.media, batch.encoding = intake.media, intake.encoding
    batch.rows_in = sum(sheet.rows for sheet in intake.sheets)
    batch.save(force_insert=True)
    number = 0
    tables = 0
    remembered = 0
    for read in intake.sheets:
        is_table = bool(read.parts)
        mark = signature_of(emergency, read.signature) if is_table else None
        mapping = (
            Mapping.objects.filter(resource=batch.resource, signature=mark).order_by("-version").first()
            if mark
            else None
        )
        tables += is_table
        remembered += mapping is not None
        proposal = {
            "columns": [
                {
                    "index": p.index, "header": p.header, "column": p.column, "confidence": p.confidence,
                    "reason_zh": p.reason_zh, "reason_en": p.reason_en,
                }
                for p in read.proposals
            ],
            "samples": [cells[:20] for cells in read.samples],
            "orders": {str(index): order for index, order in read.orders.items()},
            "remembered": mapping is not None,
        }  # fmt: skip
        sheet = Sheet.objects.create(
            batch=batch,
            emergency_id=emergency,
            unit_no=batch.unit_no,
            number=read.number,
            name=seal_value(emergency, read.name),
            headers=seal_value(emergency, read.headers) if is_table else None,
            proposal=seal_value(emergency, proposal) if is_table else None,
            signature=mark,
            header_row=read.header_row if is_table else None,
            rows=read.rows,
            mapping=mapping,
        )
        for part in read.parts:
            number += 1
            Part.objects.create(
                batch=batch,
                sheet=sheet,
                emergency_id=emergency,
                unit_no=batch.unit_no,
                number=number,
                first_row=part.first_row,
                last_row=part.last_row,
                rows=part.rows,
                raw_file=part.file,
            )
    if tables and remembered == tables:
        batch.state = BatchState.MAPPED.value
        batch.save(update_fields=["state"])


__all__ = ["receive_file", "register_source"]
