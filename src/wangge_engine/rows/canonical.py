"""From a department's columns to the canonical ones, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import numpy as np
import polars as pl

from wangge_engine.columns import Schema
from wangge_engine.rows import shapes
from wangge_engine.rows.cells import DTYPES, READERS, Circumstances, plain
from wangge_engine.rows.dates import Order
from wangge_engine.rows.flags import Flags
from wangge_engine.rows.identity import IdState, read_identity
from wangge_engine.rows.raw import MARKS, OVERFLOW, ROW_NO, raw_name

HASH_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one table is read: which source columns (by index, in order) make each canonical one.

    `headers` are the table's own. Rows without a record number are numbered by their place ("2:17" is sheet 2,
    row 17). `orders` tells, by canonical column, how dates such as 3/4/2020 are meant.
    """

    schema: Schema
    headers: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    today: date
    sheet_no: int = 1
    orders: Mapping[str, Order] = field(default_factory=dict)


def canonical_dtypes(schema: Schema) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Columns of an accepted frame with their types: place, canonical columns, what was found about the row."""
    columns: dict[str, pl.DataType | type[pl.DataType]] = {"sheet_no": pl.Int32, ROW_NO: pl.Int64}
    for column in schema.columns:
        columns[column.name] = DTYPES.get(column.kind, pl.String)
        if column.kind == "id_no":
            columns["id_state"] = pl.String
    columns["flags"] = pl.List(pl.String)
    columns["row_hash"] = pl.Int64
    return columns


def _source(raw: pl.DataFrame, indexes: Sequence[int]) -> pl.Series:
    """The plain text of one canonical column, several source columns joined in their order."""
    parts = [plain(raw[raw_name(index)]) for index in indexes]
    if len(parts) == 1:
        return parts[0]
    frame = pl.DataFrame({str(n): part for n, part in enumerate(parts)})
    joined = frame.select(pl.concat_str(pl.all(), ignore_nulls=True).alias("t"))["t"]
    return joined.set(joined == "", None)


def _marked(raw: pl.DataFrame, indexes: Sequence[int]) -> dict[str, list[int]]:
    """Positions of the marks on the given source columns, by mark."""
    found: dict[str, list[int]] = {}
    wanted = {str(index) for index in indexes}
    told = raw[MARKS]
    for position in told.is_not_null().arg_true().to_list():
        for mark in told[position].split(";"):
            column, _, code = mark.partition(":")
            if column in wanted:
                found.setdefault(code, []).append(position)
    return found


@dataclass(slots=True)
class Canonical:
    """The rows in canonical columns, beside what the validation needs to know about each."""

    frame: pl.DataFrame
    flags: Flags


def to_canonical(raw: pl.DataFrame, reading: Reading) -> Canonical:
    """Read all canonical columns of a raw block; one row out for each row in, in the same order."""
    flags = Flags()
    at = Circumstances(reading.today, reading.orders)
    read: dict[str, pl.Series] = {}
    texts = {name: _source(raw, indexes) for name, indexes in reading.columns.items() if indexes}
    _put_swapped_right(texts, flags)
    count = len(raw)
    for column in reading.schema.columns:
        text = texts.get(column.name)
        if text is None:
            read[column.name] = pl.Series([None] * count, dtype=DTYPES.get(column.kind, pl.String))
            if column.kind == "id_no":
                read["id_state"] = pl.Series([None] * count, dtype=pl.String)
            continue
        marks = _marked(raw, reading.columns[column.name])
        for code in ("formula", "formula_text", "cell_error", "stray_quote"):
            if code in marks:
                flags.at(code, column.name, pl.Series(marks[code], dtype=pl.UInt32))
        if "cell_error" in marks:
            text = text.scatter(marks["cell_error"], None)
        if column.kind == "id_no":
            read.update(_identity(text, marks.get("precision_lost", []), reading, read, flags))
        else:
            read[column.name] = READERS[column.kind](text, column.name, at, flags)
    frame = pl.DataFrame(read).with_columns(
        sheet_no=pl.lit(reading.sheet_no, dtype=pl.Int32), row_no=raw[ROW_NO].cast(pl.Int64)
    )
    _compare_with_identity(frame, flags)
    frame = frame.select(
        c for c in (*canonical_dtypes(reading.schema), "birth_in_id", "sex_in_id") if c in frame.columns
    )
    return Canonical(_numbered(frame.drop("birth_in_id", "sex_in_id", strict=False)), flags)


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows without a record number get one from their place."""
    place = pl.format("{}:{}", pl.col("sheet_no"), pl.col(ROW_NO))
    return frame.with_columns(record_id=pl.col("record_id").fill_null(place))


