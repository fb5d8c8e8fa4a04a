"""English pet names and their formal names: Tom and Thomas are one given name, Bert may be Albert or Robert."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("pet_names.csv")


@cache
def _formal_names() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    lines = (line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    for formal, *pets in csv.reader(lines):
        found.setdefault(formal, []).insert(0, formal)
        for pet in pets:
            found.setdefault(pet, []).append(formal)
    return {name: tuple(dict.fromkeys(formals)) for name, formals in found.items()}


def formal_names(given: str) -> tuple[str, ...]:
    """The formal names that a given name (lower case) may stand for, its own first; empty for an unknown one."""
    return _formal_names().get(given, ())
