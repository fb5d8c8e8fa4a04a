"""Pairs of the review queue, decided by hand: obeyed at once and by every linkage after; all can be undone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.linkage.models import ReviewPair
from wangge.linkage.states import NAMESAKE, PairState
from wangge.registry.actions import keep_apart, keep_together, merge_records, part_records
from wangge.registry.queries import records_of_act

CLAIM_FOR = timedelta(minutes=10)
_OPEN = (PairState.WAITING, PairState.UNSURE)


@door(writes="review", act="claim")
def claim_pair(access: Access, *, pair: UUID) -> bool:
    """Take a pair in hand for ten minutes, so that two do not decide it at once. False when somebody else has it."""
    found = _pair(access, pair)
    now = timezone.now()
    if found.claimed_by not in ("", access.actor) and found.claimed_until and found.claimed_until > now:
        return False
    found.claimed_by, found.claimed_until = access.actor, now + CLAIM_FOR
    found.save(update_fields=["claimed_by", "claimed_until"])
    return True


@door(writes="review", act="decide")
def decide_pair(access: Access, *, pair: UUID, verdict: str, reason: str = "") -> UUID | None:
    """Say same, different or unsure about a pair of the queue; unsure wants a reason. Gives the act that can be undone.

    Same merges the two persons now; different keeps them apart for good. Of two that linkage joined on a rare name,
    same confirms it and different parts them. Raises Conflict when the pair is settled.
    """
    found = _pair(access, pair)
    if found.state not in _OPEN:
        raise Conflict(code="pair_settled", zh="这一对已有结论。", en="This pair is decided already.")
    if verdict not in (PairState.SAME, PairState.DIFFERENT, PairState.UNSURE):
        raise BadInput(
            code="verdict_unknown",
            zh="结论须为“同一人”“不同人”或“不确定”。",
            en="Say same, different or unsure.",
        )
    if verdict == PairState.UNSURE and not reason.strip():
        raise BadInput(
            code="reason_missing", zh="请说明为何不能确定。", en="Say why it cannot be told.", place="reason"
        )
    act = None
    if verdict != PairState.UNSURE:
        a, b = (found.source_a, found.record_a), (found.source_b, found.record_b)
        if found.why == NAMESAKE:
            leaving = tuple((str(source), str(record)) for source, record in found.side)
            act = (
                keep_together(access, a=a, b=b, reason=reason, pair=found.id)
                if verdict == PairState.SAME
                else part_records(access, a=a, b=b, leaving=leaving, reason=reason, pair=found.id)
            )
        else:
            say = merge_records if verdict == PairState.SAME else keep_apart
            act = say(access, a=a, b=b, reason=reason, pair=found.id)
    found.state, found.act, found.reason = verdict, act, reason
    found.decided_by, found.decided_at = access.actor, timezone.now()
    found.claimed_by, found.claimed_until = "", None
    found.save()
    if act is not None and verdict == PairState.SAME and found.why != NAMESAKE:
        _settle(access, act)
    return act


@door(writes="review", act="decide")
def settle_pairs(access: Access, *, act: UUID) -> int:
    """Answer what waits between records that a merge made one person; gives how many. Undoing asks them again."""
    return _settle(access, act)


@door(writes="review", act="decide")
def ask_again(access: Access, *, act: UUID) -> int:
    """An act was taken back: the pairs it answered wait again; gives how many."""
    return ReviewPair.objects.filter(act=act).update(
        state=PairState.WAITING, act=None, decided_by="", decided_at=None, claimed_by="", claimed_until=None
    )


def _settle(access: Access, act: UUID) -> int:
    keys = set(records_of_act(access, act=act))
    ids = {record for _, record in keys}
    settled = [
        pair.id
        for pair in ReviewPair.objects.filter(record_a__in=ids, record_b__in=ids, state__in=_OPEN)
        if {(pair.source_a, pair.record_a), (pair.source_b, pair.record_b)} <= keys
    ]
    return ReviewPair.objects.filter(id__in=settled).update(state=PairState.SAME, act=act)


def _pair(access: Access, pair: UUID) -> ReviewPair:
    found = ReviewPair.objects.select_for_update().filter(id=pair).first()
    if found is None or not access.scope.lo <= found.unit_no <= access.scope.hi:
        raise NotFound(code="pair_unknown", zh="没有此待复核对。", en="There is no such pair to review.")
    return found
