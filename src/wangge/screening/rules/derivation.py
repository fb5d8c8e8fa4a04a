"""Facts that follow from others: who lives with whom, whose family works on the front line.

From plain rows about persons to the columns that rules read. What cannot be known stays missing: a household with one
known member may be a person living alone or a household half unknown, so it tells nothing about being alone.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from wangge.screening.rules.bulk import FactTable, fact_table

YES = frozenset({"true", "1", "1.0", "yes", "y", "是", "有", "t"})
NO = frozenset({"false", "0", "0.0", "no", "n", "否", "无", "f"})
CARER_AGES = range(18, 70)


@dataclass(frozen=True, slots=True)
class PersonIn:
    """What the registry tells of one person; `told` are further facts by their canonical names, as text."""

    person_id: str
    unit_no: int
    household: str = ""
    household_size: int = 1
    age: int | None = None
    has_phone: bool | None = None
    has_address: bool | None = None
    as_of_on: date | None = None
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FrontLine:
    """Which employers are front-line: words in their names, whole credit codes."""

    words: tuple[str, ...]
    credit_codes: frozenset[str]

    def employs(self, told: Mapping[str, str]) -> bool:
        """Whether the employer told of is one."""
        name, code = told.get("employer", ""), told.get("employer_code", "")
        return code in self.credit_codes or any(word in name for word in self.words)


@lru_cache(maxsize=1)
def front_line() -> FrontLine:
    """The shipped list."""
    data = tomllib.loads(Path(__file__).with_name("front_line.toml").read_text("utf-8"))
    return FrontLine(tuple(data["words"]), frozenset(data["credit_codes"]))


def flag(text: str | None) -> bool | None:
    """Yes, no, or None for what is neither."""
    plain = (text or "").strip().lower()
    return True if plain in YES else False if plain in NO else None


def facts_of_persons(
    persons: Sequence[PersonIn],
    *,
    extra: Mapping[str, Mapping[str, Any]] | None = None,
    isolated: frozenset[str] = frozenset(),
    employers: FrontLine | None = None,
) -> FactTable:
    """The table of facts about `persons`.

    `extra` gives further facts by name and person (exposures, visits, care plans); `isolated` are the persons who are
    isolated at home, and so cannot care for others. Whole households should be in `persons`: a carer outside it is not
    seen.
    """
    known = employers or front_line()
    carers: dict[str, int] = defaultdict(int)
    unsure: set[str] = set()
    workers: dict[str, set[str]] = defaultdict(set)
    members: dict[str, int] = defaultdict(int)
    for p in persons:
        if not p.household:
            continue
        members[p.household] += 1
        if p.age is None:
            unsure.add(p.household)
        elif p.age in CARER_AGES and p.person_id not in isolated:
            carers[p.household] += 1
        if known.employs(p.told):
            workers[p.household].add(p.person_id)
    facts: dict[str, list[Any]] = {
        "age": [p.age for p in persons],
        "lives_alone": [_alone(p) for p in persons],
        "adults_at_home": [_adults(p, carers, unsure, members, p.person_id in isolated) for p in persons],
        "frontline_family": [
            bool(workers[p.household] - {p.person_id}) if p.household else None for p in persons
        ],
        "isolated_at_home": [p.person_id in isolated for p in persons],
        "phone_known": [p.has_phone for p in persons],
        "disability": [flag(p.told.get("disability")) for p in persons],
        "pregnant": [flag(p.told.get("pregnant")) for p in persons],
        "left_behind": [flag(p.told.get("left_behind")) for p in persons],
        "dwelling_located": [p.has_address for p in persons],
        "last_verified_on": [p.as_of_on for p in persons],
    }
    for name, values in (extra or {}).items():
        facts[name] = [values.get(p.person_id) for p in persons]
    return fact_table(
        subjects=[p.person_id for p in persons], unit_nos=[p.unit_no for p in persons], facts=facts
    )


def _alone(p: PersonIn) -> bool | None:
    """As told; else a household of several is not alone, and one of one says nothing."""
    told = flag(p.told.get("lives_alone"))
    if told is not None:
        return told
    return False if p.household_size > 1 else None


def _adults(
    p: PersonIn, carers: Mapping[str, int], unsure: set[str], members: Mapping[str, int], isolated: bool
) -> int | None:
    """Carers in the household besides the person; None where the household is not known well enough to say none."""
    if not p.household or members[p.household] < p.household_size or p.household_size < 2:
        return None
    own = p.age is not None and p.age in CARER_AGES and not isolated
    others = carers.get(p.household, 0) - own
    return None if others <= 0 and p.household in unsure else max(others, 0)
