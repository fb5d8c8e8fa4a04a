"""The terms of an emergency: nothing may be left open, above all not its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wangge.emergencies.rules.terms import LAWS, MAX_TERM, check_declaration, check_review
from wangge.emergencies.states import DataSet, Law
from wangge.kernel.problems import BadInput

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GOOD = {
    "name": "东丽区疫情应急响应",
    "article": "第四十五条",
    "areas": ("120110",),
    "purposes": ("epidemic_response",),
    "data_sets": (DataSet.LINE_LIST,),
    "starts_at": NOW,
    "ends_at": NOW + timedelta(days=30),
    "now": NOW,
}


def test_a_full_declaration_stands() -> None:
    assert check_declaration(**GOOD) is None
    assert check_declaration(**{**GOOD, "article": "art. 45", "areas": ("120110", "120110001005")}) is None


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"name": " "}, "name_missing", "name"),
        ({"article": "上级要求"}, "legal_basis_missing", "article"),
        ({"areas": ()}, "area_missing", "areas"),
        ({"areas": ("12011",)}, "division_code_malformed", ""),
        ({"purposes": ()}, "purpose_not_allowed", "purposes"),
        ({"purposes": ("epidemic_response", "marketing")}, "purpose_not_allowed", "purposes"),
        ({"data_sets": ()}, "data_set_missing", "data_sets"),
        ({"ends_at": None}, "end_missing", "ends_at"),
        ({"ends_at": NOW}, "end_before_start", "ends_at"),
        ({"starts_at": NOW - timedelta(9), "ends_at": NOW - timedelta(1)}, "end_in_past", "ends_at"),
        ({"ends_at": NOW + MAX_TERM + timedelta(1)}, "term_too_long", "ends_at"),
        ({"ends_at": datetime(2026, 12, 1)}, "time_without_zone", "ends_at"),  # noqa: DTZ001
    ],
)
def test_what_is_left_open_is_refused_with_its_field(change: dict, code: str, place: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check_declaration(**{**GOOD, **change})
    assert (refusal.value.code, refusal.value.place) == (code, place)
    assert refusal.value.zh != refusal.value.en


@pytest.mark.parametrize(
    ("review", "end", "code"),
    [
        ("继续", 40, "review_missing"),
        ("仍有传播风险，建议延长并删除到期的乘车数据。", 20, "extension_ends_earlier"),
        ("仍有传播风险，建议延长并删除到期的乘车数据。", -1, "end_before_start"),
        ("仍有传播风险，建议延长并删除到期的乘车数据。", 100, "term_too_long"),
    ],
)
def test_an_extension_needs_a_review_and_a_later_end(review: str, end: int, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check_review(review=review, ends_at=NOW + timedelta(30), new_end=NOW + timedelta(end), now=NOW)
    assert refusal.value.code == code


def test_every_law_has_its_name_in_both_languages() -> None:
    assert set(LAWS) == set(Law)
    assert all("《" in zh and en.isascii() for zh, en in LAWS.values())
