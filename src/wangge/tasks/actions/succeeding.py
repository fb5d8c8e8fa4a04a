"""A grid ends: its team, who answers and what is open there go on to the place that takes over from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.tasks.actions.handing import OPEN, pass_on
from wangge.tasks.duty import holders, today
from wangge.tasks.models import GridTeam, Responsibility, Succession, Task, TaskStep, TeamMember
from wangge.tasks.rows import write_changes
from wangge.tasks.rules.teams import template_named
from wangge.tasks.sealed import seal_reason
from wangge.tasks.states import TaskState
from wangge.tasks.types import HandedOn, Heir

REASON = "网格调整：原网格的任务由接续网格办理 the grid ended, its heir takes the task on"


@door(writes="team", act="hand_on")
def hand_on(access: Access, *, heirs: Sequence[Heir], on: date) -> HandedOn:
    """Hand what grids that end have on to their heirs, from a day on.

    A team goes over as it is to an heir that has none (the largest first, where several end in one); to one that has
    a team go only those in posts that any number may hold. Nobody answers for two places by this: who answered for
    the ended grid answers for the heir only where nobody did. Open tasks follow on the day, every day from then on
    (`hand_over`), also those made later for the old number. Told again, nothing is done twice.
    """
    now = timezone.now()
    told = {
        one.unit_no: Succession(
            unit_no=one.unit_no, heir_no=one.heir_no, from_day=on, noted_at=now, noted_by=access.actor
        )
        for one in heirs
    }
    Succession.objects.bulk_create(
        told.values(),
        update_conflicts=True,
        unique_fields=["unit_no"],
        update_fields=["heir_no", "from_day", "noted_at", "noted_by"],
    )
    teams = members = freed = 0
    left: list[tuple[str, int]] = []
    for heir in heirs:
        old = GridTeam.objects.select_for_update().filter(unit_no=heir.unit_no, valid_to=None).first()
        if old is None:
            continue
        went, stayed = _team_goes(access, old, heir, on)
        teams += bool(went)
        members += len(went)
        freed += len(stayed)
        with_it = {one.actor for one in went}
        left += [(one.actor, heir.unit_no) for one in stayed if one.actor and one.actor not in with_it]
    return HandedOn(teams, members, freed, follow(access), tuple(dict.fromkeys(left)))


def _team_goes(
    access: Access, old: GridTeam, heir: Heir, on: date
) -> tuple[list[TeamMember], list[TeamMember]]:
    """Ends a team on a day and seats at the heir who may go there; gives these and those who may not."""
    team = GridTeam.objects.select_for_update().filter(unit_no=heir.heir_no, valid_to=None).first()
    whole = team is None
    if team is None:
        team = GridTeam.objects.create(
            unit_no=heir.heir_no,
            template=old.template,
            template_version=old.template_version,
            valid_from=max(on, old.valid_from),
        )
    posts = {post.code: post for post in template_named(team.template).posts}
    there = {
        (one.post, bytes(one.person_blind)) for one in TeamMember.objects.filter(team=team, valid_to=None)
    }
    leaving = list(TeamMember.objects.filter(team=old, valid_to=None).order_by("valid_from", "id"))
    going = [
        one
        for one in leaving
        if whole
        or (
            (post := posts.get(one.post)) is not None
            and not post.most
            and not post.responsible
            and (one.post, bytes(one.person_blind)) not in there
        )
    ]
    held = Responsibility.objects.filter(unit_no=heir.unit_no, valid_to=None).first()
    for one in leaving:
        one.valid_to = max(on, one.valid_from)
    TeamMember.objects.bulk_update(leaving, ["valid_to"])
    if held is not None:
        held.valid_to = max(on, held.valid_from)
        held.save(update_fields=["valid_to"])
    old.valid_to = max(on, old.valid_from)
    old.save(update_fields=["valid_to"])
    TeamMember.objects.bulk_create([_seated(one, team, on, access.actor) for one in going])
    if held is not None and whole and not Responsibility.objects.filter(unit_no=team.unit_no, valid_to=None):
        Responsibility.objects.create(
            unit_no=team.unit_no,
            actor=held.actor,
            name_sealed=held.name_sealed,
            phone_sealed=held.phone_sealed,
            phone_blind=held.phone_blind,
            post=held.post,
            template=team.template,
            valid_from=max(on, held.valid_from),
            appointed_by=access.actor,
        )
    return going, [one for one in leaving if one not in going]


def _seated(one: TeamMember, team: GridTeam, on: date, by: str) -> TeamMember:
    return TeamMember(
        team=team,
        unit_no=team.unit_no,
        post=one.post,
        actor=one.actor,
        name_sealed=one.name_sealed,
        phone_sealed=one.phone_sealed,
        phone_blind=one.phone_blind,
        person_blind=one.person_blind,
        organisation_id=one.organisation_id,
        station=one.station,
        valid_from=max(on, one.valid_from),
        appointed_by=by,
    )


def heirs_today(units: Iterable[int], on: date) -> dict[int, int]:
    """Where what is open in some places belongs on a day: the heir, or the heir's heir."""
    told = dict(Succession.objects.filter(from_day__lte=on).values_list("unit_no", "heir_no"))
    found: dict[int, int] = {}
    for unit in units:
        at, seen = unit, {unit}
        while (after := told.get(at)) is not None and after not in seen:
            seen.add(after)
            at = after
        if at != unit:
            found[unit] = at
    return found


