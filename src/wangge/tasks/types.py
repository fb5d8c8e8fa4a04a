"""What leaves and enters the tasks room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject
from wangge.tasks.states import TaskState


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who takes which post of a grid's team, from which day (default today).

    ``actor`` is the account, needed for the post that answers for the grid; ``station`` the volunteer's own
    chosen station, where the template says that the post may have one.
    """

    unit_no: int
    post: str
    name: str
    actor: str = ""
    phone: str = ""
    organisation: UUID | None = None
    station: str = ""
    template: str = "1+3+X"
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Appointed:
    """What became of appointments; ``handed_over`` counts open tasks that went to a new responsible person."""

    appointed: int = open_()
    unchanged: int = open_()
    handed_over: int = open_()


@dataclass(frozen=True, slots=True)
class Heir:
    """A grid that ends and the place that takes over from it: another grid, or its community."""

    unit_no: int
    heir_no: int


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What goes from a grid that ends to its heir.

    ``responsible`` answers for it now ("" where nobody does), ``after`` will answer for what was there.
    ``whole``: the heir has no team of its own, so the team goes over as it is; else only posts that any number may
    hold go over, and ``freed`` members answer for nothing there any more.
    """

    unit_no: int = open_()
    heir_no: int = open_()
    responsible: str = open_()
    after: str = open_()
    whole: bool = open_()
    members: int = open_()
    freed: int = open_()
    tasks: int = open_()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What was handed on; ``tasks`` of those whose day has come, the others follow on theirs.

    ``left``: accounts that answer for nothing at the heir, with the place they had.
    """

    teams: int = open_()
    members: int = open_()
    freed: int = open_()
    tasks: int = open_()
    left: tuple[tuple[str, int], ...] = open_()


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a place. ``level`` says for what: the grid itself, or the division above it."""

    unit_no: int = open_()
    level: str = open_()
    actor: str = open_()
    name: str = open_()
    phone: str = personal(mask="phone")
    post: str = open_()
    post_zh: str = open_()
    post_en: str = open_()
    valid_from: date = open_()
    valid_to: date | None = open_()


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member of a team."""

    post: str = open_()
    post_zh: str = open_()
    post_en: str = open_()
    duty: str = open_()
    actor: str = open_()
    name: str = personal(mask="name")
    phone: str = personal(mask="phone")
    organisation: UUID | None = open_()
    station: str = personal()
    responsible: bool = open_()
    valid_from: date = open_()


@dataclass(frozen=True, slots=True)
class VacancyView:
    """A post with too few (``missing`` > 0) or too many holders."""

    post: str = open_()
    zh: str = open_()
    en: str = open_()
    missing: int = open_()


@dataclass(frozen=True, slots=True)
class TeamView:
    """The team of a grid on a day."""

    unit_no: int = open_()
    template: str = open_()
    template_zh: str = open_()
    template_en: str = open_()
    members: tuple[MemberView, ...] = open_()
    vacancies: tuple[VacancyView, ...] = open_()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a task is about: what the worker needs to know at the door, no more. Kept sealed."""

    person_id: UUID | None = None
    dwelling_id: UUID | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    reasons: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made. ``origin_key`` says what it comes from: the same origin makes one task.

    Without ``deadline_at`` the kind's own term applies; without ``actor`` the one responsible for the place
    gets it.
    """

    kind: str
    unit_no: int
    origin_key: str
    subject: Subject = Subject()
    deadline_at: datetime | None = None
    grade: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """What became of new tasks; ``unassigned`` of the created wait for a dispatcher: nobody answers there."""

    created: int = open_()
    existing: int = open_()
    unassigned: int = open_()


@dataclass(frozen=True, slots=True)
class OpenOrigin:
    """An open task and what it came from."""

    task_id: UUID = open_()
    origin_key: str = open_()
    kind: str = open_()
    unit_no: int = open_()
    attempts: int = open_()


@dataclass(frozen=True, slots=True)
class Aim:
    """What an open task stands on from now: another origin with its grade, reasons and deadline, the task the same."""

    task_id: UUID
    origin_key: str
    grade: str
    reasons: tuple[str, ...]
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Completion:
    """What a visit did for a task: ``met`` False is an attempt, the task stays open."""

    task_id: UUID
    visit_id: UUID
    at: datetime
    met: bool = True


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer for one completion: done, attempted, already (by this visit), closed, not_yours, unknown."""

    task_id: UUID = open_()
    status: str = open_()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has a task now, and whether it still waits; for the rooms that come after."""

    task_id: UUID = open_()
    actor: str = open_()
    state: TaskState = open_()
    waiting: bool = open_()
    unit_no: int = open_()
    emergency: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list: what, where, who, until when; not about whom."""

    task_id: UUID = open_()
    kind: str = open_()
    title_zh: str = open_()
    title_en: str = open_()
    unit_no: int = open_()
    actor: str = open_()
    grade: str = sensitive()
    state: TaskState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    attempts: int = open_()
    created_at: datetime = open_()
    deadline_at: datetime = open_()
    ended_at: datetime | None = open_()
    overdue: bool = open_()
    emergency: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class TaskStepView:
    """One step of a task."""

    seq: int = open_()
    verb: str = open_()
    verb_zh: str = open_()
    verb_en: str = open_()
    actor: str = open_()
    to_actor: str = open_()
    at: datetime = open_()
    visit_id: UUID | None = open_()
    reason: str = personal()


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its worker sees it: whom to visit, where, why, with which form."""

    task_id: UUID = open_()
    kind: str = open_()
    title_zh: str = open_()
    title_en: str = open_()
    form: str = open_()
    unit_no: int = open_()
    actor: str = open_()
    grade: str = sensitive()
    urgent: bool = open_()
    state: TaskState = open_()
    state_zh: str = open_()
    state_en: str = open_()
    attempts: int = open_()
    created_at: datetime = open_()
    deadline_at: datetime = open_()
    ended_at: datetime | None = open_()
    overdue: bool = open_()
    emergency: UUID | None = open_()
    visit_id: UUID | None = open_()
    origin_key: str = open_()
    person_id: UUID | None = subject()
    dwelling_id: UUID | None = open_()
    name: str = personal(mask="name")
    phone: str = personal(mask="phone")
    address: str = personal(mask="address")
    reasons: tuple[str, ...] = sensitive()
    note: str = personal()
    steps: tuple[TaskStepView, ...] = open_()


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Open tasks by state and by grade, overdue ones among them, and how many are done (``done`` is capped)."""

    unassigned: int = open_()
    assigned: int = open_()
    seen: int = open_()
    attempted: int = open_()
    overdue: int = open_()
    done: int = open_()
    done_capped: bool = open_()
    by_grade: tuple[GradeCount, ...] = open_()

    @property
    def waiting(self) -> int:
        return self.unassigned + self.assigned + self.seen + self.attempted


@dataclass(frozen=True, slots=True)
class GradeCount:
    """Open tasks of one grade."""

    grade: str = open_()
    number: int = open_()


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """Open and overdue tasks of one grid, for the map and for seeing imbalance."""

    unit_no: int = open_()
    waiting: int = open_()
    overdue: int = open_()
