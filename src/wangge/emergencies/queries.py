"""Every read that leaves the room."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from wangge.emergencies.models import DestructionNote, Emergency, EmergencyArea, EmergencyChange
from wangge.emergencies.rules.terms import LAWS
from wangge.emergencies.standing import find, in_force, over
from wangge.emergencies.states import DataSet, EmergencyState, Law
from wangge.emergencies.types import AreaView, ChangeView, EmergencyView, Standing
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import Refused


@door(reads="emergency")
def emergencies(access: Access) -> tuple[EmergencyView, ...]:
    """All emergencies ever declared, newest first. Open to all staff; nothing in them is about a person."""
    return tuple(_emergency(e) for e in Emergency.objects.order_by("-declared_at", "-id"))


@door(reads="emergency")
def emergency(access: Access, *, emergency_id: UUID) -> EmergencyView:
    """One emergency with its areas and changes."""
    return _emergency(find(emergency_id))


@door(reads="emergency")
def emergencies_due(access: Access) -> tuple[UUID, ...]:
    """Emergencies whose END has passed, or that ended and are not yet destroyed."""
    due = Q(state=EmergencyState.ACTIVE, ends_at__lte=timezone.now()) | Q(state=EmergencyState.ENDED)
    return tuple(Emergency.objects.filter(due).order_by("ends_at").values_list("id", flat=True))


@door(reads="emergency")
def destroyed_counts(access: Access, *, emergency_id: UUID) -> tuple[StoreCount, ...]:
    """What was destroyed, by store, over all attempts."""
    notes = DestructionNote.objects.filter(emergency_id=emergency_id).values_list("store")
    return tuple(StoreCount(store, count) for store, count in notes.annotate(Sum("count")).order_by("store"))


@door(reads="emergency")
def ended(access: Access, *, emergency_id: UUID) -> None:
    """That an emergency has ended, so that its data can be destroyed. Raises Conflict while it is active."""
    over(emergency_id)


@door(reads="emergency")
def standing(
    access: Access, *, all_of: tuple[DataSet, ...] = (), any_of: tuple[DataSet, ...] = ()
) -> Standing:
    """The emergency the access was made under: in force, naming every data set of `all_of` and one of `any_of`.

    Every door to data gathered under an emergency asks this first. Raises Refused with the first reason against it.
    """
    if access.emergency is None:
        raise Refused(
            code="emergency_missing",
            zh="此操作只能在已宣布的应急事件下进行。",
            en="This can be done under a declared emergency only.",
        )
    emergency = find(access.emergency)
    if not in_force(emergency):
        raise Refused(
            code="emergency_not_in_force",
            zh=f"应急事件“{emergency.name}”尚未开始或已经结束。",
            en=f'The emergency "{emergency.name}" has not begun or has ended.',
        )
    named = set(emergency.data_sets)
    wanted = (*all_of, *(() if named & set(any_of) else any_of[:1]))
    for data_set in wanted:
        if data_set not in named:
            raise Refused(
                code="data_set_not_declared",
                zh=f"应急事件“{emergency.name}”宣布时没有列入数据集“{data_set}”，不得使用。",
                en=f'The emergency "{emergency.name}" does not name the data set "{data_set}"; it may not be used.',
                place="data_sets",
            )
    areas = EmergencyArea.objects.filter(emergency=emergency).order_by("lo", "-hi")
    return Standing(
        id=emergency.id,
        name=emergency.name,
        data_sets=tuple(emergency.data_sets),
        unlocated=int(areas.values_list("lo", flat=True)[0]),
    )


def _emergency(e: Emergency) -> EmergencyView:
    law_zh, law_en = LAWS[Law(e.law)]
    return EmergencyView(
        id=e.id,
        name=e.name,
        law=e.law,
        law_zh=law_zh,
        law_en=law_en,
        article=e.article,
        instrument=e.instrument,
        areas=tuple(
            AreaView(a.division, a.lo, a.hi, a.level, tuple(a.measures), a.review_on)
            for a in EmergencyArea.objects.filter(emergency=e).order_by("lo", "hi")
        ),
        purposes=tuple(e.purposes),
        data_sets=tuple(e.data_sets),
        declared_at=e.declared_at,
        declared_by=e.declared_by,
        starts_at=e.starts_at,
        ends_at=e.ends_at,
        state=e.state,
        in_force=in_force(e),
        ended_at=e.ended_at,
        end_reason=e.end_reason,
        destroyed_at=e.destroyed_at,
        certificate=e.certificate,
        changes=tuple(
            ChangeView(c.at, c.by, c.what, c.note)
            for c in EmergencyChange.objects.filter(emergency=e).order_by("at", "id")
        ),
    )
