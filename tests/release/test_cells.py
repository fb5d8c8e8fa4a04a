"""Cells that leave: shown, never run."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.release.rules.cells import safe_cell, safe_text

DANGER = "=+-@\t\r\n＝＋－＠"


class Tier(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1", "　@x"]
)
def test_a_formula_is_shown_and_not_run(text: str) -> None:
    assert safe_cell(text) == "'" + text


@given(st.text())
def test_no_text_leaves_with_a_formulas_first_letter(text: str) -> None:
    safe = safe_text(text)
    assert not safe or safe[0] not in DANGER
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text


@given(st.text(alphabet="abc你好 123", max_size=20))
def test_plain_text_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (-5, -5),
        (2.5, 2.5),
        (True, 1),
        (Tier.RED, "red"),
        (date(2020, 1, 2), "2020-01-02"),
        (120110001001001000, "120110001001001000"),
        (("a", "b"), "a; b"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("a\0b", "ab"),
    ],
)
def test_values_keep_their_meaning(value: object, cell: object) -> None:
    assert safe_cell(value) == cell


def test_identity_numbers_leave_as_text() -> None:
    assert isinstance(safe_cell("110101199003070011"), str)
