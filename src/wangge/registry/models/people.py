"""Tables of the registry; private to the room."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.registry.states import Verdict


class Dwelling(models.Model):
    """房屋: one door, by its standard address; in the grid of its building."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "key": Privacy.PERSONAL,
        "estate": Privacy.OPEN,
        "building": Privacy.OPEN,
        "unit": Privacy.PERSONAL,
        "room": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    key = models.TextField(unique=True)
    estate = models.TextField()
    building = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    room = models.TextField(blank=True)
    unit_no = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["unit_no", "id"], name="dwelling_by_unit")]


class Household(models.Model):
    """户: the people who live behind one door, or share one household number."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "key": Privacy.PERSONAL,
        "dwelling": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
        "members": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    key = models.TextField(unique=True)
    dwelling = models.ForeignKey(
        Dwelling, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    members = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["unit_no", "id"], name="household_by_unit")]


class Person(models.Model):
    """人员: one natural person, the surviving value of each field, and where each came from."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "household": Privacy.PERSONAL,
        "dwelling": Privacy.PERSONAL,
        "name": Privacy.PERSONAL,
        "given": Privacy.PERSONAL,
        "pinyin": Privacy.PERSONAL,
        "sound": Privacy.PERSONAL,
        "initials": Privacy.PERSONAL,
        "sex": Privacy.PERSONAL,
        "birth_on": Privacy.PERSONAL,
        "id_no_sealed": Privacy.PERSONAL,
        "id_no_blind": Privacy.PERSONAL,
        "phone_sealed": Privacy.PERSONAL,
        "phone_blind": Privacy.PERSONAL,
        "facts": Privacy.SENSITIVE,
        "provenance": Privacy.OPEN,
        "records": Privacy.OPEN,
        "as_of_on": Privacy.OPEN,
        "retired": Privacy.OPEN,
        "entity": Privacy.PERSONAL,
        "digest": Privacy.PERSONAL,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    household = models.ForeignKey(
        Household, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dwelling = models.ForeignKey(
        Dwelling, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.TextField(blank=True)
    given = models.TextField(blank=True)
    pinyin = models.TextField(blank=True)  # syllables with blanks between: the order of names
    sound = models.TextField(blank=True)  # the same without blanks: what is typed into the search box
    initials = models.TextField(blank=True)
    sex = models.CharField(max_length=8, blank=True)
    birth_on = models.DateField(null=True)
    id_no_sealed = models.BinaryField(null=True)
    id_no_blind = models.BinaryField(max_length=16, null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_blind = models.BinaryField(max_length=16, null=True)
    facts = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    records = models.IntegerField(default=0)
    as_of_on = models.DateField(null=True)
    retired = models.BooleanField(default=False)
    entity = models.TextField(blank=True, default="", db_default="")  # what linkage calls the person
    digest = models.BinaryField(
        max_length=16, null=True
    )  # of what the last import wrote; none after acts by hand

    class Meta:
        # every operator of these indexes is leakproof, so row-level security does not keep them from use
        indexes = [
            models.Index(fields=["unit_no", "pinyin", "id"], name="person_by_unit"),
            models.Index(fields=["name"], name="person_by_name", condition=~Q(name="")),
            models.Index(fields=["given"], name="person_by_given", condition=~Q(given="")),
            models.Index(fields=["sound"], name="person_by_sound", condition=~Q(sound="")),
            models.Index(fields=["initials"], name="person_by_initials", condition=~Q(initials="")),
            models.Index(
                fields=["id_no_blind"], name="person_by_id_no", condition=Q(id_no_blind__isnull=False)
            ),
            models.Index(
                fields=["phone_blind"], name="person_by_phone", condition=Q(phone_blind__isnull=False)
            ),
            models.Index(
                fields=["household"], name="person_by_household", condition=Q(household__isnull=False)
            ),
        ]


class SourceRecord(models.Model):
    """来源记录: what one source said in one row, and whom it was linked to."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "source": Privacy.OPEN,
        "record_id": Privacy.PERSONAL,
        "person": Privacy.OPEN,
        "batch": Privacy.OPEN,
        "sheet": Privacy.OPEN,
        "row_no": Privacy.OPEN,
        "as_of_on": Privacy.OPEN,
        "values_sealed": Privacy.PERSONAL,
        "evidence": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    source = models.TextField()
    record_id = models.TextField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    batch = models.UUIDField(null=True)
    sheet = models.TextField(blank=True)
    row_no = models.IntegerField()
    as_of_on = models.DateField(null=True)
    values_sealed = models.BinaryField()
    evidence = models.JSONField(null=True)  # the strongest link that holds this record to its person
    unit_no = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "record_id"], name="a_source_record_is_linked_once")
        ]
        indexes = [models.Index(fields=["person"], name="source_record_by_person")]


class LinkDecision(models.Model):
    """归并决定: a person said that two source records are, or are not, the same person."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "source_a": Privacy.OPEN,
        "record_a": Privacy.PERSONAL,
        "source_b": Privacy.OPEN,
        "record_b": Privacy.PERSONAL,
        "verdict": Privacy.OPEN,
        "reason": Privacy.OPEN,
        "decided_by": Privacy.OPEN,
        "decided_at": Privacy.OPEN,
        "act": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    source_a = models.TextField()
    record_a = models.TextField()
    source_b = models.TextField()
    record_b = models.TextField()
    verdict = models.CharField(max_length=12, choices=[(v.value, v.value) for v in Verdict])
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    act = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~(Q(source_a=F("source_b")) & Q(record_a=F("record_b"))),
                name="a_decision_is_about_two_records",
            )
        ]
        indexes = [models.Index(fields=["record_a"], name="link_decision_by_record")]
