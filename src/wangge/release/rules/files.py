"""Files that leave, as bytes: CSV and workbooks with safe cells and a mark on every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from wangge.release.rules.cells import Cell, safe_cell

Rows = Iterable[Sequence[object]]
MARK_HEADERS = ("导出编号 export", "用途 purpose")


def digest_of(headers: Sequence[str], rows: Rows) -> str:
    """SHA-256 over headers and cells as they leave, without marks: what the ledger remembers of the content."""
    total = sha256()
    for row in (headers, *rows):
        total.update(repr([safe_cell(value) for value in row]).encode())
    return total.hexdigest()


def csv_bytes(headers: Sequence[str], rows: Rows, marks: Sequence[str]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheet programs need it), CRLF, the marks at the end of every row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(h) for h in (*headers, *MARK_HEADERS)])
    for row in rows:
        writer.writerow(["" if (cell := safe_cell(v)) is None else cell for v in (*row, *marks)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_bytes(
    headers: Sequence[str],
    rows: Rows,
    marks: Sequence[str],
    *,
    title: str,
    about: Sequence[tuple[str, str]],
    at: datetime,
) -> bytes:
    """A workbook: the rows with their marks, and a sheet that says what this file is and whose responsibility."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in r"[]:*?/\\")[:31] or "data")
    sheet.freeze_panes = "A2"
    for number, header in enumerate((*headers, *MARK_HEADERS), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(40, max(10, 2 * len(header) + 2))
    sheet.append([_cell(sheet, h, bold=True) for h in (*headers, *MARK_HEADERS)])
    for row in rows:
        sheet.append([_cell(sheet, v) for v in (*row, *marks)])
    said = book.create_sheet("说明 about")
    for line in about:
        said.append([_cell(said, part) for part in line])
    book.properties.title = title
    book.properties.creator = "Wangge"
    book.properties.identifier = marks[0]
    book.properties.created = book.properties.modified = at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: object, value: object, *, bold: bool = False) -> WriteOnlyCell:
    plain: Cell = safe_cell(value)
    cell = WriteOnlyCell(sheet, value=plain)
    if isinstance(plain, str):
        cell.data_type = "s"  # text stays text, whatever it looks like
    if bold:
        cell.font = Font(bold=True)
    return cell
