"""Times in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wangge.console.when import say, say_day

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "deadline", "words", "tone"),
    [
        (timedelta(minutes=59), True, "59 min left", "soon"),
        (timedelta(hours=3, minutes=50), True, "3 h left", "soon"),
        (timedelta(hours=47), True, "47 h left", "plain"),
        (timedelta(days=9), True, "9 d left", "plain"),
        (timedelta(seconds=-1), True, "1 min over", "late"),
        (timedelta(days=-2, minutes=-1), True, "2 d over", "late"),
        (timedelta(minutes=-12), False, "12 min ago", "plain"),
        (timedelta(hours=5), False, "in 5 h", "plain"),
        (timedelta(seconds=-20), False, "just now", "plain"),
        (timedelta(days=-31), False, "2026-10-22", "plain"),
    ],
)
def test_a_moment_in_words(ahead: timedelta, deadline: bool, words: str, tone: str) -> None:
    with translation.override("en"):
        said = say(NOW + ahead, deadline=deadline, now=NOW)
    assert (said.text, said.tone) == (words, tone)


def test_the_exact_instant_is_the_places_own_time() -> None:
    said = say(NOW, now=NOW)
    assert said.exact == "2026-11-22 09:30 (UTC+08:00)"
    assert said.iso == "2026-11-22T01:30:00+00:00"


def test_a_day_has_no_clock() -> None:
    assert say_day(date(1944, 3, 8)).text == "1944-03-08"


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_a_deadline_is_late_exactly_when_it_has_passed(ahead: timedelta) -> None:
    said = say(NOW + ahead, deadline=True, now=NOW)
    assert (said.tone == "late") == (ahead < timedelta())
