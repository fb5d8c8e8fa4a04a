"""Which receipt a sent visit gets. Nothing a worker saw is thrown away, save what the law says must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wangge.field.states import Outcome, Receipt
from wangge.kernel.problems import BadInput

CLOCK_SKEW = timedelta(minutes=10)
"""How far a phone's clock may run ahead of ours."""

LONGEST_VISIT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the tasks room says about the task a visit names."""

    actor: str
    waiting: bool


def outcome_of(*, saw_person: bool, saw_dwelling: bool, saw_state: bool) -> Outcome:
    """A visit counts when person, dwelling and state were each seen (见人 见居 见状态)."""
    if saw_person and saw_dwelling and saw_state:
        return Outcome.COMPLETE
    return Outcome.PARTIAL if saw_person or saw_state else Outcome.NOBODY


def receipt_for(actor: str, *, names_task: bool, task: TaskFacts | None) -> Receipt:
    """The receipt of a well-formed visit that was not received before.

    A task reassigned meanwhile: the visit is kept and referred to the new responsible person. A task closed
    meanwhile: it is kept beside the one that closed it.
    """
    if not names_task:
        return Receipt.ACCEPTED
    if task is None:
        return Receipt.REJECTED
    if not task.waiting:
        return Receipt.TASK_CLOSED
    return Receipt.ACCEPTED if task.actor == actor else Receipt.TASK_REASSIGNED


def check_times(started_at: datetime, ended_at: datetime, now: datetime) -> None:
    """Raise BadInput for a visit without zone, that ends before it begins, lasts too long or lies ahead."""
    if started_at.tzinfo is None or ended_at.tzinfo is None:
        raise BadInput(
            code="visit_time_without_zone",
            zh="走访时间缺少时区。",
            en="The times of the visit have no time zone.",
        )
    if not timedelta() <= ended_at - started_at <= LONGEST_VISIT:
        raise BadInput(
            code="visit_time_order",
            zh="走访结束时间早于开始时间，或时长超过 12 小时。",
            en="The visit ends before it begins, or lasts more than 12 hours.",
        )
    if ended_at > now + CLOCK_SKEW:
        raise BadInput(
            code="visit_in_the_future",
            zh="走访时间晚于当前时间，请检查手机时钟。",
            en="The visit lies in the future; check the clock of the phone.",
        )
