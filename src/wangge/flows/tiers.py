"""The colours of streets and communities under an emergency: cases by place, areas by household, rules, kept."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from wangge.access.actions import enter_system
from wangge.emergencies.queries import emergencies, emergency
from wangge.insight.actions import note_tiers
from wangge.insight.types import AreaToGrade, CaseAt
from wangge.kernel.access import Access
from wangge.kernel.units import interval_of
from wangge.outbreaks.queries import cases_by_place
from wangge.territory.queries import divisions, grids
from wangge.territory.states import Level

PURPOSE = "epidemic_response"
LEVELS = (Level.STREET, Level.COMMUNITY)


def grade_areas(emergency_id: UUID) -> int:
    """Grade every street and community in the emergency's areas today; gives how many.

    A case whose home is not known counts for no street and no community: it is on the line list, not here.
    """
    access = enter_system(name="tiers", purpose=PURPOSE, emergency=emergency_id)
    within = [interval_of(a.division) for a in emergency(access, emergency_id=emergency_id).areas]
    nowhere = min(within).lo  # where the outbreak room keeps those whose home is not known
    found = [
        d
        for level in LEVELS
        for d in divisions(access, level=level)
        if any(i.covers(d.scope) for i in within)
    ]
    if not found:
        return 0
    homes = _households(access)
    areas = [AreaToGrade(d.code, d.level.name.lower(), d.name, d.scope.lo, homes.get(d.code)) for d in found]
    cases = [
        CaseAt(d.code, case.began_on, case.local, case.cluster)
        for case in cases_by_place(access)
        for d in found
        if case.unit_no in d.scope and case.unit_no != nowhere
    ]
    return note_tiers(access, areas=areas, cases=cases)


def _households(access: Access) -> dict[str, int]:
    """Households of each street and community, where its grids have been counted."""
    counts: Counter[str] = Counter()
    mark: str | None = None
    while True:
        page = grids(access, after=mark, size=500)
        for grid in page.rows:
            if grid.households is not None:
                counts[grid.community] += grid.households
                counts[grid.community[:9] + "000"] += grid.households
        if page.next is None:
            return dict(counts)
        mark = page.next


def grade_all() -> int:
    """Every emergency in force is graded anew: a day without a case changes colours, too. Gives how many areas."""
    access = enter_system(name="tiers", purpose="operations")
    return sum(grade_areas(e.id) for e in emergencies(access) if e.in_force)
