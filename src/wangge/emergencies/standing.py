"""Whether an emergency is there, stands, or is over."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.emergencies.models import Emergency
from wangge.emergencies.states import EmergencyState
from wangge.kernel.problems import Conflict, NotFound


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


def over(emergency_id: UUID, *, lock: bool = False) -> Emergency:
    """The emergency, which must have ended. Raises Conflict while it is active."""
    emergency = find(emergency_id, lock=lock)
    if emergency.state == EmergencyState.ACTIVE:
        raise Conflict(
            code="emergency_still_active",
            zh=f"应急事件“{emergency.name}”尚未结束，不能销毁其数据。",
            en=f'The emergency "{emergency.name}" has not ended; its data cannot be destroyed yet.',
        )
    return emergency
