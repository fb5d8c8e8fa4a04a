"""Every read of tasks that leaves the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import COUNT_CAP, PAGE_SIZE, Cursor, Page, instant
from wangge.kernel.problems import BadInput, NotFound
from wangge.kernel.units import Interval
from wangge.tasks.duty import holders, today
from wangge.tasks.models import WAITING_CODES, GridTeam, Responsibility, Task, TaskStep, TeamMember
from wangge.tasks.rules.kinds import TaskKind, kind_named
from wangge.tasks.rules.teams import shipped_templates, template_named, vacancies
from wangge.tasks.rules.walking import walking_key
from wangge.tasks.sealed import subject_token, unseal_reason, unseal_subject, unseal_text
from wangge.tasks.states import TASK_TABLE, WAITING, WITH_WORKER, TaskState
from wangge.tasks.types import (
    Assignment,
    GradeCount,
    Heir,
    Inheritance,
    MemberView,
    OpenOrigin,
    Responsible,
    TaskCounts,
    TaskRow,
    TaskStepView,
    TaskView,
    TeamView,
    UnitLoad,
    VacancyView,
)

LIST_AT_MOST = 500
"""A worker's list; more than that nobody walks."""


def _responsible(level: str, held: Responsibility) -> Responsible:
    zh, en = _post_words(held.template, held.post)
    return Responsible(
        unit_no=held.unit_no,
        level=level,
        actor=held.actor,
        name=unseal_text(held.name_sealed),
        phone=unseal_text(held.phone_sealed),
        post=held.post,
        post_zh=zh,
        post_en=en,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
    )


def _post_words(template: str, code: str) -> tuple[str, str]:
    held = shipped_templates().get(template)
    post = next((p for p in held.posts if p.code == code), None) if held else None
    return (post.zh, post.en) if post else (code, code)


@door(reads="responsible")
def who_is_responsible(access: Access, *, unit_no: int, on: date | None = None) -> Responsible | None:
    """Who answers for a place on a day (default today): for the grid, else for the division above it.

    Open to anyone on staff, for any place. None when nobody does.
    """
    found = holders([unit_no], on or today()).get(unit_no)
    return _responsible(*found) if found else None


@door(reads="responsible")
def responsible_for(
    access: Access, *, unit_nos: Iterable[int], on: date | None = None
) -> tuple[Responsible, ...]:
    """Who answers for several places, in the order of the unit numbers; places with nobody are left out.

    One row a place asked for; ``unit_no`` is the place that the person was appointed for.
    """
    found = holders(unit_nos, on or today())
    return tuple(_responsible(*found[unit]) for unit in sorted(found))


@door(reads="team")
def team(access: Access, *, unit_no: int, on: date | None = None) -> TeamView | None:
    """The team of a grid on a day with its members by post, and what is missing; None when it has none."""
    day = on or today()
    current = Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))
    held = GridTeam.objects.filter(current, unit_no=unit_no).first()
    if held is None or unit_no not in access.scope:
        return None
    template = template_named(held.template)
    order = {post.code: place for place, post in enumerate(template.posts)}
    members = sorted(
        TeamMember.objects.filter(current, team=held), key=lambda m: (order.get(m.post, 99), m.valid_from)
    )
    return TeamView(
        unit_no=unit_no,
        template=template.code,
        template_zh=template.zh,
        template_en=template.en,
        members=tuple(
            MemberView(
                post=member.post,
                post_zh=template.post(member.post).zh,
                post_en=template.post(member.post).en,
                duty=template.post(member.post).duty,
                actor=member.actor,
                name=unseal_text(member.name_sealed),
                phone=unseal_text(member.phone_sealed),
                organisation=member.organisation_id,
                station=member.station,
                responsible=template.post(member.post).responsible,
                valid_from=member.valid_from,
            )
            for member in members
        ),
        vacancies=tuple(
            VacancyView(v.post, v.zh, v.en, v.missing) for v in vacancies(template, [m.post for m in members])
        ),
    )


