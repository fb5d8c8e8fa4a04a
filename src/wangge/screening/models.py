"""Tables of the screening room; private to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.screening.states import STANDING, FindingState, PackKind, Tier

_STANDS = Q(state__in=[s.value for s in STANDING])


class RulePack(models.Model):
    """规则包: the text of a pack in one version, kept for as long as a finding may have to be explained by it."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "code": Privacy.OPEN,
        "version": Privacy.OPEN,
        "kind": Privacy.OPEN,
        "digest": Privacy.OPEN,
        "text": Privacy.OPEN,
        "first_used_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in PackKind])
    digest = models.CharField(max_length=64)
    text = models.TextField()
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="pack_version_has_one_text")]


class ScreeningRun(models.Model):
    """筛查批次: one application of rule packs to a population, with its counts. Nobody stands in it."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "screened_on": Privacy.OPEN,
        "packs": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "complete": Privacy.OPEN,
        "persons": Privacy.OPEN,
        "counts": Privacy.OPEN,
        "ran_at": Privacy.OPEN,
        "ran_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(
        "emergencies.Emergency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    screened_on = models.DateField()
    packs = models.JSONField(default=dict)
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    complete = models.BooleanField()
    persons = models.IntegerField()
    counts = models.JSONField(default=dict)
    ran_at = models.DateTimeField()
    ran_by = models.CharField(max_length=64)


class Finding(models.Model):
    """筛查结论: what a rule pack concluded about one person, with its facts sealed, its reasons and its end.

    Sealed under the emergency's key where there is one, else under the room's own. The person is a token.
    """

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "run": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "kind": Privacy.SENSITIVE,
        "tier": Privacy.SENSITIVE,
        "rank": Privacy.SENSITIVE,
        "priority": Privacy.SENSITIVE,
        "pack": Privacy.OPEN,
        "version": Privacy.OPEN,
        "rule": Privacy.SENSITIVE,
        "subject_token": Privacy.SECRET,
        "fingerprint": Privacy.SECRET,
        "sealed": Privacy.SENSITIVE,
        "found_at": Privacy.OPEN,
        "expires_at": Privacy.OPEN,
        "state": Privacy.OPEN,
        "state_at": Privacy.OPEN,
        "superseded_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    emergency = models.ForeignKey(
        "emergencies.Emergency", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in PackKind])
    tier = models.CharField(max_length=8, choices=[(t.value, t.value) for t in Tier])
    rank = models.SmallIntegerField()
    priority = models.SmallIntegerField()
    pack = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    rule = models.CharField(max_length=80)
    subject_token = models.BinaryField(max_length=16)
    fingerprint = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    found_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in FindingState])
    state_at = models.DateTimeField()
    superseded_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_token", "pack"],
                condition=_STANDS,
                name="one_standing_finding_a_person_and_pack",
            ),
            models.CheckConstraint(
                condition=Q(kind=PackKind.EXPOSURE, emergency__isnull=False)
                | Q(kind__in=[PackKind.CARE, PackKind.STALENESS], tier=Tier.BLUE),
                name="red_and_yellow_only_for_exposure_in_an_emergency",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.SUPERSEDED) | Q(superseded_by__isnull=False),
                name="superseded_finding_names_its_successor",
            ),
        ]
        # lists go most pressing first; peacetime has indexes of its own because `IS NULL` does not order an index
        indexes = [
            models.Index(
                fields=["-rank", "-priority", "-id"],
                condition=_STANDS & Q(emergency__isnull=True),
                name="finding_care_first",
            ),
            models.Index(
                fields=["kind", "-rank", "-priority", "-id"],
                condition=_STANDS & Q(emergency__isnull=True),
                name="finding_care_kind_first",
            ),
            models.Index(
                fields=["emergency", "-rank", "-priority", "-id"],
                condition=_STANDS & Q(emergency__isnull=False),
                name="finding_exposure_first",
            ),
            models.Index(
                fields=["unit_no", "state"],
                include=["emergency", "kind", "tier", "expires_at"],
                name="finding_by_unit",
            ),
            models.Index(fields=["subject_token"], name="finding_by_subject"),
        ]


class Appeal(models.Model):
    """申诉: a person's objection to a finding, and how a human decided. Sealed like the finding."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "finding": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "sealed": Privacy.SENSITIVE,
        "made_at": Privacy.OPEN,
        "made_by": Privacy.OPEN,
        "due_at": Privacy.OPEN,
        "decision": Privacy.OPEN,
        "decided_at": Privacy.OPEN,
        "decided_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    emergency = models.ForeignKey(
        "emergencies.Emergency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    unit_no = models.BigIntegerField()
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    decision = models.CharField(max_length=12, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=Q(decided_at=None), name="one_open_appeal_a_finding"
            )
        ]
