"""Patients of an emergency. Everything about them is sealed under the emergency's key."""

from __future__ import annotations

from django.db import models

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy


class Patient(models.Model):
    """病例: a patient on the line list of an emergency."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "position": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "no_blind": Privacy.SECRET,
        "id_blind": Privacy.SECRET,
        "person_token": Privacy.SECRET,
        "digest": Privacy.SECRET,
        "sealed": Privacy.SENSITIVE,
        "batch": Privacy.OPEN,
        "imported_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(
        "emergencies.Emergency", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.IntegerField()
    unit_no = models.BigIntegerField()
    no_blind = models.BinaryField(max_length=16)
    id_blind = models.BinaryField(max_length=16, null=True)
    person_token = models.BinaryField(max_length=16, null=True)
    digest = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    batch = models.UUIDField(null=True)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "no_blind"], name="patient_number_stands_once"),
        ]
        indexes = [models.Index(fields=["emergency", "position", "id"], name="patient_in_list_order")]
