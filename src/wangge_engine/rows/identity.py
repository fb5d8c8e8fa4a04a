"""Identity numbers by column: what kind of number each is, with nothing rejected for its check digit.

GB 11643-1999: six digits of place, eight of birth, three of sequence, one check character (mod 11-2). A number
that went through a spreadsheet as a number has lost its last three digits: they are told as unknown ("*").
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = "10X98765432"
UNKNOWN_DIGIT = "*"
SAFE_DIGITS = 15
_EIGHTEEN = r"^[1-9]\d{16}[\dX]$"
_FIFTEEN = r"^[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$"
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_OTHER = r"^[A-Z]{1,3}[A-Z0-9]{5,16}$|^(?:护照|港澳|台胞|军官).*$"


class IdState(StrEnum):
    """How far an identity number can be trusted."""

    VALID = "valid"  # eighteen characters, a day of birth that exists, the right check character
    CONVERTED = "converted"  # fifteen digits of the first generation, written out to eighteen
    WRONG_CHECK = (
        "wrong_check"  # eighteen characters whose last does not fit: kept, never sole ground to reject
    )
    PARTIAL = "partial"  # some digits unknown: lost in a spreadsheet, or masked by the sender
    OTHER = "other"  # another document: passport, travel permit
    MALFORMED = "malformed"


@cache
def known_places() -> frozenset[int]:
    """Six-digit county codes of GB/T 2260, past and present, as python-stdnum ships them."""
    text = (files("stdnum") / "cn" / "loc.dat").read_text(encoding="utf-8")
    places: set[int] = set()
    province = ""
    for line in text.splitlines():
        if found := re.match(r"(\d\d) ", line):
            province = found[1]
        elif found := re.match(r" +(\d{4}) ", line):
            places.add(int(province + found[1]))
    return frozenset(places)


def check_characters(bodies: np.ndarray) -> np.ndarray:
    """The check character, as its code point, of each row of 17 digits (0..9)."""
    table = np.frombuffer(CHECKS.encode(), dtype=np.uint8)
    result: np.ndarray = table[(bodies @ WEIGHTS) % 11]
    return result


def to_eighteen(fifteen: str) -> str:
    """A first-generation number written out: the century is 19, the check character is computed."""
    body = fifteen[:6] + "19" + fifteen[6:]
    return body + CHECKS[sum(int(d) * int(w) for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def from_float(text: str, *, lost: bool) -> str | None:
    """What is left of a number kept as a float, with "*" for each digit that is unknown; None where it was none.

    `lost` says that the cell was a number of more than fifteen digits.
    """
    if found := _SCIENTIFIC.fullmatch(text):
        digits = found[1] + (found[2] or "")
        length = int(found[3]) + 1
        if length not in (15, 18) or len(digits) > length:
            return None
        if length == SAFE_DIGITS:
            return digits.ljust(SAFE_DIGITS, "0")
        return digits[:SAFE_DIGITS].ljust(18, UNKNOWN_DIGIT)
    if lost and len(text) == 18 and text.isdigit():
        return text[:SAFE_DIGITS].ljust(18, UNKNOWN_DIGIT)
    return None


def read_identity(column: pl.Series, lost: pl.Series, today: date) -> pl.DataFrame:
    """Columns id_no, id_state, birth_in_id, sex_in_id and the flags id_from_float, id_fifteen, id_unknown_place.

    `column` holds text already in half-width without spaces, null for nothing; `lost` marks cells whose number had
    lost digits. One row for each row given.
    """
    frame = pl.DataFrame({"id_no": column.str.to_uppercase(), "lost": lost})
    frame = _restore_floats(frame)
    text = pl.col("id_no")
    fifteen = text.str.contains(_FIFTEEN)
    if frame.select(fifteen.any()).item():
        converted = text.replace_strict(_distinct(frame, fifteen), return_dtype=pl.String, default=text)
        frame = frame.with_columns(id_fifteen=fifteen.fill_null(value=False), id_no=converted)
    else:
        frame = frame.with_columns(id_fifteen=pl.lit(value=False))
    eighteen = pl.col("id_no").str.contains(_EIGHTEEN).fill_null(value=False)
    frame = frame.with_columns(eighteen=eighteen)
    return _judge(frame, today)


def _distinct(frame: pl.DataFrame, where: pl.Expr) -> dict[str, str]:
    return {number: to_eighteen(number) for number in frame.filter(where)["id_no"].unique().to_list()}


def _restore_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers that went through a float: marked cells, and text in scientific notation."""
    suspects = frame.with_row_index("at").filter(
        pl.col("lost") | pl.col("id_no").str.contains(r"^\d(\.\d+)?E\+?\d\d$")
    )
    restored = [
        (at, known)
        for at, text, lost in suspects.select("at", "id_no", "lost").iter_rows()
        if text is not None and (known := from_float(text, lost=lost)) is not None
    ]
    numbers = frame["id_no"]
    was_float = np.zeros(len(frame), dtype=bool)
    if restored:
        places = [at for at, _ in restored]
        numbers = numbers.scatter(places, [known for _, known in restored])
        was_float[places] = True
    return frame.with_columns(numbers.alias("id_no"), pl.Series("id_from_float", was_float))


