"""The register is asked before anybody is; and asking again what is held needs a written reason."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.collection.finding import asked_questions, find_form, target_of, wanted_of
from wangge.collection.models import CollectionForm, FormQuestion, Justification
from wangge.collection.rules.asking import FOLLOWS, REASON_LEAST
from wangge.collection.states import FORM_TABLE, FormState, Standing
from wangge.collection.types import FormView
from wangge.collection.views import asked_of, form_view
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.registry.queries import holdings
from wangge.registry.types import Holding

HOLDERS_SHOWN = 8


@door(writes="collection_form", act="check")
def check_form(access: Access, *, form: UUID) -> FormView:
    """Ask the register: for each question, for how many of its people the answer is held (by whom, as of when, how
    surely), follows from what is held, or is missing. Counts only; nobody's value is read."""
    found = find_form(access, form, to_write=True)
    questions = asked_questions(found.id)
    if not questions:
        raise Conflict(
            code="form_without_questions",
            zh="本表没有可以提问的题目。",
            en="The form has no question that may be asked.",
        )
    found.state = FORM_TABLE.apply(FormState(found.state), "check").value
    held = holdings(access, target=target_of(found), wanted=wanted_of(questions))
    by_field = {h.column: h for h in held.holdings}
    found.people, found.unknown_age, found.checked_at = held.people, held.unknown_age, timezone.now()
    for question in questions:
        _answer(question, by_field.get(question.field), held.people)
        question.save()
    _count(found, questions)
    return form_view(found)


def _answer(question: FormQuestion, held: Holding | None, people: int) -> None:
    if held is None:  # a question of the form's own: the register cannot know
        held = Holding(question.field, 0, 0, people, 0, "", "", "", None, ())
    question.held, question.derivable, question.missing = held.held, held.derivable, held.missing
    question.stale, question.sure = held.stale, held.sure
    question.oldest, question.middle, question.newest = held.oldest, held.middle, held.newest
    question.holders = [[h.source, h.people] for h in held.holders[:HOLDERS_SHOWN]]
    question.derived_from = [c for group in FOLLOWS.get(question.field, ()) for c in group]
    most = max(held.held, held.derivable, held.missing)
    if most == held.held and held.held:
        question.standing = Standing.HELD.value
    elif most == held.derivable and held.derivable:
        question.standing = Standing.DERIVABLE.value
    else:
        question.standing = Standing.MISSING.value


def _count(form: CollectionForm, questions: list[FormQuestion]) -> None:
    """Cells: one question to one person. What is wanted of everybody, and what is really asked."""
    form.target_cells = form.people * len(questions)
    form.asked_cells = sum(asked_of(q, form.people) for q in questions)
    form.save()


def _question(
    access: Access, form: UUID, code: str
) -> tuple[CollectionForm, list[FormQuestion], FormQuestion]:
    found = find_form(access, form, to_write=True)
    if FormState(found.state) is not FormState.CHECKED:
        raise Conflict(
            code="form_not_checked",
            zh="请先查底册，再说明是否重复采集。",
            en="Check the form against the register first.",
        )
    questions = asked_questions(found.id)
    row = next((q for q in questions if q.code == code), None)
    if row is None:
        raise NotFound(
            code="question_unknown", zh=f"本表没有题目“{code}”。", en=f'The form has no question "{code}".'
        )
    return found, questions, row


@door(writes="collection_form", act="justify")
def justify(access: Access, *, form: UUID, code: str, reason: str) -> FormView:
    """Ask everybody a question whose answer is held of some, for a written reason. It is kept for good and shown with
    the form. Raises BadInput for a reason that says nothing, Conflict where nothing is held."""
    found, questions, row = _question(access, form, code)
    text = " ".join(reason.split())
    if len(text) < REASON_LEAST:
        raise BadInput(
            code="reason_too_short",
            zh=f"重复采集必须写明理由（至少 {REASON_LEAST} 字）：已有数据为何不能用？",
            en=f"Asking again needs a reason of {REASON_LEAST} characters at least: why does what is held not serve?",
            place=code,
        )
    if not row.held + row.derivable:
        raise Conflict(
            code="nothing_held",
            zh="底册没有此项，本就要问，无须说明理由。",
            en="Nothing of it is held: it is asked anyway and needs no reason.",
        )
    row.again = True
    row.save()
    _keep(access, found, row, text[:600])
    _count(found, questions)
    return form_view(found)


@door(writes="collection_form", act="justify")
def drop_reason(access: Access, *, form: UUID, code: str) -> FormView:
    """Ask again no longer; the reason once given stays on record."""
    found, questions, row = _question(access, form, code)
    if row.again:
        row.again = False
        row.save()
        _keep(access, found, row, "")
        _count(found, questions)
    return form_view(found)


def _keep(access: Access, form: CollectionForm, row: FormQuestion, reason: str) -> None:
    Justification.objects.create(
        form_id=form.id,
        code=row.code,
        again=row.again,
        reason=reason,
        held=row.held + row.derivable,
        people=form.people,
        given_at=timezone.now(),
        given_by=access.actor,
    )
