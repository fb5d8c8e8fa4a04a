"""From a sealed original to sealed raw parts: read, look for refused columns, propose a mapping. Writes nothing to
the database; what it put into the store is told, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

import polars as pl

from wangge.kernel.problems import BadInput
from wangge.sources.analysis import (
    ROW_NO,
    Proposal,
    Refusal,
    Schema,
    Table,
    blocks,
    find_order,
    house_words,
    known_header,
    open_file,
    propose,
    raw_frame,
    raw_name,
    refuse_by_cells,
    refuse_by_header,
    signature,
    tables_of,
)
from wangge.sources.sealed import write_frame
from wangge.sources.store import store

PART_ROWS = 50_000
READ_ROWS = 5_000
# cells of a column and part that are searched for refused values; half of them would have to be
LOOKED_AT = 400
SAMPLES = 200


@dataclass(frozen=True, slots=True)
class RawPart:
    """Where some rows were put: the file, first and last row, how many."""

    file: str
    first_row: int
    last_row: int
    rows: int


@dataclass(slots=True)
class ReadSheet:
    """One sheet as it was read. No header means no table: notes, or nothing."""

    number: int
    name: str
    headers: tuple[str, ...] = ()
    header_row: int | None = None
    signature: str = ""
    parts: list[RawPart] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    orders: dict[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


@dataclass(slots=True)
class Intake:
    """What a file held. `refused` names the columns that stop it."""

    media: str = ""
    encoding: str = ""
    sheets: list[ReadSheet] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        return [part.file for sheet in self.sheets for part in sheet.parts]

    def discard(self) -> None:
        """Take back what was put into the store."""
        store().remove(self.files)


def take_in(file: BinaryIO, filename: str, schema: Schema, emergency: UUID | None) -> Intake:
    """Read a whole file. Raises BadInput when it is no table or holds none; nothing stays in the store then."""
    intake = Intake()
    try:
        with house_words():
            _read(file, filename, schema, emergency, intake)
        if not intake.refused and not any(sheet.rows for sheet in intake.sheets):
            raise _no_rows(filename, intake)
    except BaseException:
        intake.discard()
        raise
    if intake.refused:
        intake.discard()
    return intake


def _read(file: BinaryIO, filename: str, schema: Schema, emergency: UUID | None, intake: Intake) -> None:
    opened = open_file(file, filename)
    intake.media, intake.encoding = opened.media, opened.encoding
    for table in tables_of(opened, known_header):
        sheet = ReadSheet(table.sheet_no, table.name)
        intake.sheets.append(sheet)
        if table.layout is not None and not _take_sheet(table, sheet, intake, schema, emergency):
            break


def _take_sheet(
    table: Table, sheet: ReadSheet, intake: Intake, schema: Schema, emergency: UUID | None
) -> bool:
    """Read one table into parts; false as soon as a column is refused."""
    assert table.layout is not None
    sheet.headers, sheet.header_row = table.layout.headers, table.layout.bottom
    sheet.signature = signature(sheet.headers)
    sheet.samples = [[] for _ in sheet.headers]
    named = [refusal for n, header in enumerate(sheet.headers) if (refusal := refuse_by_header(n, header))]
    if named:
        intake.refused += [(sheet.name, refusal) for refusal in named]
        return False
    for frame in _parts(table):
        found = list(_refused_cells(frame, sheet))
        if found:
            intake.refused += [(sheet.name, refusal) for refusal in found]
            return False
        numbers = frame[ROW_NO]
        name = write_frame(emergency, frame)
        sheet.parts.append(RawPart(name, int(numbers[0]), int(numbers[-1]), len(frame)))
    sheet.proposals = propose(sheet.headers, sheet.samples, schema)
    for index, cells in enumerate(sheet.samples):
        order = find_order(cells)
        if order is not None:
            sheet.orders[index] = order.value
    return True


def _parts(table: Table) -> Iterator[pl.DataFrame]:
    """The rows of a table, PART_ROWS at a time; few of them stand as Python lists at once, which the collector of
    garbage would walk again and again."""
    waiting: list[pl.DataFrame] = []
    for block in blocks(table, min(READ_ROWS, PART_ROWS)):
        waiting.append(raw_frame(block))
        if sum(map(len, waiting)) >= PART_ROWS:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)


def _refused_cells(frame: pl.DataFrame, sheet: ReadSheet) -> Iterator[Refusal]:
    """Look through cells spread over the part; keep some as samples on the way."""
    step = max(1, len(frame) // LOOKED_AT)
    spread = frame.gather_every(step)
    for index, header in enumerate(sheet.headers):
        cells = [cell for cell in spread[raw_name(index)].to_list() if cell]
        refusal = refuse_by_cells(index, header, cells)
        if refusal is not None:
            yield refusal
        kept = sheet.samples[index]
        room = SAMPLES - len(kept)
        if room > 0:
            kept += cells[: max(room // 2, 50)][:room]


def _no_rows(filename: str, intake: Intake) -> BadInput:
    sheets = "、".join(f"“{sheet.name}”" for sheet in intake.sheets)
    if not any(sheet.headers for sheet in intake.sheets):
        return BadInput(
            code="header_not_found",
            zh=f"没有找到表头（已看过工作表 {sheets}）。请确认表格有一行列名，如“姓名”“身份证号”。",
            en=f"No header was found (looked at {sheets}). The table needs a row of column names.",
            place=filename,
        )
    return BadInput(
        code="no_rows",
        zh=f"只有表头，没有数据行（工作表 {sheets}）。",
        en=f"There is a header but no row of data (sheets {sheets}).",
        place=filename,
    )


def refusal_problem(refused: list[tuple[str, Refusal]], filename: str) -> BadInput:
    """The whole batch is stopped at the first such column; all of them are named."""
    sheet, first = refused[0]
    named_zh = "；".join(f"工作表“{s}”第 {r.index + 1} 列“{r.header}”（{r.zh}）" for s, r in refused)
    named_en = "; ".join(f'sheet "{s}", column {r.index + 1} "{r.header}" ({r.en})' for s, r in refused)
    by_cells = any(r.by == "cells" for _, r in refused)
    how_zh = "（按内容识别）" if by_cells else ""
    how_en = " (told by its cells)" if by_cells else ""
    return BadInput(
        code=f"column_refused_{first.kind}",
        zh=f"网格不收集民族、宗教信仰、政治面貌和生物识别信息。已在此列停止导入{how_zh}：{named_zh}。"
        "整个文件未保留，请删去该列后重新上传。",
        en=f"Wangge takes no ethnicity, religion, politics or biometrics. The import was stopped{how_en} at: "
        f"{named_en}. Nothing of the file was kept; remove the column and upload it again.",
        place=f"{filename} / {sheet} / {first.header}",
    )
