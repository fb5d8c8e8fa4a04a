"""Old xls sheets, through calamine. The format ends at 65,536 rows, so a sheet may stand in memory whole.

calamine gives the value a formula kept and does not tell that there was a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from wangge_engine.frame.problems import refuse
from wangge_engine.reading.rows import Limits, Mark, Merge, Row
from wangge_engine.reading.xlsx_cells import number_text
from wangge_engine.reading.zipped import damaged, encrypted


class XlsSheet:
    """One sheet of a BIFF workbook."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._sheet = sheet
        self.name: str = sheet.name

    def merges(self) -> tuple[Merge, ...]:
        areas = self._sheet.merged_cell_ranges or ()
        return tuple(Merge(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in areas)

    def rows(self) -> Iterator[Row]:
        for number, values in enumerate(self._sheet.to_python(skip_empty_area=False), start=1):
            cells: list[str] = []
            marks: list[tuple[int, Mark]] = []
            for column, value in enumerate(values):
                text, mark = _text(value)
                cells.append(text)
                if mark is not None:
                    marks.append((column, mark))
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield Row(number, cells, tuple(marks))


def open_xls(file: BinaryIO, place: str, limits: Limits) -> tuple[XlsSheet, ...]:
    """All sheets of the workbook. Raises Refused when it is damaged, locked or too large."""
    file.seek(0, io.SEEK_END)
    if file.tell() > limits.xls_bytes:
        raise refuse(
            code="xls_too_large",
            zh="xls 文件过大，请另存为 xlsx 后上传。",
            en="The xls file is too large; save it as xlsx and upload that.",
            place=place,
        )
    file.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        return tuple(XlsSheet(workbook.get_sheet_by_name(name)) for name in workbook.sheet_names)
    except (CalamineError, OSError, ValueError) as error:
        raise (encrypted(place) if "password" in str(error).lower() else damaged(place)) from error


def _text(value: Any) -> tuple[str, Mark | None]:
    if value is None or value == "":
        return "", None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int | float):
        return number_text(repr(value))
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value), None
    text = str(value)
    return text, (Mark.CELL_ERROR if text.startswith("#") and text.rstrip("!?").isupper() else None)


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return str(value) if isinstance(value, timedelta) else value.isoformat()
