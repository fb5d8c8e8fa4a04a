"""Doubtful facts go to their owner with a reason and a deadline; what the owner answers comes back as data."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.linkage.asking import find_request, is_centre, requests_of
from wangge.linkage.models import CorrectionRequest
from wangge.linkage.states import REQUEST_TABLE, Answer, RequestState
from wangge.linkage.types import Answered
from wangge.registry.queries import records_told

AT_ONCE = 500


@door(writes="correction_request", act="send")
def send_requests(access: Access, *, requests: tuple[UUID, ...], due_on: date, note: str = "") -> int:
    """Ask the owners of these doubtful facts; they have until `due_on`. Gives how many were sent.

    Raises BadInput for a day that is not in the future, and for facts of a source that no organisation keeps.
    """
    if not is_centre(access):
        raise Refused(
            code="not_the_centre", zh="由网格中心发出校核请求。", en="The grid centre sends requests."
        )
    if not requests or len(requests) > AT_ONCE:
        raise BadInput(
            code="none_chosen",
            zh=f"请选择 1 至 {AT_ONCE} 条。",
            en=f"Choose 1 to {AT_ONCE}.",
            place="requests",
        )
    if due_on <= timezone.localdate():
        raise BadInput(
            code="due_in_the_past",
            zh="期限须在今天之后。",
            en="The deadline must be after today.",
            place="due_on",
        )
    found = list(requests_of(access).select_for_update(of=("self",)).filter(id__in=requests).order_by("id"))
    if len(found) < len(set(requests)):
        raise NotFound(
            code="request_unknown", zh="没有此校核请求。", en="There is no such correction request."
        )
    for request in found:
        REQUEST_TABLE.step(RequestState(request.state), "send")
        if request.organisation_id is None:
            raise BadInput(
                code="no_owner",
                zh=f"来源“{request.source}”没有登记主管部门。",
                en=f'No organisation keeps the source "{request.source}".',
                place=request.source,
            )
        request.state, request.due_on, request.note = RequestState.OPEN, due_on, note
        request.sent_at, request.sent_by = timezone.now(), access.actor
    CorrectionRequest.objects.bulk_update(found, ("state", "due_on", "note", "sent_at", "sent_by"))
    return len(found)


@door(writes="correction_request", act="withdraw")
def withdraw_request(access: Access, *, request: UUID, reason: str) -> None:
    """Ask no more: a doubt that is none, or a request that is of no use. The reason is kept."""
    found = find_request(access, request, lock=True)
    if not is_centre(access):
        raise Refused(code="not_the_centre", zh="由网格中心撤回。", en="The grid centre withdraws.")
    found.state = REQUEST_TABLE.step(RequestState(found.state), "withdraw", reason=reason).target
    found.answer_note, found.answered_at, found.answered_by = reason, timezone.now(), access.actor
    found.save()


@door(writes="correction_request", act="answer")
def answer_request(
    access: Access, *, request: UUID, answer: str, value: str = "", note: str = ""
) -> Answered:
    """The owner's answer: the value stands, this one is right, or it cannot be told (with the reason).

    Nothing of the registry's facts changes here: the answer goes back to the sources as a batch (flows.checking).
    """
    found = find_request(access, request, lock=True)
    if access.organisation is None or found.organisation_id != access.organisation:
        raise Refused(
            code="not_the_owner",
            zh="只有来源的主管部门可以答复。",
            en="Only the owner of the source answers.",
        )
    if answer not in set(Answer):
        raise BadInput(
            code="answer_unknown",
            zh="答复须为“无误”“更正”或“无法核实”。",
            en="Say that it stands, correct it, or say that it cannot be told.",
            place="answer",
        )
    if answer == Answer.CORRECT and not value.strip():
        raise BadInput(code="value_missing", zh="请填写正确的值。", en="Give the right value.", place="value")
    told = vault("linkage").unseal(found.told_sealed)
    if answer == Answer.CORRECT and value.strip() == told:
        raise BadInput(
            code="value_unchanged",
            zh="更正值与原值相同；如无误，请选“无误”。",
            en="The value is the same; if it stands, say so.",
            place="value",
        )
    found.state = REQUEST_TABLE.step(RequestState(found.state), answer, reason=note).target
    stands = _as_told(access, found) or told
    back = value.strip() if answer == Answer.CORRECT else stands if answer == Answer.CONFIRM else ""
    found.answer, found.answer_note = answer, note
    found.answer_sealed = vault("linkage").seal(back) if back else None
    found.answered_at, found.answered_by = timezone.now(), access.actor
    found.save()
    return Answered(found.id, found.person_id, found.source, found.field, back)


def _as_told(access: Access, request: CorrectionRequest) -> str:
    """The value as it stands in the department's table."""
    (told,) = records_told(access, keys=((request.source, request.record_id),))
    return told.value(request.field) if told else ""


@door(writes="correction_request", act="note")
def note_answer_batch(access: Access, *, request: UUID, batch: UUID) -> None:
    """Note in which batch an answer went back to the sources."""
    CorrectionRequest.objects.filter(id=request).update(batch=batch)
