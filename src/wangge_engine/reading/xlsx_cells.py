"""What an xlsx cell says, as text: shared and inline text, numbers as typed, dates, truths, errors, formulas."""

from __future__ import annotations

import math

from wangge_engine.reading.rows import Mark
from wangge_engine.reading.xlsx_parts import date_text
from wangge_engine.reading.zipped import damaged

SAFE_DIGITS = 15  # a double keeps 15 significant decimal digits, and a spreadsheet shows no more
_REMEMBERED = 100_000

Cell = tuple[str, Mark | None]


class CellReader:
    """Reads cells of one workbook: its shared texts, which styles are dates, which calendar it counts by."""

    def __init__(
        self, strings: list[str], date_styles: frozenset[int], place: str, *, since_1904: bool
    ) -> None:
        self._strings = strings
        self._dates = date_styles
        self._since_1904 = since_1904
        self._place = place
        self._days: dict[str, str] = {}

    def read(self, kind: str, style: int, value: str, formula: str | None) -> Cell:
        """Text and mark of a cell. A formula is never evaluated: the value it kept counts, or its own text."""
        if formula is not None:
            if not value:
                return ("=" + formula if formula else ""), Mark.FORMULA_TEXT
            text, mark = self._plain(kind, style, value)
            return text, (mark or Mark.FORMULA)
        return self._plain(kind, style, value)

    def _plain(self, kind: str, style: int, value: str) -> Cell:
        if kind == "s":
            try:
                return self._strings[int(value)], None
            except (ValueError, IndexError) as error:
                raise damaged(self._place) from error
        if kind == "n":
            return self._number(value, style)
        if kind == "b":
            return ("TRUE" if value == "1" else "FALSE"), None
        if kind == "d":
            return value.replace("T00:00:00", "").replace("T", " ").removesuffix("Z"), None
        return value, (Mark.CELL_ERROR if kind == "e" else None)

    def _number(self, value: str, style: int) -> Cell:
        if style in self._dates:
            shown = self._days.get(value)
            if shown is None:
                try:
                    shown = date_text(float(value), since_1904=self._since_1904)
                except ValueError:
                    shown = ""
                if len(self._days) < _REMEMBERED:
                    self._days[value] = shown
            if shown:
                return shown, None
        if len(value) <= SAFE_DIGITS and value.isdigit() and (value[0] != "0" or value == "0"):
            return value, None
        return number_text(value)


def number_text(value: str) -> Cell:
    """A number as people would have typed it: no ".0", no exponent, no noise in the 16th digit; marked where it
    had more digits than a spreadsheet keeps."""
    try:
        number = float(value)
    except ValueError:
        return value, None
    if not math.isfinite(number):
        return value, None
    if abs(number) >= 10**SAFE_DIGITS:
        return (_long_number(number) if abs(number) < 1e21 else value), Mark.PRECISION_LOST
    if number.is_integer():
        return str(int(number)), None
    return f"{number:.15g}", None


def _long_number(number: float) -> str:
    """A whole number of more than fifteen digits, with zeros where a spreadsheet had put zeros."""
    exact = int(number)
    unit = 10 ** (len(str(abs(exact))) - SAFE_DIGITS)
    zeroed = round(exact / unit) * unit
    return str(zeroed if abs(exact - zeroed) <= math.ulp(number) / 2 else exact)
