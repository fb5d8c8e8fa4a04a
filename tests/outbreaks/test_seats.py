"""Seats: what a ticket says, and how far two seats lie apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.kernel.seats import Seat, carriage_of, rows_apart, seat_of, train_of

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


@given(one=SEATS, other=SEATS, third=SEATS)
def test_rows_apart_is_a_distance_that_letters_do_not_change(one: Seat, other: Seat, third: Seat) -> None:
    apart = rows_apart(one, other)
    assert apart is not None and apart == rows_apart(other, one)
    assert rows_apart(one, Seat(one.row, other.letter)) == 0
    assert rows_apart(one, third) <= apart + rows_apart(other, third)
    assert rows_apart(one, None) is None


@given(seat=SEATS, pad=st.sampled_from(["", "0"]))
def test_a_written_seat_reads_back(seat: Seat, pad: str) -> None:
    assert seat_of(f"{pad if seat.row < 10 else ''}{seat.row}{seat.letter}") == seat
