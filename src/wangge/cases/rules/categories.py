"""Categories of matters: versioned data with a source, read from CSV.

A file opens with comment lines ``# taxonomy:``, ``# version:`` and ``# source:``. A category's code is its
kind (F fixture 部件, M matter 事件) followed by the code in its table, because the two tables number alike.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wangge.cases.states import LimitUnit
from wangge.kernel.problems import BadInput

KINDS = {"F": ("部件", "fixture"), "M": ("事件", "matter")}


@dataclass(frozen=True, slots=True)
class Category:
    """One 小类 of one version of one taxonomy. ``limit_amount`` None: no limit of its own."""

    taxonomy: str
    version: str
    code: str
    kind: str
    group_code: str
    group_zh: str
    group_en: str
    zh: str
    en: str
    filing_zh: str = ""
    limit_amount: float | None = None
    limit_unit: LimitUnit | None = None
    closing_zh: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A version of a table of categories."""

    name: str
    version: str
    source: str
    categories: Mapping[str, Category]


def read_taxonomy(lines: Iterable[str], *, name: str = "") -> Taxonomy:
    """A taxonomy from the lines of its CSV file.

    Raises BadInput, with the line's place, for a missing head line, a repeated code or an unreadable limit.
    """
    head: dict[str, str] = {}
    body: list[str] = []
    for line in lines:
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            head[key.strip()] = value.strip()
        elif line.strip():
            body.append(line)
    for key in ("taxonomy", "version", "source"):
        if not head.get(key):
            raise BadInput(
                code="taxonomy_head_missing",
                zh=f"分类表缺少“# {key}:”说明行。",
                en=f'The table of categories lacks its "# {key}:" line.',
                place=name,
            )
    categories: dict[str, Category] = {}
    for number, row in enumerate(csv.DictReader(body), 1):
        category = _category(head["taxonomy"], head["version"], row, f"{name} row {number}".strip())
        if category.code in categories:
            raise BadInput(
                code="taxonomy_code_repeated",
                zh=f"分类代码“{category.code}”重复。",
                en=f'The category code "{category.code}" appears twice.',
                place=f"{name} row {number}".strip(),
            )
        categories[category.code] = category
    return Taxonomy(head["taxonomy"], head["version"], head["source"], categories)


def _category(taxonomy: str, version: str, row: Mapping[str, str], place: str) -> Category:
    try:
        amount = float(row["limit_amount"]) if row["limit_amount"] else None
        return Category(
            taxonomy=taxonomy,
            version=version,
            code=f"{row['kind']}{row['code']}",
            kind=row["kind"],
            group_code=row["group_code"],
            group_zh=row["group_zh"],
            group_en=row["group_en"],
            zh=row["zh"],
            en=row["en"],
            filing_zh=row["filing_zh"],
            limit_amount=amount,
            limit_unit=LimitUnit(row["limit_unit"]) if row["limit_unit"] else None,
            closing_zh=row["closing_zh"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BadInput(
            code="taxonomy_row_unreadable",
            zh=f"分类表此行无法读取：{error}。",
            en=f"This row of the table of categories cannot be read: {error}.",
            place=place,
        ) from error


@cache
def shipped_taxonomy() -> Taxonomy:
    """The table that comes with the product, ``data/categories.csv``."""
    text = files("wangge.cases").joinpath("data/categories.csv").read_text("utf-8")
    return read_taxonomy(text.splitlines(), name="categories.csv")
