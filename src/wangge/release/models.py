"""Tables of the release room; private to it. What left is kept as a record, never as a copy."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.release.states import FileFormat


class Export(models.Model):
    """导出: a file left the house: what, how much, for what purpose, by whom, with which mark."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "noun": Privacy.OPEN,
        "title": Privacy.OPEN,
        "columns": Privacy.OPEN,
        "classes": Privacy.OPEN,
        "rows": Privacy.OPEN,
        "format": Privacy.OPEN,
        "purpose": Privacy.OPEN,
        "justification": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "ledger_entry": Privacy.OPEN,
        "digest": Privacy.OPEN,
        "made_at": Privacy.OPEN,
        "made_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    noun = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    columns = ArrayField(models.CharField(max_length=80))
    classes = ArrayField(models.CharField(max_length=16))
    rows = models.IntegerField()
    format = models.CharField(max_length=8, choices=[(f.value, f.value) for f in FileFormat])
    purpose = models.CharField(max_length=40)
    justification = models.TextField(blank=True)
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    emergency = models.ForeignKey(
        "emergencies.Emergency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    ledger_entry = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)


class DestructionCertificate(models.Model):
    """销毁证明: signed words that an emergency's data was destroyed, store by store, and its key with it."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "statement": Privacy.OPEN,
        "signature": Privacy.OPEN,
        "public_key": Privacy.OPEN,
        "issued_at": Privacy.OPEN,
        "issued_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.OneToOneField("emergencies.Emergency", on_delete=models.PROTECT, related_name="+")
    statement = models.TextField()
    signature = models.BinaryField(max_length=64)
    public_key = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=64)
