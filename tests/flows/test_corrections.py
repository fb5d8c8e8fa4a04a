"""What visits found to be otherwise goes back as one batch a run, once, each row with the day it was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from wangge.access import actions as access_actions
from wangge.field import actions as field
from wangge.field.queries import corrections
from wangge.field.types import FoundDifferent, SubmittedVisit
from wangge.flows import corrections as flow
from wangge.kernel.problems import Conflict
from wangge.sources import actions as sources
from wangge.sources import queries as source_queries

pytestmark = pytest.mark.django_db
UNIT = 120110001005003
NOW = timezone.now()


@pytest.fixture
def visited(access_for, system_access) -> Any:
    """The visits' own table is registered; gives a function by which a worker sends visits with corrections."""
    office = access_actions.create_organisation(
        system_access("operations"), code="centre", name_zh="网格中心", name_en="Centre", kind="department"
    )
    sources.register_source(
        system_access("registry_maintenance"), code="visit", name_zh="走访更正", name_en="Corrections",
        organisation=office, schema="person", division="120110",
    )  # fmt: skip
    worker = access_for("grid_worker", "community_service")

    def send(*found: FoundDifferent, days_ago: int = 0, person: UUID | None = None) -> None:
        at = NOW - timedelta(days=days_ago, minutes=1)
        visit = SubmittedVisit(
            client_id=uuid4(), form="care_visit", started_at=at - timedelta(minutes=9), ended_at=at, saw_person=True,
            saw_dwelling=True, saw_state=True, unit_no=UNIT, person_id=person or uuid4(), corrections=found,
            answers={"living": "alone", "wellbeing": "well"},
        )  # fmt: skip
        (receipt,) = field.sync(worker, visits=[visit])
        assert receipt.status == "accepted"

    return send


def test_visits_of_several_days_make_one_batch(visited, system_access) -> None:
    first, second = uuid4(), uuid4()
    visited(FoundDifferent("phone", "13900139000"), FoundDifferent("lives_alone", "是"), person=first)
    visited(FoundDifferent("phone", "13900139001"), days_ago=3, person=second)
    done = flow.return_corrections("visit")
    assert (done.sent, len(done.batches), done.unplaced) == (3, 1, 0)
    maintain = system_access("registry_maintenance")
    batches = source_queries.batches(maintain).rows
    assert [(b.id, b.rows_in, b.rows_accepted) for b in batches] == [(done.batches[0], 2, 2)]
    rows = source_queries.accepted_rows(maintain, batch=done.batches[0]).frame().to_dicts()
    today = timezone.localdate(NOW - timedelta(minutes=1))
    assert {r["person_ref"]: (r["phone"], r["recorded_on"]) for r in rows} == {
        str(first): ("13900139000", today),
        str(second): ("13900139001", today - timedelta(days=3)),
    }


def test_a_second_run_sends_only_what_is_new(visited) -> None:
    visited(FoundDifferent("phone", "13900139000"))
    assert flow.return_corrections("visit").sent == 1
    assert flow.return_corrections("visit") == flow.Returned(0, (), 0)
    visited(FoundDifferent("phone", "13900139002"))
    assert flow.return_corrections("visit").sent == 1


def test_a_column_the_form_lacks_holds_nobody_else_up(visited, system_access) -> None:
    visited(FoundDifferent("moved_away", "yes"))
    visited(FoundDifferent("phone", "13900139000"))
    done = flow.return_corrections("visit")
    assert (done.sent, done.unplaced) == (1, 1)
    assert [c.field for c in corrections(system_access("community_service"))] == ["moved_away"]


def test_two_runs_at_once_send_nothing_twice(visited, system_access, monkeypatch) -> None:
    visited(FoundDifferent("phone", "13900139000"))
    stale = corrections(system_access("community_service"))
    flow.return_corrections("visit")
    visited(FoundDifferent("phone", "13900139001"))
    fresh = corrections(system_access("community_service"))
    monkeypatch.setattr(flow, "corrections", lambda *_, **__: (*stale, *fresh))
    with pytest.raises(Conflict, match="corrections_sent_meanwhile"):
        flow.return_corrections("visit")
    assert len(source_queries.batches(system_access("registry_maintenance")).rows) == 1
    assert len(corrections(system_access("community_service"))) == 1, "rolled back whole"
