"""What a phone sends of a visit, as plain fields, made into what the room takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from wangge.field.types import FormView, FoundDifferent, QuestionView, SubmittedVisit
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput

CORRECTED = ("name", "phone", "address")
"""Facts of the register that a worker may find different at the door."""


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(
            code="id_unreadable", zh="提交内容中的编号无法识别。", en="An id in what was sent cannot be read."
        ) from error


def key_of(sent: QueryDict) -> UUID:
    """The key made on the phone, which makes it safe to send again; without script, the page's own."""
    return _uuid(sent.get("idempotency_key") or sent.get("page_key")) or new_id()


def _instant(text: str | None, otherwise: datetime) -> datetime:
    try:
        found = parse_datetime(text or "")
    except ValueError:
        found = None
    return found if found is not None and found.tzinfo is not None else otherwise


def _answer(question: QuestionView, sent: QueryDict) -> Any:
    name = f"q_{question.code}"
    if question.type == "many":
        return sent.getlist(name)
    text = sent.get(name, "").strip()
    if not text:
        return None
    if question.type == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if question.type == "number":
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text  # the form says what is wrong with it
    return text


def form_of(forms: Iterable[FormView], code: str) -> FormView:
    """A form by its code. Raises BadInput for an unknown one."""
    found = next((form for form in forms if form.code == code), None)
    if found is None:
        raise BadInput(code="form_unknown", zh=f"没有表单“{code}”。", en=f'There is no form "{code}".')
    return found


def visit_of(sent: QueryDict, form: FormView, task_id: UUID) -> SubmittedVisit:
    """The visit that was sent. The phone's clock is believed, save that a visit cannot end before it began."""
    now = timezone.now()
    ended = min(_instant(sent.get("saved_at"), now), now)
    unit = sent.get("unit_no", "")
    answers = {q.code: value for q in form.questions if (value := _answer(q, sent)) not in (None, [])}
    return SubmittedVisit(
        client_id=key_of(sent),
        form=form.code,
        form_version=sent.get("form_version", form.version),
        task_id=task_id,
        unit_no=int(unit) if unit.isdigit() else None,
        emergency=_uuid(sent.get("emergency")),
        person_id=_uuid(sent.get("person_id")),
        dwelling_id=_uuid(sent.get("dwelling_id")),
        started_at=min(_instant(sent.get("started_at"), ended), ended),
        ended_at=ended,
        saw_person=sent.get("saw_person") == "yes",
        saw_dwelling=sent.get("saw_dwelling") == "yes",
        saw_state=sent.get("saw_state") == "yes",
        answers=answers,
        observations=sent.get("observations", "").strip(),
        corrections=tuple(
            FoundDifferent(field, new, sent.get(f"old_{field}", ""))
            for field in CORRECTED
            if (new := sent.get(f"new_{field}", "").strip())
        ),
        device="web",
    )
