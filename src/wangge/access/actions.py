"""Making accesses, and writing accounts, posts, grants and mandates."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, MutableMapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone

from wangge.access.gate import mandate_in_force
from wangge.access.models import Grant, Mandate, Organisation, Post, Token, User
from wangge.access.policy import ENTER, Circumstances, judge
from wangge.access.states import MandateKind, Purpose, Role
from wangge.access.vault import destroy_key, vault
from wangge.kernel.access import Access, issue
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import EVERYWHERE, Interval, interval_of

POST, PURPOSE, EMERGENCY = "wangge_post", "wangge_purpose", "wangge_emergency"


def choose(
    session: MutableMapping[str, Any], *, post: str = "", purpose: str = "", emergency: str = ""
) -> None:
    """Remember which post, purpose and emergency a session works under; checked again at each request."""
    for key, value in ((POST, post), (PURPOSE, purpose), (EMERGENCY, emergency)):
        if value:
            session[key] = value


def enter(
    *,
    user: UUID,
    post: UUID,
    purpose: str,
    emergency: UUID | None = None,
    grant: UUID | None = None,
    second_factor: bool = False,
    request: str = "",
) -> Access:
    """Make the access of a signed-in account: one post, one purpose. Called at the entrances only.

    Raises Refused when the post is not the account's, has ended, or may not be used for the purpose. Under a grant
    `post` is ignored.
    """
    now = timezone.now()
    if not User.objects.filter(id=user, is_active=True).exists():
        raise _not_yours()
    if grant is not None:
        lent = Grant.objects.filter(
            id=grant, user_id=user, valid_from__lte=now, valid_until__gt=now, revoked_at=None, purpose=purpose
        ).first()
        if lent is None:
            raise _not_yours()
        role, scope, organisation = lent.role, Interval(lent.scope_lo, lent.scope_hi), None
    else:
        held = Post.objects.filter(id=post, user_id=user, valid_from__lte=now).first()
        if held is None or (held.valid_until is not None and held.valid_until <= now):
            raise _not_yours()
        role, scope, organisation = held.role, held.scope, held.organisation_id
    if not may_enter(role, purpose):
        raise Refused(
            code="purpose_not_for_role",
            zh=f"岗位“{role}”不得以“{purpose}”为目的读取数据。",
            en=f'The role "{role}" may not read for the purpose "{purpose}".',
        )
    return issue(
        actor=str(user),
        role=role,
        purpose=purpose,
        scope=scope,
        at=now,
        organisation=organisation,
        post=None if grant else post,
        emergency=emergency,
        grant=grant,
        second_factor=second_factor,
        request=request,
    )


def enter_system(
    *, name: str, purpose: str, emergency: UUID | None = None, scope: Interval = EVERYWHERE, request: str = ""
) -> Access:
    """Make the access of a background job: a named system actor with its own purpose."""
    if not may_enter(Role.SYSTEM, purpose):
        raise Refused(
            code="purpose_not_for_role", zh="系统作业不得使用此目的。", en="Not a purpose for system jobs."
        )
    return issue(
        actor=f"system:{name}",
        role=Role.SYSTEM,
        purpose=purpose,
        scope=scope,
        at=datetime.now(UTC),
        emergency=emergency,
        request=request,
    )


def enter_with_token(token: str, *, emergency: UUID | None = None, request: str = "") -> Access:
    """Make the access of a program that shows a token. Raises Refused (401) for one that is unknown or has ended,
    and (403) for an emergency that is not in force for the token's purpose and territory."""
    now = timezone.now()
    shown = (
        Token.objects.filter(
            digest=_digest(token),
            revoked_at=None,
            valid_until__gt=now,
            post__user__is_active=True,
            post__valid_from__lte=now,
        )
        .filter(Q(post__valid_until=None) | Q(post__valid_until__gt=now))
        .select_related("post")
        .first()
    )
    if shown is None or not may_enter(shown.post.role, shown.purpose):
        raise Refused(
            code="token_not_valid",
            zh="令牌无效或已到期。",
            en="The token is not valid or has ended.",
            status=401,
        )
    if emergency is not None and not mandate_in_force(emergency, shown.purpose, shown.post.scope):
        raise Refused(
            code="emergency_not_in_force",
            zh="该应急授权尚未生效、已经结束，或不包含此令牌的目的、辖区。",
            en="This emergency is not in force, or not for the purpose and territory of this token.",
        )
    return issue(
        actor=str(shown.post.user_id),
        role=shown.post.role,
        purpose=shown.purpose,
        scope=shown.post.scope,
        at=now,
        organisation=shown.post.organisation_id,
        post=shown.post_id,
        emergency=emergency,
        request=request,
    )


def _digest(token: str) -> bytes:
    # a token is 256 random bits, so a plain hash tells nothing and no slow hash is needed
    return sha256(token.encode()).digest()


def may_enter(role: str, purpose: str) -> bool:
    return judge.decide(
        ENTER, "house", Circumstances(role, purpose, emergency=False, second_factor=False)
    ).allowed


