"""Tables of the tasks room; private to it."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.tasks.states import WAITING, TaskState

WAITING_CODES = [state.value for state in WAITING]
PEACETIME = "tasks"
"""The sealing scope of tasks outside an emergency; an emergency's tasks are sealed under its own key."""


class GridTeam(models.Model):
    """网格团队: the team of one grid and the template it is staffed by."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "template": Privacy.OPEN,
        "template_version": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "valid_to": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    template = models.CharField(max_length=40)
    template_version = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit_no"], condition=Q(valid_to__isnull=True), name="grid_has_one_team"
            ),
        ]


class TeamMember(models.Model):
    """团队成员: a person in a team, in one post, from a day until a day; staff or volunteer, never a resident's trait.

    A station is the volunteer's own chosen station of service and stands only here.
    """

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "team": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "post": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "name_sealed": Privacy.PERSONAL,
        "phone_sealed": Privacy.PERSONAL,
        "phone_blind": Privacy.PERSONAL,
        "person_blind": Privacy.PERSONAL,
        "organisation": Privacy.OPEN,
        "station": Privacy.PERSONAL,
        "valid_from": Privacy.OPEN,
        "valid_to": Privacy.OPEN,
        "appointed_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    team = models.ForeignKey(GridTeam, on_delete=models.PROTECT, related_name="+")
    unit_no = models.BigIntegerField(db_index=True)
    post = models.CharField(max_length=40)
    actor = models.CharField(max_length=64, blank=True)
    name_sealed = models.BinaryField()
    phone_sealed = models.BinaryField(null=True)
    phone_blind = models.BinaryField(null=True, max_length=16)
    person_blind = models.BinaryField(max_length=16)
    organisation = models.ForeignKey(
        "access.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    station = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    appointed_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "post", "person_blind"],
                condition=Q(valid_to__isnull=True),
                name="member_holds_a_post_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_ends_after_it_begins",
            ),
        ]


class Responsibility(models.Model):
    """责任人: the one person who answers for a place, from a day until a day; known to everyone."""

    SCOPE = "none"  # anyone may find who is responsible for any place
    PRIVACY = {
        "id": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "name_sealed": Privacy.PERSONAL,
        "phone_sealed": Privacy.PERSONAL,
        "phone_blind": Privacy.PERSONAL,
        "post": Privacy.OPEN,
        "template": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "valid_to": Privacy.OPEN,
        "appointed_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField(db_index=True)
    actor = models.CharField(max_length=64, db_index=True)
    name_sealed = models.BinaryField()
    phone_sealed = models.BinaryField(null=True)
    phone_blind = models.BinaryField(null=True, max_length=16)
    post = models.CharField(max_length=40)
    template = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    appointed_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_person_answers_for_a_place",
                index_type="GIST",
                expressions=[
                    (Func(F("unit_no"), F("unit_no"), Value("[]"), function="int8range"), "&&"),
                    (Func(F("valid_from"), F("valid_to"), Value("[)"), function="daterange"), "&&"),
                ],
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="who_answers_has_an_account"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="responsibility_ends_after_it_begins",
            ),
        ]


class Succession(models.Model):
    """接续: a place that ends, the place that takes over what is open there, and from which day."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("unit_no", "heir_no", "from_day", "noted_at", "noted_by"), Privacy.OPEN)

    unit_no = models.BigIntegerField(primary_key=True)  # a code that ended never comes again
    heir_no = models.BigIntegerField()
    from_day = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(unit_no=F("heir_no")), name="nothing_succeeds_itself"),
        ]


class Task(models.Model):
    """任务: one thing to do at one place, by one person, until one moment."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "origin_key": Privacy.OPEN,
        "kind": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "emergency_id": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "grade": Privacy.SENSITIVE,
        "state": Privacy.OPEN,
        "attempts": Privacy.OPEN,
        "steps": Privacy.OPEN,
        "created_at": Privacy.OPEN,
        "created_by": Privacy.OPEN,
        "deadline_at": Privacy.OPEN,
        "ended_at": Privacy.OPEN,
        "visit_id": Privacy.OPEN,
        "subject_token": Privacy.PERSONAL,
        "subject_sealed": Privacy.SENSITIVE,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    origin_key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    unit_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=64, blank=True)
    grade = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in TaskState])
    attempts = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    deadline_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    visit_id = models.UUIDField(null=True)
    subject_token = models.BinaryField(null=True, max_length=16)
    subject_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(actor="", state__in=[TaskState.UNASSIGNED, TaskState.CANCELLED]) | ~Q(actor=""),
                name="task_has_a_person_or_waits_for_one",
            ),
        ]
        indexes = [
            models.Index(
                "actor", "deadline_at", name="tasks_of_a_worker", condition=Q(state__in=WAITING_CODES)
            ),
            models.Index("state", "unit_no", name="tasks_by_state_and_unit"),
            models.Index("deadline_at", "id", name="tasks_waiting", condition=Q(state__in=WAITING_CODES)),
            models.Index("unit_no", "created_at", name="tasks_of_a_unit"),
            models.Index("created_at", "id", name="tasks_by_age"),
            models.Index(
                "emergency_id", name="tasks_of_an_emergency", condition=Q(emergency_id__isnull=False)
            ),
            models.Index(
                "subject_token", name="tasks_about_a_person", condition=Q(subject_token__isnull=False)
            ),
        ]


class TaskStep(models.Model):
    """任务环节: one step of a task after it was made; goes with the task when an emergency's data is destroyed."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "task": Privacy.OPEN,
        "seq": Privacy.OPEN,
        "verb": Privacy.OPEN,
        "from_state": Privacy.OPEN,
        "to_state": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "from_actor": Privacy.OPEN,
        "to_actor": Privacy.OPEN,
        "at": Privacy.OPEN,
        "visit_id": Privacy.OPEN,
        "reason_sealed": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
        "emergency_id": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=16)
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    from_actor = models.CharField(max_length=64, blank=True)
    to_actor = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    visit_id = models.UUIDField(null=True)
    reason_sealed = models.BinaryField(null=True)
    unit_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "seq"], name="task_steps_are_numbered_once"),
        ]
        indexes = [
            models.Index(
                "emergency_id", name="task_steps_of_an_emergency", condition=Q(emergency_id__isnull=False)
            ),
        ]
