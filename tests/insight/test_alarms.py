"""Early warning: a street's surge rings once, is judged with a reason, and acknowledged by who is linked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cases.test_case_import import ROW
from tests.console.places import client_of, posted, sound, words
from wangge.access import actions as access_actions
from wangge.cases import actions as cases
from wangge.flows import warning
from wangge.insight import actions, queries
from wangge.insight.states import AlarmState
from wangge.insight.types import CountedSeries
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)
STREET = 120110001000000


def series(name: str, *last: int, organisations: tuple[UUID, ...] = (), base: int = 1) -> CountedSeries:
    """A quiet month with the last days as given."""
    days = {DAY - timedelta(days=n): base for n in range(30)}
    days |= {DAY - timedelta(days=n): count for n, count in enumerate(reversed(last))}
    return CountedSeries(f"case:{name}", "120110001000", STREET, days, organisations)


@pytest.fixture
def water(system_access) -> UUID:
    return access_actions.create_organisation(
        system_access("operations"), code="water", name_zh="水务局", name_en="Water", kind="department"
    )


@pytest.fixture
def rung(system_access, water):
    quiet = [series(f"q{n}", 1, 2, 1) for n in range(40)]
    told = [series("burst", 2, 9, organisations=(water,)), series("one", 0, 1, base=0), *quiet]
    assert actions.raise_alarms(system_access("case_handling"), series=told, on=DAY) == 1
    return system_access("case_handling")


def test_a_surge_rings_once_and_quiet_series_do_not(rung, access_for) -> None:
    (alarm,) = queries.alarms(access_for("dispatcher", "case_handling")).rows
    assert (alarm.series, alarm.on, alarm.observed, alarm.state) == ("case:burst", DAY, 9, AlarmState.RAISED)
    assert alarm.expected < alarm.upper < 9 and alarm.method == "ears-c2"
    again = [series("burst", 2, 9), *(series(f"q{n}", 1, 2, 1) for n in range(40))]
    assert actions.raise_alarms(rung, series=again, on=DAY) == 0
    assert actions.raise_alarms(rung, series=(), on=DAY) == 0


def test_it_is_judged_with_a_reason_and_acknowledged_by_who_is_linked(rung, access_for, water) -> None:
    centre = access_for("dispatcher", "case_handling")
    handler = access_for("handler", "case_handling", organisation=water)
    (alarm,) = queries.alarms(centre).rows
    assert queries.alarms(handler).rows == (), "a department sees what was issued to it"
    with pytest.raises(BadInput, match="reason_missing"):
        actions.judge_alarm(centre, alarm=alarm.id, issue=True, reason=" ")
    with pytest.raises(NotFound):
        actions.acknowledge_alarm(handler, alarm=alarm.id)
    with pytest.raises(Refused):
        actions.judge_alarm(handler, alarm=alarm.id, issue=True, reason="同一管段多处报漏")
    actions.judge_alarm(centre, alarm=alarm.id, issue=True, reason="同一管段多处报漏")
    assert actions.acknowledge_alarm(handler, alarm=alarm.id) is True
    assert actions.acknowledge_alarm(handler, alarm=alarm.id) is False
    with pytest.raises(Conflict, match="alarm_judged_before"):
        actions.judge_alarm(centre, alarm=alarm.id, issue=False, reason="重复研判")
    told = queries.alarm(centre, alarm_id=alarm.id)
    assert (told.state, told.reason, [o for o, _ in told.acknowledged]) == (
        AlarmState.ISSUED, "同一管段多处报漏", [water],
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_judged_on_its_page(rung, access_for, water, language: str) -> None:
    browser = client_of(access_for("dispatcher", "case_handling"), language)
    (alarm,) = queries.alarms(access_for("dispatcher", "case_handling")).rows
    here = reverse("console:alarm", args=[alarm.id])
    assert here in sound(browser.get(reverse("console:alarms"), {"state": "raised"}))
    assert reverse("console:alarms") + "?state=raised" in sound(browser.get("/"))
    page = words(sound(browser.get(here)))
    assert ("水务局" in page) if language == "zh-hans" else ("Water" in page)
    judge = reverse("console:alarm_judge", args=[alarm.id])
    assert browser.post(judge, {"decision": "issue", "reason": ""}).status_code == 400
    sound(posted(browser, judge, {"decision": "issue", "reason": "同一管段多处报漏"}))
    handler = client_of(access_for("handler", "case_handling", organisation=water), language)
    note = reverse("console:alarm_acknowledge", args=[alarm.id])
    assert note in sound(handler.get(here))
    assert note not in sound(posted(handler, note, {}))


def test_matters_of_the_house_are_counted_by_category_and_street(access_for) -> None:
    assert warning.warn(DAY) == 0, "a house without matters has no alarm"
    centre = access_for("dispatcher", "case_handling")
    at = timezone.make_aware(datetime.combine(DAY, time(23, 30)))
    surge = [replace(ROW, external_id=f"D{n}", opened_at=at, closed_at=None) for n in range(6)]
    before = [
        replace(ROW, external_id=f"B{n}", opened_at=at - timedelta(days=n), closed_at=None) for n in (3, 8)
    ]
    assert cases.import_cases(centre, cases=surge + before, system="old").created == 8
    assert warning.warn(DAY) == 1 and warning.warn(DAY) == 0
    (alarm,) = queries.alarms(centre).rows
    assert (alarm.series, alarm.observed, alarm.on) == (f"case:{ROW.category_code}", 6, DAY)
    assert alarm.division == f"{ROW.unit_no}"[:9] + "000"


MONDAYS = (7, 11, 9, 10, 8, 9, 11, 7)  # the latest first


def weekly(name: str, today: int, weeks: int, busy: tuple[int, ...] = MONDAYS) -> CountedSeries:
    """Busy on DAY's weekday, one a day otherwise, for so many weeks before DAY."""
    days = {DAY - timedelta(days=n): busy[n // 7 - 1] if n % 7 == 0 else 1 for n in range(1, 7 * weeks + 1)}
    return CountedSeries(f"case:{name}", "120110001000", STREET, {**days, DAY: today}, ())


@pytest.mark.parametrize("weeks", [5, 8])
def test_a_busy_weekday_is_held_against_its_like_once_five_weeks_were_counted(
    system_access, access_for, weeks: int
) -> None:
    quiet = (0, 1, 0, 1, 0, 0, 1, 0)
    told = [weekly("market", 12, weeks), weekly("burst", 30, weeks), weekly("sunday", 5, weeks, quiet)]
    assert actions.raise_alarms(system_access("case_handling"), series=told, on=DAY) == 2
    found = {a.series: a for a in queries.alarms(access_for("dispatcher", "case_handling")).rows}
    assert set(found) == {"case:burst", "case:sunday"}
    assert found["case:burst"].expected == 9 and found["case:burst"].method == "ears-c1-weekday"


def test_before_five_weeks_a_busy_weekday_rings(system_access) -> None:
    assert actions.raise_alarms(system_access("case_handling"), series=[weekly("market", 12, 4)], on=DAY) == 1
