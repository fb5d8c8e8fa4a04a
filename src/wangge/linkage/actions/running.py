"""A run of linkage: asked for by a person, begun and ended by the background."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Conflict
from wangge.linkage.models import LinkageRun
from wangge.linkage.states import RunState
from wangge.registry.types import ImportReport

LOST_AFTER = timedelta(hours=12)  # a run whose process died stands in nobody's way for longer


@door(writes="linkage_run", act="ask")
def ask_linkage(access: Access, *, namesakes: bool | None = None) -> UUID:
    """Note that the register is to be linked anew. Raises Conflict while a run waits or is under way.

    `namesakes`: whether two may be joined on a rare name alone; as the last run had it where nothing is said.
    """
    now = timezone.now()
    open_runs = LinkageRun.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING))
    if open_runs.filter(asked_at__gt=now - LOST_AFTER).exists():
        raise Conflict(
            code="linkage_under_way",
            zh="归并已在进行，请等它完成。",
            en="Linking is already under way; wait until it has ended.",
        )
    open_runs.update(state=RunState.FAILED, ended_at=now, fault="lost")
    if namesakes is None:
        last = LinkageRun.objects.order_by("-asked_at", "-id").first()
        namesakes = last is None or last.namesakes
    run = LinkageRun.objects.create(
        state=RunState.WAITING, asked_at=now, asked_by=access.actor, namesakes=namesakes
    )
    return run.id


@door(writes="linkage_run", act="note")
def begin_linkage(access: Access, *, run: UUID) -> bool:
    """Note that a run has begun. Gives whether it may join on a rare name alone."""
    LinkageRun.objects.filter(id=run).update(
        state=RunState.RUNNING, began_at=timezone.now(), ended_at=None, fault=""
    )
    return bool(LinkageRun.objects.values_list("namesakes", flat=True).get(id=run))


@door(writes="linkage_run", act="note")
def end_linkage(
    access: Access,
    *,
    run: UUID,
    rows: int = 0,
    report: ImportReport | None = None,
    added: bool = False,
    why_anew: str = "",
    fault: str = "",
) -> None:
    """Note what a run made; without a report, that it failed (`fault` is a word, never a value of a row).

    `why_anew` (of `WhyAnew`): why nothing was added to what stood. With a report, `fault` says what kept the engine.
    """
    found = LinkageRun.objects.select_for_update().get(id=run)
    found.state = RunState.DONE if report else RunState.FAILED
    found.ended_at, found.rows, found.fault = timezone.now(), rows, fault[:80]
    if report is not None:
        found.persons, found.new_persons = report.persons, report.new_persons
        found.retired, found.unlocated = report.retired, report.unlocated
        found.changed, found.added, found.why_anew = report.changed, added, why_anew
    found.save()