def _judge(frame: pl.DataFrame, today: date) -> pl.DataFrame:
    count = len(frame)
    right = np.zeros(count, dtype=bool)
    known = np.ones(count, dtype=bool)
    female = np.zeros(count, dtype=bool)
    at = frame["eighteen"].arg_true().to_numpy()
    if len(at):
        joined = "".join(frame["id_no"].gather(at).to_list()).encode("ascii")
        characters = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 18)
        digits = characters[:, :17].astype(np.int64) - 48
        right[at] = check_characters(digits) == characters[:, 17]
        places = digits[:, :6] @ np.array([100000, 10000, 1000, 100, 10, 1])
        known[at] = np.isin(places, np.fromiter(known_places(), dtype=np.int64))
        female[at] = digits[:, 16] % 2 == 0
    born = pl.col("id_no").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    frame = frame.with_columns(
        right=pl.Series(right), known=pl.Series(known), birth_in_id=pl.when(pl.col("eighteen")).then(born)
    ).with_columns(
        birth_in_id=pl.when(pl.col("birth_in_id").is_between(date(1880, 1, 1), today)).then(
            pl.col("birth_in_id")
        )
    )
    # a spreadsheet that saves as csv writes the lost digits as zeros; sequence and check are hardly ever all zero
    zeroed = pl.col("eighteen") & ~pl.col("right") & pl.col("id_no").str.ends_with("000")
    frame = frame.with_columns(
        id_from_float=pl.col("id_from_float") | zeroed,
        id_no=pl.when(zeroed)
        .then(pl.col("id_no").str.slice(0, SAFE_DIGITS) + "***")
        .otherwise(pl.col("id_no")),
        eighteen=pl.col("eighteen") & ~zeroed,
    )
    partial = pl.col("id_from_float") | pl.col("id_no").str.contains(r"\*")
    state = (
        pl.when(pl.col("id_no").is_null())
        .then(None)
        .when(partial)
        .then(pl.lit(IdState.PARTIAL.value))
        .when(pl.col("eighteen") & pl.col("birth_in_id").is_not_null() & pl.col("id_fifteen"))
        .then(pl.lit(IdState.CONVERTED.value))
        .when(pl.col("eighteen") & pl.col("birth_in_id").is_not_null() & pl.col("right"))
        .then(pl.lit(IdState.VALID.value))
        .when(pl.col("eighteen") & pl.col("birth_in_id").is_not_null())
        .then(pl.lit(IdState.WRONG_CHECK.value))
        .when(pl.col("id_no").str.contains(_OTHER))
        .then(pl.lit(IdState.OTHER.value))
        .otherwise(pl.lit(IdState.MALFORMED.value))
    )
    return frame.with_columns(
        id_state=state,
        id_unknown_place=pl.col("eighteen") & ~pl.Series(known),
        sex_in_id=pl.when(pl.col("eighteen")).then(
            pl.when(pl.Series(female)).then(pl.lit("female")).otherwise(pl.lit("male"))
        ),
    ).select(
        "id_no", "id_state", "birth_in_id", "sex_in_id", "id_from_float", "id_fifteen", "id_unknown_place"
    )
