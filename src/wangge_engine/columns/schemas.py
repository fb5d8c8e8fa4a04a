"""The canonical schemas as read from contracts/schemas."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "contracts" / "schemas"
REFUSED = "refused"
VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `kind` names its detector and its reading; `multiple` lets several source columns
    be joined into it in file order (street + community + building); `weaker` aliases give way to others;
    `by_cells` is false where cells alone cannot tell it from another column (whose phone is it?)."""

    name: str
    zh: str
    en: str
    kind: str
    privacy: str
    aliases: tuple[str, ...]
    weaker: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    multiple: bool = False
    by_cells: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """A canonical form. `needs` lists groups of columns; a row needs a value in at least one of each group.
    `emergency_only` schemas are taken only under a declared emergency."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    needs: tuple[tuple[str, ...], ...]
    emergency_only: bool = False

    def column(self, name: str) -> Column:
        """The column called `name`; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def read_contract(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def schema_names() -> tuple[str, ...]:
    """Names of all canonical schemas."""
    return tuple(
        sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in (REFUSED, VOCABULARY))
    )


@cache
def load_schema(name: str) -> Schema:
    """The schema called `name`; raises KeyError when there is none."""
    if name not in schema_names():
        raise KeyError(name)
    raw = read_contract(name)
    columns = tuple(
        Column(
            name=key,
            zh=entry["zh"],
            en=entry["en"],
            kind=entry["kind"],
            privacy=entry["privacy"],
            aliases=tuple(entry["aliases"]),
            weaker=tuple(entry.get("weaker", ())),
            excludes=tuple(entry.get("excludes", ())),
            multiple=entry.get("multiple", False),
            by_cells=entry.get("by_cells", True),
        )
        for key, entry in raw["columns"].items()
    )
    return Schema(
        name=raw["name"],
        zh=raw["zh"],
        en=raw["en"],
        columns=columns,
        needs=tuple(tuple(group) for group in raw["needs"]),
        emergency_only=raw.get("emergency_only", False),
    )


def plain_word(text: str) -> str:
    """The form in which words of the vocabulary are compared: NFKC, lower case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@cache
def vocabulary(kind: str) -> Mapping[str, str]:
    """Word -> kept value for one kind (sex, relation, flag ...); raises KeyError for an unknown kind."""
    groups: dict[str, list[str]] = read_contract(VOCABULARY)[kind]
    return MappingProxyType({plain_word(word): value for value, words in groups.items() for word in words})
