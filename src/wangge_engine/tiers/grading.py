"""From cases to the colour of an area on a day, and the day it would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wangge_engine.tiers.rules import Fact, Pack, Rule


@dataclass(frozen=True)
class Case:
    """What a rule may know of a case: when, whether infected here, in which cluster."""

    onset: date
    local: bool
    cluster: str | None


@dataclass(frozen=True)
class Tier:
    """An area's rule on a day, the facts it stood on, and when the colour would change by itself."""

    rule: Rule
    facts: dict[str, float]
    last_onset: date | None
    changes_on: date | None


def count(cases: Sequence[Case], fact: Fact, day: date) -> float:
    """One fact on one day; cases after the day are not known yet."""
    begin = date.min if fact.days is None else day - timedelta(days=fact.days - 1)
    told = [case for case in cases if begin <= case.onset <= day]
    local = sum(case.local for case in told)
    if fact.count == "clusters":
        return len({case.cluster for case in told if case.cluster is not None})
    if fact.count == "local_share":
        return local / len(told) if told else 0.0
    return {"cases": len(told), "local": local, "imported": len(told) - local}[fact.count]


def facts_on(cases: Sequence[Case], pack: Pack, day: date) -> dict[str, float]:
    """All facts of the pack on one day."""
    return {fact.name: count(cases, fact, day) for fact in pack.facts}


def tier(cases: Sequence[Case], pack: Pack, as_of: date) -> Tier:
    """The tier on the day. Facts change only when an onset leaves a window: those days are tried in order."""
    known = [case for case in cases if case.onset <= as_of]
    facts = facts_on(known, pack, as_of)
    rule = pack.decide(facts)
    windows = {fact.days for fact in pack.facts if fact.days is not None}
    onsets = {case.onset for case in known if (as_of - case.onset).days < pack.longest}
    days = sorted({onset + timedelta(days=window) for onset in onsets for window in windows})
    changes = (day for day in days if day > as_of)
    change = next((d for d in changes if pack.decide(facts_on(known, pack, d)).colour != rule.colour), None)
    return Tier(rule, facts, max((case.onset for case in known), default=None), change)
