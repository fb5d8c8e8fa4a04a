"""Tables of establishments; private to the room."""

from __future__ import annotations

from django.db import models

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy


class LegalEntity(models.Model):
    """法人: an organisation or venue by its unified social credit code; what each list told of it is kept beside."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "key": Privacy.OPEN,
        "name": Privacy.OPEN,
        "credit_code": Privacy.OPEN,
        "code_valid": Privacy.OPEN,
        "kind": Privacy.OPEN,
        "address": Privacy.OPEN,
        "industry": Privacy.OPEN,
        "status": Privacy.OPEN,
        "employees": Privacy.OPEN,
        "legal_person": Privacy.PERSONAL,
        "phone_sealed": Privacy.PERSONAL,
        "told_sealed": Privacy.PERSONAL,
        "records": Privacy.OPEN,
        "sources": Privacy.OPEN,
        "as_of_on": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    key = models.TextField(unique=True)
    name = models.TextField()
    credit_code = models.CharField(max_length=18, blank=True)
    code_valid = models.BooleanField(default=False)
    kind = models.TextField(blank=True)
    address = models.TextField(blank=True)
    industry = models.TextField(blank=True)
    status = models.TextField(blank=True)
    employees = models.TextField(blank=True)
    legal_person = models.TextField(blank=True)
    phone_sealed = models.BinaryField(null=True)
    told_sealed = models.BinaryField()  # the records: source, id, batch, row, day, and each field as it came
    records = models.IntegerField(default=1)
    sources = models.IntegerField(default=1)
    as_of_on = models.DateField(null=True)
    unit_no = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["credit_code"], name="legal_entity_by_code"),
            models.Index(fields=["unit_no", "name", "id"], name="legal_entity_by_unit"),
        ]
