"""Rows put right by hand, as raw rows again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from wangge_engine.rows.raw import OVERFLOW, ROW_NO, raw_name


def cells_frame(rows: Sequence[tuple[int, tuple[str, ...]]], width: int) -> pl.DataFrame:
    """Raw rows from their numbers and cells, `width` columns wide; a longer row is kept whole beside them."""
    columns: dict[str, Any] = {ROW_NO: pl.Series([number for number, _ in rows], dtype=pl.Int64)}
    for index in range(width):
        cells = [row[index] if index < len(row) else "" for _, row in rows]
        columns[raw_name(index)] = pl.Series(cells, dtype=pl.String)
    longer = [list(row) if any(row[width:]) else None for _, row in rows]
    columns[OVERFLOW] = pl.Series(longer, dtype=pl.List(pl.String))
    columns["marks"] = pl.Series([None] * len(rows), dtype=pl.String)
    return pl.DataFrame(columns)
