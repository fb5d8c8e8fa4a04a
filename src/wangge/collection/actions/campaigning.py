"""A form goes out: to the doors where something is missing, or to every door of an area; and comes to its end."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.collection.finding import (
    asked_questions,
    find_campaign,
    find_form,
    scope_of,
    target_of,
    wanted_of,
)
from wangge.collection.models import AnswerSheet, Campaign, CampaignDoor, FormQuestion
from wangge.collection.states import (
    CAMPAIGN_TABLE,
    FORM_TABLE,
    CampaignState,
    DoorState,
    FormState,
    SheetState,
)
from wangge.collection.types import PlannedDoor
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict, Refused
from wangge.registry.queries import dwellings, gaps
from wangge.registry.types import Gap, Target

_DOOR = ("id", "campaign_id", "unit_no", "dwelling_id", "people", "state", "attempts", "saw_person", "saw_dwelling",
         "saw_state", "actor")  # fmt: skip
_SHEET = ("id", "campaign_id", "door_id", "unit_no", "person_id", "asked", "state")


@door(writes="campaign", act="begin")
def begin_campaign(
    access: Access, *, form: UUID, due_at: datetime, area: str = "", everyone: bool = False
) -> UUID:
    """Send a checked form out: to its people of whom something is missing, or with `everyone` to every door of an area.

    `area` narrows it down. Doors are laid out next (`flows.collecting.send`); returns the campaign's id.
    """
    found = find_form(access, form, to_write=True)
    found.state = FORM_TABLE.apply(FormState(found.state), "send").value
    found.save()
    where = area or found.area
    scope = scope_of(where)
    if not scope_of(found.area).covers(scope) or not access.scope.covers(scope):
        raise Refused(
            code="area_out_of_form",
            zh=f"区划 {where} 不在采集表的范围内。",
            en=f"Division {where} is not within the area of the form.",
            place="area",
        )
    if due_at.tzinfo is None or due_at <= timezone.now():
        raise BadInput(
            code="deadline_in_the_past",
            zh="请设定今后的截止时间。",
            en="Set a deadline that lies ahead.",
            place="due_on",
        )
    return Campaign.objects.create(
        form=found,
        area=where,
        unit_no=scope.lo,
        everyone=everyone,
        state=CampaignState.RUNNING.value,
        begun_at=timezone.now(),
        begun_by=access.actor,
        due_at=due_at,
    ).id


@door(writes="campaign", act="lay_out")
def lay_out(access: Access, *, campaign: UUID) -> tuple[PlannedDoor, ...]:
    """Find the doors of a campaign and who is asked what behind each; a person without a known door has a door too.

    The register is asked anew, so that what has become known since the check is not asked. Raises Conflict where there
    is nobody to ask.
    """
    found = find_campaign(access, campaign, to_write=True)
    if found.doors:
        raise Conflict(
            code="campaign_laid_out",
            zh="任务已经下发。",
            en="The doors of this campaign are laid out already.",
        )
    questions = asked_questions(found.form_id)
    target = target_of(found.form, found.area)
    people = gaps(access, target=target, wanted=wanted_of(questions))
    asked = {p.person_id: codes for p in people if (codes := _asked(p, questions))}
    rows, planned = _doors(access, found, people, asked)
    if not planned:
        raise Conflict(
            code="nobody_to_ask",
            zh="所需内容均已掌握，无须下发采集。",
            en="Everything wanted is held already: there is nobody to ask.",
        )
    insert_rows(CampaignDoor, _DOOR, rows)
    insert_rows(AnswerSheet, _SHEET, _sheets(found.id, planned, people, asked))
    found.doors, found.people, found.asked_people = len(planned), len(people), len(asked)
    found.target_cells = len(people) * len(questions)
    found.asked_cells = sum(map(len, asked.values()))
    found.save()
    return tuple(planned.values())


def _asked(person: Gap, questions: list[FormQuestion]) -> tuple[str, ...]:
    missing = set(person.missing)
    return tuple(q.code for q in questions if q.again or not q.field or q.field in missing)


Key = UUID  # of a dwelling, or of a person without one


def _doors(
    access: Access, campaign: Campaign, people: tuple[Gap, ...], asked: dict[UUID, tuple[str, ...]]
) -> tuple[list[tuple[object, ...]], dict[Key, PlannedDoor]]:
    """The rows of the doors, and the doors by dwelling (or by person where none is known)."""
    behind: dict[Key, list[Gap]] = defaultdict(list)
    for person in people:
        behind[person.dwelling or person.person_id].append(person)
    known: dict[Key, int] = {}
    living: dict[Key, int] = {key: len(found) for key, found in behind.items()}
    if campaign.everyone:
        everybody = gaps(access, target=Target(scope_of(campaign.area)), wanted=())
        living = defaultdict(int)
        for person in everybody:
            living[person.dwelling or person.person_id] += 1
        known = {d.dwelling: d.unit_no for d in dwellings(access, target=Target(scope_of(campaign.area)))}
    for key, found in behind.items():
        if any(p.person_id in asked for p in found):
            known.setdefault(key, found[0].unit_no)
    rows: list[tuple[object, ...]] = []
    planned: dict[Key, PlannedDoor] = {}
    for key, unit_no in known.items():
        homeless = [p for p in behind.get(key, ()) if p.dwelling is None]
        dwelling = None if homeless else key
        id_ = new_id()
        rows.append(
            (
                id_, campaign.id, unit_no, dwelling, living.get(key, 0), DoorState.WAITING.value, 0, False, False,
                False, "",
            )
        )  # fmt: skip
        alone = homeless[0].person_id if homeless else None
        number = sum(p.person_id in asked for p in behind.get(key, ()))
        planned[key] = PlannedDoor(id_, unit_no, dwelling, alone, number)
    return rows, planned


def _sheets(
    campaign: UUID,
    planned: dict[Key, PlannedDoor],
    people: tuple[Gap, ...],
    asked: dict[UUID, tuple[str, ...]],
) -> list[tuple[object, ...]]:
    return [
        (
            new_id(),
            campaign,
            planned[p.dwelling or p.person_id].door_id,
            planned[p.dwelling or p.person_id].unit_no,
            p.person_id,
            list(asked[p.person_id]),
            SheetState.OPEN.value,
        )
        for p in people
        if p.person_id in asked
    ]


@door(writes="campaign", act="end")
def end_campaign(access: Access, *, campaign: UUID, reason: str = "") -> bool:
    """Close a campaign whose doors have all ended; with a reason, stop one before. True when it was stopped.

    Raises Conflict with the number of doors that nobody has been to, so that none is missed unseen.
    """
    found = find_campaign(access, campaign, to_write=True)
    if not access.scope.covers(scope_of(found.area)):
        raise Refused(
            code="area_out_of_scope",
            zh=f"区划 {found.area} 不在您的辖区内。",
            en=f"Division {found.area} is not in your territory.",
        )
    left = CampaignDoor.objects.filter(campaign_id=campaign, state=DoorState.WAITING).count()
    verb = "stop" if left and reason.strip() else "finish"
    state = CAMPAIGN_TABLE.apply(CampaignState(found.state), verb, reason=reason)
    if verb == "finish" and left:
        raise Conflict(
            code="doors_left",
            zh=f"还有 {left} 户没有结果，不能办结；确需停止请写明原因。",
            en=f"{left} doors have no result yet. To stop all the same, give the reason.",
            details={"left": left},
        )
    found.state, found.ended_at, found.ended_by = state.value, timezone.now(), access.actor
    found.reason = " ".join(reason.split())[:600]
    found.save()
    return verb == "stop"


@door(writes="campaign", act="end")
def ask_for_answers(access: Access, *, campaign: UUID) -> int:
    """Ask that the answers of one's own campaign go back to the sources now, not at night; gives how many wait."""
    found = find_campaign(access, campaign, to_write=True)
    return AnswerSheet.objects.filter(
        campaign=found,
        state=SheetState.ANSWERED,
        sent_at=None,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).count()
