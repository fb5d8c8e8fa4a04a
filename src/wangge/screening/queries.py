"""Every read that leaves the room. Peacetime findings and an emergency's have doors of their own."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Page
from wangge.kernel.problems import Refused
from wangge.kernel.units import Interval
from wangge.screening import reading
from wangge.screening.models import ScreeningRun
from wangge.screening.rules.packs import shipped
from wangge.screening.running import view_of
from wangge.screening.sealing import under
from wangge.screening.states import PackKind, Tier
from wangge.screening.types import (
    Fate,
    FindingDetail,
    FindingRow,
    Grade,
    PackView,
    RuleView,
    RunView,
    TierCount,
    UnitTiers,
)


def _mine(access: Access) -> UUID:
    if access.emergency is None:
        raise Refused(
            code="emergency_missing",
            zh="此数据只能在已宣布的应急事件下读取。",
            en="This can be read under a declared emergency only.",
        )
    return access.emergency


@door(reads="care_finding")
def care_findings(
    access: Access,
    *,
    kind: PackKind | None = None,
    rule: str = "",
    within: Interval | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[FindingRow]:
    """Peacetime findings in force, highest priority of care first."""
    rows = reading.standing(access, None, within)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if rule:
        rows = rows.filter(rule=rule)
    return reading.page(rows, None, after, size)


@door(reads="care_finding")
def care_finding(access: Access, *, finding_id: UUID) -> FindingDetail:
    """One peacetime finding with rule, version, facts, source, date, what would change it, and its history."""
    return reading.detail(access, None, finding_id)


@door(reads="care_finding", subject="person_id")
def care_findings_of(access: Access, *, person_id: UUID) -> tuple[FindingRow, ...]:
    """Peacetime findings in force about one person."""
    return reading.of_person(access, None, person_id)


@door(reads="care_finding", act="count")
def care_counts(access: Access, *, within: Interval | None = None) -> tuple[TierCount, ...]:
    """How many peacetime findings are in force, by kind."""
    return reading.by_tier(reading.standing(access, None, within))


@door(reads="care_finding", act="count")
def care_counts_by_unit(access: Access, *, kind: PackKind | None = None) -> tuple[UnitTiers, ...]:
    """Peacetime findings by grid, for the map."""
    return reading.by_unit(reading.standing(access, None), kind)


@door(reads="exposure_finding")
def exposure_findings(
    access: Access,
    *,
    tier: Tier | None = None,
    kind: PackKind | None = None,
    rule: str = "",
    within: Interval | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[FindingRow]:
    """Findings in force under the access's emergency: red, then yellow, then blue, each by priority of care."""
    emergency = _mine(access)
    rows = reading.standing(access, emergency, within)
    if tier is not None:
        rows = rows.filter(tier=tier)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if rule:
        rows = rows.filter(rule=rule)
    return reading.page(rows, emergency, after, size)


@door(reads="exposure_finding")
def exposure_finding(access: Access, *, finding_id: UUID) -> FindingDetail:
    """One finding of the emergency with everything that explains it."""
    return reading.detail(access, _mine(access), finding_id)


@door(reads="exposure_finding", subject="person_id")
def exposure_findings_of(access: Access, *, person_id: UUID) -> tuple[FindingRow, ...]:
    """Findings in force about one person under the access's emergency."""
    return reading.of_person(access, _mine(access), person_id)


@door(reads="exposure_finding")
def exposure_grades(access: Access, *, ids: Collection[UUID]) -> tuple[Grade, ...]:
    """The present grade of exposure of each of these persons who has one; nobody else is in the answer."""
    return reading.grades(access, _mine(access), ids)


@door(reads="exposure_finding", act="count")
def exposure_counts(access: Access, *, within: Interval | None = None) -> tuple[TierCount, ...]:
    """How many findings of the emergency are in force, by kind and tier."""
    return reading.by_tier(reading.standing(access, _mine(access), within))


@door(reads="exposure_finding", act="count")
def exposure_counts_by_unit(
    access: Access, *, kind: PackKind | None = PackKind.EXPOSURE
) -> tuple[UnitTiers, ...]:
    """Findings of the emergency by grid and tier, for the map."""
    return reading.by_unit(reading.standing(access, _mine(access)), kind)


@door(reads="care_finding", act="follow")
def care_fates(access: Access, *, ids: Collection[UUID]) -> tuple[Fate, ...]:
    """Of peacetime findings, those that no longer stand, and what took their place: for the tasks they gave."""
    return reading.fates(access, None, ids)


@door(reads="exposure_finding", act="follow")
def exposure_fates(access: Access, *, ids: Collection[UUID]) -> tuple[Fate, ...]:
    """Of the emergency's findings, those that no longer stand, and what took their place."""
    return reading.fates(access, _mine(access), ids)


@door(reads="screening_run")
def screening_runs(
    access: Access, *, emergency_id: UUID | None = None, size: int = PAGE_SIZE
) -> tuple[RunView, ...]:
    """The latest runs of peacetime, or of an emergency. Counts only."""
    rows = ScreeningRun.objects.filter(under(emergency_id)).exclude(counts={}).order_by("-ran_at", "-id")
    return tuple(view_of(r) for r in rows[:size])


@door(reads="rule_pack")
def rule_packs(access: Access) -> tuple[PackView, ...]:
    """Every rule that findings are made by, open to all staff."""
    return tuple(
        PackView(
            code=p.code,
            version=p.version,
            kind=p.kind,
            title_zh=p.title.zh,
            title_en=p.title.en,
            source=p.source,
            owner=p.owner,
            valid_from=p.valid_from,
            valid_to=p.valid_to,
            digest=p.digest,
            rules=tuple(
                RuleView(
                    r.code,
                    r.when,
                    r.tier.value if r.tier else None,
                    r.priority,
                    r.reason.zh,
                    r.reason.en,
                    r.change.zh,
                    r.change.en,
                    r.expires_after_days,
                    r.task,
                    r.within_hours,
                )
                for r in p.rules
            ),
        )
        for p in shipped().values()
    )
