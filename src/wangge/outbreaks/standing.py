"""Whether an emergency stands, and whether it names the data set that somebody wants to use."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound, Refused
from wangge.outbreaks.models import Emergency, EmergencyArea
from wangge.outbreaks.states import DataSet, EmergencyState


def find(emergency_id: UUID, *, lock: bool = False) -> Emergency:
    """The emergency, or NotFound. With `lock` nobody else changes it until the transaction ends."""
    rows = Emergency.objects.select_for_update() if lock else Emergency.objects
    found = rows.filter(id=emergency_id).first()
    if found is None:
        raise NotFound(code="emergency_unknown", zh="没有此应急事件。", en="There is no such emergency.")
    return found


def in_force(emergency: Emergency) -> bool:
    """Declared, begun, not ended."""
    now = timezone.now()
    return emergency.state == EmergencyState.ACTIVE and emergency.starts_at <= now < emergency.ends_at


def standing(access: Access, *data_sets: DataSet) -> Emergency:
    """The emergency the access was made under, if it is in force and names the data sets. Raises Refused."""
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
    for data_set in data_sets:
        if data_set not in emergency.data_sets:
            raise Refused(
                code="data_set_not_declared",
                zh=f"应急事件“{emergency.name}”宣布时没有列入数据集“{data_set}”，不得使用。",
                en=f'The emergency "{emergency.name}" does not name the data set "{data_set}"; it may not be used.',
                place="data_sets",
            )
    return emergency


def standing_for_any(access: Access, *data_sets: DataSet) -> Emergency:
    """As `standing`, where one of the data sets is enough. Raises Refused naming the first where none is declared."""
    emergency = standing(access)
    return emergency if set(data_sets) & set(emergency.data_sets) else standing(access, data_sets[0])


def unlocated(emergency: Emergency) -> int:
    """The unit number for those not yet placed: the first number of the first area."""
    area = (
        EmergencyArea.objects.filter(emergency=emergency).order_by("lo", "-hi").values_list("lo", flat=True)
    )
    return int(area[0])
