"""Tables of the collection room; private to it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.collection.states import CampaignState, DoorState, FormState, QuestionKind, SheetState, Standing
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy

SEALED = "collection"
_OPEN, _PERSONAL, _SENSITIVE = Privacy.OPEN, Privacy.PERSONAL, Privacy.SENSITIVE


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in kind]  # type: ignore[attr-defined]


class CollectionForm(models.Model):
    """采集表: what one department wants to know of whom, and what the register answers; open to all staff."""

    SCOPE = "none"  # who asks what, and why, is nobody's secret
    PRIVACY = dict.fromkeys(
        (
            "id", "title", "organisation", "area", "unit_no", "age_from", "age_to", "sex", "facts", "state",
            "drafted_at", "drafted_by", "checked_at", "people", "unknown_age", "target_cells", "asked_cells",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    title = models.CharField(max_length=120)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=15)
    unit_no = models.BigIntegerField()
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    sex = models.CharField(max_length=8, blank=True)
    facts = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=12, choices=_choices(FormState), default=FormState.DRAFT.value)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    checked_at = models.DateTimeField(null=True)
    people = models.IntegerField(default=0)
    unknown_age = models.IntegerField(default=0)
    target_cells = models.BigIntegerField(default=0)
    asked_cells = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_cells__lte=models.F("target_cells")),
                name="no_more_is_asked_than_is_wanted",
            )
        ]


class FormQuestion(models.Model):
    """采集题目: one question with its purpose and legal basis, and what the register answers to it."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "form", "number", "code", "zh", "en", "kind", "choices", "field", "purpose", "basis", "place",
            "standing", "refused", "refused_zh", "refused_en", "held", "derivable", "missing", "stale", "derived_from",
            "holders", "oldest", "middle", "newest", "sure", "again",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    form = models.ForeignKey(CollectionForm, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=_choices(QuestionKind))
    choices = models.JSONField(default=list)
    field = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    basis = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=120, blank=True)
    standing = models.CharField(max_length=12, choices=_choices(Standing), blank=True)
    refused = models.CharField(max_length=40, blank=True)
    refused_zh = models.TextField(blank=True)
    refused_en = models.TextField(blank=True)
    held = models.IntegerField(default=0)
    derivable = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    stale = models.IntegerField(default=0)
    derived_from = ArrayField(models.CharField(max_length=40), default=list)
    holders = models.JSONField(default=list)
    oldest = models.CharField(max_length=10, blank=True)
    middle = models.CharField(max_length=10, blank=True)
    newest = models.CharField(max_length=10, blank=True)
    sure = models.FloatField(null=True)
    again = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="a_question_has_one_number"),
            models.UniqueConstraint(fields=["form", "code"], name="a_question_has_one_code"),
            models.CheckConstraint(
                condition=~Q(refused="") | (~Q(purpose="") & ~Q(basis="")),
                name="a_question_that_is_asked_has_purpose_and_basis",
            ),
        ]


class Justification(models.Model):
    """再采理由: why something that is held is asked again, as it was written; never changed, shown with the form."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = dict.fromkeys(
        ("id", "form_id", "code", "again", "reason", "held", "people", "given_at", "given_by"), _OPEN
    )

    id = models.UUIDField(primary_key=True, default=new_id)
    form_id = models.UUIDField(db_index=True)
    code = models.CharField(max_length=40)
    again = models.BooleanField()
    reason = models.CharField(max_length=600)
    held = models.IntegerField()
    people = models.IntegerField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(again=True, reason=""), name="asking_again_has_a_reason")
        ]


class Campaign(models.Model):
    """采集行动: a form sent to the doors of an area. Counts only; open to all staff."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "form", "area", "unit_no", "everyone", "state", "begun_at", "begun_by", "due_at", "ended_at",
            "ended_by", "reason", "doors", "people", "asked_people", "target_cells", "asked_cells",
        ),
        _OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    form = models.ForeignKey(CollectionForm, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=15)
    unit_no = models.BigIntegerField()
    everyone = models.BooleanField()
    state = models.CharField(max_length=12, choices=_choices(CampaignState))
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=600, blank=True)
    doors = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    asked_people = models.IntegerField(default=0)
    target_cells = models.BigIntegerField(default=0)
    asked_cells = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["form", "begun_at"], name="campaigns_of_a_form")]


class CampaignDoor(models.Model):
    """采集户: one door of a campaign and how it ended, with the evidence; a person without a known door has one too."""

    SCOPE = "unit"
    PRIVACY = {
        **dict.fromkeys(
            (
                "id", "campaign", "unit_no", "people", "state", "attempts", "saw_person", "saw_dwelling", "saw_state",
                "visit_id", "ended_at", "actor",
            ),
            _OPEN,
        ),
        "dwelling_id": _PERSONAL,
        "evidence_sealed": _PERSONAL,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_no = models.BigIntegerField()
    dwelling_id = models.UUIDField(null=True)
    people = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=_choices(DoorState))
    attempts = models.PositiveSmallIntegerField(default=0)
    saw_person = models.BooleanField(default=False)
    saw_dwelling = models.BooleanField(default=False)
    saw_state = models.BooleanField(default=False)
    visit_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=64, blank=True)
    evidence_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "dwelling_id"],
                condition=Q(dwelling_id__isnull=False),
                name="a_campaign_knocks_at_a_door_once",
            ),
            models.CheckConstraint(
                condition=Q(state=DoorState.WAITING, visit_id=None)
                | ~Q(state=DoorState.WAITING, visit_id=None),
                name="a_door_that_ended_names_its_visit",
            ),
            models.CheckConstraint(
                condition=~Q(state=DoorState.SURVEYED)
                | Q(saw_person=True, saw_dwelling=True, saw_state=True),
                name="a_surveyed_door_has_person_dwelling_and_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(DoorState.WAITING, DoorState.SURVEYED))
                | Q(evidence_sealed__isnull=False),
                name="a_door_without_survey_has_evidence",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "unit_no", "state"], name="doors_of_a_campaign")]


class AnswerSheet(models.Model):
    """采集单: the questions that one person is asked, and the answers, sealed until they went back as a batch."""

    SCOPE = "unit"
    PRIVACY = {
        **dict.fromkeys(
            ("id", "campaign", "door", "unit_no", "asked", "state", "answered_at", "visit_id", "sent_at", "batch_id"),
            _OPEN,
        ),
        "person_id": _PERSONAL,
        "answers_sealed": _SENSITIVE,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    door = models.ForeignKey(CampaignDoor, on_delete=models.PROTECT, related_name="+")
    unit_no = models.BigIntegerField()
    person_id = models.UUIDField(null=True)
    asked = ArrayField(models.CharField(max_length=40))
    state = models.CharField(max_length=12, choices=_choices(SheetState))
    answers_sealed = models.BinaryField(null=True)
    answered_at = models.DateTimeField(null=True)
    visit_id = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    batch_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person_id"],
                condition=Q(person_id__isnull=False),
                name="a_campaign_asks_a_person_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.ANSWERED) | Q(answers_sealed__isnull=False),
                name="an_answered_sheet_has_answers",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "id"],
                name="answers_to_send",
                condition=Q(state=SheetState.ANSWERED, sent_at__isnull=True),
            )
        ]
