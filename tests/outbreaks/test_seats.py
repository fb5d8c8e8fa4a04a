"""Seats: what a ticket says, and how far two seats lie apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.kernel.seats import Seat, carriage_of, flight_of, seat_of, train_of

SEATS = st.builds(Seat, st.integers(1, 25), st.sampled_from("ABCDF"))


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("07A", Seat(7, "A")),
        ("7a", Seat(7, "A")),
        ("１２Ｆ", Seat(12, "F")),
        ("12排C座", Seat(12, "C")),
        ("3-D号", Seat(3, "D")),
        ("045", None),
        ("无座", None),
        ("12号下铺", None),
        ("99A", None),
        ("0A", None),
        ("", None),
        ("7G", None),
    ],
)
def test_a_seat_is_read_or_unknown(text: str, seat: Seat | None) -> None:
    assert seat_of(text) == seat


@pytest.mark.parametrize(
    ("text", "carriage"),
    [("05", "5"), ("5车", "5"), ("05号车厢", "5"), ("１６", "16"), ("", ""), ("餐车", ""), ("00", "")],
)
def test_a_carriage_is_read_or_unknown(text: str, carriage: str) -> None:
    assert carriage_of(text) == carriage


@pytest.mark.parametrize(
    ("text", "train"), [("g1709", "G1709"), ("Ｄ32次", "D32"), ("1461", "1461"), ("车", ""), ("", "")]
)
def test_a_train_is_read_or_unknown(text: str, train: str) -> None:
    assert train_of(text) == train


@pytest.mark.parametrize(
    ("text", "flight"),
    [("mf8315", "MF8315"), ("3U 8888", "3U8888"), ("G1709", ""), ("D2022", ""), ("CA", ""), ("", "")],
)
def test_a_flight_is_read_and_no_train_is_one(text: str, flight: str) -> None:
    assert flight_of(text) == flight


def test_aboard_an_aircraft_rows_go_further() -> None:
    assert (seat_of("31K"), seat_of("31K", aloft=True)) == (None, Seat(31, "K"))


@given(seat=SEATS, pad=st.sampled_from(["", "0"]))
def test_a_written_seat_reads_back(seat: Seat, pad: str) -> None:
    assert seat_of(f"{pad if seat.row < 10 else ''}{seat.row}{seat.letter}") == seat
