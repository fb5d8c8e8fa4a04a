"""Deadlines under the working calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.rules.clock import deadline_after, shipped_calendar
from wangge.cases.states import LimitUnit
from wangge.kernel.problems import BadInput

CALENDAR = shipped_calendar()
ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-11-20T17:00", 2, "emergency_hours", "2026-11-20T19:00"),
        (
            "2026-11-20T17:00",
            2,
            "working_hours",
            "2026-11-23T09:00",
        ),  # Friday 17:00, one hour left, then Monday
        ("2026-11-20T11:00", 2, "working_hours", "2026-11-20T15:00"),  # over the noon break
        ("2026-11-20T17:00", 1, "working_days", "2026-11-23T17:00"),
        ("2026-11-21T03:00", 1, "working_days", "2026-11-23T18:00"),  # Saturday night starts on Monday
        ("2026-11-20T17:00", 1, "calendar_days", "2026-11-21T17:00"),
        ("2026-09-30T17:00", 1, "working_days", "2026-10-08T17:00"),  # over the National Day week
        ("2026-10-09T17:00", 1, "working_days", "2026-10-10T17:00"),  # Saturday 10 October is a make-up day
        ("2026-02-13T18:00", 1, "working_days", "2026-02-14T18:00"),
        ("2026-02-14T18:00", 1, "working_days", "2026-02-24T18:00"),  # nine days of Spring Festival
    ],
)
def test_worked_by_hand(start: str, amount: float, unit: str, due: str) -> None:
    assert deadline_after(at(start), amount, LimitUnit(unit), CALENDAR) == at(due)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(0, "working_days"), (-1, "emergency_hours"), (5, "own_date"), (1e9, "calendar_days")],
)
def test_a_limit_without_sense_is_refused(amount: float, unit: str) -> None:
    with pytest.raises(BadInput):
        deadline_after(at("2026-11-20T17:00"), amount, LimitUnit(unit), CALENDAR)


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(1, 60 * 40)


@given(INSTANTS, MINUTES, MINUTES)
def test_working_limits_add_up(start: datetime, first: int, second: int) -> None:
    halfway = deadline_after(start, first / 60, LimitUnit.WORKING_HOURS, CALENDAR)
    due = deadline_after(halfway, second / 60, LimitUnit.WORKING_HOURS, CALENDAR)
    whole = deadline_after(start, (first + second) / 60, LimitUnit.WORKING_HOURS, CALENDAR)
    assert abs(due - whole) < timedelta(seconds=1)


@given(INSTANTS, MINUTES)
def test_a_deadline_holds_exactly_its_working_time(start: datetime, minutes: int) -> None:
    due = deadline_after(start, minutes / 60, LimitUnit.WORKING_HOURS, CALENDAR)
    assert abs(CALENDAR.working_time(start, due) - timedelta(minutes=minutes)) < timedelta(seconds=1)
    assert CALENDAR.works_on(due.astimezone(ZONE).date())
