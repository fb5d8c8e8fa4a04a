"""Many segments into one; what no longer stands is blanked, so that a record that left is gone from the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.link.blocks import Key, make_index
from wangge_engine.link.kept import Segment, Table, write_arrow

SEGMENTS_AT_MOST = 12
BLANK_AT_MOST = 0.02  # share of records that do not stand but still lie in the files


def wants_compacting(segments: list[Segment], alive: NDArray[np.bool_], blanked: int) -> bool:
    """Whether there are too many files, or too much that has left; ``blanked`` of those are blank already."""
    return len(segments) > SEGMENTS_AT_MOST or (~alive).sum() - blanked > BLANK_AT_MOST * len(alive)


def compact(
    con: duckdb.DuckDBPyConnection,
    places: list[tuple[Path, Segment]],
    alive: NDArray[np.bool_],
    target: tuple[Path, str],
    keys: Sequence[Key],
) -> Segment:
    """Write one segment of the same record numbers in place of all. ``places``: where each stands."""
    folder, name = target
    merged = Segment(name, 0, len(alive))
    for part in (0, 1):
        tables = [Table(path / segment.files[part]) for path, segment in places]
        schema = tables[0].schema
        rows = pa.RecordBatchReader.from_batches(schema, _blanked(tables, alive))
        write_arrow(folder / merged.files[part], rows)
    records = Table(folder / merged.files[0]).read()
    con.register("__compacted", records.add_column(0, "uid", pa.array(np.arange(len(alive), dtype=np.int32))))
    np.save(folder / merged.files[2], make_index(con, "__compacted", 0, len(alive), keys))
    con.unregister("__compacted")
    return merged


def _blanked(tables: list[Table], alive: NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
    start = 0
    for table in tables:
        for batch in table.read().to_batches():
            stands = alive[start : start + batch.num_rows]
            start += batch.num_rows
            if stands.all():
                yield batch
                continue
            # Taken, not masked: a mask would leave the bytes of what it hides.
            yield batch.take(pa.array(np.arange(batch.num_rows), mask=~stands))
