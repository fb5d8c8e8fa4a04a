"""Tables of the ledger. The runtime role may insert and read, never change or remove."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.ledger.states import EntryKind


class Entry(models.Model):
    """留痕: one read or act through one door, by whom, for what purpose, about whom (as keyed hashes)."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "seq": Privacy.OPEN,
        "id": Privacy.OPEN,
        "at": Privacy.OPEN,
        "kind": Privacy.OPEN,
        "door": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "role": Privacy.OPEN,
        "organisation": Privacy.OPEN,
        "purpose": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "grant": Privacy.OPEN,
        "subjects": Privacy.OPEN,
        "details": Privacy.OPEN,
        "mac": Privacy.OPEN,
    }

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in EntryKind])
    door = models.CharField(max_length=100)
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    organisation = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40)
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    emergency = models.UUIDField(null=True)
    grant = models.UUIDField(null=True)
    subjects = ArrayField(models.BinaryField(max_length=16), default=list)
    details = models.JSONField(default=dict)
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            GinIndex(fields=["subjects"], name="ledger_entry_subjects", fastupdate=True),
            models.Index(fields=["actor", "-seq"], name="ledger_entry_actor"),
        ]


class Pending(models.Model):
    """待封: an entry that was committed and waits for the sealer; written with the entry, gone when sealed."""

    SCOPE = "none"
    PRIVACY = {"seq": Privacy.OPEN}

    seq = models.BigIntegerField(primary_key=True)


class Seal(models.Model):
    """链环: an entry's place in the hash chain."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {"no": Privacy.OPEN, "entry_seq": Privacy.OPEN, "hash": Privacy.OPEN}

    no = models.BigIntegerField(primary_key=True)
    entry_seq = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)


class Checkpoint(models.Model):
    """签章: the head of the chain at one moment, signed."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {"no": Privacy.OPEN, "hash": Privacy.OPEN, "at": Privacy.OPEN, "signature": Privacy.OPEN}

    no = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    signature = models.BinaryField(max_length=64)
