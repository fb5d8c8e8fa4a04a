"""Rows that the sources room accepted become patients and passengers, by the names of the canonical forms."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from wangge.outbreaks.rules.canonical import PATIENT, line_list_of, passengers_of
from wangge.outbreaks.rules.line_list import COLUMNS
from wangge.outbreaks.states import Severity, Sex

SCHEMAS = Path(__file__).resolve().parents[2] / "contracts" / "schemas"


def canonical(name: str) -> set[str]:
    return set(tomllib.loads((SCHEMAS / f"{name}.toml").read_text("utf-8"))["columns"])


def test_every_canonical_column_of_a_patient_has_its_place() -> None:
    ours = {PATIENT.get(name, name) for name in canonical("patient")} - {"birth"}
    assert ours <= set(COLUMNS)
    assert set(PATIENT) <= canonical("patient")


def test_a_patient_row_keeps_what_it_says() -> None:
    row = {
        "record_id": "BL0001", "name": "张三", "sex": "female", "age": 44, "onset_on": date(2026, 10, 2), "confirmed_on": None,
        "exposure_from_on": None, "exposure_to_on": date(2026, 10, 1), "severity": "普通型", "source": "密切接触BL0003",
        "symptom": "发热、咳嗽", "cluster": None, "birth": date(1982, 1, 1), "flags": ["x"], "row_no": 3,
    }  # fmt: skip
    (got,) = line_list_of([row], today=date(2026, 11, 1)).rows
    assert (got.patient_no, got.sex, got.age, got.onset_on) == ("BL0001", Sex.FEMALE, 44, date(2026, 10, 2))
    assert (got.severity, got.source.patient_nos, got.symptoms) == (
        Severity.MODERATE,
        ("BL0003",),
        ("发热", "咳嗽"),
    )
    assert got.exposed_until == date(2026, 10, 1)


def test_a_passenger_row_keeps_what_it_says() -> None:
    assert {"train_no", "date", "carriage", "seat", "name", "id_no", "phone"} <= canonical("passenger")
    row = {
        "train_no": "G1709",
        "date": date(2026, 10, 18),
        "carriage": "1",
        "seat": "01B",
        "name": "孙",
        "id_no": None,
    }
    (got,) = passengers_of([row])
    assert (got.train_no, got.travelled_on, got.seat, got.id_no, got.phone) == (
        "G1709",
        date(2026, 10, 18),
        "01B",
        "",
        "",
    )


@pytest.mark.parametrize("text", ["2026-10-18", None])
def test_a_day_of_travel_as_text_is_judged_later(text) -> None:
    assert passengers_of([{"date": text}])[0].travelled_on == (text or "")
