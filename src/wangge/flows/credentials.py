"""A status credential from the application to what verifiers are told."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from wangge.access.actions import enter_system
from wangge.credentials import actions
from wangge.credentials.states import Carried, Way
from wangge.credentials.types import Issued
from wangge.kernel.access import Access
from wangge.registry.queries import introduced

PURPOSE = "epidemic_response"


def _system(emergency: UUID) -> Access:
    return enter_system(name="credentials", purpose=PURPOSE, emergency=emergency)


def apply(
    access: Access, *, person_id: UUID, way: Way, carried: Carried = Carried.STRIPS, days: int = 1
) -> UUID:
    """A person asks for a credential and gets it, by the present grade; gives the application.

    The system looks up initials, birthday and grid: who takes the application in is not told more of the register
    than stands on the credential. Raises Refused, NotFound, BadInput and Conflict as the doors do; then nothing stands.
    """
    emergency = actions.ask_apply(access)
    with transaction.atomic():
        who = introduced(_system(emergency), person_id=person_id)
        application = actions.apply(
            access, person_id=person_id, initials=who.initials, birthday=who.birthday, unit_no=who.unit_no,
            way=way, carried=carried, days=days,
        )  # fmt: skip
        actions.issue(_system(emergency), application_id=application)
    actions.publish(_system(emergency))
    return application


def replace_lost(access: Access, *, application_id: UUID) -> int:
    """What was lost is revoked, and made anew; gives how many were revoked."""
    emergency = actions.ask_apply(access)
    with transaction.atomic():
        struck = actions.revoke(access, application_id=application_id)
        actions.issue(_system(emergency), application_id=application_id)
    actions.publish(_system(emergency))
    return struck


def give_back(access: Access, *, application_id: UUID) -> int:
    """The person wants none any more; gives how many were revoked."""
    emergency = actions.ask_apply(access)
    struck = actions.give_back(access, application_id=application_id)
    actions.publish(_system(emergency))
    return struck


def follow(emergency: UUID) -> Issued:
    """After people were graded anew: credentials of another colour take the place of those that say the old one."""
    done = actions.follow_colours(_system(emergency))
    if done.revoked:
        actions.publish(_system(emergency))
    return done
