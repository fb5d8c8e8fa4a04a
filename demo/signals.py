"""What the demo's centre is warned of, and who asked for a status credential."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from demo.staffing import Staff
from wangge.cases import actions as cases
from wangge.cases.types import ImportedCase
from wangge.credentials.states import Carried, Way
from wangge.flows import credentials, warning
from wangge.registry.queries import search_persons
from wangge.screening.queries import exposure_findings
from wangge.screening.states import Tier

LEAK, QUIET = "M0501", "F0137"
DAYS, BURST = 45, 7  # of history; leaks reported yesterday
SYSTEM = "demo-old-system"


def rise(staff: Staff) -> int:
    """Six quiet weeks of matters as an older system held them, then a street's water leaks; gives the alarms."""
    unit = staff.workers[0][1]
    yesterday = timezone.localdate() - timedelta(days=1)
    told = []
    for back in range(DAYS, 0, -1):
        day = yesterday - timedelta(days=back)
        told += [_matter(f"{c}-{back}", c, day, unit, 9 + back % 8, staff) for c in (LEAK, QUIET) if back % 3]
    told += [_matter(f"{LEAK}-0-{n}", LEAK, yesterday, unit, 7 + n, staff) for n in range(BURST)]
    result = cases.import_cases(staff.enter("dispatcher"), cases=told, system=SYSTEM)
    assert not result.refused, result.refused
    return warning.warn(yesterday)


def _matter(number: str, category: str, day: object, unit: int, hour: int, staff: Staff) -> ImportedCase:
    opened = timezone.make_aware(datetime.combine(day, time(hour)))  # type: ignore[arg-type]
    burst = "-0-" in number
    return ImportedCase(
        number, category, opened, unit,
        title="自来水管漏水" if category == LEAK else "楼前路灯不亮",
        closed_at=None if burst else opened + timedelta(hours=20),
        closing_note="" if burst else "已处置。",
        handling_organisation=staff.organisations["water" if category == LEAK else "city_management"],
    )  # fmt: skip


def apply(staff: Staff, emergency: UUID) -> int:
    """Somebody graded asks for a sheet and somebody nobody has anything to say of for strips; gives how many."""
    access = staff.enter("epidemiologist", "epidemic_response", emergency)
    graded = exposure_findings(access, tier=Tier.RED).rows
    others = [p.person_id for p in search_persons(access, text="王").rows]
    known = {row.person_id for row in graded}
    asked = [(graded[0].person_id, Carried.PAPER, 7)] if graded else []
    asked += [(person, Carried.STRIPS, 3) for person in others if person not in known][:1]
    for person, carried, days in asked:
        credentials.apply(access, person_id=person, way=Way.IN_PERSON, carried=carried, days=days)
    return len(asked)
