"""Tables of the credentials room; private to it. Everything of a person is sealed under the emergency's key."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wangge.credentials.states import Carried, Strike
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy


class CredentialApplication(models.Model):
    """凭证申领: a person's application for a status credential, for some days; the person is a token.

    Sealed: the person, initials, birthday without its year, how they asked, the colour last given and its rule pack.
    """

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "subject_token": Privacy.SECRET,
        "sealed": Privacy.SENSITIVE,
        "carried": Privacy.OPEN,
        "applied_at": Privacy.OPEN,
        "applied_by": Privacy.OPEN,
        "until_at": Privacy.OPEN,
        "given_back_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    emergency = models.ForeignKey(
        "emergencies.Emergency", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    subject_token = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    carried = models.CharField(max_length=8, choices=[(c.value, c.value) for c in Carried])
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=64)
    until_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "subject_token"],
                condition=Q(given_back_at=None),
                name="one_standing_application_a_person",
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("applied_at")), name="application_ends_after_it_is_made"
            ),
        ]
        indexes = [models.Index(fields=["unit_no"], name="application_by_unit")]


class IssuedCredential(models.Model):
    """状态凭证: one signed credential, a strip or a sheet. Sealed: its random id and its text.

    Deleted when it has expired; a revoked one stands till then, because verifiers have to be told of it.
    """

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": Privacy.OPEN,
        "application": Privacy.OPEN,
        "emergency": Privacy.OPEN,
        "unit_no": Privacy.PERSONAL,
        "sealed": Privacy.SENSITIVE,
        "not_before": Privacy.OPEN,
        "expires_at": Privacy.OPEN,
        "revoked_at": Privacy.OPEN,
        "revoked_why": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    application = models.ForeignKey(CredentialApplication, on_delete=models.CASCADE, related_name="+")
    emergency = models.ForeignKey(
        "emergencies.Emergency", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_no = models.BigIntegerField()
    sealed = models.BinaryField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.CharField(max_length=16, blank=True, choices=[(s.value, s.value) for s in Strike])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("not_before")), name="credential_expires_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_why="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_why="")),
                name="revoked_credential_says_why",
            ),
        ]
        indexes = [models.Index(fields=["emergency", "expires_at"], name="credential_by_expiry")]
