"""Every write of the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import orjson
from django.utils import timezone

from wangge.emergencies.queries import ended
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.screening.models import Appeal, Finding, ScreeningRun
from wangge.screening.rules.bulk import FactTable
from wangge.screening.running import run
from wangge.screening.sealing import sealer, under
from wangge.screening.states import FINDING_TABLE, STANDING, FindingState, PackKind
from wangge.screening.types import RunView

APPEAL_TERM = timedelta(
    hours=24
)  # an appeal is decided within a day; 突发事件 findings bind a person meanwhile
KEPT_AFTER_END = timedelta(days=30)  # then a finding about a person in peacetime is forgotten
PEACETIME_PACKS = ("care", "staleness")
EMERGENCY_PACKS = ("exposure", "care")


@door(writes="care_finding", act="screen")
def screen_care(
    access: Access,
    *,
    table: FactTable,
    packs: Sequence[str] = PEACETIME_PACKS,
    on: date | None = None,
    complete: bool = False,
) -> RunView:
    """Who needs care and shows no sign of getting it, and what is too old: findings in peacetime, blue only.

    `complete` says that `table` holds everybody in the access's territory. Raises BadInput for a pack of another kind.
    """
    _only(packs, {"care", "staleness"}, "peacetime")
    return run(access, emergency=None, table=table, packs=packs, on=on, complete=complete)


@door(writes="exposure_finding", act="screen")
def screen_exposure(
    access: Access,
    *,
    table: FactTable,
    packs: Sequence[str] = EMERGENCY_PACKS,
    on: date | None = None,
    complete: bool = False,
) -> RunView:
    """Grades of exposure, and gaps in care, under the access's emergency. All of it is sealed under its key."""
    _only(packs, {"exposure", "care"}, "an emergency")
    return run(access, emergency=_emergency(access), table=table, packs=packs, on=on, complete=complete)


@door(writes="exposure_finding", act="appeal")
def appeal_finding(access: Access, *, finding_id: UUID, statement: str) -> UUID:
    """Take a person's objection in. Until it is decided the finding is not made worse."""
    finding = _standing(access, finding_id)
    FINDING_TABLE.step(FindingState(finding.state), "appeal", reason=statement)
    now = timezone.now()
    appeal = Appeal.objects.create(
        finding=finding,
        emergency_id=finding.emergency_id,
        unit_no=finding.unit_no,
        sealed=sealer(finding.emergency_id).seal(orjson.dumps({"statement": statement.strip()})),
        made_at=now,
        made_by=access.actor,
        due_at=now + APPEAL_TERM,
    )
    _move(finding, FindingState.APPEALED)
    return appeal.id


@door(writes="exposure_finding", act="decide")
def decide_appeal(access: Access, *, finding_id: UUID, uphold: bool, reason: str) -> None:
    """A human decides: the finding stands, or is withdrawn and does not come back from the same facts.

    Whoever took the appeal in does not decide it.
    """
    finding = _standing(access, finding_id)
    verb = "uphold" if uphold else "withdraw"
    target = FINDING_TABLE.apply(FindingState(finding.state), verb, role=access.role, reason=reason)
    appeal = Appeal.objects.select_for_update().get(finding=finding, decided_at=None)
    if appeal.made_by == access.actor:
        raise Refused(
            code="own_appeal",
            zh="受理申诉的人不能裁定该申诉。",
            en="Whoever took an appeal in does not decide it.",
        )
    key = sealer(finding.emergency_id)
    said = orjson.loads(key.unseal_bytes(appeal.sealed))
    appeal.sealed = key.seal(orjson.dumps({**said, "reason": reason.strip()}))
    appeal.decision, appeal.decided_at, appeal.decided_by = verb, timezone.now(), access.actor
    appeal.save(update_fields=["sealed", "decision", "decided_at", "decided_by"])
    _move(finding, target)


@door(writes="finding_term", act="expire")
def expire_findings(access: Access) -> int:
    """Close findings whose time is over, and forget those that have been over for a month. Returns how many closed.

    Works on peacetime, or on the emergency the access is made under. Lists never show an expired finding, closed or
    not: closing is for the record.
    """
    now = timezone.now()
    rows = Finding.objects.filter(under(access.emergency))
    closed = rows.filter(state__in=STANDING, expires_at__lte=now).update(
        state=FindingState.EXPIRED, state_at=now
    )
    rows.exclude(state__in=STANDING).filter(state_at__lt=now - KEPT_AFTER_END).delete()
    return closed


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row of the ended emergency in this room. The access must be made under that emergency."""
    ended(access, emergency_id=emergency)
    counts = []
    for model in (Appeal, Finding, ScreeningRun):
        gone, _ = model.objects.filter(emergency_id=emergency).delete()
        counts.append(StoreCount(f"screening.{model._meta.model_name}", gone))
    return tuple(counts)


def _only(packs: Sequence[str], allowed: set[str], when: str) -> None:
    wrong = sorted(set(packs) - allowed)
    if wrong or not packs:
        raise BadInput(
            code="pack_not_for_this",
            zh=f"此处只能使用规则包：{'、'.join(sorted(allowed))}（现为：{'、'.join(packs) or '无'}）。",
            en=f"Packs for {when}: {', '.join(sorted(allowed))} (given: {', '.join(packs) or 'none'}).",
            place="packs",
        )


def _emergency(access: Access) -> UUID:
    if access.emergency is None:
        raise Refused(
            code="emergency_missing",
            zh="暴露分级只能在已宣布的应急事件下进行。",
            en="Exposure is graded under a declared emergency only.",
        )
    return access.emergency


def _standing(access: Access, finding_id: UUID) -> Finding:
    found = (
        Finding.objects.select_for_update()
        .filter(
            id=finding_id,
            emergency_id=_emergency(access),
            kind=PackKind.EXPOSURE,
            unit_no__gte=access.scope.lo,
            unit_no__lte=access.scope.hi,
        )
        .first()
    )
    if found is None or found.expires_at <= timezone.now():
        raise NotFound(
            code="finding_unknown",
            zh="没有此结论，或已到期。",
            en="There is no such finding, or it has expired.",
        )
    return found


def _move(finding: Finding, state: FindingState) -> None:
    finding.state, finding.state_at = state, timezone.now()
    finding.save(update_fields=["state", "state_at"])
