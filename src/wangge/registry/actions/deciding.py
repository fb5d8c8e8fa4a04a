"""A person says that two source records are the same or not; linkage obeys from then on."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound
from wangge.registry.models import LinkDecision, SourceRecord
from wangge.registry.states import Verdict


@door(writes="registry", act="decide")
def decide(access: Access, *, a: tuple[str, str], b: tuple[str, str], verdict: str, reason: str = "") -> UUID:
    """Record a verdict about two source records, each (source, record id). A later verdict overrules an earlier.

    It takes effect at the next linkage run: "different" undoes a merge and keeps it undone.
    """
    if verdict not in set(Verdict):
        raise BadInput(code="verdict_unknown", zh="结论须为“同一人”或“不同人”。", en="Say same or different.")
    if a == b:
        raise BadInput(
            code="one_record_twice", zh="请选择两条不同的记录。", en="Choose two different records."
        )
    (source_a, record_a), (source_b, record_b) = sorted((a, b))
    for source, record in (a, b):
        if not SourceRecord.objects.filter(source=source, record_id=record).exists():
            raise NotFound(
                code="record_unknown",
                zh="没有此来源记录。",
                en="There is no such source record.",
                place=source,
            )
    made = LinkDecision.objects.create(
        source_a=source_a,
        record_a=record_a,
        source_b=source_b,
        record_b=record_b,
        verdict=verdict,
        reason=reason,
        decided_by=access.actor,
        decided_at=timezone.now(),
    )
    return made.id
