"""Forms, questions and campaigns found for a door, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wangge.access.queries import organisations
from wangge.collection.models import Campaign, CollectionForm, FormQuestion, Justification
from wangge.collection.rules.asking import FOLLOWS
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound, Refused
from wangge.kernel.units import Interval, interval_of
from wangge.registry.types import Target, Wanted


def own(access: Access, organisation: UUID) -> None:
    """Raise Refused where a steward touches the form of another organisation; the centre keeps all."""
    if access.role == "system" or access.organisation == organisation:
        return
    centre = any(o.id == access.organisation and o.kind == "centre" for o in organisations(access))
    if not centre:
        raise Refused(
            code="not_your_form",
            zh="只能办理本单位的采集表。",
            en="You can work on your own organisation's forms only.",
        )


def find_form(access: Access, form: UUID, *, to_write: bool = False) -> CollectionForm:
    """A form by id; locked, and one's own, where it is to be written."""
    rows = CollectionForm.objects.select_for_update() if to_write else CollectionForm.objects
    found = rows.filter(id=form).first()
    if found is None:
        raise NotFound(code="form_unknown", zh="没有此采集表。", en="There is no such form.")
    if to_write:
        own(access, found.organisation_id)
    return found


def find_campaign(access: Access, campaign: UUID, *, to_write: bool = False) -> Campaign:
    """A campaign by id with its form; locked, and one's own, where it is to be written."""
    rows = Campaign.objects.select_related("form")
    found = (rows.select_for_update(of=("self",)) if to_write else rows).filter(id=campaign).first()
    if found is None:
        raise NotFound(code="campaign_unknown", zh="没有此采集行动。", en="There is no such campaign.")
    if to_write:
        own(access, found.form.organisation_id)
    return found


def questions_of(form: UUID) -> list[FormQuestion]:
    """All questions of a form in their order, refused ones too."""
    return list(FormQuestion.objects.filter(form_id=form).order_by("number"))


def asked_questions(form: UUID) -> list[FormQuestion]:
    """The questions that may be asked."""
    return [q for q in questions_of(form) if not q.refused]


def reasons_of(form: UUID) -> list[Justification]:
    """Every reason given for asking again, oldest first."""
    return list(Justification.objects.filter(form_id=form).order_by("given_at", "id"))


def target_of(form: CollectionForm, area: str = "") -> Target:
    """Whom the form is for, as the register reads it."""
    return Target(scope_of(area or form.area), form.age_from, form.age_to, form.sex, tuple(form.facts))


def scope_of(area: str) -> Interval:
    """The unit numbers of a division or grid code."""
    return interval_of(area)


def wanted_of(questions: Sequence[FormQuestion]) -> tuple[Wanted, ...]:
    """What the register is asked for: each field once."""
    fields = dict.fromkeys(q.field for q in questions if q.field)
    return tuple(Wanted(field, FOLLOWS.get(field, ())) for field in fields)
