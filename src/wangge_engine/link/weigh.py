"""Weights of given pairs with a model that Splink has trained: the same sums, without training or blocking.

Splink scores a whole table; a batch or a look-up asks for few pairs and cannot wait for that. The test compares
both, pair by pair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.link.components import Ints
from wangge_engine.link.model import Model
from wangge_engine.link.score import KEEP_WEIGHT
from wangge_engine.link.sides import Sides

CHUNK = 200_000  # pairs taken at a time


def terms_of(settings: dict[str, Any]) -> list[str]:
    """Columns whose commonness weighs."""
    return sorted(
        {
            level["tf_adjustment_column"]
            for comparison in settings["comparisons"]
            for level in comparison["comparison_levels"]
            if level.get("tf_adjustment_column")
        }
    )


def weigh(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    settings: dict[str, Any],
    *,
    records: str = "records",
    candidates: str = "candidates",
    into: str = "pairs",
) -> None:
    """Make table ``pairs`` from table ``candidates`` (a, b), for those that a blocking rule admits.

    ``records`` holds the model's columns and ``tf_<column>`` for its terms.
    """
    admitted = settings["blocking_rules_to_generate_predictions"]
    rules = " OR ".join(f"({rule['blocking_rule']})" for rule in admitted)
    pairs = f"{candidates} c JOIN {records} l ON l.uid = c.a JOIN {records} r ON r.uid = c.b WHERE {rules}"
    con.execute(f"CREATE OR REPLACE TABLE {into} AS {pairs_query(model, settings, pairs)}")


def weigh_places(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    settings: dict[str, Any],
    records: Sides,
    pairs: tuple[Ints, Ints],
    *,
    into: str,
    rules: Sequence[str] | None = None,
) -> None:
    """As ``weigh``, for many pairs of all records; ``rules`` (None: nothing) is still asked of them.

    Both sides are taken by their place, a chunk at a time, while the database weighs the chunk before: it would have
    to hash all records, twice, to join them.
    """
    left, right = pairs
    nobody = records.take(np.array([], dtype=np.int64))
    side = pa.struct(list(nobody.schema))
    schema = pa.schema([("l", side), ("r", side)])
    step = CHUNK // 4

    def chunk(start: int) -> pa.Table:
        ends = range(start, min(start + CHUNK, len(left)), step)
        taken = [
            [records.take(uids[at : at + step]).to_struct_array() for uids in (left, right)] for at in ends
        ]
        return pa.Table.from_batches([pa.record_batch(both, schema=schema) for both in taken], schema)

    where = "" if rules is None else " WHERE " + " OR ".join(f"({rule})" for rule in rules)
    query = _summed(model, settings, f"__sides{where}", nobody.schema.names)
    # Materialized: the database would push the filter down to the pairs and weigh them all a second time.
    kept = f"WITH summed AS MATERIALIZED ({query}) {_kept(settings, 'summed')}"
    con.register("__sides", chunk(len(left)))
    con.execute(f"CREATE OR REPLACE TABLE {into} AS {kept}")
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(chunk, 0)
        for start in range(0, len(left), CHUNK):
            sides, coming = coming.result(), ahead.submit(chunk, start + CHUNK)
            con.register("__sides", sides)
            con.execute(f"INSERT INTO {into} {kept}")
    con.unregister("__sides")


def pairs_query(model: Model, settings: dict[str, Any], pairs: str) -> str:
    """The select behind ``weigh``; ``pairs`` is what follows FROM, with the two records as ``l`` and ``r``."""
    return f"WITH summed AS ({_summed(model, settings, pairs)}) {_kept(settings, 'summed')}"


def _summed(model: Model, settings: dict[str, Any], pairs: str, columns: Sequence[str] = ()) -> str:
    """Level and bits of each comparison, and all bits; ``columns``: what the sides have, if not all that is needed."""
    comparisons = settings["comparisons"]
    columns = columns or [*model.columns(), *(f"tf_{term}" for term in terms_of(settings))]
    sides = ", ".join(f"{side}.{c} AS {c}_{side}" for side in "lr" for c in columns)
    levels = ", ".join(_level(comparison) for comparison in comparisons)
    weights = ", ".join(_weight(comparison) for comparison in comparisons)
    names = [comparison["output_column_name"] for comparison in comparisons]
    prior = settings["probability_two_random_records_match"]
    total = " + ".join([_double(math.log2(prior / (1 - prior))), *(f"w_{name}" for name in names)])
    told = "".join(f", g_{name}, w_{name}" for name in names)
    return f"""
    WITH sides AS (
        SELECT {sides} FROM {pairs}
    ), levelled AS (SELECT *, {levels} FROM sides
    ), weighed AS (SELECT *, {weights} FROM levelled)
    SELECT uid_l, uid_r{told}, {total} AS total FROM weighed
    """


def _kept(settings: dict[str, Any], summed: str) -> str:
    """The pairs worth keeping, in the columns of ``pairs``."""
    names = [comparison["output_column_name"] for comparison in settings["comparisons"]]
    kept = "".join(f", g_{name}" for name in names) + "".join(
        f", CAST(w_{name} AS FLOAT) AS w_{name}" for name in names
    )
    return f"""
    SELECT least(uid_l, uid_r) AS a, greatest(uid_l, uid_r) AS b, CAST(round(total, 3) AS FLOAT) AS weight,
           CAST(1 / (1 + pow(2, -greatest(least(total, 1000), -1000))) AS FLOAT) AS probability {kept}
    FROM {summed} WHERE total >= {KEEP_WEIGHT}
    """


def _double(value: float) -> str:
    """A number as SQL reads it for a double, and not for a decimal."""
    return f"{value!r}e0" if "e" not in repr(value) else repr(value)


def _level(comparison: dict[str, Any]) -> str:
    """Level number as Splink counts: the best is the highest, missing is -1."""
    levels = comparison["comparison_levels"]
    told = [level for level in levels if not level.get("is_null_level")]
    missing = [level for level in levels if level.get("is_null_level")]
    cases = [f"WHEN {level['sql_condition']} THEN -1" for level in missing]
    for place, level in enumerate(told):
        number = len(told) - 1 - place
        condition = level["sql_condition"]
        cases.append(f"ELSE {number}" if condition == "ELSE" else f"WHEN {condition} THEN {number}")
    return f"CAST(CASE {' '.join(cases)} END AS TINYINT) AS g_{comparison['output_column_name']}"


def _weight(comparison: dict[str, Any]) -> str:
    """Bits of the level found, with the adjustment for how common the value is."""
    name = comparison["output_column_name"]
    told = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    cases = []
    for place, level in enumerate(told):
        bits = _double(math.log2(level["m_probability"] / level["u_probability"]))
        term = level.get("tf_adjustment_column")
        if term and level["sql_condition"] != "ELSE":
            common = f"greatest(coalesce(tf_{term}_l, tf_{term}_r), coalesce(tf_{term}_r, tf_{term}_l))"
            bits += f" + coalesce({_double(math.log2(level['u_probability']))} - log2({common}), 0)"
        cases.append(f"WHEN {len(told) - 1 - place} THEN {bits}")
    return f"CASE g_{name} {' '.join(cases)} ELSE 0e0 END AS w_{name}"
