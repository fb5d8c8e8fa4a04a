"""The steps of a case after it was reported. One way in for all of them: :func:`_take`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.access import queries as access_queries
from wangge.cases.actions.reporting import check_deadline
from wangge.cases.catalogue import version
from wangge.cases.models import Case, CaseStep
from wangge.cases.rules.clock import deadline_after, shipped_calendar
from wangge.cases.rules.handling import check_charge
from wangge.cases.rules.separation import Deed, check_separation
from wangge.cases.sealed import seal_note
from wangge.cases.states import CASE_TABLE, HANDLING_VERBS, SUPERVISING_VERBS, CaseState, LimitUnit
from wangge.cases.types import Reported
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound


@dataclass(slots=True)
class _Step:
    """What one step adds to the case and to its own row."""

    case: dict[str, Any] = field(default_factory=dict)
    to_organisation: UUID | None = None
    to_actor: str = ""
    score: int | None = None


def locked(access: Access, case_id: UUID) -> Case:
    """The case, locked until the end of the transaction. Raises NotFound also when out of the territory."""
    case = (
        Case.objects.select_for_update()
        .filter(id=case_id, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
        .first()
    )
    if case is None:
        raise NotFound(
            code="case_unknown", zh="没有此事件，或不在您的辖区。", en="There is no such case here."
        )
    return case


def deeds_of(case_id: UUID) -> list[Deed]:
    """The handling steps of a case."""
    rows = CaseStep.objects.filter(case_id=case_id, verb__in=HANDLING_VERBS).order_by("seq")
    return [Deed(*row) for row in rows.values_list("verb", "actor", "organisation_id")]


def _take(
    access: Access, case: Case, verb: str, *, note: str = "", now: datetime, step: _Step | None = None
) -> Reported:
    """Take one step: check table, charge and separation, write the step, derive the state."""
    step = step or _Step()
    before = CaseState(case.state)
    after = CASE_TABLE.apply(before, verb, role=access.role, reason=note)
    check_charge(
        verb,
        actor=access.actor,
        organisation=access.organisation,
        handling_organisation=case.handling_organisation_id,
        handling_actor=case.handling_actor,
    )
    if verb in SUPERVISING_VERBS:
        check_separation(
            verb,
            actor=access.actor,
            organisation=access.organisation,
            handling_organisation=case.handling_organisation_id,
            deeds=deeds_of(case.id),
        )
    for name, value in step.case.items():
        setattr(case, name, value)
    case.state = after
    case.steps += 1
    case.updated_at = now
    CaseStep(
        case=case,
        seq=case.steps,
        verb=verb,
        from_state=before,
        to_state=after,
        actor=access.actor,
        role=access.role,
        organisation_id=access.organisation,
        to_organisation_id=step.to_organisation,
        to_actor=step.to_actor,
        at=now,
        deadline_at=case.deadline_at,
        score=step.score,
        note_sealed=seal_note(note.strip()),
        unit_no=case.unit_no,
    ).save(force_insert=True)
    case.save(update_fields=["state", "steps", "updated_at", *step.case])
    return Reported(case.id, case.number, after, existing=False)


def _simple(access: Access, case_id: UUID, verb: str, note: str, **changes: Any) -> Reported:
    case, now = locked(access, case_id), timezone.now()
    return _take(access, case, verb, note=note, now=now, step=_Step(case=changes))


@door(writes="case", act="request_precheck")
def request_precheck(access: Access, *, case_id: UUID, note: str = "") -> Reported:
    """Ask the grid worker to check a public report before it is accepted (核实)."""
    return _simple(access, case_id, "request_precheck", note)


@door(writes="case", act="precheck")
def precheck(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Say what was found on the spot (核实反馈); the note is the finding."""
    return _simple(access, case_id, "precheck", note)


@door(writes="case", act="accept")
def accept(access: Access, *, case_id: UUID, note: str = "") -> Reported:
    """Accept the matter (受理立案)."""
    return _simple(access, case_id, "accept", note)


