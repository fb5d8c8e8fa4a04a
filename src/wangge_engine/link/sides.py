"""Both records of many pairs, taken by their place: what must be read as text as text, all else as rows of numbers.

A column of which the model only asks whether two values are equal is held as a hash. Numbers of one record lie side by
side, so that a record costs one look into memory and not one for each column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.link.components import Ints

PIECE = 100_000  # records read at a time
_SIDE = re.compile(r"\b(\w+)_[lr]\b")
_EQUALITY = re.compile(
    r"(?:^|(?<=\()|(?<=  ))(?:(\w+)_l (?:=|<>|IS NOT DISTINCT FROM|IS DISTINCT FROM) \1_r"
    r"|\w+_[lr] IS (?:NOT )?NULL)\b(?= AND | OR | THEN |\)|$)"
)
Rows = NDArray[np.uint64]
Taken = Callable[[Rows], pa.Array]


def told_in_full(conditions: Iterable[str]) -> set[str]:
    """Columns of which SQL conditions over pairs ask more than whether both values are equal, or there at all."""
    found: set[str] = set()
    for condition in conditions:
        # two spaces before what begins a condition: with anything else before it, an equality is part of something
        spaced = re.sub(r"(?<!IS )\b(AND|OR|NOT|WHEN) ", r"\1  ", condition)
        found |= set(_SIDE.findall(_EQUALITY.sub("", spaced)))
    return found


@dataclass(frozen=True)
class Sides:
    """All records of a linkage, each in the place of its number."""

    texts: pa.Table
    numbers: Rows
    columns: dict[str, Taken]  # of these: a column of the rows taken

    def take(self, places: Ints) -> pa.RecordBatch:
        """These records, in this order."""
        rows = self.numbers[places]
        told = self.texts.take(pa.array(places)).combine_chunks().to_batches(max(1, len(places)))
        held = {name: column(rows) for name, column in self.columns.items()}
        found = {"uid": pa.array(places.astype(np.int32)), **held}
        if told:
            found |= {name: told[0].column(name) for name in self.texts.column_names}
        else:
            found |= {field.name: pa.array([], field.type) for field in self.texts.schema}
        return pa.record_batch(found)


def read_sides(
    con: duckdb.DuckDBPyConnection, rows: int, full: set[str], columns: Sequence[str], terms: dict[str, str]
) -> Sides:
    """The columns of table ``records``, numbered from 0; ``terms``: a table (column, tf_column) for each term.

    ``full``: columns that are read as they are.
    """
    types = {row[0]: str(row[1]) for row in con.execute("DESCRIBE records").fetchall()}
    held: dict[str, Taken] = {}
    asked: list[str] = []
    flags: list[str] = []

    def flag(condition: str) -> np.uint64:
        flags.append(condition)
        return np.uint64(1 << (len(flags) - 1))

    texts = []
    for column in (c for c in columns if c != "uid"):
        kind = types[column]
        if kind == "BOOLEAN":
            held[column] = _boolean(flag(f"{column} IS NOT NULL"), flag(f"coalesce({column}, false)"))
        elif column not in full and kind == "VARCHAR":
            asked.append(f"hash({column})")
            held[column] = _number(len(asked), flag(f"{column} IS NOT NULL"), np.dtype(np.uint64))
        else:
            texts.append(column)
    joins = []
    for term, table in terms.items():
        joins.append(f"LEFT JOIN {table} AS t_{term} ON t_{term}.{term} = r.{term}")
        asked.append(f"coalesce(t_{term}.tf_{term}, 0)::DOUBLE")
        known = flag(f"t_{term}.tf_{term} IS NOT NULL")
        held[f"tf_{term}"] = _number(len(asked), known, np.dtype(np.float64))
    if len(flags) > 64:
        raise ValueError(f"{len(flags)} flags do not fit into one number")
    bits = " | ".join(
        f"(CAST({_of_records(condition, types)} AS UBIGINT) << {place})"
        for place, condition in enumerate(flags)
    )
    wanted = [f"{_of_records(expression, types)} AS n{place}" for place, expression in enumerate(asked)]
    query = f"SELECT r.uid, {bits or 'CAST(0 AS UBIGINT)'} AS bits{''.join(f', {w}' for w in wanted)}"
    numbers = np.zeros((rows, len(asked) + 1), dtype=np.uint64)
    for piece in con.execute(f"{query} FROM records r {' '.join(joins)}").to_arrow_reader(PIECE):
        uid = piece.column(0).to_numpy()
        numbers[uid, 0] = piece.column(1).to_numpy()
        for place in range(len(asked)):
            numbers[uid, place + 1] = piece.column(place + 2).to_numpy().view(np.uint64)
    told = con.execute(f"SELECT {', '.join(['uid', *texts])} FROM records").to_arrow_table()
    if not (told.column("uid").to_numpy() == np.arange(rows)).all():
        told = told.sort_by("uid")
    return Sides(told.drop_columns(["uid"]).combine_chunks(), numbers, held)


def _of_records(expression: str, types: dict[str, str]) -> str:
    """Column names alone as those of ``r``."""
    return re.sub(
        r"(?<![\w.])([a-z_]\w*)\b(?![\w.(])", lambda m: f"r.{m[1]}" if m[1] in types else m[1], expression
    )


def _known(rows: Rows, bit: np.uint64) -> pa.Buffer:
    return pa.py_buffer(np.packbits((rows[:, 0] & bit) != 0, bitorder="little").tobytes())


def _number(place: int, bit: np.uint64, kind: np.dtype[np.float64] | np.dtype[np.uint64]) -> Taken:
    def column(rows: Rows) -> pa.Array:
        values = pa.py_buffer(np.ascontiguousarray(rows[:, place]))
        return pa.Array.from_buffers(pa.from_numpy_dtype(kind), len(rows), [_known(rows, bit), values])

    return column


def _boolean(known: np.uint64, true: np.uint64) -> Taken:
    def column(rows: Rows) -> pa.Array:
        return pa.Array.from_buffers(pa.bool_(), len(rows), [_known(rows, known), _known(rows, true)])

    return column