@door(reads="responsible")
def inheritances(access: Access, *, heirs: Sequence[Heir]) -> tuple[Inheritance, ...]:
    """What would go from grids that end to their heirs (`hand_on`), in the order given: nothing is changed."""
    day = today()
    units = {unit for one in heirs for unit in (one.unit_no, one.heir_no)}
    answering = {unit: unseal_text(held.name_sealed) for unit, (_, held) in holders(units, day).items()}
    teams = {team.unit_no: team for team in GridTeam.objects.filter(unit_no__in=units, valid_to=None)}
    taken = set(teams)
    waiting = dict(
        Task.objects.filter(unit_no__in=units, state__in=[TaskState.UNASSIGNED, *WITH_WORKER])
        .values_list("unit_no")
        .annotate(n=Count("id"))
    )
    found = []
    for one in heirs:
        old = teams.get(one.unit_no)
        whole = old is not None and one.heir_no not in taken
        members = list(TeamMember.objects.filter(team=old, valid_to=None)) if old else []
        posts = {post.code: post for post in template_named(old.template).posts} if old else {}
        stay = 0 if whole else sum(bool(posts[m.post].most or posts[m.post].responsible) for m in members)
        after = answering.get(one.unit_no if whole else one.heir_no, "")
        if whole:
            taken.add(one.heir_no)
            answering[one.heir_no] = after
        found.append(
            Inheritance(
                unit_no=one.unit_no,
                heir_no=one.heir_no,
                responsible=answering.get(one.unit_no, ""),
                after=after,
                whole=whole,
                members=len(members) - stay,
                freed=stay,
                tasks=waiting.get(one.unit_no, 0),
            )
        )
    return tuple(found)


def _within(access: Access, unit: Interval | None = None) -> QuerySet[Task]:
    """Tasks of the territory; an emergency's only under its own access, peacetime ones not under it."""
    lo = max(access.scope.lo, unit.lo) if unit else access.scope.lo
    hi = min(access.scope.hi, unit.hi) if unit else access.scope.hi
    return Task.objects.filter(unit_no__gte=lo, unit_no__lte=hi, emergency_id=access.emergency)


def _kind(code: str) -> TaskKind:
    try:
        return kind_named(code)
    except BadInput:  # a kind that a later version of the data no longer has
        return TaskKind(code, code, code, "", 0, urgent=False)


def _is_overdue(state: TaskState, due: datetime, now: datetime) -> bool:
    return due < now and state in WAITING


def _view(task: Task, now: datetime, steps: tuple[TaskStepView, ...] = ()) -> TaskView:
    kind, state = _kind(task.kind), TaskState(task.state)
    words = TASK_TABLE.states[state]
    about = unseal_subject(task.subject_sealed, task.emergency_id)
    return TaskView(
        task_id=task.id,
        kind=task.kind,
        title_zh=kind.zh,
        title_en=kind.en,
        form=kind.form,
        unit_no=task.unit_no,
        actor=task.actor,
        grade=task.grade,
        urgent=kind.urgent,
        state=state,
        state_zh=words.zh,
        state_en=words.en,
        attempts=task.attempts,
        created_at=task.created_at,
        deadline_at=task.deadline_at,
        ended_at=task.ended_at,
        overdue=_is_overdue(state, task.deadline_at, now),
        emergency=task.emergency_id,
        visit_id=task.visit_id,
        origin_key=task.origin_key,
        person_id=about.person_id,
        dwelling_id=about.dwelling_id,
        name=about.name,
        phone=about.phone,
        address=about.address,
        reasons=about.reasons,
        note=about.note,
        steps=steps,
    )