@door(writes="case", act="dispatch")
def dispatch(
    access: Access,
    *,
    case_id: UUID,
    organisation: UUID | None = None,
    actor: str = "",
    deadline_at: datetime | None = None,
    note: str = "",
) -> Reported:
    """Charge an organisation or one person with the matter (派遣) and start its clock.

    The deadline is ``deadline_at`` if given, else an own deadline the case already has, else the category's
    limit from now on; rule and calendar version are stored with it. Raises BadInput for a deadline in the past
    or an unknown organisation.
    """
    now = timezone.now()
    check_deadline(deadline_at, now)
    if organisation is None and not actor:
        raise BadInput(
            code="dispatch_to_nobody",
            zh="请指定处置单位或处置人。",
            en="Name the organisation or the person who shall handle it.",
        )
    if organisation is not None:
        known = {held.id for held in access_queries.organisations(access)}
        if organisation not in known:
            raise BadInput(
                code="organisation_unknown", zh="没有此单位。", en="There is no such organisation."
            )
    case = locked(access, case_id)
    changes = {
        "handling_organisation_id": organisation,
        "handling_actor": actor,
        **_clock(case, deadline_at, now),
    }
    step = _Step(case=changes, to_organisation=organisation, to_actor=actor)
    return _take(access, case, "dispatch", note=note, now=now, step=step)


def _clock(case: Case, deadline_at: datetime | None, now: datetime) -> dict[str, Any]:
    """The deadline and the rule it comes from."""
    if deadline_at is not None:
        return {
            "deadline_at": deadline_at,
            "limit_amount": None,
            "limit_unit": LimitUnit.OWN_DATE,
            "limit_rule": "own",
        }
    if case.limit_unit == LimitUnit.OWN_DATE and case.deadline_at is not None:
        return {}
    category = version(case.taxonomy, case.taxonomy_version).categories.get(case.category_code)
    if category is None or category.limit_amount is None or category.limit_unit is None:
        return {"deadline_at": None, "limit_amount": None, "limit_unit": "", "limit_rule": ""}
    calendar = shipped_calendar()
    return {
        "deadline_at": deadline_after(now, category.limit_amount, category.limit_unit, calendar),
        "limit_amount": category.limit_amount,
        "limit_unit": category.limit_unit,
        "limit_rule": f"{category.taxonomy} {category.version} {category.code}; calendar {calendar.version}",
    }


@door(writes="case", act="send_back")
def send_back(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Give a dispatched matter back with the reason (回退); it must be dispatched anew."""
    return _simple(access, case_id, "send_back", note, handling_organisation_id=None, handling_actor="")


@door(writes="case", act="resolve")
def resolve(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Say that the matter was handled and what was done (处置反馈); the note is the feedback."""
    return _simple(access, case_id, "resolve", note)


@door(writes="case", act="verify")
def verify(access: Access, *, case_id: UUID, note: str = "") -> Reported:
    """Confirm on the spot that the matter is handled (核查). Never by who handled it."""
    return _simple(access, case_id, "verify", note)


@door(writes="case", act="rework")
def rework(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Send a matter that is not handled well back to its handler (返工). The deadline stays."""
    return _simple(access, case_id, "rework", note)


@door(writes="case", act="close")
def close(access: Access, *, case_id: UUID, note: str = "") -> Reported:
    """Close and file the matter (归档)."""
    return _simple(access, case_id, "close", note, closed_at=timezone.now())


@door(writes="case", act="evaluate")
def evaluate(access: Access, *, case_id: UUID, score: int, note: str = "") -> Reported:
    """Judge how the matter was handled (评价): 1 poor to 5 very good."""
    if not 1 <= score <= 5:
        raise BadInput(code="score_out_of_range", zh="评分为 1 至 5。", en="A score is 1 to 5.")
    case, now = locked(access, case_id), timezone.now()
    return _take(access, case, "evaluate", note=note, now=now, step=_Step(score=score))


@door(writes="case", act="reopen")
def reopen(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Take a closed matter up again (重新立案); it is dispatched anew, with a new clock."""
    return _simple(
        access,
        case_id,
        "reopen",
        note,
        closed_at=None,
        deadline_at=None,
        limit_amount=None,
        limit_unit="",
        limit_rule="",
        handling_organisation_id=None,
        handling_actor="",
    )


@door(writes="case", act="cancel")
def cancel(access: Access, *, case_id: UUID, note: str) -> Reported:
    """Declare a report void, with the reason (作废)."""
    return _simple(access, case_id, "cancel", note, closed_at=timezone.now())
