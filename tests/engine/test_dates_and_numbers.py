"""Dates and identity numbers: whatever way a department writes a day, it is that day."""

import datetime as dt
import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_columns import identity
from wangge_engine.reading.xlsx_cells import number_text
from wangge_engine.rows.dates import Order, Outcome, chinese_number, find_order, read_date
from wangge_engine.rows.identity import IdState, known_places, read_identity

TODAY = dt.date(2026, 11, 22)
DAYS = st.dates(dt.date(1900, 1, 2), TODAY)
NUMERALS = "〇一二三四五六七八九"


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (
        NUMERALS[ones] if ones or not tens else ""
    )


STYLES = {
    "iso": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dots": lambda d: f"{d.year}.{d.month:02d}.{d.day:02d}",
    "compact": lambda d: d.strftime("%Y%m%d"),
    "words": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "padded words": lambda d: f"{d.year}年{d.month:02d}月{d.day:02d}日",
    "numerals": lambda d: "".join(NUMERALS[int(c)] for c in str(d.year)) + f"年{chinese(d.month)}月{chinese(d.day)}日",
    "with time": lambda d: f"{d.isoformat()} 14:22:10",
    "english": lambda d: d.strftime("%d-%b-%Y"),
    "full-width": lambda d: d.isoformat().translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)}),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@given(day=DAYS)
def test_a_day_is_that_day_in_every_style(style, day):
    read = read_date(STYLES[style](day), today=TODAY)
    assert (read.outcome, read.day) == (Outcome.READ, day)


@given(st.dates(dt.date(1908, 1, 1), TODAY))
def test_a_spreadsheets_day_number_is_that_day(day):
    serial = (day - dt.date(1899, 12, 30)).days
    read = read_date(str(serial), today=TODAY)
    assert read.day == day
    assert read.flags == ("date_from_serial",)


@given(DAYS, st.sampled_from(Order))
def test_day_first_and_month_first_are_told_apart_by_the_column(day, order):
    parts = (day.day, day.month) if order is Order.DAY_FIRST else (day.month, day.day)
    text = f"{parts[0]}/{parts[1]}/{day.year}"
    assert read_date(text, today=TODAY, order=order).day == day
    assert find_order([text]) == (order if day.day > 12 else None)
    assert find_order([text, "31/1/2020", "1/31/2020"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-30",
        "1985-13-01",
        "20190431",
        "二〇一九年二月三十日",
        "2031-01-01",
        "1798-05-05",
        "2019年0月5日",
        "0000-00-00",
        "00000000",
        "19851345",
    ],
)
def test_a_day_that_never_was_is_impossible(text):
    assert read_date(text, today=TODAY, latest=TODAY).outcome is Outcome.IMPOSSIBLE


@pytest.mark.parametrize(("text", "day", "flag"), [
    ("2015年6月", dt.date(2015, 6, 1), "date_without_day"), ("1946.03", dt.date(1946, 3, 1), "date_without_day"), ("194603", dt.date(1946, 3, 1), "date_without_day"),
    ("1956", dt.date(1956, 1, 1), "date_without_month"), ("85-3-12", dt.date(1985, 3, 12), "date_short_year"), ("1985-03-12（晚上）", dt.date(1985, 3, 12), "note_in_cell"),
    ("约1956年", dt.date(1956, 1, 1), "note_in_cell"),
])  # fmt: skip
def test_what_was_assumed_is_told(text, day, flag):
    read = read_date(text, today=TODAY)
    assert read.day == day
    assert flag in read.flags


@pytest.mark.parametrize("text", ["不详", "85岁", "待核实", "张伟", "农历三月初五", "1200"])
def test_words_are_no_dates_and_no_reason_to_reject(text):
    assert read_date(text, today=TODAY).outcome in (Outcome.NOTE, Outcome.READ)
    assert read_date("不详", today=TODAY, nothing=lambda t: t == "不详").outcome is Outcome.EMPTY


@given(st.text(max_size=30))
def test_any_text_is_read_without_failing(text):
    read = read_date(text, today=TODAY, latest=TODAY)
    assert (read.day is not None) == (read.outcome is Outcome.READ)
    assert read.day is None or dt.date(1880, 1, 1) <= read.day <= TODAY


@given(st.integers(1, 31))
def test_chinese_numbers_up_to_thirty_one(number):
    assert chinese_number(chinese(number)) == number
    assert chinese_number(chinese(number).replace("二十", "廿")) == number


def read(*numbers: str | None, lost: bool = False) -> list[dict]:
    column = pl.Series(list(numbers), dtype=pl.String)
    return read_identity(column, pl.Series([lost] * len(numbers), dtype=pl.Boolean), TODAY).to_dicts()


@given(st.integers(0, 10**6), st.dates(dt.date(1935, 1, 1), TODAY))
def test_a_valid_number_says_birth_and_sex(seed, day):
    number = identity(random.Random(seed), day.strftime("%Y%m%d"))
    (row,) = read(number.lower())
    if number.endswith("000"):
        return
    assert (row["id_no"], row["id_state"], row["birth_in_id"]) == (number, IdState.VALID, day)
    assert row["sex_in_id"] == ("male" if int(number[16]) % 2 else "female")
    assert not row["id_unknown_place"]


@given(st.integers(0, 10**6), st.dates(dt.date(1935, 1, 1), TODAY), st.integers(14, 16), st.integers(1, 9))
def test_a_wrong_check_digit_is_kept_and_told(seed, day, place, shift):
    number = identity(random.Random(seed), day.strftime("%Y%m%d"))
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    (row,) = read(wrong)
    assert row["id_no"] == wrong or row["id_no"] == wrong[:15] + "***"
    assert row["id_state"] in (IdState.WRONG_CHECK, IdState.PARTIAL)
    assert (row["id_state"] == IdState.PARTIAL) == wrong.endswith("000")


@given(st.integers(0, 10**6), st.dates(dt.date(1935, 1, 1), TODAY))
def test_a_number_that_was_a_float_keeps_fifteen_digits_and_says_so(seed, day):
    number = identity(random.Random(seed), day.strftime("%Y%m%d"))
    digits = number.replace("X", "0")
    scientific = f"{digits[0]}.{digits[1:15]}E+17"
    as_float, _ = number_text(repr(float(digits[:15] + "000")))
    for (row,) in (read(scientific), read(as_float, lost=True)):
        assert row["id_no"] == digits[:15] + "***"
        assert (row["id_state"], row["id_from_float"]) == (IdState.PARTIAL, True)


@given(st.integers(0, 10**6), st.dates(dt.date(1935, 1, 1), dt.date(1999, 12, 31)))
def test_fifteen_digits_are_written_out(seed, day):
    number = identity(random.Random(seed), day.strftime("%Y%m%d"))
    (row,) = read(number[:6] + number[8:17])
    assert (row["id_no"], row["id_state"], row["id_fifteen"]) == (number, IdState.CONVERTED, True)


def test_other_documents_masked_and_malformed_numbers_are_told_apart():
    states = [
        row["id_state"]
        for row in read("E12345678", "1201101985****0021", "12345", "120110198513450021", None)
    ]
    assert states == [IdState.OTHER, IdState.PARTIAL, IdState.MALFORMED, IdState.MALFORMED, None]


def test_an_unknown_place_is_only_a_warning():
    number = identity(random.Random(1), "19850312")
    (row,) = read("999999" + number[6:])
    assert row["id_unknown_place"]
    assert row["id_no"].startswith("999999")
    assert 120110 in known_places()
    assert len(known_places()) > 3000
