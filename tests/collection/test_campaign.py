"""From a form to its last door: sent, visited, counted, none missed; answers go back as a batch."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.collection.register import BASIS, COMMUNITY
from wangge.collection import actions, queries
from wangge.collection.rules.visiting import VERBS, verb_of
from wangge.collection.states import CampaignState, DoorState
from wangge.collection.types import NewQuestion, PersonAnswers
from wangge.field.types import SubmittedVisit
from wangge.flows import collecting, visits
from wangge.flows.collecting import HandedIn, door_of
from wangge.kernel.problems import BadInput, Conflict, Refused
from wangge.sources import queries as sources
from wangge.tasks import actions as tasks
from wangge.tasks import queries as task_reads
from wangge.tasks.types import Appointment

db = pytest.mark.django_db
NOW = timezone.now()


def visit(
    task: Any, result: str, *, saw: tuple[bool, bool, bool] = (True, True, True), **more: Any
) -> SubmittedVisit:
    answers = {"result": result, "evidence": more.pop("evidence", "")} if result else {}
    return SubmittedVisit(
        client_id=uuid4(), form="survey_visit", started_at=NOW - timedelta(minutes=9), ended_at=NOW - timedelta(minutes=1),
        saw_person=saw[0], saw_dwelling=saw[1], saw_state=saw[2], task_id=task.task_id, unit_no=task.unit_no,
        answers=answers, **more,
    )  # fmt: skip


@pytest.fixture
def staffed(access_for, worker) -> Any:
    """The worker answers for every grid of the community."""
    dispatcher = access_for("dispatcher", "community_service")
    unit = int(COMMUNITY) * 1000
    tasks.appoint(
        dispatcher,
        appointments=[Appointment(unit + n, "manager", "李网格", actor=worker.actor) for n in range(1, 11)],
    )
    return worker


@pytest.fixture
def sent(register, steward, questions, tomorrow, staffed) -> Any:
    """A form sent to those of whom something is missing."""
    register(doors=12, people=30)
    form = actions.draft_form(steward, title="高龄津贴核发", area=COMMUNITY, questions=questions)
    actions.check_form(steward, form=form.form_id)
    return collecting.send(steward, form=form.form_id, due_at=tomorrow)


@db
def test_a_form_goes_to_the_missing_only(register, steward, tomorrow, staffed) -> None:
    register(doors=12, people=30)
    about = {"purpose": "核发高龄津贴", "basis": BASIS}
    form = actions.draft_form(
        steward, title="核对电话", area=COMMUNITY,
        questions=(NewQuestion("姓名", **about), NewQuestion("联系电话", **about)),
    )  # fmt: skip
    checked = actions.check_form(steward, form=form.form_id)
    sent = collecting.send(steward, form=form.form_id, due_at=tomorrow)
    view = queries.campaign(steward, campaign_id=sent.campaign)
    assert (view.people, view.asked_people, view.target_cells, view.asked_cells) == (30, 10, 60, 10)
    assert view.asked_cells == checked.asked_cells and view.saved_cells == 50
    assert view.doors.doors == sent.doors < 12, "doors where nothing is missing are left in peace"
    doors = [door_of(t.origin_key) for t in task_reads.my_tasks(staffed)]
    asked = [s.asked for d in doors for s in queries.door_sheet(staffed, door_id=d).sheets]
    assert asked == [("phone",)] * 10


@db
def test_nothing_missing_nobody_asked(register, steward, tomorrow) -> None:
    register(doors=4, people=8)
    form = actions.draft_form(
        steward, title="核对姓名", area=COMMUNITY, questions=(NewQuestion("姓名", "核发高龄津贴", BASIS),)
    )
    actions.check_form(steward, form=form.form_id)
    with pytest.raises(Conflict, match="nobody_to_ask"):
        collecting.send(steward, form=form.form_id, due_at=tomorrow)
    assert queries.campaigns(steward) == (), "no campaign without doors is left behind"


@db
def test_the_phone_shows_what_is_held_and_asks_the_rest(sent, staffed) -> None:
    first = task_reads.my_tasks(staffed)[0]
    assert first.kind == "survey_visit" and "金台园" in first.address
    door = collecting.at_the_door(staffed, door_id=door_of(first.origin_key))
    assert {p.person_id for p in door.people} == {s.person_id for s in door.sheet.sheets}
    assert all(p.name and p.values for p in door.people)
    held = {v.column for p in door.people for v in p.values}
    assert "name" in held
    for sheet in door.sheet.sheets:
        assert "name" not in sheet.asked


@db
def test_each_end_needs_what_it_says(sent, staffed) -> None:
    first, second, third, fourth, *_ = task_reads.my_tasks(staffed)
    door = door_of(first.origin_key)
    for result, saw in (("surveyed", (True, True, False)), ("surveyed", (False, True, True))):
        with pytest.raises(BadInput, match="end_not_borne_out"):
            collecting.hand_in(staffed, visits=[HandedIn(visit(first, result, saw=saw), door)])
    for result in ("refused", "empty", "not_found"):
        with pytest.raises(BadInput, match="end_not_borne_out"):
            collecting.hand_in(staffed, visits=[HandedIn(visit(first, result), door)])
    collecting.hand_in(staffed, visits=[HandedIn(visit(first, "", saw=(False, False, False)), door)])
    row = queries.door_sheet(staffed, door_id=door).door
    assert (row.state, row.attempts) == (DoorState.WAITING, 1)
    for task, result, saw in (
        (second, "refused", (True, True, True)),
        (third, "empty", (False, True, True)),
        (fourth, "not_found", (False, False, False)),
    ):
        there = door_of(task.origin_key)
        said = "邻居称半年无人居住"
        collecting.hand_in(staffed, visits=[HandedIn(visit(task, result, saw=saw, evidence=said), there)])
        row = queries.door_sheet(staffed, door_id=there).door
        assert (row.state, row.evidence) == (DoorState(result), said)
        assert task_reads.task(staffed, task_id=task.task_id).state == "done"
    view = queries.campaign(staffed, campaign_id=sent.campaign)
    assert (view.doors.refused, view.doors.empty, view.doors.not_found, view.doors.ended) == (1, 1, 1, 3)


@db
def test_answers_end_the_door_once_and_go_back_as_one_batch(sent, steward, staffed, system_access) -> None:
    task = next(
        t
        for t in task_reads.my_tasks(staffed)
        if any(
            {"phone", "lives_alone"} <= {*s.asked}
            for s in queries.door_sheet(staffed, door_id=door_of(t.origin_key)).sheets
        )
    )
    door = door_of(task.origin_key)
    sheets = queries.door_sheet(staffed, door_id=door).sheets
    asked = next(s for s in sheets if {"phone", "lives_alone"} <= {*s.asked})
    own = next(q.code for q in queries.door_sheet(staffed, door_id=door).questions if not q.field)
    handed = HandedIn(
        visit(task, "surveyed"),
        door,
        (
            PersonAnswers({"phone": "13900139000", "lives_alone": "yes", own: "yes"}, asked.sheet_id),
            PersonAnswers({"name": "赵新来", "phone": "13900139001"}),
        ),
    )
    with pytest.raises(BadInput, match="not_asked"):
        collecting.hand_in(
            staffed,
            visits=[
                HandedIn(visit(task, "surveyed"), door, (PersonAnswers({"name": "改名"}, asked.sheet_id),))
            ],
        )
    (receipt,) = collecting.hand_in(staffed, visits=[handed])
    assert receipt.status == "accepted"
    (again,) = collecting.hand_in(staffed, visits=[handed])
    assert again.status == "duplicate"
    view = queries.campaign(steward, campaign_id=sent.campaign)
    assert (view.doors.surveyed, view.answered, view.sent) == (1, 2, 0)
    back = collecting.return_answers()
    assert (back.sent, len(back.batches)) == (2, 1)
    assert collecting.return_answers() == collecting.Returned(0, ())
    maintain = system_access("registry_maintenance")
    rows = sources.accepted_rows(maintain, batch=back.batches[0]).frame().to_dicts()
    by_person = {r["person_ref"]: r for r in rows}
    told = by_person[str(asked.person_id)]
    assert (told["phone"], told["lives_alone"], told["recorded_on"]) == (
        "13900139000",
        True,
        timezone.localdate(NOW - timedelta(minutes=1)),
    )
    new = next(r for r in rows if not r["person_ref"])
    assert (new["name"], new["phone"]) == ("赵新来", "13900139001")
    assert queries.campaign(steward, campaign_id=sent.campaign).sent == 2
    assert actions.ask_for_answers(steward, campaign=sent.campaign) == 0


@db
def test_who_asked_reads_the_answers_to_its_own_questions_and_nobody_else(
    sent, steward, staffed, access_for
) -> None:
    task = task_reads.my_tasks(staffed)[0]
    door = door_of(task.origin_key)
    sheet = queries.door_sheet(staffed, door_id=door)
    own = next(q for q in sheet.questions if not q.field)
    said = tuple(
        PersonAnswers({own.code: "yes" if n else "no"}, s.sheet_id)
        for n, s in enumerate(sheet.sheets)
        if own.code in s.asked
    )
    collecting.hand_in(staffed, visits=[HandedIn(visit(task, "surveyed"), door, said)])
    assert actions.ask_for_answers(steward, campaign=sent.campaign) == len(said)
    rows = queries.own_answers(steward, campaign_id=sent.campaign).rows
    assert {r.sheet_id for r in rows} == {a.sheet_id for a in said}
    assert {v.value_zh for r in rows for v in r.values} <= {"需要", "不需要"}
    assert rows[0].values[0].question_zh == own.zh
    first = queries.own_answers(steward, campaign_id=sent.campaign, size=1)
    assert len(first.rows) == 1 and (first.next is not None) == (len(said) > 1)
    stranger = access_for("data_steward", "registry_maintenance", organisation="卫健委")
    for refuse in (
        lambda: queries.own_answers(stranger, campaign_id=sent.campaign),
        lambda: actions.ask_for_answers(stranger, campaign=sent.campaign),
        lambda: queries.own_answers(staffed, campaign_id=sent.campaign),
    ):
        with pytest.raises(Refused):
            refuse()


@db
def test_a_campaign_ends_when_every_door_has(sent, steward, staffed) -> None:
    with pytest.raises(Conflict, match="doors_left"):
        collecting.end(steward, campaign_id=sent.campaign)
    for task in task_reads.my_tasks(staffed):
        handed = HandedIn(visit(task, "surveyed"), door_of(task.origin_key))
        collecting.hand_in(staffed, visits=[handed])
    assert not collecting.end(steward, campaign_id=sent.campaign)
    assert queries.campaign(steward, campaign_id=sent.campaign).state == CampaignState.DONE


@db
def test_a_stopped_campaign_takes_its_tasks_back_and_says_why(sent, steward, staffed) -> None:
    assert collecting.end(steward, campaign_id=sent.campaign, reason="台风来临，暂停入户")
    assert task_reads.my_tasks(staffed) == ()
    view = queries.campaign(steward, campaign_id=sent.campaign)
    assert (view.state, view.reason) == (CampaignState.STOPPED, "台风来临，暂停入户")


@db
def test_a_door_surveyed_by_the_former_worker_is_done(sent, staffed, access_for, steward) -> None:
    task = task_reads.my_tasks(staffed)[0]
    other = access_for("grid_worker", "community_service", scope=COMMUNITY, username="zhao")
    dispatcher = access_for("dispatcher", "community_service")
    tasks.reassign(dispatcher, task_ids=[task.task_id], actor=other.actor, reason="换岗")
    (receipt,) = collecting.hand_in(
        staffed, visits=[HandedIn(visit(task, "surveyed"), door_of(task.origin_key))]
    )
    assert receipt.status == "task_reassigned"
    assert queries.campaign(steward, campaign_id=sent.campaign).doors.surveyed == 1
    assert task_reads.my_tasks(other) == ()


@db
def test_a_survey_through_the_common_outbox_ends_its_door_too(sent, staffed, steward) -> None:
    first, second, *_ = task_reads.my_tasks(staffed)
    good, bad = visits.submit(staffed, visits=[visit(first, "surveyed"), visit(second, "refused")])
    assert (good.status, bad.status, bad.code) == ("accepted", "rejected", "end_not_borne_out")
    assert queries.campaign(steward, campaign_id=sent.campaign).doors.surveyed == 1


@given(st.sampled_from(("", *VERBS)), *(st.booleans(),) * 3, st.sampled_from(("", "邻居称搬走")))
def test_a_visit_counts_only_when_all_three_are_seen(result, person, dwelling, state, evidence) -> None:
    try:
        verb = verb_of(result, saw_person=person, saw_dwelling=dwelling, saw_state=state, evidence=evidence)
    except ValueError:
        assert result
        return
    assert (verb == "attempt") == (result == "")
    assert verb != "survey" or (person and dwelling and state)
    assert verb in ("survey", "attempt") or evidence
    assert verb not in ("refuse", "empty") or (dwelling and state)


@db
def test_the_published_case_none_missed(register, steward, questions, staffed, access_for) -> None:
    """Jintaiyuan community, Renqiu: 2,726 households, 7,856 people, 5 days. Here with synthetic people: every door ends,
    the states add up to the doors each day, and each grid to the whole."""
    households, people, days = 2726, 7856, 5
    register(doors=households, people=people, grids=10)
    form = actions.draft_form(steward, title="全员排查", area=COMMUNITY, questions=questions)
    form = actions.check_form(steward, form=form.form_id)
    assert form.people == people
    sent = collecting.send(steward, form=form.form_id, due_at=NOW + timedelta(days=days), everyone=True)
    assert (sent.doors, sent.unassigned) == (households, 0)
    view = queries.campaign(steward, campaign_id=sent.campaign)
    assert view.people == people and view.saved_cells > people, "more than one question a head is saved"
    dispatcher = access_for("dispatcher", "community_service")
    origins = [
        (t.task_id, t.unit_no, door_of(t.origin_key))
        for t in task_reads.open_origins(dispatcher, prefix="campaign:")
    ]
    assert len(origins) == households
    ends = (("surveyed", (True,) * 3), *product(("refused", "empty", "not_found"), ((False, True, True),)))
    done = 0
    for day in range(days):
        todays = origins[day::days]
        handed = []
        for n, (task_id, unit_no, door) in enumerate(todays):
            result, saw = ends[0] if n % 20 else ends[1 + n // 20 % 3]
            at = NOW - timedelta(minutes=1)
            handed.append(
                HandedIn(
                    SubmittedVisit(
                        client_id=uuid4(), form="survey_visit", started_at=at, ended_at=at, saw_person=saw[0],
                        saw_dwelling=saw[1], saw_state=saw[2], task_id=task_id, unit_no=unit_no,
                        answers={"result": result, "evidence": "" if n % 20 else "物业与邻居证实"},
                    ),
                    door,
                )
            )  # fmt: skip
        receipts = collecting.hand_in(staffed, visits=handed)
        assert {r.status for r in receipts} == {"accepted"}
        done += len(todays)
        now = queries.campaign(steward, campaign_id=sent.campaign).doors
        assert now.waiting + now.surveyed + now.refused + now.empty + now.not_found == now.doors == households
        assert now.ended == done
    units = queries.progress(steward, campaign_id=sent.campaign)
    assert len(units) == 10 and sum(u.counts.doors for u in units) == households
    assert all(u.counts.waiting == 0 for u in units)
    assert not collecting.end(steward, campaign_id=sent.campaign)
