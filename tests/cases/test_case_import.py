"""Cases and categories of other systems, through the same doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cases import boston
from wangge.cases import actions, queries
from wangge.cases.states import CaseState, LimitUnit, Located
from wangge.cases.types import ImportedCase
from wangge.kernel.problems import BadInput, Conflict, Refused

pytestmark = pytest.mark.django_db
UNIT = 120110000000000
OPENED = datetime(2026, 5, 1, 8, tzinfo=UTC)
ROW = ImportedCase("A-1", "M0113", OPENED, UNIT, title="坑", deadline_at=OPENED + timedelta(days=2))


@pytest.fixture
def dispatcher(access_for: Callable[..., Any]) -> Any:
    return access_for("dispatcher", "case_handling")


def test_an_import_can_be_sent_again(dispatcher: Any) -> None:
    rows = [
        ROW,
        replace(ROW, external_id="A-2", closed_at=OPENED + timedelta(days=1), closing_note="done"),
        ROW,
    ]
    first = actions.import_cases(dispatcher, cases=rows, system="old")
    again = actions.import_cases(dispatcher, cases=rows, system="old")
    assert (first.created, first.existing, first.refused) == (2, 1, ())
    assert (again.created, again.existing) == (0, 3)
    other = actions.import_cases(dispatcher, cases=rows[:1], system="another")
    assert other.created == 1
    shown = {row.state for row in queries.case_page(dispatcher).rows}
    assert shown == {CaseState.REPORTED, CaseState.CLOSED}


def test_rows_that_cannot_stand_come_back_with_their_reason(dispatcher: Any) -> None:
    rows = [
        replace(ROW, external_id=""),
        replace(ROW, external_id="B", category_code="M0000"),
        replace(ROW, external_id="C", opened_at=OPENED.replace(tzinfo=None)),
        replace(ROW, external_id="D", unit_no=1),
        ROW,
    ]
    result = actions.import_cases(dispatcher, cases=rows, system="old")
    assert result.created == 1
    assert [(bad.row, bad.code) for bad in result.refused] == [
        (1, "external_id_missing"),
        (2, "category_unknown"),
        (3, "time_without_zone"),
        (4, "unit_outside_scope"),
    ]
    assert all(bad.zh and bad.en for bad in result.refused)


def test_an_own_deadline_survives_accepting_and_dispatching(
    dispatcher: Any, access_for: Callable[..., Any]
) -> None:
    actions.import_cases(dispatcher, cases=[ROW], system="old")
    (row,) = queries.case_page(dispatcher, number="A-1").rows
    actions.accept(dispatcher, case_id=row.case_id)
    water = access_for("handler", "case_handling", organisation="water").organisation
    actions.dispatch(dispatcher, case_id=row.case_id, organisation=water)
    seen = queries.case(dispatcher, case_id=row.case_id)
    assert seen.deadline_at == ROW.deadline_at
    assert seen.limit_unit == LimitUnit.OWN_DATE
    assert seen.overdue
    assert [hit.case_id for hit in queries.case_page(dispatcher, overdue=True).rows] == [row.case_id]


TABLE = "\n".join(
    [
        "# taxonomy: city",
        "# version: 1",
        "# source: a city's own",
        boston.COLUMNS,
        "M,1,01,组,group,坑,hole,,1,working_days,",
    ]
)


def test_a_city_loads_its_own_categories_once(dispatcher: Any, system_access: Callable[..., Any]) -> None:
    steward = system_access("operations")
    assert actions.load_categories(steward, text=TABLE) == 1
    assert actions.load_categories(steward, text=TABLE) == 1
    with pytest.raises(Conflict, match="version_differs"):
        actions.load_categories(steward, text=TABLE.replace("坑", "洞"))
    with pytest.raises(Refused):
        actions.load_categories(dispatcher, text=TABLE)
    assert [entry.zh for entry in queries.categories(dispatcher, taxonomy="city")] == ["坑"]
    later = TABLE.replace("version: 1", "version: 2").replace("坑", "洞")
    actions.load_categories(steward, text=later, valid_from=datetime(2999, 1, 1, tzinfo=UTC))
    assert [entry.zh for entry in queries.categories(dispatcher, taxonomy="city")] == ["坑"]


def test_the_shipped_categories_need_no_loading(dispatcher: Any) -> None:
    assert len(queries.categories(dispatcher)) > 30
    with pytest.raises(BadInput, match="taxonomy_unknown"):
        queries.categories(dispatcher, taxonomy="mars")


@pytest.mark.shared_data
@pytest.mark.slow
def test_a_month_of_boston(dispatcher: Any, system_access: Callable[..., Any], shared_data: Path) -> None:
    source = boston.rows(shared_data)
    actions.load_categories(system_access("operations"), text=boston.taxonomy(source))

    def send() -> Any:
        return actions.import_cases(
            dispatcher,
            cases=boston.cases(source, UNIT),
            system="boston311",
            taxonomy="boston311",
            placeholders=[boston.PLACEHOLDER],
        )

    result = send()
    assert (result.created, result.refused) == (len(source), ())
    at_placeholder = [row for row in source if (row["LONGITUDE"], row["LATITUDE"]) == ("-71.0587", "42.3594")]
    assert result.not_located == len(at_placeholder) > 1000
    assert send().created == 0

    one = next(row for row in source if row["TARGET_DT"] and not row["CLOSED_DT"])
    (found,) = queries.case_page(dispatcher, number=one["CASE_ENQUIRY_ID"]).rows
    assert found.state is CaseState.REPORTED
    assert found.deadline_at == datetime.fromisoformat(one["TARGET_DT"]).replace(tzinfo=boston.ZONE)
    assert found.overdue
    counts = queries.counts(dispatcher)
    assert next(c for c in counts.states if c.state is CaseState.CLOSED).capped
    flagged = queries.case_page(dispatcher, number=at_placeholder[0]["CASE_ENQUIRY_ID"]).rows[0]
    assert queries.case(dispatcher, case_id=flagged.case_id).located is Located.PLACEHOLDER
    drawn = {point.case_id for point in queries.cases_on_map(dispatcher)}
    assert drawn
    assert flagged.case_id not in drawn

    # the file's own ON TIME flag is CLOSED <= TARGET wherever both are known: our facts must say the same
    both = [row for row in source if row["TARGET_DT"] and row["CLOSED_DT"] and row["OnTime_Status"]]
    for row in both[:: len(both) // 20]:
        seen = queries.case_page(dispatcher, number=row["CASE_ENQUIRY_ID"]).rows[0]
        assert seen.closed_at is not None
        assert seen.deadline_at is not None
        assert (seen.closed_at <= seen.deadline_at) is (row["OnTime_Status"] == "ONTIME")
