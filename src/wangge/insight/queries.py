"""Every read that leaves the insight room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from wangge.insight import analysis
from wangge.insight.models import (
    Alarm,
    AlarmAcknowledgement,
    AreaTier,
    Indicator,
    IndicatorPlace,
    QualityMeasurement,
)
from wangge.insight.rules.grading import TIER_PACK
from wangge.insight.rules.measuring import occasion_for
from wangge.insight.rules.mending import changes, worths
from wangge.insight.states import AlarmState, Measure, Occasion
from wangge.insight.types import (
    AlarmView,
    AreaTierView,
    FormulaView,
    ItemView,
    MeasureView,
    Mend,
    NewestBatch,
    Overview,
    Point,
    QualityDetail,
    SourceQuality,
    TierPackView,
)
from wangge.insight.warning import seen_by
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import NotFound
from wangge.sources.queries import sources
from wangge.sources.types import ResourceView

TREND = 24  # measurements of a source that its course shows
FIRST = 3  # what is said to be worth mending first
_Counts = dict[tuple[str, str], tuple[int, int]]


@door(reads="area_tier")
def area_tiers(access: Access, *, emergency_id: UUID) -> tuple[AreaTierView, ...]:
    """The colours of the areas under an emergency as they were graded last, street by street. Open to all staff."""
    rows = AreaTier.objects.filter(emergency_id=emergency_id)
    last = rows.order_by("-as_of").values_list("as_of", flat=True).first()
    if last is None:
        return ()
    return tuple(
        AreaTierView(
            t.division, t.level, t.name, t.unit_no, t.colour, t.rule, t.rule_zh, t.rule_en, t.pack,
            tuple(t.facts.items()), t.changes_on, t.as_of, t.noted_at,
        )
        for t in rows.filter(as_of=last).order_by("unit_no", "division")
    )  # fmt: skip


@door(reads="alarm")
def alarms(
    access: Access, *, state: AlarmState | None = None, after: str | None = None, size: int = PAGE_SIZE
) -> Page[AlarmView]:
    """Alarms of the territory, the latest day first; a department sees those issued to it."""
    rows = Alarm.objects.filter(seen_by(access))
    if state is not None:
        rows = rows.filter(state=state)
    if cursor := Cursor.decode(after, 1, UUID):
        rows = rows.filter(id__lt=cursor.values[0])
    found = list(rows.order_by("-id")[: size + 1])
    more = Cursor((str(found[size - 1].id),)).encode() if len(found) > size else None
    return Page(tuple(_alarm(row) for row in found[:size]), more)


@door(reads="alarm")
def alarm(access: Access, *, alarm_id: UUID) -> AlarmView:
    """One alarm."""
    found = Alarm.objects.filter(seen_by(access), id=alarm_id).first()
    if found is None:
        raise NotFound(code="alarm_unknown", zh="没有此预警。", en="There is no such alarm.")
    return _alarm(found)


def _alarm(a: Alarm) -> AlarmView:
    noted = AlarmAcknowledgement.objects.filter(alarm=a).order_by("at").values_list("organisation", "at")
    return AlarmView(
        a.id, a.series, a.division, a.unit_no, a.on, a.observed, a.expected, a.upper, a.p_value, a.method,
        AlarmState(a.state), a.raised_at, a.judged_at, a.judged_by, a.reason, tuple(a.organisations), tuple(noted),
    )  # fmt: skip


@door(reads="area_tier")
def tier_pack(access: Access) -> TierPackView:
    """The rules that colours are given by, in words."""
    return analysis.tier_pack(TIER_PACK)


@door(reads="data_quality")
def data_quality(access: Access) -> Overview:
    """How good the data of each of the reader's sources is, what changed, and what is worth mending first."""
    found, unmeasured = [], []
    for resource in _measurable(access):
        runs = _runs(resource)
        if runs:
            found.append(_source(resource, runs))
        else:
            unmeasured.append((resource.code, resource.name_zh, resource.name_en))
    dearest = sorted((m for s in found for m in s.mend), key=lambda m: (-m.worth, m.code, m.formula, m.item))
    found.sort(key=lambda s: (-sum(m.worth for m in s.mend), s.code))
    return Overview(tuple(found), tuple(unmeasured), tuple(dearest[:FIRST]))


@door(reads="data_quality")
def source_quality(access: Access, *, resource: UUID | str) -> QualityDetail:
    """One source in full: every field and reason, how it stood before, and rows that each figure opens to."""
    found = next((r for r in _measurable(access) if resource in (r.id, r.code)), None)
    runs = _runs(found) if found else []
    if found is None or not runs:
        raise NotFound(
            code="source_not_measured",
            zh="没有此数据资源，或尚未测量。",
            en="There is no such source, or it has not been measured.",
        )
    return QualityDetail(_source(found, runs), _items(found, runs), analysis.formulas())


@door(reads="data_quality", act="plan")
def due(access: Access, *, newest: tuple[NewestBatch, ...], today: date) -> tuple[tuple[UUID, Occasion], ...]:
    """Of sources with their newest accepted batch, those to be measured on a day, and why: (resource, occasion)."""
    rows = QualityMeasurement.objects.order_by("resource_id", "-measured_at", "-id").distinct("resource_id")
    last = {m.resource_id: (m.batch, m.revision, m.measured_on) for m in rows}
    told = (
        (one.resource, occasion_for(last.get(one.resource), one.batch, one.revision, today)) for one in newest
    )
    return tuple((resource, occasion) for resource, occasion in told if occasion is not None)