def follow(access: Access) -> int:
    """Put open tasks of places that have ended where they belong today, with whom answers there; gives how many.

    A task that a leader gave to somebody else on purpose stays with them.
    """
    day, now = today(), timezone.now()
    ended = list(Succession.objects.filter(from_day__lte=day).values_list("unit_no", flat=True))
    at = heirs_today(ended, day)
    rows = Task.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
    tasks = list(rows.select_for_update().filter(unit_no__in=at, state__in=OPEN).order_by("id"))
    if not tasks:
        return 0
    current = {unit: held.actor for unit, (_, held) in holders(at.values(), day).items()}
    former: dict[int, set[str]] = defaultdict(set)
    for unit, actor in Responsibility.objects.filter(unit_no__in=at).values_list("unit_no", "actor"):
        former[unit].add(actor)
    steps = []
    for task in tasks:
        old, state, before = task.unit_no, task.state, task.actor
        task.unit_no = at[old]
        # who answers for the community had the tasks of a grid without anybody, too
        given = before and before not in former[old] and before not in _above(old, day)
        task.actor = before if given else current.get(task.unit_no, "")
        task.state = TaskState.ASSIGNED if task.actor != before or not task.actor else state
        if not task.actor:
            task.state = TaskState.UNASSIGNED
        task.steps += 1
        verb = "assign" if not before and task.actor else "reassign" if task.actor else "release"
        steps.append(
            (
                new_id(), task.id, task.steps, verb, state, str(task.state), access.actor, before, task.actor,
                now, None, seal_reason(REASON, task.emergency_id), task.unit_no, task.emergency_id,
            )
        )  # fmt: skip
    Task.objects.bulk_update(tasks, ["unit_no"])
    for old, heir in at.items():
        TaskStep.objects.filter(unit_no=old, task__in=[task.id for task in tasks]).update(unit_no=heir)
    write_changes(tasks, steps)
    return len(tasks)


def _above(unit: int, day: date) -> set[str]:
    """Who answers for a place of which nobody answers by itself."""
    found = holders([unit], day).get(unit)
    return set() if found is None or found[0] == "grid" else {found[1].actor}


@door(writes="team", act="hand_over")
def hand_over(access: Access) -> int:
    """Pass open tasks of those whose term has ended to those who answer today; gives how many.

    Run once a day, and for an emergency under its own access: an appointment made for a later day takes effect then,
    and what is open in a grid that has ended goes to its heir. A task that a leader gave to somebody else on purpose
    stays there.
    """
    moved = follow(access)
    open_here = Task.objects.filter(
        state__in=OPEN, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    )
    return moved + pass_on(access, set(open_here.values_list("unit_no", flat=True)))
