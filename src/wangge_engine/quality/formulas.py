"""The formulas as they stand in `formulas.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BOOK = Path(__file__).parent / "formulas.toml"


@dataclass(frozen=True, slots=True)
class Formula:
    """One figure: `counted` of `of` over `table`; `whole`: also over all items together; `better` more or less."""

    code: str
    version: int
    table: str
    counted: str
    of: str
    better: str
    zh: str
    en: str
    where: str = "true"
    by: str = ""
    whole: bool = False
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """All formulas and the lists they rest on."""

    formulas: tuple[Formula, ...]
    faults: frozenset[str]
    expected: dict[str, tuple[str, ...]]
    keys: dict[str, tuple[tuple[str, ...], ...]]
    worth: dict[str, float]
    unpromised_days: int

    def formula(self, code: str) -> Formula:
        return next(f for f in self.formulas if f.code == code)


@cache
def book() -> Book:
    """The formulas of this version of the engine."""
    told: dict[str, Any] = tomllib.loads(BOOK.read_text(encoding="utf-8"))
    return Book(
        tuple(Formula(**formula) for formula in told["formula"]),
        frozenset(told["faults"]["codes"]),
        {form: tuple(columns) for form, columns in told["expected"].items()},
        {form: tuple(tuple(key) for key in keys) for form, keys in told["keys"].items()},
        dict(told["worth"]),
        int(told["cycle"]["unpromised_days"]),
    )
