"""Tables of the insight room; private to it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.insight.states import AlarmState, Occasion
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy

_OPEN = Privacy.OPEN


class AreaTier(models.Model):
    """区域分级: the colour of a division on a day under an emergency, with the rule and the coarse facts behind it."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "emergency", "division", "level", "name", "unit_no", "colour", "rule", "rule_zh", "rule_en", "pack",
            "facts", "changes_on", "as_of", "noted_at",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey("emergencies.Emergency", on_delete=models.PROTECT, related_name="+")
    division = models.CharField(max_length=12)
    level = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    unit_no = models.BigIntegerField()
    colour = models.CharField(max_length=12, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    rule_zh = models.CharField(max_length=200, blank=True)
    rule_en = models.CharField(max_length=200, blank=True)
    pack = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    changes_on = models.DateField(null=True)
    as_of = models.DateField()
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "as_of", "division"], name="an_area_has_one_colour_a_day"
            ),
        ]


class QualityMeasurement(models.Model):
    """质量测量: one source measured once: which batch, when, why, under which promise."""

    SCOPE = "unit"
    PRIVACY = dict.fromkeys(
        (
            "id", "resource", "unit_no", "batch", "revision", "occasion", "as_of_on", "cycle_days", "promised", "rows",
            "measured_on", "measured_at",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    resource = models.ForeignKey(
        "sources.DataResource", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField(db_index=True)
    batch = models.UUIDField()
    revision = models.IntegerField()
    occasion = models.CharField(max_length=12, choices=[(o.value, o.value) for o in Occasion])
    as_of_on = models.DateField()
    cycle_days = models.IntegerField()
    promised = (
        models.BooleanField()
    )  # whether the department promised this cycle, or the monthly rule stands in
    rows = models.BigIntegerField()
    measured_on = models.DateField()
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "batch", "revision", "measured_on"],
                name="a_batch_is_measured_once_a_day",
            ),
            models.CheckConstraint(condition=Q(cycle_days__gte=1), name="a_cycle_has_a_day_at_least"),
        ]
        indexes = [models.Index(fields=["resource", "-measured_at"], name="insight_newest_measurement")]


class Indicator(models.Model):
    """指标值: one figure of a measurement: so many counted, of so many, by a formula of a version."""

    SCOPE = "unit"
    PRIVACY = dict.fromkeys(
        ("id", "measurement", "unit_no", "formula", "version", "item", "counted", "of"), _OPEN
    )

    id = models.UUIDField(primary_key=True, default=new_id)
    measurement = models.ForeignKey(
        QualityMeasurement, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    formula = models.CharField(max_length=32)
    version = models.IntegerField()
    item = models.CharField(max_length=80, blank=True)  # field or reason; empty for the source as a whole
    counted = models.BigIntegerField()
    of = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measurement", "formula", "item"], name="a_measurement_has_a_figure_once"
            ),
            models.CheckConstraint(condition=Q(of__gte=1), name="a_figure_is_of_something"),
        ]


class IndicatorPlace(models.Model):
    """指标出处: a row that a figure of the newest measurement opens to: batch, sheet, row; no value of it."""

    SCOPE = "unit"
    PRIVACY = dict.fromkeys(("id", "indicator", "unit_no", "batch", "sheet_no", "row_no"), _OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit_no = models.BigIntegerField()
    batch = models.UUIDField()
    sheet_no = models.IntegerField()
    row_no = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "sheet_no", "row_no"], name="a_figure_opens_to_a_row_once"
            )
        ]


class Alarm(models.Model):
    """预警: a counted series exceeded on one day what its past lets expect: where, by how much, who must look."""

    SCOPE = "unit"
    PRIVACY = dict.fromkeys(
        (
            "id", "series", "division", "unit_no", "on", "observed", "expected", "upper", "p_value", "method",
            "organisations", "state", "raised_at", "judged_at", "judged_by", "reason",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    series = models.CharField(max_length=120)
    division = models.CharField(max_length=12)
    unit_no = models.BigIntegerField(db_index=True)
    on = models.DateField()
    observed = models.IntegerField()
    expected = models.FloatField()
    upper = models.FloatField()
    p_value = models.FloatField(null=True)
    method = models.CharField(max_length=40)
    organisations = ArrayField(models.UUIDField(), default=list)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in AlarmState])
    raised_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    judged_by = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "division", "on"], name="an_alarm_a_series_place_and_day"
            ),
            models.CheckConstraint(
                condition=Q(state="raised") | (Q(judged_at__isnull=False) & ~Q(reason="")),
                name="a_judged_alarm_says_why",
            ),
        ]


class AlarmAcknowledgement(models.Model):
    """预警确认: a department linked to an issued alarm has taken note of it."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "alarm", "organisation", "at", "by"), _OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    alarm = models.ForeignKey(Alarm, on_delete=models.PROTECT, related_name="+")
    organisation = models.UUIDField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alarm", "organisation"], name="a_department_acknowledges_once"),
        ]
