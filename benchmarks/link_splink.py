"""Splink as its users set it up: generic settings on trimmed text, and settings with Chinese features.

Both give the pairs above Splink's usual probability; the caller takes connected components, as Splink does.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import duckdb
import numpy as np

from wangge_engine.link.components import Ints

PROBABILITY = 0.95
COLUMNS = {
    "generic": "uid, trim(raw_name) AS name, upper(trim(raw_id_no)) AS id_no, coalesce(own_birth, trim(raw_birth)) AS"
    " birth, sex, trim(raw_phone) AS phone, trim(raw_address) AS address",
    "chinese": "uid, name, pinyin, fuzzy, surname, id_number AS id_no, id_valid, birth, birth_year, sex,"
    " phone_key AS phone, door, place",
}


def _pairs(
    con: duckdb.DuckDBPyConnection, view: str, settings: Any, training: tuple[Any, ...], sure: list[str]
) -> tuple[Ints, Ints]:
    from splink import DuckDBAPI, Linker

    con.execute(f"CREATE OR REPLACE VIEW seen AS SELECT {COLUMNS[view]} FROM records")
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = DuckDBAPI(con)
        linker = Linker(api.register("seen"), settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in training:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1_000_000)
        scored = linker.inference.predict(threshold_match_probability=PROBABILITY)
        found = con.execute(f"SELECT uid_l AS a, uid_r AS b FROM {scored.physical_name}").fetchnumpy()
    return found["a"].astype(np.int64), found["b"].astype(np.int64)


def generic(con: duckdb.DuckDBPyConnection) -> tuple[Ints, Ints]:
    """What the documentation suggests for persons, on text that was only trimmed."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="uid",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("id_no", [1, 2]),
            cl.LevenshteinAtThresholds("birth", [1, 2]),
            cl.ExactMatch("sex"),
            cl.LevenshteinAtThresholds("phone", [1]),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_no"), block_on("name", "birth"), block_on("phone"), block_on("name", "address"),
        ],
    )  # fmt: skip
    training = (block_on("id_no"), block_on("name", "birth"), block_on("phone"))
    return _pairs(con, "generic", settings, training, ["l.id_no = r.id_no"])


def chinese(con: duckdb.DuckDBPyConnection) -> tuple[Ints, Ints]:
    """The same tool with all that our normaliser reads: sounds, checked numbers, doors."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    name = cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("name_l IS NULL OR name_r IS NULL").configure(is_null_level=True),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            cll.ExactMatchLevel("pinyin", term_frequency_adjustments=True),
            cll.ExactMatchLevel("fuzzy"),
            cll.ExactMatchLevel("surname"),
            cll.ElseLevel(),
        ],
    )
    number = cl.CustomComparison(
        output_column_name="id_no",
        comparison_levels=[
            cll.NullLevel("id_no"),
            cll.CustomLevel("id_no_l = id_no_r AND id_valid_l", "same valid"),
            cll.ExactMatchLevel("id_no"),
            cll.CustomLevel(
                "NOT (id_valid_l AND id_valid_r) AND damerau_levenshtein(id_no_l, id_no_r) <= 1", "near"
            ),
            cll.ElseLevel(),
        ],
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="uid",
        comparisons=[
            name, number, cl.LevenshteinAtThresholds("birth", [1]), cl.ExactMatch("sex"), cl.ExactMatch("phone"),
            cl.CustomComparison(
                output_column_name="address",
                comparison_levels=[
                    cll.NullLevel("place"), cll.ExactMatchLevel("door"), cll.ExactMatchLevel("place"), cll.ElseLevel(),
                ],
            ),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_no"), block_on("fuzzy", "birth_year"), block_on("fuzzy", "phone"), block_on("fuzzy", "place"),
            block_on("birth", "phone"), block_on("birth", "door"), block_on("surname", "phone"),
        ],
    )  # fmt: skip
    training = (block_on("id_no"), block_on("pinyin", "birth"), block_on("pinyin", "phone"))
    return _pairs(con, "chinese", settings, training, ["l.id_no = r.id_no AND l.id_valid AND r.id_valid"])
