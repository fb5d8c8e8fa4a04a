"""Persons merged, and what was done by hand taken back: the register first, then the questions that hang on it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from wangge.kernel.access import Access
from wangge.linkage.actions import ask_again, settle_pairs
from wangge.registry import actions as registry


def merge_persons(access: Access, *, keep: UUID, other: UUID, reason: str) -> UUID:
    """Make two persons one; what waits in the queue between their records is answered with it. Gives the act."""
    with transaction.atomic():
        act = registry.merge_persons(access, keep=keep, other=other, reason=reason)
        settle_pairs(access, act=act)
    return act


def undo(access: Access, *, act: UUID, reason: str = "") -> None:
    """Take a merge, a split or a verdict back; the pairs it answered wait again."""
    with transaction.atomic():
        registry.undo(access, act=act, reason=reason)
        ask_again(access, act=act)
