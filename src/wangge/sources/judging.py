"""Judging the parts of a batch: raw rows in, accepted rows and rows kept aside out; private to the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import orjson
import polars as pl
from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput
from wangge.sources.analysis import (
    ROW_NO,
    Order,
    Quarantined,
    Reading,
    Seen,
    cells_frame,
    hashed,
    judge,
    load_schema,
    misplaced,
)
from wangge.sources.models import Batch, Part, QuarantinedRow, Sheet
from wangge.sources.sealed import read_frame, unseal_value, write_frame
from wangge.sources.states import BatchState, RowState
from wangge.sources.store import sealer_of

UNCHANGED = "unchanged"
_COLUMNS = (
    "id", "batch_id", "part_id", "sheet_no", "row_no", "emergency_id", "unit_no", "reasons", "cells", "state",
    "settled_by",
)  # fmt: skip


def reading_of(batch: Batch, sheet: Sheet) -> Reading:
    """How the sheet is read, by its confirmed mapping."""
    assert sheet.mapping is not None
    mapping = unseal_value(batch.emergency_id, sheet.mapping.columns)
    columns: dict[str, tuple[int, ...]] = {}
    for entry in mapping["columns"]:
        if entry["column"]:
            columns[entry["column"]] = (*columns.get(entry["column"], ()), entry["index"])
    return Reading(
        schema=load_schema(batch.resource.schema),
        headers=tuple(unseal_value(batch.emergency_id, sheet.headers)),
        columns=columns,
        today=timezone.localdate(batch.received_at),
        sheet_no=sheet.number,
        orders={name: Order(order) for name, order in mapping["orders"].items()},
    )


class Judge:
    """Judges parts in their order; remembers the hashes that it has seen in the batch and in the one before."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        judged = (
            Part.objects.filter(batch=batch).exclude(accepted_file="").values_list("accepted_file", flat=True)
        )
        frames = [read_frame(name).select("row_hash", "record_id") for name in judged]
        self._seen, self._numbers = Seen(), Seen()
        for frame in frames:
            self._seen.add(frame["row_hash"].to_numpy())
            self._numbers.add(hashed(frame["record_id"]))
        self._before: Seen | None = None

    def part(self, part: Part) -> None:
        """Judge one part; put its accepted rows into the store and its others into the quarantine."""
        raw = read_frame(part.raw_file)
        raw, corrected = self._with_corrections(raw, part)
        reading = reading_of(self._batch, part.sheet)
        self._stop_if_shifted(raw, reading, part)
        verdict = judge(raw, reading)
        accepted = self._flag_corrected(verdict.accepted, corrected)
        fresh = self._fresh(accepted["row_hash"].to_numpy())
        kept = self._with_unchanged(self._one_number_each(accepted.filter(pl.Series(fresh))))
        self._seen.add(kept["row_hash"].to_numpy())
        self._hold(part, [row for row in verdict.quarantined if row.row_no not in corrected])
        self._hold_again(part, [row for row in verdict.quarantined if row.row_no in corrected])
        part.accepted_file = write_frame(self._batch.emergency_id, kept)
        part.accepted = len(kept)
        part.repeated = len(accepted) - len(kept)
        part.quarantined = len(verdict.quarantined)
        part.unchanged = int(kept[UNCHANGED].sum())
        part.judged_at = timezone.now()
        part.save()

    def readmit(self, part: Part, rows: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[Quarantined, ...]:
        """Judge rows of a part anew with the cells they have now. All stand, or nothing is changed and those that
        do not are given back."""
        reading = reading_of(self._batch, part.sheet)
        verdict = judge(cells_frame(rows, len(reading.headers)), reading)
        if verdict.quarantined:
            return verdict.quarantined
        numbers = {number for number, _ in rows}
        accepted = self._flag_corrected(verdict.accepted, numbers)
        fresh = accepted.filter(pl.Series(self._fresh(accepted["row_hash"].to_numpy())))
        kept = self._with_unchanged(self._one_number_each(fresh))
        whole = pl.concat([read_frame(part.accepted_file), kept]).sort(ROW_NO)
        part.accepted_file = write_frame(self._batch.emergency_id, whole)
        part.accepted += len(kept)
        part.repeated += len(accepted) - len(kept)
        part.quarantined -= len(rows)
        part.unchanged += int(kept[UNCHANGED].sum())
        part.save()
        return ()

    def _stop_if_shifted(self, raw: pl.DataFrame, reading: Reading, part: Part) -> None:
        """A table shifted by a column is stopped as a whole: its rows would be linked by accident."""
        wrong = misplaced(raw, reading)
        if not wrong:
            return
        zh = "、".join(f"“{c.header}”（应为{c.zh}）" for c in wrong)
        en = ", ".join(f'"{c.header}" (should hold {c.en})' for c in wrong)
        name = unseal_value(self._batch.emergency_id, part.sheet.name)
        raise BadInput(
            code="columns_shifted",
            zh=f"这些列里的内容与列名不符：{zh}。整个表可能错了一列，已停止，未接收任何行。"
            "请更正列的对应，或拒收后请来源单位重发。",
            en=f"These columns do not hold what their names say: {en}. The table seems shifted by a column; it was"
            " stopped and no row was taken in. Put the mapping right, or refuse the file and have it sent again.",
            place=f"{name} ({part.sheet.number}): {', '.join(c.header for c in wrong)}",
        )

    @staticmethod
    def _hold_again(part: Part, rows: Sequence[Quarantined]) -> None:
        """Rows that had been put right, and cannot stand under a new mapping, wait again."""
        for row in rows:
            QuarantinedRow.objects.filter(part=part, row_no=row.row_no).update(
                state=RowState.HELD.value,
                reasons=list(row.reasons),
                correction=None,
                settled_at=None,
                settled_by="",
            )

    def _with_corrections(self, raw: pl.DataFrame, part: Part) -> tuple[pl.DataFrame, set[int]]:
        """Rows corrected by hand come with their corrected cells, also when the batch is judged anew."""
        rows = QuarantinedRow.objects.filter(part=part, state=RowState.READMITTED.value)
        corrected = {row.row_no: tuple(unseal_value(row.emergency_id, row.correction)) for row in rows}
        if not corrected:
            return raw, set()
        width = len(raw.columns) - 3
        replaced = cells_frame(sorted(corrected.items()), width)
        others = raw.filter(~pl.col(ROW_NO).is_in(list(corrected)))
        return pl.concat([others, replaced.select(raw.columns)]).sort(ROW_NO), set(corrected)

    @staticmethod
    def _flag_corrected(accepted: pl.DataFrame, numbers: Iterable[int]) -> pl.DataFrame:
        told = list(numbers)
        if not told:
            return accepted
        flags = pl.col("flags").fill_null([]).list.concat(pl.lit(["corrected"]))
        return accepted.with_columns(
            pl.when(pl.col(ROW_NO).is_in(told)).then(flags).otherwise(pl.col("flags"))
        )

    def _fresh(self, hashes: np.ndarray) -> np.ndarray:
        """True for the first row of each content in this batch."""
        fresh = ~self._seen.has(hashes)
        first = np.zeros(len(hashes), dtype=bool)
        first[np.unique(hashes, return_index=True)[1]] = True
        return fresh & first

    def _one_number_each(self, accepted: pl.DataFrame) -> pl.DataFrame:
        """A record number that stands on two rows of the batch gets the later row's place added, and a flag: who
        takes the rows over may rely on one row per number."""
        numbers = accepted["record_id"]
        again = ~numbers.is_first_distinct() | pl.Series(self._numbers.has(hashed(numbers)))
        if again.any():
            place = pl.format("{}~{}:{}", "record_id", "sheet_no", ROW_NO)
            flags = pl.col("flags").fill_null([]).list.concat(pl.lit(["record_id_repeated:record_id"]))
            accepted = accepted.with_columns(
                pl.when(pl.Series(again)).then(place).otherwise(pl.col("record_id")).alias("record_id"),
                pl.when(pl.Series(again)).then(flags).otherwise(pl.col("flags")).alias("flags"),
            )
        self._numbers.add(hashed(accepted["record_id"]))
        return accepted

    def _with_unchanged(self, accepted: pl.DataFrame) -> pl.DataFrame:
        if self._before is None:
            self._before = Seen()
            for name in _files_before(self._batch):
                self._before.add(read_frame(name)["row_hash"].to_numpy())
        return accepted.with_columns(pl.Series(UNCHANGED, self._before.has(accepted["row_hash"].to_numpy())))

    def _hold(self, part: Part, rows: Sequence[Quarantined]) -> None:
        if not rows:
            return
        batch, sealer = self._batch, sealer_of(self._batch.emergency_id)
        insert_rows(
            QuarantinedRow,
            _COLUMNS,
            (
                (
                    new_id(), batch.id, part.id, row.sheet_no, row.row_no, batch.emergency_id, batch.unit_no,
                    list(row.reasons), sealer.seal(orjson.dumps(row.cells)), RowState.HELD.value, "",
                )
                for row in rows
            ),
        )  # fmt: skip


def _files_before(batch: Batch) -> list[str]:
    """Accepted rows of the resource's batch before this one."""
    before = (
        Batch.objects.filter(
            resource=batch.resource, state=BatchState.ACCEPTED.value, received_at__lt=batch.received_at
        )
        .order_by("-received_at")
        .first()
    )
    if before is None:
        return []
    return list(Part.objects.filter(batch=before).values_list("accepted_file", flat=True))


def count_rows(batch: Batch) -> None:
    """Bring the batch's counts in line with its parts."""
    parts = list(Part.objects.filter(batch=batch))
    batch.rows_accepted = sum(part.accepted for part in parts)
    batch.rows_quarantined = sum(part.quarantined for part in parts)
    batch.rows_repeated = sum(part.repeated for part in parts)
    batch.rows_unchanged = sum(part.unchanged for part in parts)
