"""Seats: from the ticket's text to a row, and the numbers of trains and flights.

A seat in a multiple unit is a row number and a letter ("07A": row 7, window). Numbered seats and berths of older
coaches ("045", "12号下铺") and standing tickets ("无座") give no row: their arrangement differs by coach type, and a
row guessed wrong would name the wrong neighbours. They are unknown, and rules treat unknown as wider, never as safe.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_ROW = 25  # longest second-class coach of a CRH/CR unit has fewer rows
MAX_ROW_ALOFT = 99
_SEAT = re.compile(r"0*(\d{1,2})[-排]?([A-L])[号座]?")
_CARRIAGE = re.compile(r"0*(\d{1,2})(?:号?车(?:厢)?)?")
_TRAIN = re.compile(r"[GDCZTKYSL]?\d{1,4}")
_FLIGHT = re.compile(r"([A-Z]{2}|[A-Z]\d|\d[A-Z])\d{3,4}")


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """Row and letter, letter A at one window and F (aloft up to L) at the other."""

    row: int
    letter: str


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def seat_of(text: str, *, aloft: bool = False) -> Seat | None:
    """The seat that `text` names, on a train or aboard an aircraft; None when it names no row."""
    found = _SEAT.fullmatch(_plain(text))
    if not found or not 1 <= int(found[1]) <= (MAX_ROW_ALOFT if aloft else MAX_ROW):
        return None
    return Seat(int(found[1]), found[2]) if aloft or found[2] <= "F" else None


def carriage_of(text: str) -> str:
    """The carriage number without leading zeros: "05车厢" -> "5"; empty when it is not known."""
    found = _CARRIAGE.fullmatch(_plain(text))
    return str(int(found[1])) if found and int(found[1]) else ""


def train_of(text: str) -> str:
    """The train number in plain capitals; empty when it is not one."""
    plain = _plain(text).removesuffix("次")
    return plain if _TRAIN.fullmatch(plain) else ""


def flight_of(text: str) -> str:
    """The flight number in plain capitals, an airline's two characters first; empty when it is not one."""
    plain = _plain(text)
    return plain if _FLIGHT.fullmatch(plain) and not train_of(text) else ""
