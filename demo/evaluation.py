"""How well the records were linked: pairwise precision, recall and F1 against the generator's truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Quality:
    """Of all pairs of records put together, how many belong together (precision), and of all that do, how many were
    (recall). Only records that stand in both files count."""

    precision: float
    recall: float
    f1: float
    records: int
    truth_pairs: int


def _pairs(counts: pl.Series) -> int:
    return int((counts.cast(pl.Int64) * (counts.cast(pl.Int64) - 1) // 2).sum())


def evaluate(clusters: Path, truth: Path) -> Quality:
    """`clusters`: source, record_id, entity_id (CSV or Parquet); `truth`: record_id, source, entity_id (CSV)."""
    found = (
        pl.read_parquet(clusters)
        if clusters.suffix == ".parquet"
        else pl.read_csv(clusters, infer_schema=False)
    )
    told = pl.read_csv(truth, infer_schema=False)
    both = found.select("source", "record_id", pl.col("entity_id").alias("cluster")).join(
        told.select("source", "record_id", "entity_id"), on=["source", "record_id"]
    )
    together = _pairs(both.group_by("cluster").len()["len"])
    true = _pairs(both.group_by("entity_id").len()["len"])
    right = _pairs(both.group_by("cluster", "entity_id").len()["len"])
    precision = right / together if together else 1.0
    recall = right / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Quality(round(precision, 5), round(recall, 5), round(f1, 5), both.height, true)
