"""Tables of linkage; private to the room."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.linkage.states import Answer, PairState, RequestState, RunState, WhyAnew

_OPEN, _PERSONAL = Privacy.OPEN, Privacy.PERSONAL


class LinkageRun(models.Model):
    """归并运行: the register linked anew once: who asked, where it stands, what it made."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "state", "asked_at", "asked_by", "began_at", "ended_at", "rows", "persons", "new_persons", "retired",
            "unlocated", "fault", "added", "changed", "why_anew", "namesakes",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RunState])
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(default=0)
    new_persons = models.BigIntegerField(default=0)
    retired = models.BigIntegerField(default=0)
    unlocated = models.BigIntegerField(default=0)
    fault = models.CharField(max_length=80, blank=True)
    added = models.BooleanField(default=False)  # to what stood, not linked anew
    changed = models.BigIntegerField(default=0)
    namesakes = models.BooleanField(default=True)  # joins on a rare name alone are allowed
    why_anew = models.CharField(max_length=16, blank=True, choices=[(w.value, w.value) for w in WhyAnew])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), ended_at=None)
                | Q(state__in=("done", "failed"), ended_at__isnull=False),
                name="a_run_that_ended_says_when",
            )
        ]


class LinkageBase(models.Model):
    """归并底稿: what the last linkage keeps, sealed, so that the next need link only what is new."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "made_at", "rows", "rows_whole", "told", "files", "namesakes"), _OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    made_at = models.DateTimeField()
    rows = models.BigIntegerField()
    rows_whole = models.BigIntegerField()  # when everything was last linked anew
    told = models.JSONField()  # {source: [[batch, revision] ...]}
    files = models.JSONField()  # {name: name in the store}
    namesakes = models.BooleanField(default=True)


class ReviewPair(models.Model):
    """待复核对: two source records of which a person should say whether they are one person."""

    SCOPE = "unit"
    PRIVACY = {
        "id": _OPEN, "unit_no": _OPEN, "source_a": _OPEN, "record_a": _PERSONAL, "source_b": _OPEN,
        "record_b": _PERSONAL, "why": _OPEN, "probability": _OPEN, "worth": _OPEN, "evidence": _OPEN, "state": _OPEN,
        "claimed_by": _OPEN, "claimed_until": _OPEN, "act": _OPEN, "reason": _PERSONAL, "decided_by": _OPEN,
        "decided_at": _OPEN, "side": _PERSONAL,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    source_a = models.TextField()
    record_a = models.TextField()
    source_b = models.TextField()
    record_b = models.TextField()
    why = models.CharField(max_length=16)
    probability = models.FloatField(null=True)
    worth = models.FloatField()
    evidence = models.JSONField(default=dict)
    side = models.JSONField(
        default=list
    )  # of two that linkage joined: the second's records (source, record id)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in PairState])
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True)
    act = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_a", "record_a", "source_b", "record_b"], name="a_pair_is_asked_once"
            )
        ]
        indexes = [models.Index(fields=["state", "-worth", "id"], name="review_pair_dearest_first")]


class CorrectionRequest(models.Model):
    """校核请求: a doubtful fact that its owner is asked about, and what the owner answered."""

    SCOPE = "unit"
    PRIVACY = {
        "id": _OPEN, "unit_no": _OPEN, "person": _PERSONAL, "source": _OPEN, "record_id": _PERSONAL, "field": _OPEN,
        "reason": _OPEN, "told_sealed": _PERSONAL, "told_blind": _PERSONAL, "better_sealed": _PERSONAL, "sure": _OPEN,
        "worth": _OPEN, "organisation": _OPEN, "state": _OPEN, "found_at": _OPEN, "sent_at": _OPEN, "sent_by": _OPEN,
        "note": _PERSONAL, "due_on": _OPEN, "answer": _OPEN, "answer_sealed": _PERSONAL, "answer_note": _PERSONAL,
        "answered_at": _OPEN, "answered_by": _OPEN, "batch": _OPEN,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.TextField()
    record_id = models.TextField()
    field = models.CharField(max_length=12)
    reason = models.CharField(max_length=16)
    told_sealed = models.BinaryField()
    told_blind = models.BinaryField(max_length=16)
    better_sealed = models.BinaryField(null=True)
    sure = models.FloatField()
    worth = models.FloatField()
    organisation = models.ForeignKey(
        "access.Organisation", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RequestState])
    found_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True)
    due_on = models.DateField(null=True)
    answer = models.CharField(max_length=12, blank=True, choices=[(a.value, a.value) for a in Answer])
    answer_sealed = models.BinaryField(null=True)
    answer_note = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True)
    batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "record_id", "field"],
                condition=Q(state__in=("found", "open")),
                name="a_fact_is_asked_about_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(due_on__isnull=False, sent_at__isnull=False),
                name="an_open_request_has_a_deadline",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-worth", "id"], name="request_dearest_first"),
            models.Index(fields=["organisation", "state", "due_on"], name="request_by_department"),
            models.Index(fields=["person"], name="request_by_person"),
        ]
