"""Facts from the register, and under an emergency from the lists, go through the rules and become findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.field.queries import illness_declared, isolation_told
from wangge.kernel.access import Access
from wangge.kernel.units import EVERYWHERE, Interval
from wangge.outbreaks.queries import exposure_facts
from wangge.registry.queries import screening_columns
from wangge.registry.types import ScreeningColumns
from wangge.screening.actions import screen_care as run_care
from wangge.screening.actions import screen_exposure as run_exposure
from wangge.screening.types import FactTable, RunView, fact_table

REGISTER = "registry"
LISTS = "outbreaks"
VISITS = "field"
ILLNESS = "illness_declared"  # from what a person said at a visit; the health record is not asked
ISOLATED, PLAN = "isolated_at_home", "care_plan"  # from what visits of the emergency told, and only under it
ISOLATION = timedelta(days=14)  # the time of observation: what was said before it says nothing of today
EXPOSURES = (
    "patient_confirmed_on", "household_contact_on", "close_contact_on", "general_contact_on", "contact_of_contact_on",
    "affected_area_left_on", "affected_area_hours",
)  # fmt: skip


Origins = dict[str, tuple[Sequence[str] | str, Sequence[str] | str]]


def screen_care(scope: Interval = EVERYWHERE) -> RunView:
    """Peacetime: who needs care and shows no sign of getting it."""
    return _peacetime(scope, "care")


def screen_staleness(scope: Interval = EVERYWHERE) -> RunView:
    """Peacetime: whose facts are too old, missing or in dispute: a grid's monthly list, not tasks by themselves."""
    return _peacetime(scope, "staleness")


def _peacetime(scope: Interval, pack: str) -> RunView:
    access = enter_system(name="screening", purpose="care", scope=scope)
    return run_care(access, table=_table(screening_columns(access)), packs=(pack,), complete=True)


def screen_emergency(emergency: UUID) -> RunView:
    """Under an emergency: grade everybody exposed whom the register knows, by exposure, with care brought forward.

    Exposed are the patients of the line list, those a manifest or a household brought near them, and contacts of
    contacts: whoever tracing found, and nobody else. The rest of the district is not looked at, and a traveller whom
    the register does not know cannot be graded: `outbreaks.emergency_summary` counts those as unmatched.
    """
    access = enter_system(name="screening", purpose="epidemic_response", emergency=emergency)
    exposures = {str(e.person_id): e for e in exposure_facts(access)}
    columns = screening_columns(access, ids=tuple(UUID(i) for i in exposures))
    met: dict[str, list[object]] = {
        fact: [getattr(exposures[subject], fact) for subject in columns.subjects] for fact in EXPOSURES
    }
    said = {str(d.person_id): d for d in illness_declared(access, person_ids=[UUID(i) for i in exposures])}
    told = [said.get(subject) for subject in columns.subjects]
    declared: dict[str, list[object]] = {ILLNESS: [d.value if d else None for d in told]}
    days = [str(timezone.localdate(d.said_at)) if d else "" for d in told]
    isolated, origins = _isolation(access, columns.subjects)
    table = _table(columns, met | declared | isolated, {ILLNESS: (VISITS, days), **origins})
    return run_exposure(access, table=table, complete=True)


def _isolation(access: Access, subjects: Sequence[str]) -> tuple[dict[str, list[object]], Origins]:
    """Who is isolated at home and for whom care is arranged, as visits of the last fortnight told, with their days."""
    since = timezone.now() - ISOLATION
    said = {str(one.person_id): one for one in isolation_told(access, person_ids=[UUID(i) for i in subjects])}
    told: dict[str, tuple[list[object], list[str]]] = {ISOLATED: ([], []), PLAN: ([], [])}
    for subject in subjects:
        one = said.get(subject)
        for fact, value, at in (
            (ISOLATED, one.isolated if one else None, one.isolated_at if one else None),
            (PLAN, one.care_plan if one else None, one.care_plan_at if one else None),
        ):
            fresh = at is not None and at >= since
            told[fact][0].append(value if fresh else None)
            told[fact][1].append(str(timezone.localdate(at)) if at is not None and fresh else "")
    facts = {fact: values for fact, (values, _) in told.items()}
    return facts, {fact: (VISITS, days) for fact, (_, days) in told.items()}


def _table(
    columns: ScreeningColumns, met: dict[str, list[object]] | None = None, other: Origins | None = None
) -> FactTable:
    facts = columns.facts | (met or {})
    verified = [str(day) if day else "" for day in columns.facts["last_verified_on"]]
    origins: Origins = dict.fromkeys(columns.facts, (REGISTER, verified))
    origins |= dict.fromkeys(met or {}, (LISTS, ""))
    origins |= other or {}
    return fact_table(subjects=columns.subjects, unit_nos=columns.unit_nos, facts=facts, origins=origins)
