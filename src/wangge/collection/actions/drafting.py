"""A form is drafted: by picking fields, or from a file; and changed until it goes out."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.utils import timezone

from wangge.collection.drafting import judge, rows_of
from wangge.collection.finding import find_form, own, questions_of, scope_of
from wangge.collection.models import CollectionForm, FormQuestion
from wangge.collection.reading import questions_in
from wangge.collection.states import FORM_TABLE, FormState
from wangge.collection.types import FormView, NewQuestion, People
from wangge.collection.views import form_view
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound, Refused

TITLE_MOST = 120
OLDEST = 130
EVERYBODY = People()


@door(writes="collection_form", act="draft")
def draft_form(
    access: Access,
    *,
    title: str,
    area: str,
    people: People = EVERYBODY,
    questions: tuple[NewQuestion, ...] = (),
    organisation: UUID | None = None,
) -> FormView:
    """Draft a form for the people of an area. A question without purpose or legal basis, or a forbidden one, stands in
    it as refused, with the reason in both languages, and is never asked. `organisation` is the steward's own."""
    form = _new_form(access, title, area, people, organisation)
    FormQuestion.objects.bulk_create(rows_of(form.id, questions))
    return form_view(form)


@door(writes="collection_form", act="draft")
def draft_from_file(
    access: Access,
    *,
    title: str,
    area: str,
    filename: str,
    stream: BinaryIO,
    people: People = EVERYBODY,
    organisation: UUID | None = None,
) -> FormView:
    """Draft a form from an XLSForm, or from any table of questions with columns for purpose and legal basis."""
    questions = questions_in(stream, filename)
    form = _new_form(access, title or filename.rpartition(".")[0], area, people, organisation)
    FormQuestion.objects.bulk_create(rows_of(form.id, questions))
    return form_view(form)


def _new_form(
    access: Access, title: str, area: str, people: People, organisation: UUID | None
) -> CollectionForm:
    asker = organisation or access.organisation
    if asker is None:
        raise Refused(
            code="form_without_organisation",
            zh="您的岗位不属于任何单位，不能发起采集。",
            en="Your post belongs to no organisation: a form needs one that answers for it.",
        )
    own(access, asker)
    name = " ".join(title.split())
    if not 2 <= len(name) <= TITLE_MOST:
        raise BadInput(
            code="form_title_missing",
            zh=f"请写明采集表名称（2 至 {TITLE_MOST} 字）。",
            en=f"Give the form a title of 2 to {TITLE_MOST} characters.",
            place="title",
        )
    scope = scope_of(area)
    if not access.scope.covers(scope):
        raise Refused(
            code="area_out_of_scope",
            zh=f"区划 {area} 不在您的辖区内。",
            en=f"Division {area} is not in your territory.",
            place="area",
        )
    ages = [age for age in (people.age_from, people.age_to) if age is not None]
    if any(not 0 <= age <= OLDEST for age in ages) or (len(ages) == 2 and ages[0] > ages[1]):
        raise BadInput(
            code="ages_unclear",
            zh=f"年龄应在 0 至 {OLDEST} 之间，且起不大于止。",
            en=f"Ages lie between 0 and {OLDEST}, the first not above the last.",
            place="age_from",
        )
    return CollectionForm.objects.create(
        title=name,
        organisation_id=asker,
        area=area,
        unit_no=scope.lo,
        age_from=people.age_from,
        age_to=people.age_to,
        sex=people.sex,
        facts=list(people.facts),
        drafted_at=timezone.now(),
        drafted_by=access.actor,
    )


def _changed(access: Access, form: UUID) -> CollectionForm:
    found = find_form(access, form, to_write=True)
    found.state = FORM_TABLE.apply(FormState(found.state), "change").value
    found.checked_at, found.target_cells, found.asked_cells = None, 0, 0
    found.save()
    return found


@door(writes="collection_form", act="draft")
def add_questions(access: Access, *, form: UUID, questions: tuple[NewQuestion, ...]) -> FormView:
    """Add questions to a form that has not gone out; it must be checked anew."""
    found = _changed(access, form)
    FormQuestion.objects.bulk_create(rows_of(found.id, questions, questions_of(found.id)))
    return form_view(found)


@door(writes="collection_form", act="draft")
def drop_question(access: Access, *, form: UUID, code: str) -> FormView:
    """Take a question off a form that has not gone out."""
    found = _changed(access, form)
    if not FormQuestion.objects.filter(form_id=form, code=code).delete()[0]:
        raise _no_question(code)
    return form_view(found)


@door(writes="collection_form", act="draft")
def found_question(access: Access, *, form: UUID, code: str, purpose: str, basis: str) -> FormView:
    """Give a question its purpose and legal basis; a forbidden one stays refused whatever is given."""
    found = _changed(access, form)
    questions = questions_of(found.id)
    row = next((q for q in questions if q.code == code), None)
    if row is None:
        raise _no_question(code)
    medium = "recording" if row.refused == "medium_refused" else ""
    row.purpose, row.basis = purpose.strip()[:300], basis.strip()[:300]
    twice = any(q.field == row.field and q.field and not q.refused and q.id != row.id for q in questions)
    judge(row, twice=twice, medium=medium)
    row.save()
    return form_view(found)


@door(writes="collection_form", act="draft")
def withdraw_form(access: Access, *, form: UUID) -> FormView:
    """Give a form up that has not gone out. It stays readable."""
    found = find_form(access, form, to_write=True)
    found.state = FORM_TABLE.apply(FormState(found.state), "withdraw").value
    found.save()
    return form_view(found)


def _no_question(code: str) -> NotFound:
    return NotFound(
        code="question_unknown", zh=f"本表没有题目“{code}”。", en=f'The form has no question "{code}".'
    )
