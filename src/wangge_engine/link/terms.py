"""How common the values of a batch are, by what the base counted; values it never saw are estimated as it would."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.link.frequencies import (
    ENOUGH_NAMES,
    EXPECTED_NAMESAKES,
    FEWEST_FOR_RARE_NAMES,
    RECORDS_PER_PERSON,
)
from wangge_engine.link.kept import Base
from wangge_engine.link.weigh import terms_of

_NAMES = ("name", "pinyin", "fuzzy")


def add_terms(con: duckdb.DuckDBPyConnection, base: Base, table: str) -> None:
    """Add columns ``tf_<column>`` to a table of records, and ``rare_name`` where the base knows rare names."""
    terms = terms_of(base.settings)
    counted: dict[str, int] = base.meta["terms"]
    joins, columns, rare = [], [], ""
    mixed = f"1.0 / {max(1, counted.get('name', 1))}"
    if "terms_given" in base.meta["files"] and "surname" in counted:
        con.register("__given", _held(con, base, table, "given"))
        joins.append("LEFT JOIN __given ON __given.value = t.given")
        mixed = _mixed(counted["name"], counted["surname"])
    for term in terms:
        con.register(f"__{term}", _held(con, base, table, term))
        joins.append(f"LEFT JOIN __{term} ON __{term}.value = t.{term}")
        unseen = mixed if term in _NAMES else f"1.0 / {max(1, counted[term])}"
        columns.append(
            f"CASE WHEN t.{term} IS NOT NULL THEN coalesce(__{term}.tf, {unseen}) END AS tf_{term}"
        )
    if "rare_name" in base.columns:
        people = counted["name"] / RECORDS_PER_PERSON
        known = f"__fuzzy.rare OR (__fuzzy.value IS NULL AND {counted['name'] >= FEWEST_FOR_RARE_NAMES}"
        rare = (
            f" REPLACE (CASE WHEN {known} AND t.given IS NOT NULL AND t.name_kind = 'full'"
            f" AND {mixed} * {people} <= {EXPECTED_NAMESAKES}) THEN t.fuzzy END AS rare_name)"
        )
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT t.*{rare}{''.join(', ' + c for c in columns)}"
        f" FROM {table} t {' '.join(joins)}"
    )
    for term in terms:
        con.unregister(f"__{term}")


def _held(con: duckdb.DuckDBPyConnection, base: Base, table: str, term: str) -> pa.Table:
    """The base's counts of the values that a table has, found by their hash: a join would read all there are."""
    asked = con.execute(f"SELECT DISTINCT hash({term}) AS h FROM {table} WHERE {term} IS NOT NULL ORDER BY h")
    values = np.asarray(asked.fetchnumpy()["h"], dtype=np.uint64)
    counts = base.table(f"terms_{term}")
    held = counts.column("h").to_numpy()
    start = np.searchsorted(held, values)
    inside = start < len(held)
    start, values = start[inside], values[inside]
    return counts.take(pa.array(start[held[start] == values]))


def _mixed(names: int, surnames: int) -> str:
    """Surname times given name, as ``frequencies`` reckons it; a name without a given part is its own."""
    total, missing = max(names, ENOUGH_NAMES), max(0, ENOUGH_NAMES - names)
    surname = f"(coalesce(__surname.tf * {surnames}, 1) + {0.01 * missing}) / {total}"
    given = f"(greatest(coalesce(__given.n, 1) - 2, 1) + {0.001 * missing}) / {total}"
    return f"(CASE WHEN t.given IS NULL THEN 1.0 ELSE {surname} END * {given})"


def unseen_share(
    term: str, counted: Mapping[str, int], surname: float | None, given: float | None, has_given: bool
) -> float:
    """The share of a value that the base never saw, as ``add_terms`` reckons it; ``surname`` and ``given``: the
    base's share of the surname and count of the given name, where it knows them."""
    if term not in _NAMES:
        return 1.0 / max(1, counted[term])
    names = counted["name"]
    total, missing = max(names, ENOUGH_NAMES), max(0, ENOUGH_NAMES - names)
    first = 1.0
    if has_given:
        first = ((1.0 if surname is None else surname * counted["surname"]) + 0.01 * missing) / total
    return first * (max((given or 1.0) - 2, 1.0) + 0.001 * missing) / total