@door(reads="task", act="mine")
def my_tasks(access: Access) -> tuple[TaskView, ...]:
    """The caller's open tasks in walking order: overdue first, then urgent, then door by door.

    Under an emergency's access its tasks and the peacetime ones, else the peacetime ones only. At most 500,
    the most urgent.
    """
    now = timezone.now()
    mine = Task.objects.filter(
        actor=access.actor,
        state__in=[state.value for state in WITH_WORKER],
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).filter(Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency))
    views = [_view(task, now) for task in mine.order_by("deadline_at", "id")[:LIST_AT_MOST]]
    return tuple(
        sorted(
            views,
            key=lambda v: walking_key(
                overdue=v.overdue, urgent=v.urgent, unit_no=v.unit_no, address=v.address, name=v.name
            ),
        )
    )


@door(reads="task", act="mine")
def task(access: Access, *, task_id: UUID) -> TaskView:
    """A task whole. A grid worker opens only their own; NotFound for others', as for none."""
    rows = Task.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
    if access.role == "grid_worker":
        rows = rows.filter(actor=access.actor)
    found = rows.filter(Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency), id=task_id).first()
    if found is None:
        raise NotFound(
            code="task_unknown", zh="没有此任务，或已改派他人。", en="There is no such task of yours."
        )
    words = {step.verb: (step.zh, step.en) for step in TASK_TABLE.transitions}
    steps = tuple(
        TaskStepView(
            seq=step.seq,
            verb=step.verb,
            verb_zh=words[step.verb][0],
            verb_en=words[step.verb][1],
            actor=step.actor,
            to_actor=step.to_actor,
            at=step.at,
            visit_id=step.visit_id,
            reason=unseal_reason(step.reason_sealed, step.emergency_id),
        )
        for step in TaskStep.objects.filter(task_id=found.id).order_by("seq")
    )
    return _view(found, timezone.now(), steps)


_ROW = (
    "id",
    "kind",
    "unit_no",
    "actor",
    "grade",
    "state",
    "attempts",
    "created_at",
    "deadline_at",
    "ended_at",
    "emergency_id",
)


def _row(values: tuple[Any, ...], now: datetime) -> TaskRow:
    id_, kind_code, unit_no, actor, grade, state_code, attempts, created, due, ended, emergency = values
    kind, state = _kind(kind_code), TaskState(state_code)
    words = TASK_TABLE.states[state]
    return TaskRow(
        task_id=id_,
        kind=kind_code,
        title_zh=kind.zh,
        title_en=kind.en,
        unit_no=unit_no,
        actor=actor,
        grade=grade,
        state=state,
        state_zh=words.zh,
        state_en=words.en,
        attempts=attempts,
        created_at=created,
        deadline_at=due,
        ended_at=ended,
        overdue=_is_overdue(state, due, now),
        emergency=emergency,
    )


