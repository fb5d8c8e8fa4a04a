"""Writes of early warning: alarms raised, judged, acknowledged. Doors stand in `actions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from wangge.insight.analysis import unusual
from wangge.insight.models import Alarm, AlarmAcknowledgement
from wangge.insight.rules.warning import LEAST, QUIET_DAYS, require_reason, yardstick
from wangge.insight.states import AlarmState
from wangge.insight.types import CountedSeries
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import Conflict, NotFound, Refused


def raised(series: Sequence[CountedSeries], on: date) -> int:
    """Alarms of a day; a series that rang within QUIET_DAYS does not ring again.

    The house has counted since the first day on which anything was counted: a series without a count then had none.
    """
    first = min((day for one in series for day in one.days), default=on)
    measure = yardstick((on - first).days)
    recent = set(
        Alarm.objects.filter(on__gt=on - timedelta(days=QUIET_DAYS), on__lte=on).values_list(
            "series", "division"
        )
    )
    open_still = Alarm.objects.filter(state=AlarmState.RAISED).values_list("series", "division")
    quiet = recent | set(open_still)
    found = [
        Alarm(
            id=new_id(), series=one.series, division=one.division, unit_no=one.unit_no, on=on,
            observed=verdict.observed, expected=verdict.expected, upper=verdict.upper, p_value=verdict.p_value,
            method=measure.name, organisations=list(one.organisations), state=AlarmState.RAISED,
            raised_at=timezone.now(),
        )
        for one, verdict in unusual(series, on, method=measure.method, baseline=measure.baseline, back=measure.back)
        if verdict.observed >= LEAST and (one.series, one.division) not in quiet
    ]  # fmt: skip
    Alarm.objects.bulk_create(found)
    return len(found)


def judged(access: Access, alarm: UUID, issue: bool, reason: str) -> None:
    """Issue or dismiss a raised alarm of the territory."""
    row = _found(access, alarm)
    if row.state != AlarmState.RAISED:
        raise Conflict(
            code="alarm_judged_before", zh="此预警已有研判结论。", en="This alarm has been judged already."
        )
    row.reason = require_reason(reason)
    row.state = AlarmState.ISSUED if issue else AlarmState.DISMISSED
    row.judged_at, row.judged_by = timezone.now(), access.actor
    row.save(update_fields=["state", "reason", "judged_at", "judged_by"])


def acknowledged(access: Access, alarm: UUID) -> bool:
    """The access's department takes note; False when it had before."""
    row = _found(access, alarm)
    if row.state != AlarmState.ISSUED:
        raise Conflict(code="alarm_not_issued", zh="此预警尚未发布。", en="This alarm has not been issued.")
    if access.organisation is None or access.organisation not in row.organisations:
        raise Refused(
            code="not_linked_to_alarm",
            zh="此预警未关联您的单位。",
            en="This alarm is not linked to your organisation.",
        )
    _, fresh = AlarmAcknowledgement.objects.get_or_create(
        alarm=row, organisation=access.organisation, defaults={"at": timezone.now(), "by": access.actor}
    )
    return fresh


def _found(access: Access, alarm: UUID) -> Alarm:
    row = Alarm.objects.select_for_update().filter(seen_by(access), id=alarm).first()
    if row is None:
        raise NotFound(code="alarm_unknown", zh="没有此预警。", en="There is no such alarm.")
    return row


def seen_by(access: Access) -> Q:
    """Alarms of the territory; a department's are those issued to it."""
    here = Q(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
    if access.role == "handler":
        return here & Q(state=AlarmState.ISSUED, organisations__contains=[access.organisation])
    return here