def _not_yours() -> Refused:
    return Refused(
        code="post_not_held",
        zh="您目前不担任此岗位，或岗位、授权已到期。",
        en="You do not hold this post now, or the post or grant has ended.",
    )


@door(writes="account")
def create_organisation(access: Access, *, code: str, name_zh: str, name_en: str, kind: str) -> UUID:
    """Enter an organisation; the same code again renames it."""
    organisation, _ = Organisation.objects.update_or_create(
        code=code, defaults={"name_zh": name_zh, "name_en": name_en, "kind": kind}
    )
    return organisation.id


@door(writes="account")
def create_account(
    access: Access,
    *,
    username: str,
    password: str = "",
    display_zh: str = "",
    display_en: str = "",
    organisation: UUID | None = None,
) -> UUID:
    """Open an account; it may do nothing until it holds a post, nor sign in without a password."""
    if User.objects.filter(username=username).exists():
        raise Conflict(
            code="username_taken",
            zh=f"账户“{username}”已存在。",
            en=f'The account "{username}" already exists.',
        )
    user = User(username=username, display_zh=display_zh, display_en=display_en, organisation_id=organisation)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    return user.id


@door(writes="account", act="close")
def close_account(access: Access, *, user: UUID) -> int:
    """Someone leaves: the account is shut; every post, grant and token ends now, those to come never begin. Returns
    how many posts and grants ended."""
    now = timezone.now()
    if not User.objects.filter(id=user).update(is_active=False):
        raise NotFound(code="account_unknown", zh="没有此账户。", en="There is no such account.")
    Token.objects.filter(post__user_id=user, revoked_at=None, valid_until__gt=now).update(revoked_at=now)
    open_posts = Post.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), user_id=user)
    ended = open_posts.update(valid_until=Greatest("valid_from", now))
    return ended + Grant.objects.filter(user_id=user, revoked_at=None, valid_until__gt=now).update(
        revoked_at=now
    )


