"""How a registered stay is read, and how areas are named."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from wangge.kernel.problems import BadInput, Conflict, Refused
from wangge.stays import actions, queries
from wangge.stays.rules.reading import affected_by, visited
from wangge.stays.types import StayRow

TODAY = timezone.localdate()
WENT = TODAY - timedelta(days=4)


def at(hour: int, minute: int = 0) -> str:
    return f"{WENT} {hour:02d}:{minute:02d}"


def stay(who: str, start: str, end: str) -> StayRow:
    return StayRow(who, f"ID{who}", "", "新世纪商场", "商场", "", start, end)


@pytest.mark.django_db
def test_an_area_rests_on_a_notice_and_is_named_once(lead, investigator) -> None:
    def name(who, **changes):
        told = {
            "division": "420100",
            "name": "武汉",
            "since": TODAY - timedelta(days=30),
            "ground": "通告〔2020〕1 号",
        }
        return actions.name_affected_area(who, emergency_id=lead.emergency, **told | changes)

    name(lead)
    (area,) = queries.affected_areas(investigator, emergency_id=lead.emergency)
    assert (area.division, area.name, area.until) == ("420100", "武汉", None)
    with pytest.raises(Conflict, match="area_named_before"):
        name(lead)
    for wrong in ({"name": " "}, {"until": TODAY - timedelta(days=99)}, {"division": "4201x"}):
        with pytest.raises(BadInput):
            name(lead, **wrong)
    with pytest.raises(Refused):
        name(investigator)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (stay("甲", "", ""), "stay_without_start"),
        (stay("甲", at(10), at(9)), "end_before_start"),
        (stay("甲", "昨天", ""), "not_a_date"),
        (stay("甲", f"{WENT} 25:00", ""), "not_a_time"),
        (stay("甲", f"{TODAY + timedelta(days=2)}", ""), "date_in_future"),
        (StayRow(place="商场", start=at(9)), "stay_of_nobody"),
    ],
)
def test_a_row_that_cannot_be_used_says_so_with_its_place(row: StayRow, code: str) -> None:
    with pytest.raises(BadInput, match=code) as refusal:
        visited(row, 7, timezone.localtime())
    assert refusal.value.place == "row 7" and refusal.value.zh and refusal.value.en


def test_a_day_alone_is_that_whole_day_and_kinds_of_place_are_read() -> None:
    told = visited(StayRow("甲", place="三病区", place_kind="病房", start=str(WENT)), 1, timezone.localtime())
    assert (told.kind, told.end - told.start) == ("ward", timedelta(days=1))
    assert told.start == timezone.make_aware(datetime.combine(WENT, time.min))


def test_an_area_is_known_by_its_code_or_its_name() -> None:
    areas = [("420100", "武汉"), ("4207", "鄂州")]
    assert affected_by("420106003", areas) == "420100" and affected_by("420701", areas) == "4207"
    assert affected_by("湖北省武汉市江汉区", areas) == "420100"
    assert affected_by("42", areas) == "" and affected_by("郑州", areas) == ""
