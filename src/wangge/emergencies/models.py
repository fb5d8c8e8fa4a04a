"""The emergency itself: not about anyone, and kept for good as the public record that the power was used."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.emergencies.states import DataSet, EmergencyState, Law, ResponseLevel
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy


class Emergency(models.Model):
    """应急事件: a declared emergency with legal basis, purposes, data sets and an END. Its id is its mandate's."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "name": Privacy.OPEN,
        "law": Privacy.OPEN,
        "article": Privacy.OPEN,
        "instrument": Privacy.OPEN,
        "purposes": Privacy.OPEN,
        "data_sets": Privacy.OPEN,
        "starts_at": Privacy.OPEN,
        "ends_at": Privacy.OPEN,
        "state": Privacy.OPEN,
        "declared_at": Privacy.OPEN,
        "declared_by": Privacy.OPEN,
        "ended_at": Privacy.OPEN,
        "ended_by": Privacy.OPEN,
        "end_reason": Privacy.OPEN,
        "destroyed_at": Privacy.OPEN,
        "certificate": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=120)
    law = models.CharField(max_length=32, choices=[(law.value, law.value) for law in Law])
    article = models.CharField(max_length=200)
    instrument = models.CharField(max_length=200, blank=True)
    purposes = ArrayField(models.CharField(max_length=40))
    data_sets = ArrayField(models.CharField(max_length=32, choices=[(d.value, d.value) for d in DataSet]))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in EmergencyState], default=EmergencyState.ACTIVE
    )
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    end_reason = models.TextField(blank=True)
    destroyed_at = models.DateTimeField(null=True)
    certificate = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="emergency_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(article=""), name="emergency_names_the_article"),
            models.CheckConstraint(
                condition=Q(state=EmergencyState.ACTIVE) | Q(ended_at__isnull=False),
                name="ended_emergency_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=EmergencyState.DESTROYED) | Q(certificate__isnull=False),
                name="destroyed_emergency_has_a_certificate",
            ),
        ]


class EmergencyArea(models.Model):
    """应急区域: a division under an emergency, with the level of response there and its review date."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "division": Privacy.OPEN,
        "lo": Privacy.OPEN,
        "hi": Privacy.OPEN,
        "level": Privacy.OPEN,
        "measures": Privacy.OPEN,
        "review_on": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="+")
    division = models.CharField(max_length=15)
    lo = models.BigIntegerField()
    hi = models.BigIntegerField()
    level = models.CharField(max_length=16, choices=[(level.value, level.value) for level in ResponseLevel])
    measures = ArrayField(models.CharField(max_length=120), default=list)
    review_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "division"], name="emergency_names_an_area_once"),
            models.CheckConstraint(condition=Q(lo__lte=F("hi")), name="emergency_area_is_not_empty"),
        ]


class EmergencyChange(models.Model):
    """应急变更: what was changed about an emergency, by whom, with which review. Never rewritten."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "at": Privacy.OPEN,
        "by": Privacy.OPEN,
        "what": Privacy.OPEN,
        "note": Privacy.OPEN,
        "details": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    what = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)


class DestructionNote(models.Model):
    """销毁清点: how many rows or files of an emergency were destroyed in one store. Written with the deletion."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "store": Privacy.OPEN,
        "count": Privacy.OPEN,
        "at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="+")
    store = models.CharField(max_length=80)
    count = models.BigIntegerField()
    at = models.DateTimeField()