def _put_swapped_right(texts: dict[str, pl.Series], flags: Flags) -> None:
    """Identity number and phone written into each other's columns."""
    if "id_no" not in texts or "phone" not in texts:
        return
    swapped = texts["id_no"].str.contains(r"^1[3-9]\d{9}$") & texts["phone"].str.contains(r"^\d{17}[\dXx]$")
    positions = swapped.fill_null(value=False).arg_true()
    if len(positions):
        numbers, phones = texts["id_no"].gather(positions), texts["phone"].gather(positions)
        texts["id_no"] = texts["id_no"].scatter(positions, phones)
        texts["phone"] = texts["phone"].scatter(positions, numbers)
        flags.at("swapped", "id_no", positions)


def _identity(
    text: pl.Series, lost: list[int], reading: Reading, read: dict[str, pl.Series], flags: Flags
) -> dict[str, pl.Series]:
    lost_mask = np.zeros(len(text), dtype=bool)
    lost_mask[lost] = True
    found = read_identity(text.str.replace_all(r"[\s\-]", ""), pl.Series(lost_mask), reading.today)
    state = found["id_state"]
    for code in ("id_from_float", "id_fifteen", "id_unknown_place"):
        flags.where(code, "id_no", found[code])
    flags.where("id_wrong_check", "id_no", state == IdState.WRONG_CHECK.value)
    flags.where("id_malformed", "id_no", state == IdState.MALFORMED.value)
    flags.where("id_masked", "id_no", (state == IdState.PARTIAL.value) & ~found["id_from_float"])
    return {name: found[name] for name in ("id_no", "id_state", "birth_in_id", "sex_in_id")}


def _compare_with_identity(frame: pl.DataFrame, flags: Flags) -> None:
    """A number whose birth or sex contradicts the fields beside it may be somebody else's: told, never decided."""
    if "birth_in_id" not in frame.columns:
        return
    trusted = frame["id_state"].is_in([IdState.VALID.value, IdState.CONVERTED.value])
    if "birth" in frame.columns:
        flags.where("birth_differs_from_id", "birth", trusted & (frame["birth"] != frame["birth_in_id"]))
    if "sex" in frame.columns:
        known = frame["sex"].is_in(["male", "female"])
        flags.where("sex_differs_from_id", "sex", trusted & known & (frame["sex"] != frame["sex_in_id"]))


def row_hashes(frame: pl.DataFrame, schema: Schema) -> pl.Series:
    """A stable 64-bit hash of each row's canonical content: equal rows have equal hashes, wherever they stand (a
    record number that was made from the place is left out)."""
    named = [name for name in schema.column_names if name != "record_id"]
    place = pl.format("{}:{}", pl.col("sheet_no"), pl.col(ROW_NO))
    own = pl.when(pl.col("record_id") != place).then(pl.col("record_id")).otherwise(pl.lit(""))
    told = [own.alias("record_id"), *(pl.col(name).cast(pl.String).fill_null("") for name in named)]
    joined = frame.select(pl.concat_str(told, separator=HASH_SEPARATOR).alias("t"))["t"]
    digests = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in joined.to_list())
    return pl.Series("row_hash", np.frombuffer(digests, dtype=np.int64))


def suspects(raw: pl.DataFrame, reading: Reading, canonical: Canonical) -> list[int]:
    """Positions of rows whose cells are shifted: longer than the header, or sensible only one column further."""
    shifted = set(raw[OVERFLOW].is_not_null().arg_true().to_list())
    kinds = {
        indexes[0]: reading.schema.column(name).kind for name, indexes in reading.columns.items() if indexes
    }
    candidates = sorted(canonical.flags.rows_with(shapes.SUSPECT) - shifted)
    if candidates:
        names = [raw_name(index) for index in range(len(reading.headers))]
        for position, cells in zip(candidates, raw.select(names)[candidates].iter_rows(), strict=True):
            if shapes.is_shifted([cell or "" for cell in cells], kinds):
                shifted.add(position)
    return sorted(shifted)
