"""Tables of the access room; private to it."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.access.states import MandateKind, OrganisationKind, Purpose, Role
from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.kernel.units import Interval


class Organisation(models.Model):
    """单位: a department, street, community or centre that posts belong to."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "code": Privacy.OPEN,
        "name_zh": Privacy.OPEN,
        "name_en": Privacy.OPEN,
        "kind": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in OrganisationKind])


class User(AbstractUser):
    """账户: someone on staff who signs in."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "username": Privacy.OPEN,
        "password": Privacy.SECRET,
        "first_name": Privacy.PERSONAL,
        "last_name": Privacy.PERSONAL,
        "email": Privacy.PERSONAL,
        "display_zh": Privacy.OPEN,
        "display_en": Privacy.OPEN,
        "is_staff": Privacy.OPEN,
        "is_superuser": Privacy.OPEN,
        "is_active": Privacy.OPEN,
        "last_login": Privacy.OPEN,
        "date_joined": Privacy.OPEN,
        "organisation": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    display_zh = models.CharField(max_length=60, blank=True)
    display_en = models.CharField(max_length=60, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")


class Post(models.Model):
    """岗位: one role of one account over one territory, from a day until a day."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "user": Privacy.OPEN,
        "role": Privacy.OPEN,
        "organisation": Privacy.OPEN,
        "division": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "valid_until": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32, choices=[(r.value, r.value) for r in Role])
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    division = models.CharField(max_length=15)
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope_lo__lte=F("scope_hi")), name="post_scope_is_not_empty"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="post_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(role=Role.SYSTEM), name="no_account_holds_a_system_post"),
        ]
        indexes = [models.Index(fields=["role", "scope_lo"], name="access_post_role_scope")]

    @property
    def scope(self) -> Interval:
        return Interval(self.scope_lo, self.scope_hi)


class Grant(models.Model):
    """授权: a post lent for a time, with the reason and who lent it."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "user": Privacy.OPEN,
        "role": Privacy.OPEN,
        "purpose": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "reason": Privacy.OPEN,
        "granted_by": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "valid_until": Privacy.OPEN,
        "revoked_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32, choices=[(r.value, r.value) for r in Role])
    purpose = models.CharField(max_length=40, choices=[(p.value, p.value) for p in Purpose])
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    reason = models.TextField()
    granted_by = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="grant_has_an_end"),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_says_why"),
        ]


class Mandate(models.Model):
    """授权期: an extraordinary power with legal basis, territory, purposes and an END; its key dies with it."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "kind": Privacy.OPEN,
        "legal_basis": Privacy.OPEN,
        "purposes": Privacy.OPEN,
        "scope_lo": Privacy.OPEN,
        "scope_hi": Privacy.OPEN,
        "areas": Privacy.OPEN,
        "valid_from": Privacy.OPEN,
        "valid_until": Privacy.OPEN,
        "closed_at": Privacy.OPEN,
        "opened_by": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in MandateKind])
    legal_basis = models.TextField()
    purposes = ArrayField(models.CharField(max_length=40))
    scope_lo = models.BigIntegerField()
    scope_hi = models.BigIntegerField()
    areas = ArrayField(
        ArrayField(models.BigIntegerField(), size=2), default=list
    )  # lo, hi of each; none: the scope
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="mandate_has_an_end"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="mandate_has_a_legal_basis"),
        ]

    @property
    def scope(self) -> Interval:
        """From the first unit of the areas to the last: what lies between areas is not reached by it."""
        return Interval(self.scope_lo, self.scope_hi)


class Token(models.Model):
    """令牌: lets a program act as one account's post for one purpose until a moment; only its digest is kept."""

    SCOPE = "none"
    PRIVACY = {
        "id": Privacy.OPEN,
        "digest": Privacy.SECRET,
        "post": Privacy.OPEN,
        "purpose": Privacy.OPEN,
        "label": Privacy.OPEN,
        "issued_by": Privacy.OPEN,
        "issued_at": Privacy.OPEN,
        "valid_until": Privacy.OPEN,
        "revoked_at": Privacy.OPEN,
    }

    id = models.UUIDField(primary_key=True, default=new_id)
    digest = models.BinaryField(max_length=32, unique=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40, choices=[(p.value, p.value) for p in Purpose])
    label = models.CharField(max_length=80)
    issued_by = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
