"""Contacts of contacts: when a close contact could have passed it on, by a versioned rule (chains/*.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_name("chains")


@dataclass(frozen=True, slots=True)
class Link:
    """One way of meeting a close contact: the rule's code and what is said of it."""

    rule: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class ChainRule:
    """The versioned rule. Days count from the contact's first and last meeting with a patient."""

    code: str
    version: str
    title_zh: str
    title_en: str
    source: str
    valid_from: date
    infectious_from_days: int
    infectious_until_days: int
    until_found: bool
    observed_days: int
    household: Link
    ride: Link


@lru_cache(maxsize=1)
def chain_rule() -> ChainRule:
    """The rule that comes with the product."""
    data = tomllib.loads((FOLDER / "contact_of_contact.toml").read_text("utf-8"))
    return ChainRule(
        code=data["id"],
        version=data["version"],
        title_zh=data["title_zh"],
        title_en=data["title_en"],
        source=data["source"],
        valid_from=data["valid_from"],
        infectious_from_days=data["infectious_from_days"],
        infectious_until_days=data["infectious_until_days"],
        until_found=data["until_found"],
        observed_days=data["observed_days"],
        household=Link(**data["household"]),
        ride=Link(**data["ride"]),
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which a close contact could have passed it on, both included; `first` is the first meeting."""

    first: date
    since: date
    until: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.since <= day <= self.until


def infectious_period(first: date, last: date, found: date, rule: ChainRule) -> Period | None:
    """When somebody who met patients from `first` to `last`, and was found on `found`, could have passed it on.

    None when they were found before they could have.
    """
    since = first + timedelta(days=rule.infectious_from_days)
    until = last + timedelta(days=rule.infectious_until_days)
    if rule.until_found:
        until = min(until, found)
    return Period(first, since, until) if since <= until else None


def observed_until(exposed_on: date, rule: ChainRule) -> date:
    """The last day on which the exposure still counts."""
    return exposed_on + timedelta(days=rule.observed_days)
