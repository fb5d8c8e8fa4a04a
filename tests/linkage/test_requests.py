"""A doubtful fact goes to its owner, the answer comes back as a batch, and the golden record follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.registry.conftest import told
from tests.registry.telling import LI, TOLD, relinked, row
from wangge.access import actions as access_actions
from wangge.flows import checking
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.linkage import actions, queries
from wangge.registry import queries as people
from wangge.sources import actions as source_actions
from wangge.sources.queries import batch, latest_accepted

__all__ = ["told"]
pytestmark = pytest.mark.django_db
WRONG = LI[:-1] + ("1" if LI[-1] != "1" else "2")
ROWS = [*TOLD, row("health", "k7", name="李梅", id_no=WRONG, birth="1990-01-01", phone="13912345678")]


@pytest.fixture
def house(told, system_access, access_for, tmp_path, settings):
    """(centre's steward, health's steward): the health office's table has a number with a wrong check digit."""
    settings.WANGGE_VAULT = tmp_path / "vault"
    system = system_access("operations")
    health = access_actions.create_organisation(
        system, code="health", name_zh="卫健委", name_en="Health", kind="department"
    )
    centre = access_actions.create_organisation(
        system, code="centre", name_zh="网格中心", name_en="Centre", kind="centre"
    )
    source_actions.register_source(
        system, code="health", name_zh="居民健康档案", name_en="Health records", organisation=health, schema="person",
        division="120110",
    )  # fmt: skip
    relinked(system_access("registry_maintenance"), tmp_path / "second", ROWS, owners={"health": health})
    return (
        access_for("data_steward", "registry_maintenance", organisation=centre),
        access_for("data_steward", "registry_maintenance", organisation=health),
    )


def found(centre):
    rows = queries.correction_requests(centre, state="found", source="health").rows
    return next(r for r in rows if r.reason == "check_digit")


def asked(centre):
    request = found(centre)
    due = timezone.localdate() + timedelta(days=10)
    assert actions.send_requests(centre, requests=(request.id,), due_on=due, note="请核对身份证") == 1
    return request.id


def test_a_failed_check_digit_is_asked_about_answered_and_followed(house, system_access, tmp_path) -> None:
    centre, health = house
    assert queries.correction_requests(health, state="found").rows == (), "not asked yet: not theirs to see"
    request = asked(centre)
    assert [r.id for r in queries.correction_requests(health).rows] == [request]
    seen = queries.correction_request(health, request=request)
    assert (seen.told, seen.name, seen.note, seen.better, seen.mine) == (
        WRONG,
        "李梅",
        "请核对身份证",
        "",
        True,
    )
    assert queries.correction_request(centre, request=request).better == LI
    answered = checking.answer(health, request=request, verdict="correct", value=LI, note="笔误")
    assert answered.value == LI
    done = queries.correction_request(health, request=request)
    assert done.state == "corrected" and done.answered == LI and done.answer_batch is not None
    system = system_access("registry_maintenance")
    assert batch(system, batch=done.answer_batch).rows_accepted == 1
    relinked(system, tmp_path / "third", ROWS, batches=latest_accepted(system, schema="person"))
    person = people.person(centre, person_id=seen.person_id)
    told = {(t.source, t.record_id): t for f in person.fields if f.field == "id_no" for t in f.told}
    assert told["health", str(request)].verified and told["health", str(request)].agrees
    assert person.id_no == LI
    (count,) = queries.request_counts(health)
    assert (count.open, count.settled) == (0, 1)


def test_what_the_owner_confirms_is_not_doubted_again(house, system_access, tmp_path) -> None:
    centre, health = house
    request = asked(centre)
    assert checking.answer(health, request=request, verdict="confirm").value == WRONG
    system = system_access("registry_maintenance")
    relinked(system, tmp_path / "third", ROWS, owners={"health": health.organisation})
    rows = queries.correction_requests(centre, state="found", source="health").rows
    assert [r for r in rows if r.reason == "check_digit"] == []
    with pytest.raises(Conflict):
        checking.answer(health, request=request, verdict="confirm")


def test_a_newer_table_without_the_fault_settles_the_request(house, system_access, tmp_path) -> None:
    centre, health = house
    request = asked(centre)
    better = [r for r in ROWS if r["record_id"] != "k7"]
    better.append(row("health", "k7", name="李梅", id_no=LI, birth="1990-01-01", phone="13912345678"))
    relinked(system_access("registry_maintenance"), tmp_path / "third", better, owners={})
    assert queries.correction_request(health, request=request).state == "overtaken"


def test_an_answer_that_cannot_be_told_wants_a_reason_and_brings_no_batch(house) -> None:
    centre, health = house
    request = asked(centre)
    with pytest.raises(Refused, match="reason_missing"):
        checking.answer(health, request=request, verdict="cannot_tell")
    checking.answer(health, request=request, verdict="cannot_tell", note="档案遗失")
    done = queries.correction_request(health, request=request)
    assert done.state == "unknown" and done.answer_batch is None and done.answer_note == "档案遗失"


def test_bad_answers_are_refused_with_their_place(house) -> None:
    centre, health = house
    request = asked(centre)
    for verdict, value, code in (("correct", " ", "value_missing"), ("correct", WRONG, "value_unchanged"), ("x", "", "answer_unknown")):  # fmt: skip
        with pytest.raises(BadInput, match=code):
            checking.answer(health, request=request, verdict=verdict, value=value)


def test_only_the_centre_asks_and_only_the_owner_answers(house, access_for) -> None:
    centre, health = house
    due = timezone.localdate() + timedelta(days=3)
    with pytest.raises(Refused, match="not_the_centre"):
        actions.send_requests(health, requests=(found(centre).id,), due_on=due)
    with pytest.raises(BadInput, match="due_in_the_past"):
        actions.send_requests(centre, requests=(found(centre).id,), due_on=timezone.localdate())
    with pytest.raises(BadInput, match="none_chosen"):
        actions.send_requests(centre, requests=(), due_on=due)
    request = asked(centre)
    with pytest.raises(Refused, match="not_the_owner"):
        checking.answer(centre, request=request, verdict="confirm")
    housing = access_for("data_steward", "registry_maintenance", organisation="housing")
    with pytest.raises(NotFound):
        queries.correction_request(housing, request=request)
    handler = access_for("handler", "registry_maintenance", organisation=health.organisation)
    assert queries.correction_request(handler, request=request).mine
    masked = queries.correction_requests(access_for("auditor", "audit")).rows
    assert {r.name for r in masked} == {"李*"}
    actions.withdraw_request(centre, request=request, reason="已电话核实")
    assert queries.correction_request(centre, request=request).state == "withdrawn"


def test_the_sources_record_is_kept(house) -> None:
    centre, _ = house
    assert {r.source for r in people.source_records(centre)} >= {"public_security", "health"}
    assert people.source_pairs(centre) == ()
