"""The catalogue of facts: what may be known of a person when rules are applied. Data in catalogue.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from wangge.screening.rules.language import FactKind
from wangge.screening.states import FactClass


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the catalogue with its names in both languages."""

    name: str
    kind: FactKind
    fact_class: FactClass
    zh: str
    en: str


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Fact]:
    """Every fact by name."""
    text = Path(__file__).with_name("catalogue.toml").read_text("utf-8")
    return {
        name: Fact(name, FactKind(row["kind"]), FactClass(row["class"]), row["zh"], row["en"])
        for name, row in tomllib.loads(text).items()
    }


@lru_cache(maxsize=1)
def kinds() -> dict[str, FactKind]:
    """The kind of every fact by name, as the rule language wants it."""
    return {name: fact.kind for name, fact in catalogue().items()}
