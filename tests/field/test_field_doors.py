"""Visits through the doors, on the database: once, kept, referred, put right, destroyed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.field import actions, queries
from wangge.field.models import QuarantinedVisit, Visit
from wangge.field.states import Outcome, Receipt, VisitState
from wangge.field.types import FoundDifferent, SubmittedVisit
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.tasks import actions as task_actions
from wangge.tasks import queries as task_queries
from wangge.tasks.types import Appointment, NewTask, Subject

UNIT = 120110001005003
NOW = timezone.now()
Posts = dict[str, Any]


@pytest.fixture
def posts(db: None, access_for: Callable[..., Any]) -> Posts:
    return {
        "li": access_for("grid_worker", "community_service", username="li"),
        "zhao": access_for("grid_worker", "community_service", username="zhao"),
        "dispatcher": access_for("dispatcher", "community_service"),
    }


def _visit(**more: Any) -> SubmittedVisit:
    visit = SubmittedVisit(
        client_id=uuid4(),
        form="care_visit",
        started_at=NOW - timedelta(minutes=20),
        ended_at=NOW - timedelta(minutes=5),
        saw_person=True,
        saw_dwelling=True,
        saw_state=True,
        unit_no=UNIT,
        answers={"living": "alone", "wellbeing": "fair", "hazards": ["gas"]},
        observations="厨房燃气管老化",
        device="pda-7",
    )
    return replace(visit, **more)


def _a_task(posts: Posts, number: int = 1, access: Any = None) -> UUID:
    manager = Appointment(UNIT, "manager", "李", actor=posts["li"].actor)
    task_actions.appoint(posts["dispatcher"], appointments=[manager])
    new = NewTask("care_visit", UNIT, f"finding:{number}", Subject(name="王奶奶"))
    task_actions.create_tasks(access or posts["dispatcher"], tasks=[new])
    rows = task_queries.task_page(access or posts["dispatcher"], actor=posts["li"].actor).rows
    return rows[-1].task_id


def _statuses(access: Any, *visits: SubmittedVisit) -> list[Receipt]:
    return [answer.status for answer in actions.sync(access, visits=visits)]


def test_a_visit_sent_twice_counts_once(posts: Posts) -> None:
    visit, other = _visit(), _visit()
    first, same, second = actions.sync(posts["li"], visits=[visit, visit, other])
    assert [first.status, same.status, second.status] == [
        Receipt.ACCEPTED,
        Receipt.DUPLICATE,
        Receipt.ACCEPTED,
    ]
    assert same.visit_id == first.visit_id
    (again,) = actions.sync(posts["li"], visits=[visit])
    assert (again.status, again.visit_id, again.outcome) == (
        Receipt.DUPLICATE,
        first.visit_id,
        Outcome.COMPLETE,
    )
    assert len(queries.visit_page(posts["li"]).rows) == 2


def test_what_was_seen_comes_back_in_words(posts: Posts) -> None:
    person = uuid4()
    (answer,) = actions.sync(posts["li"], visits=[_visit(person_id=person)])
    seen = queries.visit(posts["li"], visit_id=answer.visit_id)
    assert [(a.zh, a.value_zh, a.value_en) for a in seen.answers] == [
        ("居住状况", "独居", "alone"),
        ("精神和身体状况", "一般", "fair"),
        ("安全隐患", "燃气", "gas"),
    ]
    assert seen.observations == "厨房燃气管老化"
    assert [row.visit_id for row in queries.visits_about(posts["dispatcher"], person_id=person)] == [
        answer.visit_id
    ]
    with pytest.raises(NotFound):
        queries.visit(posts["zhao"], visit_id=answer.visit_id)


def test_a_visit_for_a_reassigned_task_is_kept_and_referred(posts: Posts) -> None:
    task_id = _a_task(posts)
    task_actions.reassign(posts["dispatcher"], task_ids=[task_id], actor=posts["zhao"].actor, reason="病假")
    visit = _visit(task_id=task_id, corrections=(FoundDifferent("phone", "13800138000"),))
    (answer,) = actions.sync(posts["li"], visits=[visit])
    assert answer.status is Receipt.TASK_REASSIGNED
    assert "改派" in answer.zh
    assert [row.visit_id for row in queries.visits_to_review(posts["zhao"])] == [answer.visit_id]
    system = _system("community_service")
    assert queries.corrections(system) == ()
    with pytest.raises(Refused, match="waits_for_another"):
        actions.adopt(posts["li"], visit_id=answer.visit_id)
    adopted = actions.adopt(posts["zhao"], visit_id=answer.visit_id)
    assert adopted.task_id == task_id
    assert len(queries.corrections(system)) == 1
    with pytest.raises(Conflict):
        actions.set_aside(posts["zhao"], visit_id=answer.visit_id, reason="x")


def _system(purpose: str, **more: Any) -> Any:
    from wangge.access.actions import enter_system

    return enter_system(name="test", purpose=purpose, **more)


def test_a_referred_visit_can_be_set_aside_with_a_reason(posts: Posts) -> None:
    task_id = _a_task(posts)
    task_actions.reassign(posts["dispatcher"], task_ids=[task_id], actor=posts["zhao"].actor, reason="病假")
    (answer,) = actions.sync(posts["li"], visits=[_visit(task_id=task_id)])
    with pytest.raises(Refused, match="reason_missing"):
        actions.set_aside(posts["zhao"], visit_id=answer.visit_id, reason="")
    actions.set_aside(posts["zhao"], visit_id=answer.visit_id, reason="情况已变")
    assert queries.visit(posts["zhao"], visit_id=answer.visit_id).state is VisitState.SET_ASIDE
    assert queries.visits_to_review(posts["zhao"]) == ()


def test_a_visit_for_a_closed_task_is_kept_beside_the_first(posts: Posts) -> None:
    task_id = _a_task(posts)
    (first,) = actions.sync(posts["li"], visits=[_visit(task_id=task_id)])
    from wangge.tasks.types import Completion

    task_actions.complete(posts["li"], completions=[Completion(task_id, first.visit_id, first.ended_at)])
    assert _statuses(posts["li"], _visit(task_id=task_id)) == [Receipt.TASK_CLOSED]
    assert len(queries.visits_of_task(posts["li"], task_id=task_id)) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"answers": {"living": "alone"}}, "answers_refused"),
        ({"answers": {"living": "castle", "wellbeing": "well"}}, "answers_refused"),
        ({"form": "tea"}, "form_unknown"),
        ({"unit_no": None}, "visit_without_place"),
        ({"unit_no": 330110001001001}, "unit_outside_scope"),
        ({"task_id": UUID(int=5)}, "task_unknown"),
        ({"ended_at": NOW + timedelta(days=1), "started_at": NOW + timedelta(days=1)}, "visit_in_the_future"),
        ({"started_at": NOW}, "visit_time_order"),
        ({"observations": "字" * 4001}, "observations_too_long"),
        (
            {"corrections": (FoundDifferent("phone", "1"), FoundDifferent("phone", "2"))},
            "corrections_unclear",
        ),
        ({"corrections": (FoundDifferent("Robert'); --", "1"),)}, "corrections_unclear"),
    ],
)
def test_what_cannot_be_taken_in_is_held_with_its_reason_and_the_rest_goes_on(
    posts: Posts, change: dict[str, Any], code: str
) -> None:
    bad = _visit(**change)
    answers = actions.sync(posts["li"], visits=[_visit(), bad, _visit()])
    assert [a.status for a in answers] == [Receipt.ACCEPTED, Receipt.REJECTED, Receipt.ACCEPTED]
    assert answers[1].code == code
    assert answers[1].zh
    assert answers[1].en
    assert _statuses(posts["li"], bad) == [Receipt.REJECTED]
    (held,) = queries.held_visits(posts["li"])
    assert (held.code, held.client_id) == (code, bad.client_id)
    assert str(bad.client_id) in held.sent
    assert queries.held_visits(posts["zhao"]) == ()


def test_a_held_visit_is_put_right_once(posts: Posts) -> None:
    bad = _visit(answers={})
    actions.sync(posts["li"], visits=[bad])
    (held,) = queries.held_visits(posts["li"])
    still = actions.readmit(posts["li"], quarantine_id=held.quarantine_id, visit=bad)
    assert still.status is Receipt.REJECTED
    good = replace(bad, answers={"living": "alone", "wellbeing": "well"})
    answer = actions.readmit(posts["li"], quarantine_id=held.quarantine_id, visit=good)
    assert answer.status is Receipt.ACCEPTED
    assert queries.held_visits(posts["li"]) == ()
    assert _statuses(posts["li"], bad, good) == [Receipt.DUPLICATE, Receipt.DUPLICATE]
    assert len(queries.visit_page(posts["li"]).rows) == 1
    with pytest.raises(Conflict):
        actions.readmit(posts["li"], quarantine_id=held.quarantine_id, visit=good)


def test_a_held_visit_can_be_given_up(posts: Posts) -> None:
    bad = _visit(answers={})
    actions.sync(posts["li"], visits=[bad])
    (held,) = queries.held_visits(posts["li"])
    with pytest.raises(NotFound):
        actions.discard(posts["zhao"], quarantine_id=held.quarantine_id, reason="x")
    actions.discard(posts["li"], quarantine_id=held.quarantine_id, reason="误填")
    assert queries.held_visits(posts["li"]) == ()
    assert _statuses(posts["li"], bad) == [Receipt.DUPLICATE]


def test_other_content_under_the_same_id_is_held_and_the_first_stays(posts: Posts) -> None:
    visit = _visit()
    actions.sync(posts["li"], visits=[visit])
    (answer,) = actions.sync(posts["li"], visits=[replace(visit, observations="别的")])
    assert (answer.status, answer.code) == (Receipt.REJECTED, "visit_differs")
    (row,) = queries.visit_page(posts["li"]).rows
    assert queries.visit(posts["li"], visit_id=row.visit_id).observations == "厨房燃气管老化"
    (held,) = queries.held_visits(posts["li"])
    with pytest.raises(BadInput, match="visit_differs"):
        actions.readmit(posts["li"], quarantine_id=held.quarantine_id, visit=visit)


def test_a_visit_with_a_client_id_out_of_sight_is_a_duplicate(
    posts: Posts, access_for: Callable[..., Any]
) -> None:
    visit = _visit()
    actions.sync(posts["li"], visits=[visit])
    moved = access_for("grid_worker", "community_service", scope="330110", username="li")
    (answer,) = actions.sync(moved, visits=[replace(visit, unit_no=330110001001001)])
    assert (answer.status, answer.visit_id) == (Receipt.DUPLICATE, None)
    assert queries.visit_page(moved).rows == ()


def test_corrections_go_back_once(posts: Posts) -> None:
    person = uuid4()
    found = (FoundDifferent("phone", "13900139000", "13800138000"), FoundDifferent("moved_away", "yes"))
    actions.sync(posts["li"], visits=[_visit(person_id=person, corrections=found)])
    system = _system("community_service")
    told = queries.corrections(system)
    assert {(c.field, c.old, c.new, c.person_id) for c in told} == {
        ("phone", "13800138000", "13900139000", person),
        ("moved_away", "", "yes", person),
    }
    ids = [c.correction_id for c in told]
    assert actions.mark_corrections_sent(system, correction_ids=ids, batch_id=uuid4()) == 2
    assert actions.mark_corrections_sent(system, correction_ids=ids, batch_id=uuid4()) == 0
    assert queries.corrections(system) == ()


def test_counts_and_pages(posts: Posts) -> None:
    visits = [
        _visit(ended_at=NOW - timedelta(minutes=n), started_at=NOW - timedelta(minutes=n + 5))
        for n in range(5)
    ]
    nobody = _visit(saw_person=False, saw_state=False, answers={})
    actions.sync(posts["li"], visits=[*visits, nobody, _visit(answers={})])
    counts = queries.counts(posts["dispatcher"], since=NOW - timedelta(hours=1))
    assert (counts.complete, counts.nobody, counts.held, counts.for_review) == (5, 1, 1, 0)
    first = queries.visit_page(posts["dispatcher"], size=4)
    second = queries.visit_page(posts["dispatcher"], size=4, cursor=first.next)
    shown = [row.visit_id for row in (*first.rows, *second.rows)]
    assert len(shown) == len(set(shown)) == 6
    assert {form.code for form in queries.forms(posts["li"])} == {
        "care_visit",
        "survey_visit",
        "symptom_check",
        "verification_visit",
    }


def test_nothing_seen_stands_open_in_the_tables(posts: Posts) -> None:
    actions.sync(
        posts["li"],
        visits=[
            _visit(corrections=(FoundDifferent("phone", "13900139000"),), person_id=uuid4()),
            _visit(answers={"秘密": "秘密"}),
        ],
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        dump = ""
        for table in ("field_visit", "field_correction", "field_quarantinedvisit"):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            dump += "\n".join(row[0] for row in cursor.fetchall())
    assert "care_visit" in dump
    for text in ("厨房", "13900139000", "alone", "秘密"):
        assert text not in dump
        assert text.encode().hex() not in dump


@pytest.fixture
def under(access_for: Callable[..., Any], posts: Posts, emergency: UUID) -> Any:
    return access_for("grid_worker", "epidemic_response", username="li", emergency=emergency)


def test_an_emergencys_visits_live_and_die_with_it(posts: Posts, under: Any, emergency: UUID) -> None:
    flow = _system("epidemic_response", emergency=emergency)
    task_id = _a_task(posts, access=flow)
    check = {"temperature": 36.5}
    marked = _visit(
        form="symptom_check",
        task_id=task_id,
        emergency=emergency,
        answers=check,
        observations="MARKER",
        corrections=(FoundDifferent("phone", "MARKER"),),
    )
    assert _statuses(under, marked, _visit(emergency=emergency, answers={"MARKER": 1})) == [
        Receipt.ACCEPTED,
        Receipt.REJECTED,
    ]
    assert _statuses(posts["li"], _visit(emergency=emergency)) == [
        Receipt.REJECTED
    ]  # kept on the phone for later
    assert queries.held_visits(posts["li"]) == ()
    assert queries.visit_page(posts["li"]).rows == ()
    assert len(queries.visit_page(under).rows) == 1
    assert queries.corrections(_system("community_service")) == ()
    assert len(queries.corrections(flow)) == 1

    with pytest.raises(Refused, match="not_under_this_emergency"):
        actions.destroy_emergency(flow, emergency=uuid4())
    counts = {store.store: store.count for store in actions.destroy_emergency(flow, emergency=emergency)}
    assert counts == {"field_correction": 1, "field_quarantinedvisit": 1, "field_visit": 1}
    assert queries.visit_page(under).rows == ()


def test_a_late_visit_of_an_ended_emergency_is_not_kept(posts: Posts, under: Any, emergency: UUID) -> None:
    from wangge.access import actions as access_actions

    late = _visit(emergency=emergency, observations="MARKER")
    access_actions.close_mandate(_system("operations"), id=emergency)
    assert _statuses(posts["li"], late, _visit()) == [Receipt.EMERGENCY_ENDED, Receipt.ACCEPTED]
    with pytest.raises(Refused):
        actions.sync(under, visits=[late])
    assert queries.held_visits(posts["li"]) == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_replayed_outbox_gives_the_same_state(posts: Posts, data: st.DataObject) -> None:
    """However the phone cuts, repeats and orders what it sends, the same visits stand in the end."""
    outbox = [_visit(observations=str(n)) for n in range(4)] + [_visit(answers={}), _visit(form="tea")]
    with transaction.atomic():
        sets = data.draw(st.lists(st.lists(st.sampled_from(range(len(outbox))), max_size=6), max_size=5))
        for chosen in [*sets, list(range(len(outbox)))]:
            actions.sync(posts["li"], visits=[outbox[n] for n in chosen])
        page = queries.visit_page(posts["li"])
        texts = [queries.visit(posts["li"], visit_id=row.visit_id).observations for row in page.rows]
        assert sorted(texts) == ["0", "1", "2", "3"]
        assert sorted(h.code for h in queries.held_visits(posts["li"])) == ["answers_refused", "form_unknown"]
        transaction.set_rollback(True)


def test_two_phones_sending_the_same_outbox_at_once(
    committed_db: str, access_for: Callable[..., Any]
) -> None:
    worker = access_for("grid_worker", "community_service", username="li")
    outbox = [_visit() for _ in range(200)]
    bad = _visit(answers={})
    statuses: list[list[Receipt]] = []
    start = threading.Barrier(2)

    def send(order: int) -> None:
        start.wait()
        try:
            statuses.append(_statuses(worker, *outbox[::order], bad))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=send, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 2
    flat = [status for answer in statuses for status in answer]
    assert flat.count(Receipt.ACCEPTED) == 200
    assert flat.count(Receipt.DUPLICATE) == 200
    assert flat.count(Receipt.REJECTED) == 2
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        assert Visit.objects.count() == 200
        assert QuarantinedVisit.objects.count() == 1
