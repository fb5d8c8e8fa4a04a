"""Tables of the field room; private to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wangge.field.states import Outcome, QuarantineState, Receipt, VisitState
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy

PEACETIME = "field"
"""The sealing scope of visits outside an emergency; an emergency's visits are sealed under its own key."""


class Visit(models.Model):
    """走访: one visit as it came from the phone, once; what was seen is sealed."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "client_id": Privacy.OPEN,
        "digest": Privacy.PERSONAL,
        "form": Privacy.OPEN,
        "form_version": Privacy.OPEN,
        "task_id": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "emergency_id": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "device": Privacy.PERSONAL,
        "started_at": Privacy.OPEN,
        "ended_at": Privacy.OPEN,
        "received_at": Privacy.OPEN,
        "saw_person": Privacy.OPEN,
        "saw_dwelling": Privacy.OPEN,
        "saw_state": Privacy.OPEN,
        "outcome": Privacy.OPEN,
        "receipt": Privacy.OPEN,
        "state": Privacy.OPEN,
        "review_actor": Privacy.OPEN,
        "reviewed_at": Privacy.OPEN,
        "subject_token": Privacy.PERSONAL,
        "content_sealed": Privacy.SENSITIVE,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    client_id = models.UUIDField()
    digest = models.BinaryField(max_length=16)
    form = models.CharField(max_length=40)
    form_version = models.CharField(max_length=20)
    task_id = models.UUIDField(null=True)
    unit_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=64)
    device = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    received_at = models.DateTimeField()
    saw_person = models.BooleanField()
    saw_dwelling = models.BooleanField()
    saw_state = models.BooleanField()
    outcome = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Outcome])
    receipt = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Receipt])
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in VisitState])
    review_actor = models.CharField(max_length=64, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    subject_token = models.BinaryField(null=True, max_length=16)
    content_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="visit_counts_once"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="visit_ends_after_it_begins"
            ),
        ]
        indexes = [
            models.Index(F("ended_at").desc(), F("id").desc(), name="visits_newest"),
            models.Index("actor", F("ended_at").desc(), name="visits_of_a_worker"),
            models.Index("unit_no", F("ended_at").desc(), name="visits_in_a_unit"),
            models.Index("task_id", name="visits_of_a_task", condition=Q(task_id__isnull=False)),
            models.Index(
                "subject_token", name="visits_about_a_person", condition=Q(subject_token__isnull=False)
            ),
            models.Index(
                "emergency_id", name="visits_of_an_emergency", condition=Q(emergency_id__isnull=False)
            ),
            models.Index("review_actor", name="visits_to_review", condition=Q(state=VisitState.FOR_REVIEW)),
        ]


class Correction(models.Model):
    """更正: a fact that a visit found different from what is recorded; it goes back to the sources as data."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "visit": Privacy.OPEN,
        "field": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "emergency_id": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "observed_at": Privacy.OPEN,
        "content_sealed": Privacy.PERSONAL,
        "sent_at": Privacy.OPEN,
        "batch_id": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=40)
    unit_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=64)
    observed_at = models.DateTimeField()
    content_sealed = models.BinaryField()
    sent_at = models.DateTimeField(null=True)
    batch_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "field"], name="visit_corrects_a_field_once"),
        ]
        indexes = [
            models.Index("id", name="corrections_to_send", condition=Q(sent_at__isnull=True)),
            models.Index(
                "emergency_id", name="corrections_of_an_emergency", condition=Q(emergency_id__isnull=False)
            ),
        ]


class QuarantinedVisit(models.Model):
    """待更正走访: a visit that could not be taken in, kept whole and sealed with the reason until it is put right."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "client_id": Privacy.OPEN,
        "digest": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
        "emergency_id": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "received_at": Privacy.OPEN,
        "reason_code": Privacy.OPEN,
        "content_sealed": Privacy.SENSITIVE,
        "state": Privacy.OPEN,
        "ended_at": Privacy.OPEN,
        "ended_by": Privacy.OPEN,
        "visit_id": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    client_id = models.UUIDField()
    digest = models.BinaryField(max_length=16)
    unit_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    reason_code = models.CharField(max_length=60)
    content_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in QuarantineState])
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    visit_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_id", "digest"], name="visit_is_quarantined_once"),
        ]
        indexes = [
            models.Index("actor", "received_at", name="visits_held", condition=Q(state=QuarantineState.HELD)),
            models.Index(
                "emergency_id", name="visits_held_in_an_emergency", condition=Q(emergency_id__isnull=False)
            ),
        ]
