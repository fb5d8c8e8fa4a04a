"""What leaves the screening room, and the table of facts that comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject
from wangge.screening.rules.bulk import FactTable, fact_table
from wangge.screening.rules.catalogue import Fact, catalogue
from wangge.screening.rules.verdicts import Verdict

__all__ = [
    "AppealView",
    "Fact",
    "FactTable",
    "FactUsedView",
    "Fate",
    "FindingDetail",
    "FindingRow",
    "Grade",
    "PackView",
    "PastFinding",
    "ReasonView",
    "RuleView",
    "RunView",
    "TierCount",
    "UnitTiers",
    "Verdict",
    "catalogue",
    "fact_table",
]


@dataclass(frozen=True, slots=True)
class RunView:
    """What one run did. `counts` are standing findings of the run by "kind.tier"."""

    id: UUID = open_()
    emergency: UUID | None = open_()
    screened_on: date = open_()
    packs: tuple[str, ...] = open_()
    persons: int = open_()
    added: int = open_()
    renewed: int = open_()
    superseded: int = open_()
    lapsed: int = open_()
    frozen: int = open_()
    counts: tuple[TierCount, ...] = open_()
    ran_at: datetime = open_()


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many standing findings of one kind and tier."""

    kind: str
    tier: str
    count: int


@dataclass(frozen=True, slots=True)
class UnitTiers:
    """Standing findings of one grid by tier."""

    unit_no: int
    red: int
    yellow: int
    blue: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in a list."""

    id: UUID = open_()
    person_id: UUID = subject()
    unit_no: int = personal()
    kind: str = sensitive()
    tier: str = sensitive()
    priority: int = sensitive()
    pack: str = open_()
    version: str = open_()
    rule: str = sensitive()
    reason_zh: str = sensitive()
    reason_en: str = sensitive()
    state: str = open_()
    found_at: datetime = open_()
    expires_at: datetime = open_()
    task: str = open_()
    within_hours: int = open_()


@dataclass(frozen=True, slots=True)
class Grade:
    """The most pressing grade of exposure in force about a person, and the pack that gave it."""

    person_id: UUID = subject()
    tier: str = sensitive()
    pack: str = open_()
    version: str = open_()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a finding that no longer stands. `successor` is the standing finding that took its place."""

    id: UUID = open_()
    state: str = open_()
    successor: UUID | None = open_()


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One rule that held, in words, with its condition as written."""

    rule: str = open_()
    condition: str = open_()
    tier: str | None = open_()
    zh: str = sensitive()
    en: str = sensitive()


@dataclass(frozen=True, slots=True)
class FactUsedView:
    """A fact the rules read: its names, its value as text, its source and day."""

    name: str = open_()
    zh: str = open_()
    en: str = open_()
    value: str | None = sensitive()
    source: str = open_()
    as_of: str = open_()


@dataclass(frozen=True, slots=True)
class AppealView:
    """An objection and its decision."""

    id: UUID = open_()
    statement: str = sensitive()
    made_at: datetime = open_()
    due_at: datetime = open_()
    decision: str = open_()
    reason: str = sensitive()
    decided_at: datetime | None = open_()
    decided_by: str = open_()


@dataclass(frozen=True, slots=True)
class PastFinding:
    """An earlier or later finding of the same person by the same pack."""

    id: UUID = open_()
    tier: str = sensitive()
    rule: str = sensitive()
    version: str = open_()
    state: str = open_()
    found_at: datetime = open_()
    state_at: datetime = open_()


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """A finding with everything that explains it. `otherwise` is the tier if its own reasons fell away."""

    finding: FindingRow = open_()
    reasons: tuple[ReasonView, ...] = open_()
    priority_reasons: tuple[ReasonView, ...] = open_()
    facts_used: tuple[FactUsedView, ...] = open_()
    change_zh: tuple[str, ...] = sensitive()
    change_en: tuple[str, ...] = sensitive()
    otherwise: str | None = sensitive()
    pack_title_zh: str = open_()
    pack_title_en: str = open_()
    pack_source: str = open_()
    pack_owner: str = open_()
    appeals: tuple[AppealView, ...] = open_()
    history: tuple[PastFinding, ...] = open_()


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as anyone may read it."""

    code: str
    condition: str
    tier: str | None
    priority: int
    reason_zh: str
    reason_en: str
    change_zh: str
    change_en: str
    expires_after_days: int
    task: str
    within_hours: int


@dataclass(frozen=True, slots=True)
class PackView:
    """A rule pack as anyone may read it."""

    code: str
    version: str
    kind: str
    title_zh: str
    title_en: str
    source: str
    owner: str
    valid_from: date
    valid_to: date | None
    digest: str
    rules: tuple[RuleView, ...]
