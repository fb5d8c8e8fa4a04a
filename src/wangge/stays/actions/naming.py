"""Areas where the disease spreads, as the emergency's lead names them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.kernel.units import interval_of
from wangge.stays.models import AffectedArea


@door(writes="affected_area", act="name")
def name_affected_area(
    access: Access,
    *,
    emergency_id: UUID,
    division: str,
    name: str,
    since: date,
    until: date | None = None,
    ground: str = "",
) -> UUID:
    """Name an area where the disease spreads, from when to when and on what ground: stays there are then looked for.

    Lists taken in before are not read again: most of their rows were dropped, as they had to be.
    """
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    if emergency.id != emergency_id:
        raise NotFound(code="emergency_unknown", zh="没有此应急事件。", en="There is no such emergency.")
    interval_of(division)
    for field, missing in (("name", not name.strip()), ("ground", not ground.strip())):
        if missing:
            raise BadInput(
                code=f"{field}_missing",
                zh="请填写地区名称和依据的公告。",
                en="Give the area's name and the notice it rests on.",
                place=field,
            )
    if until is not None and until < since:
        raise BadInput(
            code="end_before_start", zh="结束早于开始。", en="The end is before the start.", place="until"
        )
    if AffectedArea.objects.filter(emergency_id=emergency.id, division=division, since=since).exists():
        raise Conflict(
            code="area_named_before",
            zh="该地区自同一天起已列入。",
            en="This area is named from that day already.",
        )
    return AffectedArea.objects.create(
        emergency_id=emergency.id, division=division, name=name.strip(), since=since, until=until,
        ground=ground.strip(), named_at=timezone.now(), named_by=access.actor,
    ).id  # fmt: skip
