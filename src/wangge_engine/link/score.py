"""Splink: train the model on the records at hand and score the pairs that blocking finds.

Everything is made repeatable: the sample for random agreement is taken by a hash of the record, trained
values are rounded, and no random number is drawn.
"""

from __future__ import annotations

import json
import logging
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import duckdb

from wangge_engine.link.candidates import blocked_pairs, told_exactly
from wangge_engine.link.model import Model
from wangge_engine.link.sides import Sides, read_sides, told_in_full

EM_PAIRS = 200_000
FEWEST_PAIRS_TO_TRAIN = 200
PRIOR_PAIRS = 200.0  # the values written in the model count as much as this many pairs
SEEN_ENOUGH = 50  # a level seen in fewer sampled pairs keeps the u written in the model
LARGEST_PRIOR = 1e-3  # a handful of records must not look like one person from the start
KEEP_WEIGHT = -8.0  # pairs below this match weight (bits) are of no use to anyone


def score(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    *,
    between: bool = False,
    predict_with: Callable[[duckdb.DuckDBPyConnection, Model, dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Fill table ``pairs`` (uid_l, uid_r, weight, probability, gamma_*, mw_*) from table ``records``.

    ``predict_with`` scores elsewhere than in this database. Returns the settings as trained and used.
    """
    # A view of few columns: Splink copies all it is shown, several times.
    con.execute(f"CREATE OR REPLACE VIEW linkable AS SELECT {', '.join(model.columns())} FROM records")
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = train(con, model, between)
        (predict_with or predict)(con, model, settings)
    return settings


def _linker(con: duckdb.DuckDBPyConnection, table: str, settings: dict[str, Any]) -> Any:
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(con)
    frame = api.register(table)
    linker = Linker(frame, settings, log_level=logging.ERROR, validate_settings=False)
    for column in own_terms(con):
        linker.table_management.register_term_frequency_lookup(api.register(f"{column}_terms"), column)
    return linker


def own_terms(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns whose frequencies the normaliser has written itself, as tables ``<column>_terms``."""
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%\\_terms' ESCAPE '\\'"
    )
    return [name.removesuffix("_terms") for (name,) in tables.fetchall()]


def _saved(linker: Any) -> dict[str, Any]:
    """The settings with what was trained, as Splink would save them; without a path it writes no file anywhere."""
    return dict(json.loads(json.dumps(linker.misc.save_model_to_json())))


def train(con: duckdb.DuckDBPyConnection, model: Model, between: bool) -> dict[str, Any]:
    settings = model.settings(between=between)
    _train_u(con, settings, model)
    settings["probability_two_random_records_match"] = _share_of_true_pairs(con, model)
    for rule, teaches in model.training:
        _train_m(con, settings, rule, teaches)
    return settings


def _train_u(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], model: Model) -> None:
    """u from all pairs of a hashed sample; a level too rare to be seen keeps the model's own value."""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE sampled AS
        WITH chosen AS (
            SELECT uid FROM (SELECT min(uid) AS uid FROM records GROUP BY {model.alike})
            ORDER BY hash(uid), uid LIMIT {model.sample_rows}
        )
        SELECT {", ".join(model.columns())} FROM records SEMI JOIN chosen USING (uid) ORDER BY hash(uid), uid
        """
    )
    counted = con.execute("SELECT count(*) FROM sampled").fetchone()
    size = int(counted[0]) if counted else 0
    pairs = size * (size - 1) / 2
    if pairs < FEWEST_PAIRS_TO_TRAIN:
        return
    linker = _linker(con, "sampled", settings)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=pairs + 1, min_count_per_level=None, num_chunks=1
    )
    for mine, seen in _levels(settings, _saved(linker)):
        value = seen.get("u_probability")
        if isinstance(value, float) and value * pairs >= SEEN_ENOUGH:
            mine["u_probability"] = float(f"{value:.3g}")
    con.execute("DROP TABLE sampled")


def _levels(settings: dict[str, Any], saved: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (mine, seen)
        for a, b in zip(settings["comparisons"], saved["comparisons"], strict=True)
        for mine, seen in zip(a["comparison_levels"], b["comparison_levels"], strict=True)
        if not mine.get("is_null_level")
    ]


def _pair_count(con: duckdb.DuckDBPyConnection, rule: str) -> int:
    """Number of pairs of a rule of the form ``l.a = r.a AND ...``."""
    columns = [part.split("=")[0].strip().removeprefix("l.") for part in rule.split(" AND ")]
    present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    found = con.execute(
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM records WHERE {present}"
        f" GROUP BY {', '.join(columns)})"
    ).fetchone()
    return int(found[0]) if found else 0


def _share_of_true_pairs(con: duckdb.DuckDBPyConnection, model: Model) -> float:
    """Pairs that the sure rules find, divided by their guessed recall, over all pairs."""
    counted = con.execute("SELECT count(*) FROM records").fetchone()
    records = int(counted[0]) if counted else 0
    every = max(1.0, records * (records - 1) / 2)
    sure = max((_pair_count(con, rule) for rule in model.sure), default=0)
    return float(f"{min(LARGEST_PRIOR, max(sure, 1) / model.sure_recall / every):.3g}")


def _train_m(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], rule: str, teaches: tuple[str, ...]
) -> None:
    """m by expectation maximisation over one rule's pairs, mixed with the values written in the model."""
    pairs = _pair_count(con, rule)
    if pairs < FEWEST_PAIRS_TO_TRAIN:
        return
    from splink.internals.exceptions import SplinkException

    linker = _linker(con, "linkable", settings)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, max_pairs=EM_PAIRS if pairs > EM_PAIRS else None, estimate_without_term_frequencies=True
        )
    except SplinkException:
        # Every pair of the rule is the same person over and over: the odds become infinite and nothing is learnt.
        return
    saved = _saved(linker)
    share = min(pairs, EM_PAIRS) / (min(pairs, EM_PAIRS) + PRIOR_PAIRS)
    for mine, seen in zip(settings["comparisons"], saved["comparisons"], strict=True):
        if mine["output_column_name"] not in teaches:
            continue
        for own, new in zip(mine["comparison_levels"], seen["comparison_levels"], strict=True):
            if own.get("is_null_level"):
                continue
            value = new.get("m_probability")
            trained = value if isinstance(value, float) else 0.0
            own["m_probability"] = float(f"{share * trained + (1 - share) * own['m_probability']:.3g}")


