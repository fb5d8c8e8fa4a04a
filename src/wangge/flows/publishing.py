"""A plan of grids becomes the version in force, and what its ended grids had goes on to their heirs.

The territory takes the version in; tasks hands teams, who answers and open tasks on; access lets the accounts follow
their teams. All of it in one transaction: either the version holds and nothing is orphaned, or nothing has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from wangge.access.actions import enter_system, move_posts
from wangge.access.queries import mandates_in_force
from wangge.kernel.access import Access
from wangge.planning.actions import publish_plan
from wangge.planning.queries import plan_heirs
from wangge.tasks.actions import hand_on, hand_over
from wangge.tasks.queries import inheritances
from wangge.tasks.types import HandedOn, Heir, Inheritance
from wangge.territory.states import ImportState
from wangge.territory.types import ImportReport

EMERGENCY = "epidemic_response"
NOTHING = HandedOn(0, 0, 0, 0, ())


@dataclass(frozen=True, slots=True)
class Published:
    """What the territory took in, and what was handed on."""

    report: ImportReport
    handed: HandedOn


def handing(access: Access, plan: UUID) -> tuple[Inheritance, ...]:
    """What publishing a plan would hand on, for each grid that ends; nothing is changed."""
    return inheritances(access, heirs=_heirs(access, plan))


def _heirs(access: Access, plan: UUID) -> tuple[Heir, ...]:
    """The largest first: where several end in one grid without a team, its team is the largest one's."""
    told = sorted(plan_heirs(access, plan=plan), key=lambda one: (-one.kept, one.code))
    return tuple(Heir(int(one.code), int(one.heir)) for one in told)


def publish(access: Access, *, plan: UUID, valid_from: date) -> Published:
    """Publish a plan as the version of the grids that holds from a day on, and hand on what its ended grids had.

    Raises what `publish_plan` raises.
    """
    with transaction.atomic():
        report = publish_plan(access, plan=plan, valid_from=valid_from)
        if report.state is not ImportState.IMPORTED:
            return Published(report, NOTHING)
        heirs = _heirs(access, plan)
        if not heirs:
            return Published(report, NOTHING)
        system = enter_system(name="grid-heirs", purpose="territory_management")
        handed = hand_on(system, heirs=heirs, on=valid_from)
        at = timezone.make_aware(datetime.combine(valid_from, time()))
        move_posts(
            enter_system(name="grid-heirs", purpose="operations"),
            moves={f"{heir.unit_no:015d}": f"{heir.heir_no:015d}" for heir in heirs},
            left={(actor, f"{unit:015d}") for actor, unit in handed.left},
            at=max(at, timezone.now()),
        )
        if valid_from <= timezone.localdate():
            for mandate in mandates_in_force(EMERGENCY):
                hand_over(enter_system(name="grid-heirs", purpose=EMERGENCY, emergency=mandate.id))
    return Published(report, handed)
