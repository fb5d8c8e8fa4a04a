"""Every write: applying, issuing, following changes of colour, revoking, giving back, expiring, destroying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.credentials import publishing
from wangge.credentials.making import make, moment
from wangge.credentials.models import CredentialApplication, IssuedCredential
from wangge.credentials.sealed import Holder, open_holder, seal, seal_code
from wangge.credentials.standing import application, applications, emergency_under
from wangge.credentials.states import Carried, Strike, Way
from wangge.credentials.types import Issued, Published
from wangge.emergencies.queries import emergency as emergency_of
from wangge.emergencies.queries import ended
from wangge.emergencies.types import EmergencyView
from wangge.kernel.access import Access
from wangge.kernel.destruction import StoreCount
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict
from wangge.screening.queries import exposure_grades, rule_packs, screening_runs

DAYS = (1, 3, 7, 14)  # for how long a person may apply at once
PACK = "exposure"
BATCH = 500


@door(writes="credential", act="apply")
def ask_apply(access: Access) -> UUID:
    """Whether this access may take an application in; gives the emergency. Raises Refused."""
    return emergency_under(access)


@door(writes="credential", act="apply", subject="person_id")
def apply(
    access: Access, *, person_id: UUID, initials: str, birthday: int, unit_no: int, way: Way,
    carried: Carried = Carried.STRIPS, days: int = 1,
) -> UUID:  # fmt: skip
    """Note that a person asks for a credential, for `days`; a later application takes the place of an earlier one.

    `birthday` is month x 100 + day, 0 where it is not known. Raises BadInput for a term that is not offered, for a
    person whose name is not known, and for one outside the access's territory.
    """
    emergency = emergency_under(access)
    if days not in DAYS:
        raise BadInput(
            code="days_not_offered",
            zh=f"申领天数只能为 {'、'.join(map(str, DAYS))}。",
            en=f"One can apply for {', '.join(map(str, DAYS))} days.",
            place="days",
        )
    if not initials:
        raise BadInput(
            code="name_missing",
            zh="底册中没有此人姓名，凭证无法与证件比对；请先更正底册。",
            en="The register has no name for this person, so that nothing could be compared with a document.",
            place="person_id",
        )
    if unit_no not in access.scope:
        raise BadInput(
            code="person_outside_territory",
            zh="此人不在您的管辖范围内。",
            en="This person is outside your territory.",
            place="person_id",
        )
    now = timezone.now()
    token = vault(emergency).token(str(person_id))
    for earlier in applications(access).select_for_update().filter(subject_token=token):
        _close(earlier, Strike.GIVEN_BACK, now)
    holder = Holder(str(person_id), initials, birthday, Way(way).value)
    made = CredentialApplication.objects.create(
        emergency_id=emergency,
        unit_no=unit_no,
        subject_token=token,
        sealed=seal(emergency, holder),
        carried=Carried(carried),
        applied_at=now,
        applied_by=access.actor,
        until_at=now + timedelta(days=days),
    )
    return made.id


@door(writes="credential", act="issue")
def issue(access: Access, *, application_id: UUID) -> Issued:
    """Make the credentials of an application, by the person's present grade; what held before is revoked.

    Who has no grade of exposure in force, or a blue one, is green. Raises Conflict while nobody was graded under the
    emergency, and when too little of it is left.
    """
    row = application(access, application_id, lock=True)
    holder = open_holder(row.emergency_id, row.sealed)
    return _issue(access, [(row, holder)], only_changed=False)


@door(writes="credential", act="issue")
def follow_colours(access: Access) -> Issued:
    """Where a person's colour is no longer what the credentials say: revoke them and make new ones.

    Colour counts, not the rule or the facts behind it: a credential that stays green is not touched, and so does not
    tell that anything was found.
    """
    found = Issued(0, 0, 0)
    rows = applications(access).filter(until_at__gt=timezone.now()).order_by("id")
    last: UUID | None = None
    while True:
        part = list((rows.filter(id__gt=last) if last else rows).select_for_update()[:BATCH])
        if not part:
            return found
        last = part[-1].id
        held = [(row, open_holder(row.emergency_id, row.sealed)) for row in part]
        done = _issue(access, held, only_changed=True)
        found = Issued(
            found.applications + done.applications, found.made + done.made, found.revoked + done.revoked
        )


@door(writes="credential", act="revoke")
def revoke(access: Access, *, application_id: UUID) -> int:
    """What the person carries was lost: none of it holds any more. Gives how many; `issue` makes new ones."""
    return _strike(application(access, application_id, lock=True), Strike.LOST, timezone.now())


@door(writes="credential", act="apply")
def give_back(access: Access, *, application_id: UUID) -> int:
    """The person wants none any more: all are revoked, and the application goes with the last of them."""
    return _close(application(access, application_id, lock=True), Strike.GIVEN_BACK, timezone.now())


@door(writes="credential_trust", act="publish")
def publish(access: Access) -> Published:
    """Write what verifiers load: this emergency's signer and revoked ids, and with every other's the trust file."""
    emergency = emergency_of(access, emergency_id=emergency_under(access))
    now = timezone.now()
    publishing.write_part(access, emergency, now)
    return publishing.assemble(now)


@door(writes="credential", act="expire")
def expire(access: Access) -> int:
    """Delete credentials whose time is over, and applications of which none is left; gives how many credentials."""
    emergency, now = emergency_under(access), timezone.now()
    gone, _ = IssuedCredential.objects.filter(emergency_id=emergency, expires_at__lte=now).delete()
    done = CredentialApplication.objects.filter(emergency_id=emergency)
    living = IssuedCredential.objects.filter(emergency_id=emergency).values("application_id")
    over = done.filter(until_at__lte=now) | done.filter(given_back_at__isnull=False)
    over.exclude(id__in=living).delete()
    return gone


@door(writes="emergency_data", act="destroy")
def destroy_emergency(access: Access, *, emergency: UUID) -> tuple[StoreCount, ...]:
    """Delete every row of the ended emergency in this room, and drop its signer from what verifiers load."""
    ended(access, emergency_id=emergency)
    counts = []
    for model in (IssuedCredential, CredentialApplication):
        gone, _ = model.objects.filter(emergency_id=emergency).delete()
        counts.append(StoreCount(f"credentials.{model._meta.model_name}", gone))
    publishing.withdraw(emergency, timezone.now())
    return tuple(counts)


def _issue(
    access: Access, held: Sequence[tuple[CredentialApplication, Holder]], *, only_changed: bool
) -> Issued:
    emergency = emergency_of(access, emergency_id=emergency_under(access))
    now = timezone.now()
    colours = _colours(access, emergency.id, [UUID(holder.person_id) for _, holder in held])
    applied = made = revoked = 0
    for row, holder in held:
        colour, pack = colours[UUID(holder.person_id)]
        if only_changed and colour == holder.colour:
            continue
        revoked += _strike(row, Strike.COLOUR_CHANGED, now)
        if only_changed and _too_late(emergency, row, now):
            continue
        said = replace(holder, colour=colour, rule_pack=pack)
        codes = make(emergency, said, Carried(row.carried), now, row.until_at)
        IssuedCredential.objects.bulk_create(
            IssuedCredential(
                application=row, emergency_id=emergency.id, unit_no=row.unit_no,
                sealed=seal_code(emergency.id, claims.rid, text),
                not_before=moment(claims.not_before), expires_at=moment(claims.expires),
            )
            for claims, text in codes
        )  # fmt: skip
        row.sealed = seal(emergency.id, said)
        row.save(update_fields=["sealed"])
        applied, made = applied + 1, made + len(codes)
    return Issued(applied, made, revoked)


def _too_late(emergency: EmergencyView, row: CredentialApplication, now: datetime) -> bool:
    """Whether the old colour ends now and no new credential is worth making: the application runs out anyway."""
    return min(row.until_at, emergency.ends_at) - now < timedelta(hours=6)


def _colours(access: Access, emergency: UUID, persons: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Colour and rule pack of each. Green says "no grade of exposure in force, by the pack in use", whoever it is."""
    if not screening_runs(access, emergency_id=emergency, size=1):
        raise Conflict(
            code="nobody_graded",
            zh="此应急事件尚未进行暴露分级，不能说明任何人的颜色。",
            en="Nobody was graded under this emergency yet, so that no colour can be said.",
        )
    in_use = next(pack.version for pack in rule_packs(access) if pack.code == PACK)
    graded = {g.person_id: g for g in exposure_grades(access, ids=persons)}
    found = {}
    for person in persons:
        grade = graded.get(person)
        restricted = grade is not None and grade.tier in ("red", "yellow")
        if grade is not None and restricted:
            found[person] = grade.tier, _pack(grade.version)
        else:
            found[person] = "green", _pack(in_use)
    return found


def _pack(version: str) -> str:
    """The rule pack as a credential carries it, at most 12 characters."""
    return f"exp/{version}"[:12]


def _strike(row: CredentialApplication, why: Strike, now: datetime) -> int:
    rows = IssuedCredential.objects.filter(application=row, revoked_at=None, expires_at__gt=now)
    return rows.update(revoked_at=now, revoked_why=why)


def _close(row: CredentialApplication, why: Strike, now: datetime) -> int:
    struck = _strike(row, why, now)
    row.given_back_at = now
    row.save(update_fields=["given_back_at"])
    return struck
