"""Every write of the insight room."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.insight.models import Indicator, IndicatorPlace, QualityMeasurement
from wangge.insight.types import Measured
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import NotFound
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


__all__ = ["note_quality"]
