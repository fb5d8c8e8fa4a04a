"""Line lists: the published Tianjin list, Chinese lists, and rows that cannot stand."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.outbreaks.tianjin import TIANJIN
from wangge.kernel.problems import BadInput
from wangge.kernel.written import day_of
from wangge.outbreaks.rules.infection_sources import SourceKind, infection_source
from wangge.outbreaks.rules.line_list import LineList, read_line_list
from wangge.outbreaks.states import Severity, Sex

TODAY = date(2020, 3, 1)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "outbreaks" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tianjin(shared_data: Path) -> LineList:
    return read_line_list(rows_of(shared_data, "Tianjin135cases_revised.csv"), today=TODAY, columns=TIANJIN)


@pytest.mark.shared_data
def test_the_published_list_comes_in_whole(tianjin: LineList) -> None:
    assert (len(tianjin.rows), tianjin.refused) == (135, ())
    assert len({row.patient_no for row in tianjin.rows}) == 135
    assert sum(row.onset_on is None for row in tianjin.rows) == 10
    assert all(row.confirmed_on for row in tianjin.rows)
    assert sum(row.sex is Sex.UNKNOWN for row in tianjin.rows) == 0
    assert sum(row.died_on is not None for row in tianjin.rows) == 3
    first = tianjin.rows[0]
    assert (first.patient_no, first.age, first.onset_on) == ("TJ1", 59, date(2020, 1, 14))
    assert (first.exposed_from, first.exposed_until) == (date(2020, 1, 5), date(2020, 1, 14))
    assert first.severity is Severity.SEVERE


@pytest.mark.shared_data
def test_named_sources_agree_with_the_published_edges(tianjin: LineList, shared_data: Path) -> None:
    """Against the authors' own edges. The five that differ are theirs to differ: the text names other patients."""
    edges = {
        row["case_id"]: {row[f"edge{i}"].strip() for i in range(1, 5)} - {""}
        for row in rows_of(shared_data, "tianjin_edges_clean.csv")
    }
    differ = {row.patient_no for row in tianjin.rows if set(row.source.patient_nos) != edges[row.patient_no]}
    assert differ == {"TJ9", "TJ59", "TJ83", "TJ112", "TJ117"}
    texts = {row.patient_no: row.source.text for row in tianjin.rows}
    assert "TJ3" in texts["TJ9"] and "TJ14" in texts["TJ59"] and "TJ43" in texts["TJ83"]
    assert "TJ51" in texts["TJ112"] and "TJ107" in texts["TJ117"]


@pytest.mark.parametrize(
    ("text", "numbers", "kind"),
    [
        ("case TJ6 (family)", ("TJ6",), SourceKind.HOUSEHOLD),
        ("son of TJ75; TJ87", ("TJ75", "TJ87"), SourceKind.HOUSEHOLD),
        ("sister of case 109", ("TJ109",), SourceKind.HOUSEHOLD),
        ("family of TJ120", (), SourceKind.HOUSEHOLD),
        ("病例12的家属", ("TJ12",), SourceKind.HOUSEHOLD),
        ("与病例TJ7同事", ("TJ7",), SourceKind.WORK),
        ("宝坻百货大楼购物", (), SourceKind.VENUE),
        ("Wuhan; train import", (), SourceKind.TRAVEL),
        ("TJ38", ("TJ38",), SourceKind.CONTACT),
        ("unclear", (), SourceKind.UNKNOWN),
        ("", (), SourceKind.UNKNOWN),
    ],
)
def test_sources_in_words(text: str, numbers: tuple[str, ...], kind: SourceKind) -> None:
    source = infection_source(text, own_no="TJ120")
    assert source.patient_nos == numbers
    assert kind in source.kinds


@pytest.mark.parametrize("text", ["密切接触BL0003", "病例3的同事", "BL3", "case 0003"])
def test_a_padded_number_is_found_however_it_is_quoted(text: str) -> None:
    assert infection_source(text, own_no="BL0120").patient_nos == ("BL0003",)
    assert infection_source("BL0120; BL0003", own_no="BL0120").patient_nos == ("BL0003",)


def test_a_chinese_row_is_read() -> None:
    row = {
        "patient_no": "病例1",
        "name": "张三",
        "sex": "男",
        "age": "５９岁",
        "onset_on": "2020年1月14日",
        "confirmed_on": "2020/1/21",
        "severity": "普通型",
        "id_no": "12011019610101001x",
    }
    got = read_line_list([row], today=TODAY).rows[0]
    assert (got.patient_no, got.sex, got.age, got.severity) == ("病例1", Sex.MALE, 59, Severity.MODERATE)
    assert (got.onset_on, got.confirmed_on) == (date(2020, 1, 14), date(2020, 1, 21))
    assert got.id_no == "12011019610101001X"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"patient_no": "NA"}, "patient_no_missing"),
        ({"onset_on": "31/02/2020"}, "not_a_date"),
        ({"onset_on": "last week"}, "not_a_date"),
        ({"confirmed_on": "2020-03-02"}, "date_in_future"),
        ({"exposed_from": "15/01/2020", "exposed_until": "14/01/2020"}, "dates_out_of_order"),
        ({"onset_on": "15/01/2020", "died_on": "14/01/2020"}, "dates_out_of_order"),
    ],
)
def test_a_row_that_cannot_stand_is_refused_with_its_place_and_the_others_stay(
    cells: dict, code: str
) -> None:
    bad = {"patient_no": "TJ2", "sex": "F", **cells}
    got = read_line_list([{"patient_no": "TJ1"}, bad, {"patient_no": "TJ3"}], today=TODAY, file="list.csv")
    assert [row.patient_no for row in got.rows] == ["TJ1", "TJ3"]
    number, problem = got.refused[0]
    assert (number, problem.code, problem.place) == (3, code, "list.csv, row 3")
    assert problem.zh and problem.en


def test_a_number_that_stands_twice_is_refused_the_second_time() -> None:
    got = read_line_list([{"patient_no": "TJ1"}, {}, {"patient_no": "TJ1"}], today=TODAY)
    assert len(got.rows) == 1
    assert [(number, problem.code) for number, problem in got.refused] == [(4, "patient_no_twice")]


def test_onset_after_confirmation_is_kept_and_noted() -> None:
    cells = {
        "patient_no": "TJ1",
        "onset_on": "2020-01-23",
        "confirmed_on": "2020-01-21",
        "age": "old",
        "severity": "bad",
    }
    row = read_line_list([cells], today=TODAY).rows[0]
    assert len(row.notes_zh) == len(row.notes_en) == 3
    assert row.onset_on == date(2020, 1, 23)


def test_days_in_many_hands() -> None:
    day = date(2020, 1, 5)
    for text in (
        "05/01/2020",
        "2020-01-05",
        "2020.1.5",
        "2020年1月5日",
        "2020-01-05 00:00:00",
        "２０２０－０１－０５",
        day,
    ):
        assert day_of(text) == day
    assert day_of("NA") is None
    with pytest.raises(BadInput):
        day_of("05/13/2020")