@door(reads="task", act="list")
def task_page(
    access: Access,
    *,
    states: Iterable[TaskState] = (),
    unit: Interval | None = None,
    actor: str = "",
    kind: str = "",
    grade: str = "",
    overdue: bool = False,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[TaskRow]:
    """A page of tasks by deadline, the nearest first; open ones unless ``states`` says otherwise.

    Without names: whom a task is about is read by opening it. The count, on the first page only, stops at
    1,000 and says so.
    """
    now = timezone.now()
    chosen = [TaskState(state).value for state in states] or WAITING_CODES
    rows = _within(access, unit).filter(state__in=chosen)
    for column, value in (("actor", actor), ("kind", kind), ("grade", grade)):
        if value:
            rows = rows.filter(**{column: value})
    if overdue:
        rows = rows.filter(state__in=WAITING_CODES, deadline_at__lt=now)
    total = rows[: COUNT_CAP + 1].count() if cursor is None else None
    mark = Cursor.decode(cursor, 2, instant, UUID)
    if mark is not None:
        due, last_id = mark.values
        rows = rows.filter(Q(deadline_at__gt=due) | Q(deadline_at=due, id__gt=last_id), deadline_at__gte=due)
    found = list(rows.order_by("deadline_at", "id").values_list(*_ROW)[: size + 1])
    shown = found[:size]
    onward = (
        Cursor((shown[-1][_ROW.index("deadline_at")].isoformat(), str(shown[-1][0]))).encode()
        if len(found) > size
        else None
    )
    return Page(rows=tuple(_row(values, now) for values in shown), next=onward, total=total)


@door(reads="task", act="list")
def task_outline(access: Access, *, task_id: UUID) -> TaskRow:
    """One task as it stands in the list: what, where, who, until when; not about whom. NotFound when not here."""
    values = _within(access).filter(id=task_id).values_list(*_ROW).first()
    if values is None:
        raise NotFound(code="task_unknown", zh="没有此任务。", en="There is no such task here.")
    return _row(values, timezone.now())


@door(reads="task", act="list")
def tasks_about(access: Access, *, person_id: UUID) -> tuple[TaskRow, ...]:
    """Tasks about one person, newest first, at most 100; an emergency's only under its own access."""
    now = timezone.now()
    tokens = [token for token in (subject_token(person_id, access.emergency),) if token is not None]
    rows = _within(access).filter(subject_token__in=tokens).order_by("-created_at", "-id")
    return tuple(_row(values, now) for values in rows.values_list(*_ROW)[:100])


@door(reads="task", act="list")
def counts(access: Access, *, unit: Interval | None = None) -> TaskCounts:
    """Open tasks by state and grade, overdue ones among them; done ones up to 1,000."""
    now = timezone.now()
    rows = _within(access, unit)
    waiting = rows.filter(state__in=WAITING_CODES)
    by_state: dict[str, int] = dict(waiting.values_list("state").annotate(n=Count("id")).order_by())
    by_grade = waiting.values_list("grade").annotate(n=Count("id")).order_by("grade")
    done = rows.filter(state=TaskState.DONE)[: COUNT_CAP + 1].count()
    return TaskCounts(
        unassigned=by_state.get(TaskState.UNASSIGNED, 0),
        assigned=by_state.get(TaskState.ASSIGNED, 0),
        seen=by_state.get(TaskState.SEEN, 0),
        attempted=by_state.get(TaskState.ATTEMPTED, 0),
        overdue=waiting.filter(deadline_at__lt=now).count(),
        done=min(done, COUNT_CAP),
        done_capped=done > COUNT_CAP,
        by_grade=tuple(GradeCount(grade, number) for grade, number in by_grade),
    )


@door(reads="task", act="list")
def load_by_unit(access: Access, *, unit: Interval | None = None) -> tuple[UnitLoad, ...]:
    """Open and overdue tasks of each grid that has any, by unit number."""
    late = Count("id", filter=Q(deadline_at__lt=timezone.now()))
    rows = (
        _within(access, unit)
        .filter(state__in=WAITING_CODES)
        .values_list("unit_no")
        .annotate(n=Count("id"), late=late)
        .order_by("unit_no")
    )
    return tuple(UnitLoad(*row) for row in rows)


@door(reads="task", act="list")
def open_origins(access: Access, *, prefix: str) -> tuple[OpenOrigin, ...]:
    """Open tasks whose origin begins with `prefix`, those with most visits first."""
    rows = (
        _within(access)
        .filter(state__in=WAITING_CODES, origin_key__startswith=prefix)
        .order_by("-attempts", "-steps", "id")
        .values_list("id", "origin_key", "kind", "unit_no", "attempts")
    )
    return tuple(OpenOrigin(*row) for row in rows)


@door(reads="task", act="assignment")
def assignments(access: Access, *, task_ids: Iterable[UUID]) -> tuple[Assignment, ...]:
    """Who has these tasks now and whether they still wait; those not to be seen here are left out."""
    rows = Task.objects.filter(
        Q(emergency_id__isnull=True) | Q(emergency_id=access.emergency),
        id__in=list(task_ids),
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).values_list("id", "actor", "state", "unit_no", "emergency_id")
    return tuple(
        Assignment(id_, actor, TaskState(state), TaskState(state) in WAITING, unit_no, emergency)
        for id_, actor, state, unit_no, emergency in rows
    )
