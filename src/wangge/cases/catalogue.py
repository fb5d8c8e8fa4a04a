"""Which version of a taxonomy is in force, and its categories.

The shipped table needs no loading. A version that a city loads under the same name takes its place from its
first day on. A version never changes, so what was read once is kept; which versions there are is asked anew
every ten seconds, not for every report.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any

from wangge.cases.models import TaxonomyVersion
from wangge.cases.rules.categories import Category, Taxonomy, shipped_taxonomy
from wangge.cases.states import LimitUnit
from wangge.kernel.problems import BadInput, NotFound

FRESH_SECONDS = 10


def in_force(name: str, at: datetime) -> Taxonomy:
    """The version of ``name`` (empty: the shipped one's) in force at ``at``. BadInput for an unknown taxonomy."""
    name = name or shipped_taxonomy().name
    for valid_from, number in _loaded(name, int(monotonic() / FRESH_SECONDS)):
        if valid_from <= at:
            return version(name, number)
    shipped = shipped_taxonomy()
    if name == shipped.name:
        return shipped
    raise BadInput(
        code="taxonomy_unknown",
        zh=f"没有分类标准“{name}”，请先导入。",
        en=f'There is no taxonomy "{name}"; load it first.',
    )


@lru_cache(maxsize=16)
def _loaded(name: str, _moment: int) -> tuple[tuple[datetime, str], ...]:
    """Versions that a city loaded, newest first."""
    rows = TaxonomyVersion.objects.filter(name=name).order_by("-valid_from", "-id")
    return tuple(rows.values_list("valid_from", "version"))


def forget() -> None:
    """Ask anew which versions there are: one was just loaded."""
    _loaded.cache_clear()


@lru_cache(maxsize=64)
def version(name: str, number: str) -> Taxonomy:
    """One version of a taxonomy. Raises NotFound."""
    shipped = shipped_taxonomy()
    if (name, number) == (shipped.name, shipped.version):
        return shipped
    held = TaxonomyVersion.objects.filter(name=name, version=number).first()
    if held is None:
        raise NotFound(
            code="taxonomy_version_unknown",
            zh=f"没有分类标准“{name}”的版本“{number}”。",
            en=f'There is no version "{number}" of the taxonomy "{name}".',
        )
    categories = (_category(entry) for entry in held.categories)
    return Taxonomy(
        held.name, held.version, held.source, {category.code: category for category in categories}
    )


def category_in(taxonomy: Taxonomy, code: str) -> Category:
    """A category by code. Raises BadInput for an unknown one."""
    found = taxonomy.categories.get(code)
    if found is None:
        raise BadInput(
            code="category_unknown",
            zh=f"分类标准“{taxonomy.name} {taxonomy.version}”中没有类别“{code}”。",
            en=f'The taxonomy "{taxonomy.name} {taxonomy.version}" has no category "{code}".',
        )
    return found


def words_of(name: str, number: str, code: str) -> tuple[str, str]:
    """Chinese and English name of a category of a stored case; the code itself where it is not known."""
    try:
        found = version(name, number).categories.get(code)
    except NotFound:
        found = None
    return (found.zh, found.en) if found else (code, code)


def packed(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The categories as they are stored."""
    return [asdict(category) for category in taxonomy.categories.values()]


def _category(entry: dict[str, Any]) -> Category:
    unit = entry["limit_unit"]
    return Category(**{**entry, "limit_unit": LimitUnit(unit) if unit else None})
