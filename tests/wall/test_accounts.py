"""Accounts: who leaves is out at once, tokens are taken back, second factors stand sealed, failures stay counted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.utils import timezone

from wangge.access import actions, queries
from wangge.access.models import Post, Token, User
from wangge.kernel.problems import Refused

pytestmark = pytest.mark.django_db


def test_who_leaves_loses_posts_of_every_term_and_all_tokens(access_for) -> None:
    administrator = access_for("administrator", "operations")
    held = access_for("grid_worker", "care", username="li")
    user, now = UUID(held.actor), timezone.now()
    for begins, ends in ((-5, 5), (3, None), (3, 9)):
        actions.appoint(
            administrator,
            user=user,
            role="leader",
            division="120110",
            valid_from=now + timedelta(days=begins),
            valid_until=now + timedelta(days=ends) if ends else None,
        )
    actions.issue_token(
        administrator, post=held.post, purpose="care", label="phone", valid_until=now + timedelta(days=9)
    )
    assert actions.close_account(administrator, user=user) == 4
    later = now + timedelta(days=4)
    assert not [p for p in Post.objects.filter(user=user) if p.valid_until is None or p.valid_until > later]
    assert queries.posts_of(user) == ()
    assert not Token.objects.filter(revoked_at=None).exists()
    User.objects.filter(id=user).update(is_active=True)
    with pytest.raises(Refused, match="post_not_held"):
        actions.enter(user=user, post=held.post, purpose="care")


def test_a_lost_devices_token_is_taken_back(access_for) -> None:
    administrator, worker = access_for("administrator", "operations"), access_for("grid_worker", "care")
    until = timezone.now() + timedelta(days=1)
    phone, tablet = (
        actions.issue_token(administrator, post=worker.post, purpose="care", label=label, valid_until=until)
        for label in ("phone", "tablet")
    )
    assert actions.revoke_tokens(administrator, post=worker.post, label="phone") == 1
    with pytest.raises(Refused, match="token_not_valid"):
        actions.enter_with_token(phone)
    assert actions.enter_with_token(tablet).role == "grid_worker"
    assert actions.revoke_tokens(administrator, post=worker.post) == 1
    with pytest.raises(Refused, match="not_permitted"):
        actions.revoke_tokens(worker, post=worker.post)


def test_a_token_does_not_open_before_its_post_begins(access_for) -> None:
    administrator, worker = access_for("administrator", "operations"), access_for("grid_worker", "care")
    until = timezone.now() + timedelta(days=9)
    post = actions.appoint(
        administrator,
        user=UUID(worker.actor),
        role="leader",
        division="120110",
        valid_from=timezone.now() + timedelta(days=1),
    )
    token = actions.issue_token(administrator, post=post, purpose="care", label="x", valid_until=until)
    with pytest.raises(Refused, match="token_not_valid"):
        actions.enter_with_token(token)


def test_the_database_tells_nobodys_second_factor(access_for) -> None:
    user = User.objects.get(id=access_for("leader").actor)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    kept = {a.type: a for a in Authenticator.objects.filter(user=user)}
    assert secret not in str(kept["totp"].data)
    assert len(kept["recovery_codes"].wrap().get_unused_codes()) == 10
    seed = kept["recovery_codes"].data["seed"]
    assert decrypt(seed) not in seed
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert kept["totp"].wrap().validate_code(code)


def test_failures_under_many_names_do_not_push_out_the_count_of_one() -> None:
    cache.set("a-count", 4, 300)
    for number in range(700):
        cache.set(f"other-{number}", 1, 300)
    assert cache.get("a-count") == 4
