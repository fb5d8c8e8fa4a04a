"""Weights of given pairs with a model that Splink has trained: the same sums, without training or blocking.

Splink scores a whole table; a batch or a look-up asks for few pairs and cannot wait for that. The test compares
both, pair by pair.
"""

from __future__ import annotations

import math
from typing import Any

import duckdb

from wangge_engine.link.model import Model
from wangge_engine.link.score import KEEP_WEIGHT


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


def pairs_query(model: Model, settings: dict[str, Any], pairs: str) -> str:
    """The select behind ``weigh``; ``pairs`` is what follows FROM, with the two records as ``l`` and ``r``."""
    comparisons = settings["comparisons"]
    columns = [*model.columns(), *(f"tf_{term}" for term in terms_of(settings))]
    sides = ", ".join(f"{side}.{c} AS {c}_{side}" for side in "lr" for c in columns)
    levels = ", ".join(_level(comparison) for comparison in comparisons)
    weights = ", ".join(_weight(comparison) for comparison in comparisons)
    names = [comparison["output_column_name"] for comparison in comparisons]
    prior = settings["probability_two_random_records_match"]
    total = " + ".join([repr(math.log2(prior / (1 - prior))), *(f"w_{name}" for name in names)])
    kept = "".join(f", g_{name}" for name in names) + "".join(
        f", CAST(w_{name} AS FLOAT) AS w_{name}" for name in names
    )
    return f"""
    WITH sides AS (
        SELECT {sides} FROM {pairs}
    ), levelled AS (SELECT *, {levels} FROM sides
    ), weighed AS (SELECT *, {weights} FROM levelled
    ), summed AS (SELECT *, {total} AS total FROM weighed)
    SELECT least(uid_l, uid_r) AS a, greatest(uid_l, uid_r) AS b, CAST(round(total, 3) AS FLOAT) AS weight,
           CAST(1 / (1 + pow(2, -greatest(least(total, 1000), -1000))) AS FLOAT) AS probability {kept}
    FROM summed WHERE total >= {KEEP_WEIGHT}
    """


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
        bits = repr(math.log2(level["m_probability"] / level["u_probability"]))
        term = level.get("tf_adjustment_column")
        if term and level["sql_condition"] != "ELSE":
            common = f"greatest(coalesce(tf_{term}_l, tf_{term}_r), coalesce(tf_{term}_r, tf_{term}_l))"
            bits += f" + coalesce({math.log2(level['u_probability'])!r} - log2({common}), 0)"
        cases.append(f"WHEN {len(told) - 1 - place} THEN {bits}")
    return f"CASE g_{name} {' '.join(cases)} ELSE 0 END AS w_{name}"
