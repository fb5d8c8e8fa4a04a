"""Declaring, extending, levelling and ending an emergency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.access.actions import close_mandate, extend_mandate, open_mandate
from wangge.emergencies.models import Emergency, EmergencyArea, EmergencyChange
from wangge.emergencies.rules.terms import LAWS, check_declaration, check_review
from wangge.emergencies.standing import find
from wangge.emergencies.states import DataSet, EmergencyState, Law, ResponseLevel
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.kernel.units import Interval, interval_of, significant


@door(writes="emergency", act="declare")
def declare_emergency(
    access: Access,
    *,
    name: str,
    law: Law,
    article: str,
    areas: Mapping[str, ResponseLevel],
    purposes: Sequence[str],
    data_sets: Sequence[DataSet],
    ends_at: datetime | None,
    starts_at: datetime | None = None,
    instrument: str = "",
    id: UUID | None = None,
) -> UUID:
    """Declare an emergency: basis, areas (division code -> level), purposes, data sets and END. Gives its id.

    It opens the mandate of the same id, which makes the key that all its data is sealed under. Raises BadInput for any
    term that is missing or cannot stand, and for an area outside the access's territory.
    """
    now = timezone.now()
    begins = starts_at or now
    check_declaration(
        name=name,
        article=article,
        areas=tuple(areas),
        purposes=purposes,
        data_sets=data_sets,
        starts_at=begins,
        ends_at=ends_at,
        now=now,
    )
    assert ends_at is not None  # check_declaration has refused that
    intervals = {significant(code): interval_of(code) for code in areas}
    for code, interval in intervals.items():
        if not access.scope.covers(interval):
            raise BadInput(
                code="area_outside_territory",
                zh=f"区域“{code}”不在您的管辖范围内。",
                en=f'The area "{code}" is outside your territory.',
                place="areas",
            )
    emergency_id = id or new_id()
    law_zh, _ = LAWS[Law(law)]
    open_mandate(
        access,
        id=emergency_id,
        scope=Interval(min(i.lo for i in intervals.values()), max(i.hi for i in intervals.values())),
        areas=tuple(sorted(set(intervals.values()))),
        purposes=tuple(purposes),
        valid_from=begins,
        valid_until=ends_at,
        legal_basis=f"{law_zh} {article}".strip(),
    )
    emergency = Emergency.objects.create(
        id=emergency_id,
        name=name.strip(),
        law=Law(law),
        article=article.strip(),
        instrument=instrument.strip(),
        purposes=list(purposes),
        data_sets=[DataSet(d) for d in data_sets],
        starts_at=begins,
        ends_at=ends_at,
        declared_at=now,
        declared_by=access.actor,
    )
    EmergencyArea.objects.bulk_create(
        EmergencyArea(
            emergency=emergency, division=code, lo=intervals[significant(code)].lo,
            hi=intervals[significant(code)].hi, level=ResponseLevel(level),
        )
        for code, level in areas.items()
    )  # fmt: skip
    _note(access, emergency, "declare", article, ends_at=ends_at.isoformat())
    return emergency_id


@door(writes="emergency", act="extend")
def extend_emergency(access: Access, *, emergency_id: UUID, ends_at: datetime, review: str) -> None:
    """Move the END, with the review that says why it is still needed."""
    emergency = _active(emergency_id)
    check_review(review=review, ends_at=emergency.ends_at, new_end=ends_at, now=timezone.now())
    extend_mandate(access, id=emergency_id, valid_until=ends_at)
    before, emergency.ends_at = emergency.ends_at, ends_at
    emergency.save(update_fields=["ends_at"])
    _note(access, emergency, "extend", review, before=before.isoformat(), after=ends_at.isoformat())


@door(writes="emergency", act="level")
def set_level(
    access: Access,
    *,
    emergency_id: UUID,
    division: str,
    level: ResponseLevel,
    review_on: date,
    measures: Sequence[str] = (),
    reason: str = "",
) -> None:
    """Raise or lower the level of response in one area, with its measures and the day it is reviewed."""
    emergency = _active(emergency_id)
    area = EmergencyArea.objects.filter(emergency=emergency, division=division).first()
    if area is None:
        raise NotFound(
            code="area_unknown",
            zh=f"应急事件未包含区域“{division}”。",
            en=f'The emergency does not cover the area "{division}".',
            place="division",
        )
    if review_on < timezone.localdate():
        raise BadInput(
            code="review_in_past",
            zh=f"复核日期 {review_on} 已经过去。",
            en=f"The review date {review_on} has already passed.",
            place="review_on",
        )
    before = area.level
    area.level, area.measures, area.review_on = ResponseLevel(level), list(measures), review_on
    area.save(update_fields=["level", "measures", "review_on"])
    _note(access, emergency, "level", reason, division=division, before=before, after=area.level)


@door(writes="emergency", act="end")
def end_emergency(access: Access, *, emergency_id: UUID, reason: str = "") -> bool:
    """End it now: access to its data closes and its key is destroyed. True if it was still active.

    What remains are rows that nobody can read; `flows.emergencies.end` then has every room delete its part. Ending
    again changes nothing.
    """
    emergency = find(emergency_id, lock=True)
    if emergency.state != EmergencyState.ACTIVE:
        return False
    emergency.state = EmergencyState.ENDED
    emergency.ended_at = timezone.now()
    emergency.ended_by = access.actor
    emergency.end_reason = reason.strip()
    emergency.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])
    _note(access, emergency, "end", reason)
    close_mandate(access, id=emergency_id)  # last: a key that is gone does not come back with a roll-back
    return True


def _active(emergency_id: UUID) -> Emergency:
    emergency = find(emergency_id, lock=True)
    if emergency.state != EmergencyState.ACTIVE or emergency.ends_at <= timezone.now():
        raise Conflict(
            code="emergency_ended",
            zh=f"应急事件“{emergency.name}”已经结束，不能再变更；如有需要请重新宣布。",
            en=f'The emergency "{emergency.name}" has ended and cannot be changed; declare a new one if needed.',
        )
    return emergency


def _note(access: Access, emergency: Emergency, what: str, note: str = "", **details: Any) -> None:
    EmergencyChange.objects.create(
        emergency=emergency, at=timezone.now(), by=access.actor, what=what, note=note.strip(), details=details
    )
