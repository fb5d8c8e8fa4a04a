"""Who may do what: posts, organisations, mandates, buttons, the permission matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from wangge.access.actions import may_enter
from wangge.access.gate import gate
from wangge.access.models import Grant, Mandate, Organisation, Post, User
from wangge.access.policy import Circumstances, judge
from wangge.access.states import Purpose, Role
from wangge.access.types import GrantView, MandateView, OrganisationView, Permission, PostView, StaffView
from wangge.kernel.access import Access
from wangge.kernel.doors import declaration_of, declarations, door
from wangge.kernel.problems import NotFound
from wangge.kernel.units import Interval


def purposes_of(role: str) -> tuple[str, ...]:
    """The purposes a role may enter for, in the order of the enum."""
    return tuple(p for p in Purpose if may_enter(role, p))


def posts_of(user: UUID) -> tuple[PostView, ...]:
    """The posts an account holds now. Asked at the entrance, before there is an access; tells only of oneself."""
    now = timezone.now()
    held = (
        Post.objects.filter(user_id=user, valid_from__lte=now)
        .filter(Q(valid_until=None) | Q(valid_until__gt=now))
        .select_related("organisation")
        .order_by("valid_from", "id")
    )
    return tuple(
        PostView(
            id=p.id,
            user=p.user_id,
            role=p.role,
            organisation=p.organisation_id,
            organisation_zh=p.organisation.name_zh if p.organisation else "",
            organisation_en=p.organisation.name_en if p.organisation else "",
            division=p.division,
            scope=p.scope,
            purposes=purposes_of(p.role),
        )
        for p in held
    )


def may(access: Access, door_function: Callable[..., Any]) -> bool:
    """Whether a button that leads to this door should be shown. Asking is not passing: nothing is recorded."""
    return gate.may(access, declaration_of(door_function))


def account_named(username: str) -> UUID | None:
    """The account of a name, for the entrances."""
    return User.objects.filter(username=username, is_active=True).values_list("id", flat=True).first()


@door(reads="staff")
def staff(access: Access, *, ids: Iterable[str]) -> tuple[StaffView, ...]:
    """Names behind actor ids; system actors are not accounts and are left out."""
    plain = [i for i in ids if not i.startswith("system:")]
    return tuple(
        StaffView(u.id, u.username, u.display_zh, u.display_en, u.organisation_id)
        for u in User.objects.filter(id__in=plain).order_by("username")
    )


@door(reads="staff")
def staff_in(access: Access, *, role: str, scope: Interval | None = None) -> tuple[StaffView, ...]:
    """Accounts that hold a post of `role` now within `scope` (default: the access's own)."""
    now = timezone.now()
    where = scope or access.scope
    posts = (
        Post.objects.filter(role=role, valid_from__lte=now, scope_lo__lte=where.hi, scope_hi__gte=where.lo)
        .filter(Q(valid_until=None) | Q(valid_until__gt=now), user__is_active=True)
        .select_related("user")
        .order_by("scope_lo", "user__username")
    )
    return tuple(
        StaffView(p.user.id, p.user.username, p.user.display_zh, p.user.display_en, p.user.organisation_id)
        for p in posts
    )


@door(reads="organisation")
def organisations(access: Access, *, kind: str = "") -> tuple[OrganisationView, ...]:
    """All organisations, by code."""
    rows = Organisation.objects.order_by("code")
    if kind:
        rows = rows.filter(kind=kind)
    return tuple(OrganisationView(o.id, o.code, o.name_zh, o.name_en, o.kind) for o in rows)


def _mandate(m: Mandate) -> MandateView:
    now = timezone.now()
    return MandateView(
        id=m.id,
        kind=m.kind,
        legal_basis=m.legal_basis,
        purposes=tuple(m.purposes),
        scope=m.scope,
        valid_from=m.valid_from,
        valid_until=m.valid_until,
        closed_at=m.closed_at,
        in_force=m.closed_at is None and m.valid_from <= now < m.valid_until,
    )


@door(reads="mandate")
def mandate(access: Access, *, id: UUID) -> MandateView:
    """One extraordinary power; that it exists or existed is open to all staff."""
    found = Mandate.objects.filter(id=id).first()
    if found is None:
        raise NotFound(code="mandate_unknown", zh="没有此应急授权。", en="There is no such power.")
    return _mandate(found)


def mandates_in_force(purpose: str = "") -> tuple[MandateView, ...]:
    """Powers that stand now. Asked at the entrance, to know which emergency an access may be made under."""
    now = timezone.now()
    rows = Mandate.objects.filter(valid_from__lte=now, valid_until__gt=now, closed_at=None).order_by(
        "valid_from"
    )
    if purpose:
        rows = rows.filter(purposes__contains=[purpose])
    return tuple(_mandate(m) for m in rows)


@door(reads="grant")
def grants(access: Access, *, user: UUID | None = None) -> tuple[GrantView, ...]:
    """Posts lent, newest first."""
    rows = Grant.objects.order_by("-valid_from")
    if user is not None:
        rows = rows.filter(user_id=user)
    return tuple(
        GrantView(
            g.id, g.user_id, g.role, g.purpose, Interval(g.scope_lo, g.scope_hi), g.reason, g.valid_from,
            g.valid_until, g.revoked_at,
        )
        for g in rows
    )  # fmt: skip


def permission_matrix() -> tuple[Permission, ...]:
    """Every door, role and purpose, in peacetime and under an emergency: what the policies say, for the docs."""
    cells = []
    for declaration in declarations():
        for role in Role:
            for purpose in Purpose:
                if not may_enter(role, purpose):
                    continue
                for emergency in (False, True):
                    facts = Circumstances(role, purpose, emergency=emergency, second_factor=True)
                    decision = judge.decide(declaration.name, declaration.noun, facts)
                    cells.append(
                        Permission(
                            declaration.name, declaration.verb, role, purpose, emergency, decision.allowed,
                            tuple(sorted(decision.masks)),
                        )
                    )  # fmt: skip
    return tuple(cells)
