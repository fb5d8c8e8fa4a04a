"""Correction requests as the centre and the departments see them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.linkage.asking import find_request, is_centre, requests_of
from wangge.linkage.models import CorrectionRequest
from wangge.linkage.states import REQUEST_TABLE, RequestState
from wangge.linkage.types import RequestCount, RequestRow, RequestView
from wangge.registry.queries import records_told


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
    keys = tuple((r.source, r.record_id) for r in shown)
    names = [r.told_name if r else "" for r in records_told(access, keys=keys)]
    follow = Cursor((repr(shown[-1].worth), str(shown[-1].id))).encode() if len(found) > size else None
    return Page(
        tuple(
            RequestRow(
                id=r.id,
                person_id=r.person_id,
                name=name,
                source=r.source,
                field=r.field,
                reason=r.reason,
                worth=r.worth,
                state=r.state,
                organisation=r.organisation_id,
                due_on=r.due_on,
                overdue=_overdue(r),
            )
            for r, name in zip(shown, names, strict=True)
        ),
        follow,
    )


@door(reads="correction_request", act="open")
def correction_request(access: Access, *, request: UUID) -> RequestView:
    """One request with the row it is about, why it is doubted and what was answered."""
    r = find_request(access, request)
    (record,) = records_told(access, keys=((r.source, r.record_id),))
    sealer = vault("linkage")
    centre = is_centre(access)
    return RequestView(
        id=r.id,
        person_id=r.person_id,
        source=r.source,
        record_id=r.record_id,
        name=record.told_name if record else "",
        batch=record.batch if record else None,
        sheet=record.sheet if record else "",
        row_no=record.row_no if record else 0,
        as_of_on=record.as_of_on if record else None,
        field=r.field,
        reason=r.reason,
        told=(record.value(r.field) if record else "") or sealer.unseal(r.told_sealed),
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
