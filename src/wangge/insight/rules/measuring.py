"""When a source is to be measured anew."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from wangge.insight.states import Occasion


def occasion_for(
    last: tuple[UUID, int, date] | None, batch: UUID, revision: int, today: date
) -> Occasion | None:
    """Why a source whose newest accepted batch is this one is due, if it is: a batch or a correction of its columns not
    measured yet, or a month in which it was not measured (its age has grown). `last` is (batch, revision, day)."""
    if last is None or last[:2] != (batch, revision):
        return Occasion.BATCH
    return Occasion.MONTH if (last[2].year, last[2].month) != (today.year, today.month) else None
