"""A block of rows as it was in the file: one text column for each source column, beside each row's place."""

from __future__ import annotations

import polars as pl

from wangge_engine.reading.rows import Block

ROW_NO = "row_no"
OVERFLOW = "overflow"  # the whole row, where it had more cells than the header
MARKS = "marks"  # "3:formula;5:precision_lost": what was odd about which cell


def raw_name(index: int) -> str:
    """The name of a source column in a raw frame."""
    return f"c{index}"


def raw_frame(block: Block) -> pl.DataFrame:
    """The block as a frame; nothing is read into it, nothing left out."""
    columns = [pl.Series(ROW_NO, block.row_nos, dtype=pl.Int64)]
    columns += [pl.Series(raw_name(n), cells, dtype=pl.String) for n, cells in enumerate(block.columns)]
    overflow: list[list[str] | None] = [None] * len(block)
    for position, cells in block.overflow.items():
        overflow[position] = cells
    marks: list[str | None] = [None] * len(block)
    for position, column, mark in block.marks:
        told = marks[position]
        marks[position] = f"{told};{column}:{mark.value}" if told else f"{column}:{mark.value}"
    columns += [
        pl.Series(OVERFLOW, overflow, dtype=pl.List(pl.String)),
        pl.Series(MARKS, marks, dtype=pl.String),
    ]
    return pl.DataFrame(columns)


def original_cells(raw: pl.DataFrame, width: int, row_nos: list[int]) -> dict[int, tuple[str, ...]]:
    """The cells of rows exactly as they stood, by row number."""
    names = [raw_name(index) for index in range(width)]
    chosen = raw.filter(pl.col(ROW_NO).is_in(row_nos))
    cells = {
        number: tuple(cell or "" for cell in row)
        for number, row in zip(chosen[ROW_NO].to_list(), chosen.select(names).iter_rows(), strict=True)
    }
    longer = chosen.filter(pl.col(OVERFLOW).is_not_null())
    cells.update(
        (number, tuple(row))
        for number, row in zip(longer[ROW_NO].to_list(), longer[OVERFLOW].to_list(), strict=True)
    )
    return cells
