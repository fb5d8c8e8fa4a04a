"""Tables of what the register rests on beside records: acts by hand and what each source is worth.

Private to the room; `models.py` makes them known to Django.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.registry.states import ActKind

_OPEN, _PERSONAL = Privacy.OPEN, Privacy.PERSONAL


class RegistryAct(models.Model):
    """归并操作: a merge or a split made by hand, with the records it moved, so that it can be undone."""

    SCOPE = "unit"
    PRIVACY = {
        "id": _OPEN, "unit_no": _OPEN, "kind": _OPEN, "person": _OPEN, "other": _OPEN, "moved": _OPEN, "pair": _OPEN,
        "reason": _PERSONAL, "made_by": _OPEN, "made_at": _OPEN, "undone_by": _OPEN, "undone_at": _OPEN,
        "undone_reason": _PERSONAL,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in ActKind])
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(
        "registry.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    moved = models.JSONField(default=list)  # ids of the source records that changed sides
    pair = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=64, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="registry_act_by_person"),
            models.Index(fields=["other"], name="registry_act_by_other", condition=Q(other__isnull=False)),
        ]


class SourceReliability(models.Model):
    """来源可信度: how often a source is believed right about a field, as the last linkage found."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "source", "field", "judged", "share"), _OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    source = models.TextField()
    field = models.CharField(max_length=12)
    judged = models.BigIntegerField()
    share = models.FloatField()


class SourceDependence(models.Model):
    """来源依赖: two sources that share their errors, and what part; together they count for little more than one."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "source", "other", "share"), _OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    source = models.TextField()
    other = models.TextField()
    share = models.FloatField()
