"""One table out, its rejects beside it and a picture if asked for: all appear together, or none does."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.plots import require_known_picture
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import write

FORMATS = (".csv", ".parquet")


def out_argument(parser: ArgumentParser, what: str) -> None:
    """The option ``--out FILE``."""
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"{what}: .csv or .parquet")


def require_known_endings(args: Namespace) -> None:
    """Refuse formats that cannot be written, and one file named twice, before any work is done."""
    if args.out.suffix.lower() not in FORMATS:
        raise refuse(
            "unknown_format", "只能写 .csv、.parquet", "only .csv and .parquet can be written", str(args.out)
        )
    plot = getattr(args, "plot", None)
    require_known_picture(plot)
    told = [path.resolve() for path in (args.out, rejects_beside(args), plot) if path is not None]
    if len(set(told)) != len(told):
        raise refuse("same_file", "两个输出是同一个文件", "two outputs are one file", str(args.out))


def rejects_beside(args: Namespace) -> Path:
    """Where rejects go: as told, else beside the output."""
    beside: Path = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    return beside


def column(values: Any, *, kind: pa.DataType | None = None) -> pa.Array:
    """A column of a result; NaN, empty texts and None are missing.

    Made of its buffers: ``pa.array`` imports pandas where that is installed, half a second for a small table.
    """
    if isinstance(values, pa.Array):
        return values
    told = np.asarray(values)
    if told.dtype.kind in "OU":
        texts = [str(text).encode() if text is not None else b"" for text in told.tolist()]
        sizes = np.array([len(text) for text in texts], np.int32)
        offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)])
        body = [_bits(sizes > 0), pa.py_buffer(offsets), pa.py_buffer(b"".join(texts))]
        return pa.Array.from_buffers(pa.string(), len(told), body)
    if told.dtype.kind == "f":
        known = np.isfinite(told)
        kind = kind or pa.float64()
    else:
        known = np.ones(len(told), bool)
        kind = kind or pa.int64()
    plain = np.ascontiguousarray(np.where(known, told, 0).astype(kind.to_pandas_dtype()))
    return pa.Array.from_buffers(kind, len(told), [_bits(known), pa.py_buffer(plain)])


def _bits(known: npt.NDArray[np.bool_]) -> pa.Buffer:
    """Which values are there, one bit each."""
    return pa.py_buffer(np.packbits(known, bitorder="little"))


def write_result(
    con: duckdb.DuckDBPyConnection,
    args: Namespace,
    query: str,
    rejects: Rejects,
    draw: Callable[[Path], None] | None = None,
) -> int:
    """Write the query's rows, the rejects and the picture; returns the number of rows."""
    plot = getattr(args, "plot", None) if draw is not None else None
    with files_aside(args.out, rejects_beside(args), *([plot] if plot else [])) as made:
        rows = write(con, query, made[0])
        rejects.write(made[1])
        if plot and draw is not None:
            draw(made[2])
    return rows


def write_columns(
    args: Namespace,
    columns: Mapping[str, pa.Array],
    rejects: Rejects,
    draw: Callable[[Path], None] | None = None,
) -> int:
    """Write columns as they stand; as `write_result`."""
    plot = getattr(args, "plot", None) if draw is not None else None
    table = pa.table(dict(columns))
    with files_aside(args.out, rejects_beside(args), *([plot] if plot else [])) as made:
        if made[0].suffix.lower() == ".parquet":
            pq.write_table(table, made[0], compression="zstd")
        else:
            with made[0].open("w", encoding="utf-8", newline="") as handle:
                writer = csv.writer(handle, lineterminator="\n")
                writer.writerow(table.column_names)
                writer.writerows(zip(*(part.to_pylist() for part in table.columns), strict=True))
        rejects.write(made[1])
        if plot and draw is not None:
            draw(made[2])
    return int(table.num_rows)