def separate(settings: dict[str, Any]) -> None:
    """Give every level of a comparison a weight of its own, other than 0, by nudging m.

    Splink returns weights but not levels (unless it returns all columns compared, which does not fit in
    memory); with distinct weights the level is read back from the weight.
    """
    for comparison in settings["comparisons"]:
        taken = {0.0}
        for level in comparison["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            while any(abs(_weight(level) - other) < 1e-6 for other in taken):
                level["m_probability"] *= 1.001
            taken.add(_weight(level))


def _weight(level: dict[str, Any]) -> float:
    return math.log2(level["m_probability"] / level["u_probability"])


def _level_of(comparison: dict[str, Any]) -> str:
    """SQL that reads the level number back from the weight: the best level is the highest, missing is -1."""
    name = comparison["output_column_name"]
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    cases = " ".join(
        f"WHEN abs(mw_{name} - ({_weight(level)!r})) < 1e-7 THEN {len(levels) - 1 - i}"
        for i, level in enumerate(levels)
    )
    return f"CAST(CASE {cases} ELSE -1 END AS TINYINT) AS g_{name}"


def predict(con: duckdb.DuckDBPyConnection, model: Model, settings: dict[str, Any]) -> None:
    """Table ``pairs`` from every pair that blocking finds: the sums that Splink would make, without its joins."""
    from wangge_engine.link.weigh import weigh_places

    separate(settings)
    counted = con.execute("SELECT count(*) FROM records").fetchall()
    found = blocked_pairs(con, model.blocking, int(counted[0][0]))
    if found is None:
        predict_with_splink(con, model, settings)
        return
    rules = [rule["blocking_rule"] for rule in settings["blocking_rules_to_generate_predictions"]]
    # Where the pairs are exactly those of the rules, nobody need ask again.
    asked = None if tuple(rules) == model.blocking and told_exactly(rules) else rules
    weigh_places(con, model, settings, _sides(con, settings, asked), found, into="pairs", rules=asked)


def _sides(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], rules: list[str] | None) -> Sides:
    """What the model compares, in the order of the records, and how common each value is, as ``tf_<column>``."""
    from wangge_engine.link.weigh import terms_of

    conditions = [
        level["sql_condition"]
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
    ]
    conditions += [re.sub(r"\b([lr])\.(\w+)\b", r"\2_\1", rule) for rule in rules or ()]
    columns = sorted({name for text in conditions for name in re.findall(r"\b(\w+)_[lr]\b", text)})
    own = own_terms(con)
    terms = {
        term: f"{term}_terms"
        if term in own
        else f"(SELECT {term}, count(*) / sum(count(*)) OVER () AS tf_{term} FROM records"
        f" WHERE {term} IS NOT NULL GROUP BY {term})"
        for term in terms_of(settings)
    }
    rows = int(con.execute("SELECT count(*) FROM records").fetchall()[0][0])
    return read_sides(con, rows, told_in_full(conditions), columns, terms)


def predict_with_splink(con: duckdb.DuckDBPyConnection, model: Model, settings: dict[str, Any]) -> None:
    """The same pairs with the same weights through Splink's own joins, which spill where there are very many."""
    linker = _linker(con, "linkable", settings)
    scored = linker.inference.predict(threshold_match_weight=KEEP_WEIGHT)
    make_pairs(con, scored.physical_name, model, settings)
    scored.drop_table_from_database_and_remove_from_cache()


def make_pairs(con: duckdb.DuckDBPyConnection, scored: str, model: Model, settings: dict[str, Any]) -> None:
    """Table ``pairs`` from what Splink returns, as a table or a function that reads one."""
    names = [comparison.name for comparison in model.comparisons]
    columns = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {scored}").fetchall()}
    weights = ", ".join(
        "CAST("
        + " + ".join(f"coalesce({c}, 0)" for c in (f"mw_{name}", f"mw_tf_adj_{name}") if c in columns)
        + f" AS FLOAT) AS w_{name}"
        for name in names
    )
    con.execute(
        f"""
        CREATE OR REPLACE TABLE pairs AS
        SELECT least(uid_l, uid_r) AS a, greatest(uid_l, uid_r) AS b,
               CAST(round(match_weight, 3) AS FLOAT) AS weight, CAST(match_probability AS FLOAT) AS probability,
               {", ".join(_level_of(comparison) for comparison in settings["comparisons"])}, {weights}
        FROM {scored}
        """
    )


def parameters(settings: dict[str, Any]) -> dict[str, Any]:
    """Prior and levels as they were used, for the report."""
    return {
        "prior": settings["probability_two_random_records_match"],
        "levels": {
            comparison["output_column_name"]: {
                level["label_for_charts"]: [level["m_probability"], level["u_probability"]]
                for level in comparison["comparison_levels"]
                if not level.get("is_null_level")
            }
            for comparison in settings["comparisons"]
        },
    }
