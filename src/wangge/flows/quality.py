"""From accepted batches to figures of data quality: publish each source's newest file, measure, note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.flows.linkage import Relinked
from wangge.insight import actions as insight
from wangge.insight.analysis import Linkage, Publication, measured_forms, unpromised_days
from wangge.insight.queries import due
from wangge.insight.states import Occasion
from wangge.insight.types import Measured, NewestBatch
from wangge.kernel.access import Access
from wangge.sources.queries import accepted_rows, batches, held_places, sheets, sources
from wangge.sources.states import BatchState, Media
from wangge.sources.types import BatchView, ResourceView

PURPOSE = "registry_maintenance"


@dataclass(frozen=True, slots=True)
class Target:
    """A source to be measured by its newest accepted file, and why."""

    resource: ResourceView
    batch: BatchView
    occasion: Occasion


def measure_due(work: Path, today: date | None = None) -> int:
    """Measure the sources that are due; gives how many.

    `work` is a folder for this run alone; it holds personal data while the engine runs, and the caller removes it.
    """
    access = enter_system(name="quality", purpose=PURPOSE)
    day = today or timezone.localdate()
    newest = {resource.id: (resource, batch) for resource, batch in _newest(access)}
    told = tuple(NewestBatch(key, batch.id, batch.revision) for key, (_, batch) in newest.items())
    targets = [
        Target(*newest[resource], occasion) for resource, occasion in due(access, newest=told, today=day)
    ]
    return _measure(access, targets, work, day)


def measure_linked(made: Relinked, work: Path, today: date | None = None) -> int:
    """Measure all sources beside what a linkage chose, while its tables stand; gives how many."""
    access = enter_system(name="quality", purpose=PURPOSE)
    targets = [Target(resource, batch, Occasion.LINKAGE) for resource, batch in _newest(access)]
    linkage = Linkage(made.golden, made.members, made.flags)
    return _measure(access, targets, work, today or timezone.localdate(), linkage)


def _newest(access: Access) -> list[tuple[ResourceView, BatchView]]:
    """Peacetime's sources of a form that has formulas, each with its newest accepted file."""
    forms = measured_forms()
    found = []
    for resource in sources(access):
        if resource.emergency is None and resource.schema in forms:
            rows = batches(access, resource=resource.id, state=BatchState.ACCEPTED).rows
            files = [b for b in rows if b.media != Media.CORRECTIONS and b.emergency is None]
            if files:
                found.append((resource, files[0]))
    return found


def _measure(
    access: Access, targets: list[Target], work: Path, today: date, linkage: Linkage | None = None
) -> int:
    publication = Publication(work / "in")
    published: dict[UUID, Target] = {}
    for target in targets:
        batch = target.batch
        columns = {c.column for s in sheets(access, batch=batch.id) for c in s.columns if c.column}
        if publication.add(
            batch.id,
            accepted_rows(access, batch=batch.id).frames(),
            schema=batch.schema,
            columns=sorted(columns),
            as_of=batch.as_of_on,
            cycle_days=target.resource.cycle_days,
            word_for_word=batch.rows_repeated,
        ):
            publication.add_aside(
                batch.id, ((h.sheet_no, h.row_no, h.reason) for h in held_places(access, batch=batch.id))
            )
            published[batch.id] = target
    figures = publication.measure(today, work / "out", linkage)
    measured = tuple(
        Measured(
            resource=target.resource.id,
            batch=target.batch.id,
            revision=target.batch.revision,
            occasion=target.occasion,
            as_of_on=target.batch.as_of_on,
            cycle_days=target.resource.cycle_days or unpromised_days(),
            promised=target.resource.cycle_days is not None,
            rows=target.batch.rows_accepted,
            figures=figures.get(batch, ()),
        )
        for batch, target in published.items()
    )
    insight.note_quality(access, measured=measured, on=today)
    return len(measured)
