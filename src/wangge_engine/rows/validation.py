"""Which rows stand and which are kept aside, decided by rules with names; nothing is dropped.

The rules are dataframely's: each names one reason. A row that meets all of them is accepted, with flags for what
is odd about it; any other is kept aside with its reasons and its original cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import dataframely as dy
import polars as pl

from wangge_engine.columns import Schema
from wangge_engine.rows import shapes
from wangge_engine.rows.canonical import (
    Canonical,
    Reading,
    canonical_dtypes,
    row_hashes,
    suspects,
    to_canonical,
)
from wangge_engine.rows.cells import DTYPES
from wangge_engine.rows.raw import ROW_NO, original_cells, raw_name
from wangge_engine.rows.reasons import Reason

_COLUMN_TYPES: dict[Any, type[dy.Column]] = {
    pl.String: dy.String,
    pl.Date: dy.Date,
    pl.Boolean: dy.Bool,
    pl.Int64: dy.Int64,
    pl.Float64: dy.Float64,
}
_LON, _LAT = (73.0, 136.0), (3.0, 54.0)  # China with its seas, degrees


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row kept aside: its place, its reasons, the original cells (as many as the row had)."""

    sheet_no: int
    row_no: int
    reasons: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a block: every row of it is in one of the two."""

    accepted: pl.DataFrame
    quarantined: tuple[Quarantined, ...]


class Standing(dy.Schema):
    """A row that can stand: a place, and none of the findings that keep one aside."""

    sheet_no = dy.Int32()
    row_no = dy.Int64(min=1)
    record_id = dy.String()
    flags = dy.List(dy.String(), nullable=True)
    is_header = dy.Bool()
    is_footer = dy.Bool()
    is_shifted = dy.Bool()
    is_test = dy.Bool()
    impossible = dy.String(nullable=True)

    @dy.rule()
    def repeated_header(cls) -> pl.Expr:  # noqa: N805 -- dataframely gives rules the class
        return ~pl.col("is_header")

    @dy.rule()
    def footer_row(cls) -> pl.Expr:  # noqa: N805
        return ~pl.col("is_footer")

    @dy.rule()
    def shifted_row(cls) -> pl.Expr:  # noqa: N805
        return ~pl.col("is_shifted")

    @dy.rule()
    def test_row(cls) -> pl.Expr:  # noqa: N805
        return ~pl.col("is_test")

    @dy.rule()
    def impossible_date(cls) -> pl.Expr:  # noqa: N805
        return pl.col("impossible").is_null()


@cache
def standing(schema: Schema) -> type[dy.Schema]:
    """The rules for rows of one canonical schema."""
    columns: dict[str, Any] = {"__module__": __name__}
    for column in schema.columns:
        if column.name != "record_id":
            columns[column.name] = _COLUMN_TYPES[DTYPES.get(column.kind, pl.String)](nullable=True)
            if column.kind == "id_no":
                columns["id_state"] = dy.String(nullable=True)

    def no_name_no_id(cls: type[dy.Schema]) -> pl.Expr:
        groups = [[name for name in group if name in columns] for group in schema.needs]
        return pl.all_horizontal(
            [pl.any_horizontal([pl.col(n).is_not_null() for n in group]) for group in groups]
        )

    columns["no_name_no_id"] = dy.rule()(no_name_no_id)
    if {"lon", "lat"} <= set(schema.column_names):

        def coordinate_out_of_range(cls: type[dy.Schema]) -> pl.Expr:
            inside = pl.col("lon").is_between(*_LON) & pl.col("lat").is_between(*_LAT)
            return inside | (pl.col("lon").is_null() & pl.col("lat").is_null())

        columns["coordinate_out_of_range"] = dy.rule()(coordinate_out_of_range)
    metaclass: Any = type(Standing)  # the class statement of dataframely, with names known only now
    return cast("type[dy.Schema]", metaclass(f"Standing{schema.name.title()}", (Standing,), columns))


def judge(raw: pl.DataFrame, reading: Reading) -> Verdict:
    """Read a raw block and decide each row. Rows in are rows accepted plus rows quarantined."""
    canonical = to_canonical(raw, reading)
    frame = _with_findings(raw, reading, canonical)
    good, failed = standing(reading.schema).filter(frame)
    accepted = good.with_columns(row_hashes(good, reading.schema)).select(
        list(canonical_dtypes(reading.schema))
    )
    return Verdict(accepted, _quarantine(raw, reading, failed))


def _with_findings(raw: pl.DataFrame, reading: Reading, canonical: Canonical) -> pl.DataFrame:
    names = [raw_name(index) for index in range(len(reading.headers))]
    frame = canonical.frame.with_row_index("at")
    told = canonical.flags.by_row()
    impossible = told.select(
        "at",
        pl.col("flags")
        .list.eval(
            pl.element().filter(pl.element().str.starts_with("impossible:")).str.strip_prefix("impossible:")
        )
        .list.join(",")
        .replace("", None)
        .alias("impossible"),
    )
    kept = told.with_columns(
        pl.col("flags").list.eval(pl.element().filter(~pl.element().str.starts_with("impossible:")))
    ).filter(pl.col("flags").list.len() > 0)
    shifted = pl.Series([False] * len(raw)).scatter(suspects(raw, reading, canonical), True)
    return (
        frame.join(kept, on="at", how="left", maintain_order="left")
        .join(impossible, on="at", how="left", maintain_order="left")
        .with_columns(
            is_header=shapes.repeated_headers(raw, names, reading.headers),
            is_footer=shapes.footer_rows(raw, names),
            is_shifted=shifted,
            is_test=shapes.test_rows(canonical.frame),
        )
        .drop("at")
    )


def _quarantine(raw: pl.DataFrame, reading: Reading, failed: dy.FailureInfo) -> tuple[Quarantined, ...]:
    details = failed.details()
    if not len(details):
        return ()
    rules: list[str] = [reason.value for reason in Reason if reason.value in details.columns]
    typed: list[str] = [name for name in details.columns if "|" in name]
    cells = original_cells(raw, len(reading.headers), details[ROW_NO].to_list())
    found = []
    for row in details.select(ROW_NO, "impossible", *rules, *typed).iter_rows(named=True):
        reasons = [rule for rule in (*rules, *typed) if row[rule] == "invalid"]
        reasons = [f"{r}:{row['impossible']}" if r == Reason.IMPOSSIBLE_DATE.value else r for r in reasons]
        found.append(Quarantined(reading.sheet_no, row[ROW_NO], tuple(reasons), cells[row[ROW_NO]]))
    return tuple(sorted(found, key=lambda q: q.row_no))
