"""Who met whom. Sealed under the emergency's key; a passenger who met nobody never comes this far."""

from __future__ import annotations

from django.db import models

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.outbreaks.models.patients import Patient
from wangge.outbreaks.states import ContactClass, ExposureKind

_CLASSES = [(c.value, c.value) for c in ContactClass]


class Manifest(models.Model):
    """乘车名单: that a manifest came in, under which rule, and its counts. No passenger stands here."""

    SCOPE = "emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "digest": Privacy.SECRET,
        "batch": Privacy.OPEN,
        "rule": Privacy.OPEN,
        "rule_version": Privacy.OPEN,
        "counts": Privacy.OPEN,
        "imported_at": Privacy.OPEN,
        "imported_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey("emergencies.Emergency", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=16)
    batch = models.UUIDField(null=True)
    rule = models.CharField(max_length=64)
    rule_version = models.CharField(max_length=32)
    counts = models.JSONField(default=dict)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["emergency", "digest"], name="manifest_stands_once")]


class CloseContact(models.Model):
    """密切接触者: somebody who met a patient, with the nearest class of all their exposures."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "subject_token": Privacy.SECRET,
        "id_blind": Privacy.SECRET,
        "contact_class": Privacy.SENSITIVE,
        "matched": Privacy.OPEN,
        "sealed": Privacy.SENSITIVE,
        "found_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(
        "emergencies.Emergency", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    subject_token = models.BinaryField(
        max_length=16
    )  # equals a patient's `person_token` where it is one person
    id_blind = models.BinaryField(max_length=16, null=True)
    contact_class = models.CharField(max_length=24, choices=_CLASSES)
    matched = models.BooleanField(default=False)
    sealed = models.BinaryField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "subject_token"], name="close_contact_stands_once"),
        ]
        indexes = [
            models.Index(fields=["emergency", "contact_class", "id"], name="close_contact_by_class"),
            models.Index(fields=["unit_no"], name="close_contact_by_unit"),
        ]


class Exposure(models.Model):
    """暴露: one contact met one patient once, by which rule and why; or met, `via`, a close contact of that patient."""

    SCOPE = "emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "contact": Privacy.OPEN,
        "patient": Privacy.OPEN,
        "via": Privacy.OPEN,
        "kind": Privacy.SENSITIVE,
        "contact_class": Privacy.SENSITIVE,
        "rule": Privacy.OPEN,
        "rule_version": Privacy.OPEN,
        "widened": Privacy.OPEN,
        "occasion": Privacy.SECRET,
        "sealed": Privacy.SENSITIVE,
        "recorded_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey("emergencies.Emergency", on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(CloseContact, on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    via = models.ForeignKey(CloseContact, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ExposureKind])
    contact_class = models.CharField(max_length=24, choices=_CLASSES)
    rule = models.CharField(max_length=80)
    rule_version = models.CharField(max_length=32)
    widened = models.CharField(max_length=24, blank=True)
    occasion = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "patient", "occasion"], name="exposure_stands_once"),
            models.CheckConstraint(
                condition=models.Q(contact_class=ContactClass.CONTACT_OF_CONTACT.value, via__isnull=False)
                | (
                    ~models.Q(contact_class=ContactClass.CONTACT_OF_CONTACT.value)
                    & models.Q(via__isnull=True)
                ),
                name="contact_of_contact_names_the_contact",
            ),
        ]
