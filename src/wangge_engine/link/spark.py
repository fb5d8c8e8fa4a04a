"""Splink's Spark backend for the one stage that is too large for a machine: finding and scoring pairs.

Records, as normalised, go to Spark as Parquet files; the scored pairs come back the same way. The model is trained
before, from bounded samples, so that both engines score with the same numbers and give the same pairs.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import literal
from wangge_engine.link.model import Model
from wangge_engine.link.score import KEEP_WEIGHT, make_pairs, own_terms, separate

_SLICE = re.compile(r"([\w.]+)\[(\d+):(\d+)\]")
# Jaro-Winkler is the jar's own: it halves odd transpositions where DuckDB rounds them down.
# DuckDB's edit distances count bytes, Spark's characters; the jar's functions fail on a missing value, DuckDB's are
# missing then too.
_DISTANCE = re.compile(r"\b((?:DAMERAU_)?LEVENSHTEIN)\(([\w.]+), ([\w.]+)\)")
_LIKENESS = re.compile(r"\bjaro_winkler_similarity\(([\w.]+), ([\w.]+)\)")
_LISTS = {
    re.compile(r"\blist_has_any\(([\w.]+), ([\w.]+)\)"): r"list_size(array_intersect(\1, \2)) > 0",
    re.compile(r"\blist_intersect\("): "array_intersect(",
    re.compile(r"\blist_contains\("): "array_contains(",
    re.compile(r"\blen\("): "list_size(",
}
_BYTES = "decode(encode({0}, 'UTF-8'), 'ISO-8859-1')"
_PARTS = 4_000_000  # bytes of the records' Parquet file in one partition


@dataclass(frozen=True)
class Spark:
    """Where Spark runs. ``folder``: files are exchanged there; workers of a cluster must see it under the same name."""

    folder: Path
    master: str = "local[*]"
    memory: str = "4g"


def predict(con: duckdb.DuckDBPyConnection, model: Model, settings: dict[str, Any], place: Spark) -> None:
    """Table ``pairs`` as ``score.predict`` makes it, scored on Spark.

    Raises: Refused when Spark or Java is not there.
    """
    separate(settings)
    folder = place.folder / "spark"
    folder.mkdir(mode=0o700, parents=True)
    try:
        sent = folder / "records.parquet"
        con.execute(f"COPY linkable TO {literal(str(sent))} (FORMAT parquet)")
        terms = own_terms(con)
        for column in terms:
            con.execute(f"COPY {column}_terms TO {literal(str(folder / column))} (FORMAT parquet)")
        session = _session(place, partitions=max(2 * (os.cpu_count() or 1), sent.stat().st_size // _PARTS))
        try:
            session.sparkContext.setCheckpointDir(str(folder / "between"))
            _score(session, folder, sent, translated(settings), terms)
        finally:
            session.stop()  # its tables name files that go now
        make_pairs(con, f"read_parquet({literal(str(folder / 'pairs' / '*.parquet'))})", model, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _score(session: Any, folder: Path, sent: Path, settings: dict[str, Any], terms: list[str]) -> None:
    """Write the scored pairs to ``folder/pairs``."""
    from splink import Linker, SparkAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    # Not "persist": Splink's intermediate tables pile up in the driver then. Parquet files stand in ``folder``.
    api: Any = cast(Any, SparkAPI)(spark_session=session, break_lineage_method="parquet")
    linker = Linker(
        api.register(session.read.parquet(str(sent))),
        settings,
        log_level=logging.ERROR,
        validate_settings=False,
    )
    for column in terms:
        lookup = api.register(session.read.parquet(str(folder / column)))
        linker.table_management.register_term_frequency_lookup(lookup, column)
    scored = linker.inference.predict(threshold_match_weight=KEEP_WEIGHT)
    frame = session.table(scored.physical_name)
    kept = [c for c in frame.columns if c.startswith("mw_")]
    frame.select("uid_l", "uid_r", "match_weight", "match_probability", *kept).write.parquet(
        str(folder / "pairs")
    )


def _session(place: Spark, partitions: int) -> Any:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise refuse("no_java", "Spark 需要 Java 17", "Spark needs Java 17", "--engine spark")
    try:
        from pyspark.sql import SparkSession
        from splink.backends.spark import similarity_jar_location
    except ImportError as error:
        raise refuse(
            "no_spark",
            "没有安装 Spark：请运行 ./wangge setup --spark",
            "Spark is not installed: run ./wangge setup --spark",
            "--engine spark",
        ) from error
    builder = SparkSession.builder.master(place.master).appName("wangge link")
    chosen = {
        "spark.jars": similarity_jar_location(),
        "spark.driver.memory": place.memory,
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.default.parallelism": str(partitions),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.warehouse.dir": str(place.folder / "spark" / "warehouse"),
    }
    if place.master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        chosen |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(place.folder / "spark" / "local"),
        }
    for name, value in chosen.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return builder.getOrCreate()


def translated(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with every condition in Spark's SQL."""
    comparisons = [
        {
            **comparison,
            "comparison_levels": [
                {**level, "sql_condition": in_spark(level["sql_condition"])}
                for level in comparison["comparison_levels"]
            ],
        }
        for comparison in settings["comparisons"]
    ]
    rules = [
        {"blocking_rule": in_spark(rule["blocking_rule"]), "sql_dialect": "spark"}
        for rule in settings["blocking_rules_to_generate_predictions"]
    ]
    return {**settings, "comparisons": comparisons, "blocking_rules_to_generate_predictions": rules}


@cache
def in_spark(condition: str) -> str:
    """A condition in DuckDB's SQL as Spark has it; the similarity functions come from Splink's jar."""
    if condition.strip().upper() == "ELSE":
        return condition
    import sqlglot

    plain = _SLICE.sub(lambda m: f"substr({m[1]}, {m[2]}, {int(m[3]) - int(m[2]) + 1})", condition)
    plain = _LIKENESS.sub(r"CASE WHEN \1 IS NOT NULL AND \2 IS NOT NULL THEN jaro_winkler(\1, \2) END", plain)
    for ours, theirs in _LISTS.items():
        plain = ours.sub(theirs, plain)
    # sqlglot would take encode and decode for DuckDB's, which know one character set: they come after it.
    spark = str(sqlglot.transpile(plain, read="duckdb", write="spark")[0])
    return _DISTANCE.sub(_distance, spark.replace("LIST_SIZE(", "SIZE("))


def _distance(match: re.Match[str]) -> str:
    name, one, other = match.groups()
    call = f"{name}({_BYTES.format(one)}, {_BYTES.format(other)})"
    return f"CASE WHEN {one} IS NOT NULL AND {other} IS NOT NULL THEN {call} END"
