"""Flags by row: sparse, so that two million clean rows cost nothing."""

from __future__ import annotations

import polars as pl


class Flags:
    """Collects "code:column" for rows of one frame."""

    def __init__(self) -> None:
        self._found: list[pl.DataFrame] = []

    def where(self, code: str, column: str, mask: pl.Series) -> None:
        """Flag the rows where `mask` is true."""
        self.at(code, column, mask.fill_null(value=False).arg_true())

    def at(self, code: str, column: str, positions: pl.Series) -> None:
        """Flag the rows at `positions`."""
        if len(positions):
            text = f"{code}:{column}" if column else code
            self._found.append(
                pl.DataFrame({"at": positions.cast(pl.UInt32)}).with_columns(flag=pl.lit(text))
            )

    def each(self, code: str, column: str, position: int) -> None:
        """Flag one row."""
        self.at(code, column, pl.Series([position], dtype=pl.UInt32))

    def by_row(self) -> pl.DataFrame:
        """Columns at, flags: the flagged rows, each flag once, in the order they were found."""
        if not self._found:
            return pl.DataFrame(schema={"at": pl.UInt32, "flags": pl.List(pl.String)})
        found = pl.concat(self._found).unique(maintain_order=True)
        return found.group_by("at", maintain_order=True).agg(pl.col("flag").alias("flags"))

    def rows_with(self, codes: frozenset[str]) -> set[int]:
        """Positions of the rows that carry one of `codes`, in whatever column."""
        positions: set[int] = set()
        for frame in self._found:
            if frame["flag"][0].partition(":")[0] in codes:
                positions.update(frame["at"].to_list())
        return positions