@door(writes="account", act="appoint")
def appoint(
    access: Access,
    *,
    user: UUID,
    role: str,
    division: str,
    organisation: UUID | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> UUID:
    """Give an account a post over a division (any level, or one grid)."""
    if role == Role.SYSTEM or role not in set(Role):
        raise BadInput(code="role_unknown", zh=f"没有岗位“{role}”。", en=f'There is no role "{role}".')
    scope = interval_of(division)
    post = Post.objects.create(
        user_id=user,
        role=role,
        organisation_id=organisation,
        division=division,
        scope_lo=scope.lo,
        scope_hi=scope.hi,
        valid_from=valid_from or timezone.now(),
        valid_until=valid_until,
    )
    return post.id


@door(writes="account", act="appoint")
def move_posts(
    access: Access, *, moves: Mapping[str, str], left: Collection[tuple[str, str]], at: datetime
) -> int:
    """Posts over single grids that end go on to the divisions that take over from a moment; gives how many.

    ``moves``: ended grid to division. ``left``: account and grid of posts that end then without going on.
    """
    went = 0
    rows = Post.objects.select_for_update().filter(division__in=list(moves), valid_from__lt=at)
    for post in rows.filter(Q(valid_until=None) | Q(valid_until__gt=at)):
        to = moves[post.division]
        until, post.valid_until = post.valid_until, at
        post.save(update_fields=["valid_until"])
        if (str(post.user_id), post.division) not in left:
            scope = interval_of(to)
            Post.objects.create(
                user_id=post.user_id,
                role=post.role,
                organisation_id=post.organisation_id,
                division=to,
                scope_lo=scope.lo,
                scope_hi=scope.hi,
                valid_from=at,
                valid_until=until,
            )
            went += 1
    return went


@door(writes="account", act="issue_token")
def issue_token(access: Access, *, post: UUID, purpose: str, label: str, valid_until: datetime) -> str:
    """Give a program a token for one post and purpose; the token is shown once and only its digest is kept."""
    held = Post.objects.filter(id=post).first()
    if held is None:
        raise NotFound(code="post_unknown", zh="没有此岗位。", en="There is no such post.", place="post")
    if not may_enter(held.role, purpose):
        raise BadInput(
            code="purpose_not_for_role",
            zh="该岗位不得用于此目的。",
            en="This role may not serve this purpose.",
            place="purpose",
        )
    now = timezone.now()
    if valid_until <= now:
        raise BadInput(
            code="end_in_the_past",
            zh="结束时间须晚于现在。",
            en="The end must be later than now.",
            place="valid_until",
        )
    token = f"wangge_{secrets.token_urlsafe(32)}"
    Token.objects.create(
        digest=_digest(token),
        post=held,
        purpose=purpose,
        label=label,
        issued_by=access.actor,
        issued_at=now,
        valid_until=valid_until,
    )
    return token


@door(writes="account", act="revoke_tokens")
def revoke_tokens(access: Access, *, post: UUID, label: str = "") -> int:
    """Take a post's tokens back at once, all of them or those of one label: a device was lost, a program retired.

    Returns how many ended.
    """
    held = Token.objects.filter(post_id=post, revoked_at=None, valid_until__gt=timezone.now())
    if label:
        held = held.filter(label=label)
    return held.update(revoked_at=timezone.now())


@door(writes="grant")
def lend(
    access: Access, *, user: UUID, role: str, purpose: str, division: str, reason: str, valid_until: datetime
) -> UUID:
    """Lend a post for one purpose until a moment, with the reason. Both sides stand on the ledger."""
    now = timezone.now()
    if valid_until <= now:
        raise BadInput(
            code="end_in_the_past",
            zh="授权的结束时间须晚于现在。",
            en="A grant must end later than now.",
            place="valid_until",
        )
    if not reason.strip():
        raise BadInput(
            code="reason_missing", zh="请写明授权理由。", en="Say why the grant is needed.", place="reason"
        )
    if purpose not in set(Purpose) or not may_enter(role, purpose):
        raise BadInput(
            code="purpose_not_for_role",
            zh="该岗位不得用于此目的。",
            en="This role may not serve this purpose.",
            place="purpose",
        )
    scope = interval_of(division)
    grant = Grant.objects.create(
        user_id=user,
        role=role,
        purpose=purpose,
        scope_lo=scope.lo,
        scope_hi=scope.hi,
        reason=reason,
        granted_by=access.actor,
        valid_from=now,
        valid_until=valid_until,
    )
    return grant.id


@door(writes="grant", act="revoke")
def revoke(access: Access, *, grant: UUID) -> None:
    """Take a lent post back at once."""
    if not Grant.objects.filter(id=grant, revoked_at=None).update(revoked_at=timezone.now()):
        raise NotFound(
            code="grant_unknown", zh="没有可收回的授权。", en="There is no such grant to take back."
        )


@door(writes="mandate", act="open")
def open_mandate(
    access: Access,
    *,
    id: UUID,
    scope: Interval,
    purposes: tuple[str, ...],
    valid_from: datetime,
    valid_until: datetime,
    legal_basis: str,
    kind: str = MandateKind.EMERGENCY,
    areas: tuple[Interval, ...] = (),
) -> None:
    """Open an extraordinary power: basis, reach, purposes, END. Makes its own key.

    `areas` are the parts of `scope` that it reaches (none given: all of it); between them it opens nothing.
    """
    if valid_until <= max(valid_from, timezone.now()):
        raise BadInput(
            code="end_in_the_past",
            zh="应急授权必须有结束时间，且须晚于开始时间与现在。",
            en="An emergency power needs an end, later than its beginning and than now.",
            place="valid_until",
        )
    if not legal_basis.strip():
        raise BadInput(
            code="legal_basis_missing",
            zh="必须写明法律依据（法规名称与条款）。",
            en="State the legal basis (law and article).",
            place="legal_basis",
        )
    if not all(scope.covers(area) for area in areas):
        raise BadInput(
            code="area_outside_scope",
            zh="应急授权的区域须在其范围之内。",
            en="The areas of an emergency power lie within its scope.",
            place="areas",
        )
    if not purposes or not set(purposes) <= set(Purpose):
        raise BadInput(code="purpose_unknown", zh="请选择目的。", en="Choose the purposes.", place="purposes")
    Mandate.objects.create(
        id=id,
        kind=kind,
        legal_basis=legal_basis,
        purposes=list(purposes),
        scope_lo=scope.lo,
        scope_hi=scope.hi,
        areas=[[area.lo, area.hi] for area in areas],
        valid_from=valid_from,
        valid_until=valid_until,
        opened_by=access.actor,
    )
    vault(id)


@door(writes="mandate", act="extend")
def extend_mandate(access: Access, *, id: UUID, valid_until: datetime) -> None:
    """Move the end of a power that still stands."""
    mandate = Mandate.objects.select_for_update().filter(id=id, closed_at=None).first()
    if mandate is None:
        raise NotFound(
            code="mandate_unknown", zh="没有此应急授权，或已结束。", en="No such power, or it has ended."
        )
    if valid_until <= timezone.now():
        raise BadInput(
            code="end_in_the_past",
            zh="结束时间须晚于现在。",
            en="The end must be later than now.",
            place="valid_until",
        )
    mandate.valid_until = valid_until
    mandate.save(update_fields=["valid_until"])


@door(writes="mandate", act="close")
def close_mandate(access: Access, *, id: UUID) -> bool:
    """End a power now and destroy its key: what it sealed is unreadable, in backups too. True if the key was there.

    The row stays as the public record that the power existed. Closing again changes nothing.
    """
    if not Mandate.objects.filter(id=id).exists():
        raise NotFound(code="mandate_unknown", zh="没有此应急授权。", en="There is no such power.")
    Mandate.objects.filter(id=id, closed_at=None).update(closed_at=timezone.now())
    return destroy_key(id)
