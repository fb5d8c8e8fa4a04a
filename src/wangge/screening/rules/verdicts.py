"""What a pack concludes about one person, and how it says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wangge.screening.rules.catalogue import catalogue
from wangge.screening.rules.language import Value
from wangge.screening.rules.naive import holds
from wangge.screening.rules.packs import Pack, Rule, Said
from wangge.screening.states import PackKind, Tier

LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact that a rule which fired had read: its value, and where and when it comes from if that is known."""

    name: str
    zh: str
    en: str
    value: Value | None
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: one rule that held, in words."""

    rule: str
    condition: str
    said: Said
    tier: Tier | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pack concludes about one person on one day.

    `rule` decided the tier: the first of the most pressing that held. `otherwise` is the tier that the remaining
    rules would give if all rules of the deciding tier ceased to hold; None means no finding at all.
    """

    kind: PackKind
    pack: str
    version: str
    tier: Tier | None
    rule: str
    priority: int
    reasons: tuple[Reason, ...]
    facts_used: tuple[FactUsed, ...]
    what_would_change: tuple[Said, ...]
    otherwise: Tier | None
    expires_at: datetime
    task: str
    within_hours: int


def end_of(day: date) -> datetime:
    """The instant the local day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(UTC)


def term_of(rule: Rule, facts: Mapping[str, Value | None], on: date) -> datetime:
    """Until when the rule's conclusion stands; never before the end of the day of evaluation."""
    start = facts.get(rule.expires_from) if rule.expires_from else on
    first = start if isinstance(start, date) else on
    return end_of(max(first + timedelta(days=rule.expires_after_days), on))


def rank(rule: Rule) -> int:
    """How pressing a rule's conclusion is; within one pack the higher rank decides."""
    return rule.tier.rank if rule.tier else rule.priority


def deciding(fired: Sequence[Rule]) -> Rule:
    """The rule that decides: the most pressing, and of these the first in the pack."""
    return max(fired, key=rank)


def evaluate(pack: Pack, facts: Mapping[str, Value | None], on: date) -> Verdict | None:
    """What `pack` concludes from `facts` on the day `on`; None when no rule holds. The plain reference."""
    fired = tuple(rule for rule in pack.rules if holds(rule.condition, facts, on) is True)
    return explain(pack, fired, facts, on) if fired else None


def explain(
    pack: Pack,
    fired: Sequence[Rule],
    facts: Mapping[str, Value | None],
    on: date,
    *,
    origins: Mapping[str, tuple[str, str]] | None = None,
) -> Verdict:
    """The verdict of the rules that held, with reasons. `origins` gives source and as-of date of facts."""
    first = deciding(fired)
    same = [rule for rule in fired if rank(rule) == rank(first)]
    others = [rule for rule in fired if rank(rule) < rank(first)]
    names = dict.fromkeys(name for rule in fired for name in rule.facts)
    known = catalogue()
    return Verdict(
        kind=pack.kind,
        pack=pack.code,
        version=pack.version,
        tier=first.tier,
        rule=first.code,
        priority=max(rule.priority for rule in fired),
        reasons=tuple(Reason(r.code, r.when, _fill(r.reason, facts), r.tier) for r in fired),
        facts_used=tuple(
            FactUsed(
                name, known[name].zh, known[name].en, facts.get(name), *(origins or {}).get(name, ("", ""))
            )
            for name in names
        ),
        what_would_change=tuple(dict.fromkeys(_fill(rule.change, facts) for rule in same)),
        otherwise=deciding(others).tier if others else None,
        expires_at=max(term_of(rule, facts, on) for rule in same),
        task=first.task,
        within_hours=first.within_hours,
    )


class _Words(dict[str, str]):
    """Facts in words; one that is not there is said to be unknown."""

    def __init__(self, facts: Mapping[str, Value | None], yes: str, no: str, unknown: str) -> None:
        super().__init__({name: _show(value, yes, no, unknown) for name, value in facts.items()})
        self._unknown = unknown

    def __missing__(self, name: str) -> str:
        return self._unknown


def _show(value: Value | None, yes: str, no: str, unknown: str) -> str:
    if value is None:
        return unknown
    if isinstance(value, bool):
        return yes if value else no
    return str(value)


def _fill(said: Said, facts: Mapping[str, Value | None]) -> Said:
    return Said(
        said.zh.format_map(_Words(facts, "是", "否", "不详")),
        said.en.format_map(_Words(facts, "yes", "no", "not known")),
    )
