"""The runs of linkage as they went."""

from __future__ import annotations

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.linkage.models import LinkageRun
from wangge.linkage.types import LinkageRunView


@door(reads="linkage_run")
def linkage_runs(access: Access, *, size: int = 5) -> tuple[LinkageRunView, ...]:
    """The latest runs of linkage, newest first. Counts only."""
    return tuple(
        LinkageRunView(
            r.id,
            r.state,
            r.asked_at,
            r.asked_by,
            r.began_at,
            r.ended_at,
            r.rows,
            r.persons,
            r.new_persons,
            r.retired,
            r.unlocated,
            r.fault,
            r.added,
            r.changed,
            r.why_anew,
            r.namesakes,
        )
        for r in LinkageRun.objects.order_by("-asked_at", "-id")[:size]
    )