@door(reads="data_quality")
def quality_formulas(access: Access) -> tuple[FormulaView, ...]:
    """How each figure is counted, in words and as data."""
    return analysis.formulas()


def _measurable(access: Access) -> list[ResourceView]:
    forms = analysis.measured_forms()
    return [r for r in sources(access) if r.emergency is None and r.schema in forms]


def _runs(resource: ResourceView) -> list[tuple[QualityMeasurement, _Counts]]:
    """The newest measurements of a source with all their figures, oldest first."""
    rows = QualityMeasurement.objects.filter(resource_id=resource.id).order_by("-measured_at", "-id")[:TREND]
    runs = list(rows)[::-1]
    counts: dict[UUID, _Counts] = defaultdict(dict)
    told = Indicator.objects.filter(measurement__in=runs).values_list(
        "measurement_id", "formula", "item", "counted", "of"
    )
    for measurement, formula, item, counted, of in told:
        counts[measurement][formula, item] = (counted, of)
    return [(run, counts[run.id]) for run in runs]


def _source(resource: ResourceView, runs: Sequence[tuple[QualityMeasurement, _Counts]]) -> SourceQuality:
    newest, now = runs[-1]
    now = {**_last_conflicts(runs), **now}
    before = _before(runs)
    words = {key: analysis.words_of(resource.schema, key[1]) for key in {*now, *before} if key[1]}
    mend = [
        Mend(
            resource.id,
            resource.code,
            newest.batch,
            *key,
            *words.get(key, ("", "")),
            records,
            now[key][1],
            worth,
        )
        for worth, key, records in worths(now, analysis.weights(), newest.rows)
    ]
    moved = changes(now, before, skip=("remark",)) if before else []
    return SourceQuality(
        resource=resource.id,
        code=resource.code,
        name_zh=resource.name_zh,
        name_en=resource.name_en,
        organisation=resource.organisation,
        schema=resource.schema,
        batch=newest.batch,
        as_of_on=newest.as_of_on,
        cycle_days=newest.cycle_days,
        promised=newest.promised,
        rows=newest.rows,
        occasion=Occasion(newest.occasion),
        measured_at=newest.measured_at,
        measures=tuple(m for m in (_measure(code, runs) for code in Measure) if m is not None),
        changes=tuple(_item(resource, key, now, before) for key in moved),
        mend=tuple(mend[:FIRST]),
    )


def _last_conflicts(runs: Sequence[tuple[QualityMeasurement, _Counts]]) -> _Counts:
    """Facts are compared by linkages only: what the last one found, where the newest measurement compared nothing."""
    for _, counts in reversed(runs):
        found = {key: told for key, told in counts.items() if key[0] == Measure.CONFLICT}
        if found:
            return found
    return {}


def _before(runs: Sequence[tuple[QualityMeasurement, _Counts]]) -> _Counts:
    """The figures before: of the last measurement of another batch; of the one before where there is no other."""
    newest = runs[-1][0]
    others = [
        counts for run, counts in runs[:-1] if (run.batch, run.revision) != (newest.batch, newest.revision)
    ]
    if others:
        return others[-1]
    return runs[-2][1] if len(runs) > 1 else {}


def _measure(code: Measure, runs: Sequence[tuple[QualityMeasurement, _Counts]]) -> MeasureView | None:
    counted = [
        (run, Point(run.measured_on, *counts[code, ""])) for run, counts in runs if (code, "") in counts
    ]
    if not counted:
        return None
    last = counted[-1][0]
    others = [point for run, point in counted if (run.batch, run.revision) != (last.batch, last.revision)]
    earlier = others or [point for _, point in counted[:-1]]
    return MeasureView(
        formula=code,
        version=next((f.version for f in analysis.formulas() if f.code == code), 1),
        better=analysis.better(code),
        trend=tuple(point for _, point in counted),
        before=earlier[-1] if earlier else None,
        current=(code, "") in runs[-1][1],
    )


def _item(
    resource: ResourceView,
    key: tuple[str, str],
    now: _Counts,
    before: _Counts,
    places: tuple[tuple[int, int], ...] = (),
) -> ItemView:
    formula, item = key
    told = now.get(key)
    was = before.get(key)
    counted, of = told if told else (0, was[1] if was else 1)
    share = was[0] / was[1] if was else (0.0 if before and formula in ("kept_aside", "fault") else None)
    zh, en = analysis.words_of(resource.schema, item)
    version = next((f.version for f in analysis.formulas() if f.code == formula), 1)
    return ItemView(formula, version, item, zh, en, counted, of, share, places)


def _items(
    resource: ResourceView, runs: Sequence[tuple[QualityMeasurement, _Counts]]
) -> tuple[ItemView, ...]:
    newest, now = runs[-1]
    opened: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    places = IndicatorPlace.objects.filter(indicator__measurement=newest).order_by("sheet_no", "row_no")
    for formula, item, sheet, row in places.values_list(
        "indicator__formula", "indicator__item", "sheet_no", "row_no"
    ):
        opened[formula, item].append((sheet, row))
    before = _before(runs)
    now = {**_last_conflicts(runs), **now}
    shown = [key for key in now if key[1] or key[0] == Measure.UNIQUENESS]
    items = [_item(resource, key, now, before, tuple(opened.get(key, ()))) for key in shown]
    return tuple(sorted(items, key=lambda i: (i.formula, -i.counted, i.item)))


__all__ = ["data_quality", "due", "quality_formulas", "source_quality"]
