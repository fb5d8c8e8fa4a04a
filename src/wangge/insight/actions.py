"""Every write of the insight room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.emergencies.queries import ended
from wangge.insight import warning
from wangge.insight.analysis import tiers
from wangge.insight.models import AreaTier, Indicator, IndicatorPlace, QualityMeasurement
from wangge.insight.rules.grading import LEAST_HOUSEHOLDS, TIER_PACK, told_facts
from wangge.insight.types import AreaToGrade, CaseAt, CountedSeries, Measured
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import NotFound, Refused
from wangge.sources.queries import sources

_FIGURE = ("id", "measurement_id", "unit_no", "formula", "version", "item", "counted", "of")
_PLACE = ("id", "indicator_id", "unit_no", "batch", "sheet_no", "row_no")


@door(writes="data_quality", act="note")
def note_quality(access: Access, *, measured: tuple[Measured, ...], on: date) -> int:
    """Note what measuring sources on a day gave; the same batch measured again that day takes the place of the first.

    Figures stay; of the rows they open to only those of a source's newest measurement are kept. Gives how many
    figures were noted. Raises NotFound for a source that is not in the territory.
    """
    now = timezone.now()
    units = {r.id: r.unit_no for r in sources(access)}
    noted = 0
    for one in measured:
        if one.resource not in units:
            raise NotFound(code="source_unknown", zh="没有此数据资源。", en="There is no such source.")
        unit = units[one.resource]
        IndicatorPlace.objects.filter(indicator__measurement__resource_id=one.resource).delete()
        QualityMeasurement.objects.filter(
            resource_id=one.resource,
            batch=one.batch,
            revision=one.revision,
            measured_on=on,
        ).delete()
        made = QualityMeasurement.objects.create(
            resource_id=one.resource,
            unit_no=unit,
            batch=one.batch,
            revision=one.revision,
            occasion=one.occasion.value,
            as_of_on=one.as_of_on,
            cycle_days=one.cycle_days,
            promised=one.promised,
            rows=one.rows,
            measured_on=on,
            measured_at=now,
        )
        named = [(new_id(), figure) for figure in one.figures]
        insert_rows(
            Indicator,
            _FIGURE,
            ((key, made.id, unit, f.formula, f.version, f.item, f.counted, f.of) for key, f in named),
        )
        insert_rows(
            IndicatorPlace,
            _PLACE,
            ((new_id(), key, unit, one.batch, sheet, row) for key, f in named for sheet, row in f.places),
        )
        noted += len(named)
    return noted


@door(writes="area_tier", act="note")
def note_tiers(
    access: Access, *, areas: Sequence[AreaToGrade], cases: Sequence[CaseAt], pack: str = TIER_PACK
) -> int:
    """Grade areas today by a rule pack and keep colour, rule and coarse facts; today's earlier grading is replaced.

    An area of fewer than LEAST_HOUSEHOLDS households has no colour of its own: it would speak of one door.
    """
    if access.emergency is None:
        raise Refused(
            code="emergency_missing",
            zh="此操作只能在已宣布的应急事件下进行。",
            en="This can be done under a declared emergency only.",
        )
    today, now = timezone.localdate(), timezone.now()
    graded = tiers(areas, cases, pack, today)
    AreaTier.objects.filter(emergency_id=access.emergency, as_of=today).delete()
    rows = []
    for area in areas:
        one = graded[area.division]
        small = area.households is not None and area.households < LEAST_HOUSEHOLDS
        rows.append(
            AreaTier(
                id=new_id(), emergency_id=access.emergency, division=area.division, level=area.level, name=area.name,
                unit_no=area.unit_no, pack=pack, as_of=today, noted_at=now, colour="" if small else one.colour,
                rule="" if small else one.rule, rule_zh="" if small else one.zh, rule_en="" if small else one.en,
                facts={} if small else told_facts(one.facts), changes_on=None if small else one.changes_on,
            )
        )  # fmt: skip
    AreaTier.objects.bulk_create(rows)
    return len(rows)


@door(writes="alarm", act="raise")
def raise_alarms(access: Access, *, series: Sequence[CountedSeries], on: date) -> int:
    """Ask the engine which series exceeded on a day what their past lets expect, and keep those; gives how many.

    Chance is held down over all series of the day (false discovery rate); fewer than LEAST counts never ring.
    """
    return warning.raised(series, on)


@door(writes="alarm", act="judge")
def judge_alarm(access: Access, *, alarm: UUID, issue: bool, reason: str) -> None:
    """Issue an alarm to the departments linked to it, or dismiss it; with the reason, for good."""
    warning.judged(access, alarm, issue, reason)


@door(writes="alarm", act="acknowledge")
def acknowledge_alarm(access: Access, *, alarm: UUID) -> bool:
    """A linked department takes note of an issued alarm; False when it had before."""
    return warning.acknowledged(access, alarm)


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row of the ended emergency in this room."""
    ended(access, emergency_id=emergency)
    gone, _ = AreaTier.objects.filter(emergency_id=emergency).delete()
    return (StoreCount("insight.areatier", gone),)


__all__ = [
    "acknowledge_alarm",
    "destroy_emergency",
    "judge_alarm",
    "note_quality",
    "note_tiers",
    "raise_alarms",
]
