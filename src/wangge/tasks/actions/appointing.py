"""定责 定员: who takes which post, and who answers for a grid from which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.tasks.actions.handing import pass_on
from wangge.tasks.duty import today
from wangge.tasks.models import GridTeam, Responsibility, TeamMember
from wangge.tasks.rules.teams import Post, Template, template_named
from wangge.tasks.sealed import blind_person, blind_phone, seal_text
from wangge.tasks.types import Appointed, Appointment


@dataclass(slots=True)
class _Desk:
    """What stands now in the grids concerned, and what is to be written."""

    teams: dict[int, GridTeam]
    members: dict[int, list[TeamMember]]
    answering: dict[int, Responsibility]
    new_teams: list[GridTeam] = field(default_factory=list)
    new_members: list[TeamMember] = field(default_factory=list)
    new_answering: list[Responsibility] = field(default_factory=list)
    ended_members: list[TeamMember] = field(default_factory=list)
    ended_answering: list[Responsibility] = field(default_factory=list)


@door(writes="team", act="appoint")
def appoint(access: Access, *, appointments: Sequence[Appointment]) -> Appointed:
    """Fill posts of grids' teams.

    A post that one person holds passes to the new one on the first day of the appointment; the post that
    answers for the grid passes its open tasks on as well. Appointing the holder again changes nothing. Raises
    BadInput, with its place, for an unknown template or post, a place outside the territory, an overseer who
    would answer for handling, or one who answers without an account; Conflict for a day before the holder's
    own first day.
    """
    units = {entry.unit_no for entry in appointments}
    desk = _open_desk(units)
    appointed = unchanged = 0
    for number, entry in enumerate(appointments, 1):
        if _seat(access, desk, entry, f"appointment {number}"):
            appointed += 1
        else:
            unchanged += 1
    GridTeam.objects.bulk_create(desk.new_teams)
    TeamMember.objects.bulk_update(desk.ended_members, ["valid_to"], batch_size=500)
    TeamMember.objects.bulk_create(desk.new_members, batch_size=500)
    Responsibility.objects.bulk_update(desk.ended_answering, ["valid_to"], batch_size=500)
    Responsibility.objects.bulk_create(desk.new_answering, batch_size=500)
    moved = pass_on(access, units) if desk.new_answering else 0
    return Appointed(appointed, unchanged, moved)


def _open_desk(units: set[int]) -> _Desk:
    teams = {
        team.unit_no: team
        for team in GridTeam.objects.select_for_update().filter(unit_no__in=units, valid_to__isnull=True)
    }
    members: dict[int, list[TeamMember]] = defaultdict(list)
    for member in TeamMember.objects.filter(unit_no__in=units, valid_to__isnull=True):
        members[member.unit_no].append(member)
    answering = {
        held.unit_no: held
        for held in Responsibility.objects.select_for_update().filter(
            unit_no__in=units, valid_to__isnull=True
        )
    }
    return _Desk(teams, members, answering)


def _seat(access: Access, desk: _Desk, entry: Appointment, place: str) -> bool:
    """Put one appointment on the desk; False when it changes nothing."""
    template, post, start = _checked(access, entry, place)
    team = _team(desk, entry, template, start)
    person = blind_person(entry.actor, entry.name, entry.phone)
    holders = [m for m in desk.members[entry.unit_no] if m.post == post.code and m.valid_to is None]
    if any(bytes(m.person_blind) == person for m in holders):
        return False
    if post.most and len(holders) >= post.most:
        _end(desk, holders[0], start, place)
    member = TeamMember(
        team=team,
        unit_no=entry.unit_no,
        post=post.code,
        actor=entry.actor,
        name_sealed=seal_text(entry.name.strip()),
        phone_sealed=seal_text(entry.phone) if entry.phone else None,
        phone_blind=blind_phone(entry.phone),
        person_blind=person,
        organisation_id=entry.organisation,
        station=entry.station.strip(),
        valid_from=start,
        appointed_by=access.actor,
    )
    desk.members[entry.unit_no].append(member)
    desk.new_members.append(member)
    if post.responsible:
        _answer(access, desk, member, template.code, place)
    return True


def _checked(access: Access, entry: Appointment, place: str) -> tuple[Template, Post, date]:
    template = template_named(entry.template)
    post = template.post(entry.post)
    if entry.unit_no not in access.scope:
        raise BadInput(
            code="unit_outside_scope",
            zh=f"网格“{entry.unit_no}”不在您的辖区内。",
            en=f'The grid "{entry.unit_no}" lies outside your territory.',
            place=place,
        )
    if not entry.name.strip():
        raise BadInput(code="member_without_name", zh="请填写姓名。", en="Give the name.", place=place)
    if post.responsible and not entry.actor:
        raise BadInput(
            code="responsible_without_account",
            zh=f"“{post.zh}”是网格责任人，须有系统账号才能接收任务。",
            en=f"The {post.en} answers for the grid and needs an account to receive its tasks.",
            place=place,
        )
    if entry.station and not post.station:
        raise BadInput(
            code="station_not_for_post",
            zh=f"岗位“{post.zh}”不登记服务站点。",
            en=f"No station is recorded for the post {post.en}.",
            place=place,
        )
    return template, post, entry.valid_from or today()


def _team(desk: _Desk, entry: Appointment, template: Template, start: date) -> GridTeam:
    team = desk.teams.get(entry.unit_no)
    if team is None:
        team = GridTeam(
            unit_no=entry.unit_no, template=template.code, template_version=template.version, valid_from=start
        )
        desk.teams[entry.unit_no] = team
        desk.new_teams.append(team)
    elif team.template != template.code:
        raise Conflict(
            code="team_has_another_template",
            zh=f"网格“{entry.unit_no}”的团队采用模板“{team.template}”，不能按“{template.code}”任命。",
            en=f'The team of grid "{entry.unit_no}" uses the template "{team.template}", not "{template.code}".',
        )
    return team


def _end(desk: _Desk, member: TeamMember, start: date, place: str) -> None:
    if member.valid_from > start:
        raise Conflict(
            code="appointed_before_predecessor",
            zh=f"现任自 {member.valid_from} 起任职，新任不能早于此日。",
            en=f"The holder took the post on {member.valid_from}; nobody can follow before that day.",
            place=place,
        )
    member.valid_to = start
    if member not in desk.new_members:  # else appointed and replaced in one call: it is written ended
        desk.ended_members.append(member)


def _answer(access: Access, desk: _Desk, member: TeamMember, template: str, place: str) -> None:
    before = desk.answering.get(member.unit_no)
    if before is not None:
        if before.valid_from > member.valid_from:
            raise Conflict(
                code="appointed_before_predecessor",
                zh=f"现责任人自 {before.valid_from} 起负责，新任不能早于此日。",
                en=f"The one responsible answers since {before.valid_from}; nobody can follow before that day.",
                place=place,
            )
        before.valid_to = member.valid_from
        if before not in desk.new_answering:
            desk.ended_answering.append(before)
    held = Responsibility(
        unit_no=member.unit_no,
        actor=member.actor,
        name_sealed=member.name_sealed,
        phone_sealed=member.phone_sealed,
        phone_blind=member.phone_blind,
        post=member.post,
        template=template,
        valid_from=member.valid_from,
        appointed_by=access.actor,
    )
    desk.answering[member.unit_no] = held
    desk.new_answering.append(held)


@door(writes="team", act="appoint")
def dismiss(access: Access, *, unit_no: int, actor: str, on: date | None = None) -> Appointed:
    """End every post that an account holds in a grid's team, from a day on (default today).

    Open tasks go to who answers then: the division above, or a dispatcher where nobody does. Raises NotFound
    when the account holds no post there.
    """
    day = on or today()
    members = list(
        TeamMember.objects.select_for_update().filter(
            unit_no=unit_no,
            actor=actor,
            valid_to__isnull=True,
            unit_no__gte=access.scope.lo,
            unit_no__lte=access.scope.hi,
        )
    )
    if not members or not actor:
        raise NotFound(
            code="member_unknown", zh="此人不在该网格团队中。", en="This person holds no post in that team."
        )
    for member in members:
        member.valid_to = max(day, member.valid_from)
    TeamMember.objects.bulk_update(members, ["valid_to"])
    for held in Responsibility.objects.filter(unit_no=unit_no, actor=actor, valid_to__isnull=True):
        held.valid_to = max(day, held.valid_from)
        held.save(update_fields=["valid_to"])
    return Appointed(0, 0, pass_on(access, {unit_no}))
