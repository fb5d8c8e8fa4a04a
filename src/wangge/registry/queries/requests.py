"""Correction requests as the centre and the departments see them, and what each source is worth."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.registry.asking import find_request, is_centre, requests_of
from wangge.registry.contents import opened
from wangge.registry.models import CorrectionRequest, SourceDependence, SourceRecord, SourceReliability
from wangge.registry.states import REQUEST_TABLE, RequestState
from wangge.registry.types import RequestCount, RequestRow, RequestView, SourcePair, SourceRecordOf


def _overdue(request: CorrectionRequest) -> bool:
    return request.state == RequestState.OPEN and bool(
        request.due_on and request.due_on < timezone.localdate()
    )


@door(reads="correction_request")
def correction_requests(
    access: Access,
    *,
    state: str = RequestState.OPEN,
    source: str = "",
    reason: str = "",
    organisation: UUID | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[RequestRow]:
    """Requests, the most valuable first; a department sees its own, and only those that were sent."""
    rows = requests_of(access).filter(state=state).order_by("-worth", "id")
    if source:
        rows = rows.filter(source=source)
    if reason:
        rows = rows.filter(reason=reason)
    if organisation is not None:
        rows = rows.filter(organisation_id=organisation)
    mark = Cursor.decode(after, 2)
    if mark is not None:
        worth, last = float(str(mark.values[0])), UUID(str(mark.values[1]))
        rows = rows.filter(Q(worth__lt=worth) | Q(worth=worth, id__gt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    names = _names(shown)
    follow = Cursor((repr(shown[-1].worth), str(shown[-1].id))).encode() if len(found) > size else None
    return Page(
        tuple(
            RequestRow(
                id=r.id,
                person_id=r.person_id,
                name=names.get((r.source, r.record_id), ""),
                source=r.source,
                field=r.field,
                reason=r.reason,
                worth=r.worth,
                state=r.state,
                organisation=r.organisation_id,
                due_on=r.due_on,
                overdue=_overdue(r),
            )
            for r in shown
        ),
        follow,
    )


def _names(requests: Sequence[CorrectionRequest]) -> dict[tuple[str, str], str]:
    """The name in the department's own record: what it calls the person."""
    rows = SourceRecord.objects.filter(
        source__in={r.source for r in requests}, record_id__in={r.record_id for r in requests}
    )
    return {(r.source, r.record_id): (opened(r).said("name") or ("", ""))[0] for r in rows}


@door(reads="correction_request", act="open")
def correction_request(access: Access, *, request: UUID) -> RequestView:
    """One request with the row it is about, why it is doubted and what was answered."""
    r = find_request(access, request)
    record = SourceRecord.objects.filter(source=r.source, record_id=r.record_id).first()
    content = opened(record) if record else None
    said = content.said(r.field) if content else None
    sealer = vault("registry")
    centre = is_centre(access)
    return RequestView(
        id=r.id,
        person_id=r.person_id,
        source=r.source,
        record_id=r.record_id,
        name=(content.said("name") or ("", ""))[0] if content else "",
        batch=record.batch if record else None,
        sheet=record.sheet if record else "",
        row_no=record.row_no if record else 0,
        as_of_on=record.as_of_on if record else None,
        field=r.field,
        reason=r.reason,
        told=said[0] if said else sealer.unseal(r.told_sealed),
        better=sealer.unseal(r.better_sealed) if r.better_sealed and centre else "",
        sure=r.sure,
        state=r.state,
        organisation=r.organisation_id,
        note=r.note,
        sent_at=r.sent_at,
        sent_by=r.sent_by,
        due_on=r.due_on,
        overdue=_overdue(r),
        answer=r.answer,
        answered=sealer.unseal(r.answer_sealed) if r.answer_sealed else "",
        answer_note=r.answer_note,
        answered_at=r.answered_at,
        answered_by=r.answered_by,
        answer_batch=r.batch,
        mine=access.organisation is not None and r.organisation_id == access.organisation,
    )


@door(reads="correction_request", act="count")
def request_counts(access: Access) -> tuple[RequestCount, ...]:
    """How many facts of each organisation are doubted, asked about, overdue and settled."""
    late = Q(state=RequestState.OPEN, due_on__lt=timezone.localdate())
    settled = [s.value for s, state in REQUEST_TABLE.states.items() if state.settled]
    rows = (
        requests_of(access)
        .values("organisation_id")
        .annotate(
            found=Count("id", filter=Q(state=RequestState.FOUND)),
            open=Count("id", filter=Q(state=RequestState.OPEN)),
            overdue=Count("id", filter=late),
            settled=Count("id", filter=Q(state__in=settled)),
        )
        .order_by("-open", "-found", "organisation_id")
    )
    return tuple(
        RequestCount(r["organisation_id"], r["found"], r["open"], r["overdue"], r["settled"]) for r in rows
    )


@door(reads="correction_request", act="count")
def source_records(access: Access) -> tuple[SourceRecordOf, ...]:
    """How often each source is believed right about each field, as the last linkage found."""
    rows = SourceReliability.objects.order_by("source", "field")
    return tuple(SourceRecordOf(r.source, r.field, r.judged, r.share) for r in rows)


@door(reads="correction_request", act="count")
def source_pairs(access: Access) -> tuple[SourcePair, ...]:
    """Pairs of sources that share their errors; together they count for little more than one."""
    rows = SourceDependence.objects.filter().order_by("-share", "source", "other")
    return tuple(SourcePair(r.source, r.other, r.share) for r in rows if r.source < r.other)
