"""Areas from which people come, and who stayed there. Who stayed elsewhere, or not long enough, is never stored."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy


class AffectedArea(models.Model):
    """受影响地区: an area, here or elsewhere, where the disease spreads, and from when to when; named by the lead."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "division": Privacy.OPEN,
        "name": Privacy.OPEN,
        "since": Privacy.OPEN,
        "until": Privacy.OPEN,
        "ground": Privacy.OPEN,
        "named_at": Privacy.OPEN,
        "named_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey("emergencies.Emergency", on_delete=models.PROTECT, related_name="+")
    division = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    since = models.DateField()
    until = models.DateField(null=True)
    ground = models.CharField(max_length=200)
    named_at = models.DateTimeField()
    named_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "division", "since"], name="affected_area_begins_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="affected_area_ends_after_it_begins",
            ),
        ]


class Arrival(models.Model):
    """来自受影响地区人员: somebody who stayed two hours or more in an affected area within fifteen days."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "subject_token": Privacy.SECRET,
        "matched": Privacy.OPEN,
        "sealed": Privacy.SENSITIVE,
        "found_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(
        "emergencies.Emergency", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    subject_token = models.BinaryField(max_length=16)
    matched = models.BooleanField(default=False)
    sealed = models.BinaryField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "subject_token"], name="arrival_stands_once"),
        ]
        indexes = [models.Index(fields=["unit_no"], name="arrival_by_unit")]
