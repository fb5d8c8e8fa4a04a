"""Tables of the cases room; private to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wangge.cases.states import CLOCK_STOPS, CaseState, LimitUnit, Located, SourceKind
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy

RUNNING = [state.value for state in CaseState if state not in CLOCK_STOPS]


class TaxonomyVersion(models.Model):
    """分类标准: one version of a table of categories, loaded whole and never changed."""

    SCOPE = "none"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "name": Privacy.OPEN,
        "version": Privacy.OPEN,
        "source": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "categories": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    source = models.TextField()
    valid_from = models.DateTimeField()
    categories = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="taxonomy_version_is_loaded_once"),
        ]


class Case(models.Model):
    """事件: a matter of the neighbourhood and where it stands; its history is in the steps."""

    SCOPE = "unit"
    PRIVACY = {
        "id": Privacy.OPEN,
        "number": Privacy.OPEN,
        "client_id": Privacy.OPEN,
        "taxonomy": Privacy.OPEN,
        "taxonomy_version": Privacy.OPEN,
        "category_code": Privacy.OPEN,
        "title": Privacy.PERSONAL,
        "details_sealed": Privacy.PERSONAL,
        "reporter_phone_blind": Privacy.PERSONAL,
        "source_kind": Privacy.OPEN,
        "origin": Privacy.OPEN,
        "external_system": Privacy.OPEN,
        "external_id": Privacy.OPEN,
        "unit_no": Privacy.OPEN,
        "lon": Privacy.PERSONAL,
        "lat": Privacy.PERSONAL,
        "located": Privacy.OPEN,
        "state": Privacy.OPEN,
        "steps": Privacy.OPEN,
        "reported_by": Privacy.OPEN,
        "handling_organisation": Privacy.OPEN,
        "handling_actor": Privacy.OPEN,
        "opened_at": Privacy.OPEN,
        "updated_at": Privacy.OPEN,
        "deadline_at": Privacy.OPEN,
        "closed_at": Privacy.OPEN,
        "limit_amount": Privacy.OPEN,
        "limit_unit": Privacy.OPEN,
        "limit_rule": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.CharField(max_length=24, unique=True)
    client_id = models.UUIDField(null=True)
    taxonomy = models.CharField(max_length=40)
    taxonomy_version = models.CharField(max_length=40)
    category_code = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    details_sealed = models.BinaryField(null=True)
    reporter_phone_blind = models.BinaryField(null=True, max_length=16)
    source_kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in SourceKind])
    origin = models.CharField(max_length=80, blank=True)
    external_system = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=80, null=True)
    unit_no = models.BigIntegerField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    located = models.CharField(max_length=16, choices=[(k.value, k.value) for k in Located])
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in CaseState])
    steps = models.PositiveSmallIntegerField(default=1)
    reported_by = models.CharField(max_length=64)
    handling_organisation = models.ForeignKey(
        "access.Organisation", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    handling_actor = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    limit_amount = models.FloatField(null=True)
    limit_unit = models.CharField(max_length=16, blank=True, choices=[(u.value, u.value) for u in LimitUnit])
    limit_rule = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client_id"], condition=Q(client_id__isnull=False), name="case_is_reported_once"
            ),
            models.UniqueConstraint(
                fields=["external_id", "external_system"],
                condition=Q(external_id__isnull=False),
                name="case_is_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(located=Located.POINT, lon__isnull=False, lat__isnull=False)
                | ~Q(located=Located.POINT),
                name="case_point_has_coordinates",
            ),
        ]
        indexes = [
            models.Index(F("opened_at").desc(), F("id").desc(), name="cases_newest"),
            # with the id it holds all that the order of a page needs: the newest of a community are found in the
            # index, and only the rows shown are fetched
            models.Index("unit_no", F("opened_at").desc(), F("id").desc(), name="cases_newest_in_a_unit"),
            models.Index("state", "unit_no", name="cases_by_state_and_unit"),
            models.Index("state", F("opened_at").desc(), F("id").desc(), name="cases_newest_of_a_state"),
            models.Index(
                "handling_organisation", F("opened_at").desc(), F("id").desc(), name="cases_of_a_department"
            ),
            models.Index(
                "reporter_phone_blind",
                name="cases_from_a_phone",
                condition=Q(reporter_phone_blind__isnull=False),
            ),
            models.Index("category_code", F("opened_at").desc(), name="cases_of_a_category"),
            # the two below serve a narrow place, those above a wide one: the planner knows which it is
            models.Index("category_code", "unit_no", name="cases_of_a_category_in_a_unit"),
            models.Index("handling_organisation", "unit_no", name="cases_of_a_department_in_unit"),
            models.Index("deadline_at", "id", name="cases_whose_clock_runs", condition=Q(state__in=RUNNING)),
        ]


class CaseStep(models.Model):
    """办理环节: one step of a case, written once and never changed."""

    SCOPE = "unit"
    APPEND_ONLY = True
    PRIVACY = {
        "id": Privacy.OPEN,
        "case": Privacy.OPEN,
        "seq": Privacy.OPEN,
        "verb": Privacy.OPEN,
        "from_state": Privacy.OPEN,
        "to_state": Privacy.OPEN,
        "actor": Privacy.OPEN,
        "role": Privacy.OPEN,
        "organisation_id": Privacy.OPEN,
        "to_organisation_id": Privacy.OPEN,
        "to_actor": Privacy.OPEN,
        "at": Privacy.OPEN,
        "deadline_at": Privacy.OPEN,
        "score": Privacy.OPEN,
        "note_sealed": Privacy.PERSONAL,
        "unit_no": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=24)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    organisation_id = models.UUIDField(null=True)
    to_organisation_id = models.UUIDField(null=True)
    to_actor = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    note_sealed = models.BinaryField(null=True)
    unit_no = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_steps_are_numbered_once"),
        ]
