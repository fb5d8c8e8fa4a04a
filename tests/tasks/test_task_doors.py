"""Teams, the one responsible person, and tasks through the doors, on the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.access.vault import destroy_key
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import interval_of
from wangge.tasks import actions, queries
from wangge.tasks.models import Responsibility
from wangge.tasks.states import TaskState
from wangge.tasks.types import Appointment, Completion, NewTask, Subject

pytestmark = pytest.mark.django_db
UNIT = 120110001005003
NEXT_DOOR = 120110001005004
TODAY = timezone.localdate()
Posts = dict[str, Any]


@pytest.fixture
def posts(access_for: Callable[..., Any]) -> Posts:
    return {
        "li": access_for("grid_worker", "community_service", username="li"),
        "zhao": access_for("grid_worker", "community_service", username="zhao"),
        "dispatcher": access_for("dispatcher", "community_service"),
    }


def _manager(worker: Any, name: str = "李网格", unit_no: int = UNIT, **more: Any) -> Appointment:
    return Appointment(unit_no, "manager", name, actor=worker.actor, phone="13900001111", **more)


def _appoint(posts: Posts, *appointments: Appointment) -> Any:
    return actions.appoint(posts["dispatcher"], appointments=appointments)


def _task(number: int = 1, **more: Any) -> NewTask:
    about = Subject(
        person_id=uuid4(),
        name="王奶奶",
        phone="13812345678",
        address="嘉春园2号楼1单元201",
        reasons=("独居",),
    )
    return replace(NewTask("care_visit", UNIT, f"finding:{number}", about), **more)


def test_a_team_by_template_and_what_it_lacks(posts: Posts) -> None:
    result = _appoint(
        posts,
        _manager(posts["li"]),
        Appointment(UNIT, "assistant", "钱协管", phone="13700000000"),
        Appointment(UNIT, "volunteer", "孙志愿", station="邮政驿站"),
        Appointment(UNIT, "volunteer", "周志愿", station="工会驿站"),
    )
    assert (result.appointed, result.unchanged) == (4, 0)
    team = queries.team(posts["li"], unit_no=UNIT)
    assert team is not None
    assert [(m.post_zh, m.name) for m in team.members] == [
        ("管理员", "李网格"),
        ("协管员", "钱协管"),
        ("志愿者", "孙志愿"),
        ("志愿者", "周志愿"),
    ]
    assert [(v.zh, v.missing) for v in team.vacancies] == [("监督员", 1)]
    assert _appoint(posts, _manager(posts["li"])).unchanged == 1


def test_anyone_on_staff_finds_who_is_responsible(posts: Posts, access_for: Callable[..., Any]) -> None:
    _appoint(posts, _manager(posts["li"]))
    elsewhere = access_for("handler", "case_handling", scope="330110")
    found = queries.who_is_responsible(elsewhere, unit_no=UNIT)
    assert found is not None
    assert (found.name, found.level, found.phone, found.actor) == (
        "李网格",
        "grid",
        "13900001111",
        posts["li"].actor,
    )
    assert queries.who_is_responsible(elsewhere, unit_no=NEXT_DOOR) is None
    assert queries.who_is_responsible(elsewhere, unit_no=UNIT, on=TODAY - timedelta(days=1)) is None


def test_where_a_grid_has_nobody_the_community_answers(posts: Posts) -> None:
    community = UNIT // 1000 * 1000
    _appoint(posts, _manager(posts["zhao"], "赵主任", unit_no=community))
    found = queries.who_is_responsible(posts["li"], unit_no=UNIT)
    assert found is not None
    assert (found.name, found.level) == ("赵主任", "community")
    assert [r.name for r in queries.responsible_for(posts["li"], unit_nos=[UNIT, NEXT_DOOR])] == [
        "赵主任"
    ] * 2


def test_one_person_at_a_time_answers_for_a_grid(posts: Posts) -> None:
    start = TODAY - timedelta(days=30)
    _appoint(posts, _manager(posts["li"], valid_from=start))
    _appoint(posts, _manager(posts["zhao"], "赵网格", valid_from=TODAY))
    names = {
        on: queries.who_is_responsible(posts["li"], unit_no=UNIT, on=on)
        for on in (start, TODAY - timedelta(days=1), TODAY)
    }
    assert [held.name for held in names.values() if held] == ["李网格", "李网格", "赵网格"]
    with pytest.raises(Conflict, match="predecessor"):
        _appoint(posts, _manager(posts["li"], valid_from=start))
    with pytest.raises(IntegrityError, match="one_person_answers"), transaction.atomic():
        Responsibility.objects.create(
            unit_no=UNIT,
            actor="x",
            name_sealed=b"x",
            post="manager",
            template="1+3+X",
            valid_from=TODAY,
            appointed_by="x",
        )


DAYS = st.integers(0, 40)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["li", "zhao"]), DAYS), max_size=6))
def test_on_every_day_at_most_one_answers(posts: Posts, history: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        expected: list[tuple[date, str]] = []
        for who, offset in history:
            day = TODAY - timedelta(days=20) + timedelta(days=offset)
            try:
                _appoint(posts, _manager(posts[who], who, valid_from=day))
            except Conflict:
                continue
            if not expected or expected[-1][1] != who:
                expected.append((day, who))
        for offset in range(42):
            day = TODAY - timedelta(days=20) + timedelta(days=offset)
            held = queries.who_is_responsible(posts["li"], unit_no=UNIT, on=day)
            due = [who for since, who in expected if since <= day]
            assert (held.name if held else None) == (due[-1] if due else None)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("appointment", "code"),
    [
        (Appointment(UNIT, "manager", "无账号"), "responsible_without_account"),
        (Appointment(UNIT, "king", "王"), "post_unknown"),
        (Appointment(UNIT, "assistant", " "), "member_without_name"),
        (Appointment(UNIT, "assistant", "钱", station="某站"), "station_not_for_post"),
        (Appointment(UNIT, "assistant", "钱", template="9+9"), "team_template_unknown"),
        (Appointment(330110001001001, "assistant", "钱"), "unit_outside_scope"),
    ],
)
def test_bad_appointments_are_refused(posts: Posts, appointment: Appointment, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        _appoint(posts, appointment)
    assert refused.value.code == code


def test_the_same_finding_makes_one_task_for_the_one_responsible(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    new = [_task(1), _task(2), _task(1), _task(3, unit_no=NEXT_DOOR)]
    first = actions.create_tasks(posts["dispatcher"], tasks=new)
    assert (first.created, first.existing, first.unassigned) == (3, 1, 1)
    again = actions.create_tasks(posts["dispatcher"], tasks=new)
    assert (again.created, again.existing) == (0, 4)
    mine = queries.my_tasks(posts["li"])
    assert {task.origin_key for task in mine} == {"finding:1", "finding:2"}
    assert mine[0].name == "王奶奶"
    assert mine[0].reasons == ("独居",)
    assert queries.my_tasks(posts["zhao"]) == ()
    counts = queries.counts(posts["dispatcher"])
    assert (counts.waiting, counts.unassigned, counts.overdue) == (3, 1, 0)
    assert [(load.unit_no, load.waiting) for load in queries.load_by_unit(posts["dispatcher"])] == [
        (UNIT, 2),
        (NEXT_DOOR, 1),
    ]


def test_a_deadline_in_the_past_makes_nothing(posts: Posts) -> None:
    with pytest.raises(BadInput) as refused:
        actions.create_tasks(
            posts["dispatcher"], tasks=[_task(1), _task(2, deadline_at=timezone.now() - timedelta(hours=1))]
        )
    assert refused.value.code == "deadline_in_the_past"
    assert refused.value.place == "task 2 (finding:2)"
    assert queries.counts(posts["dispatcher"]).waiting == 0


def test_a_new_responsible_person_takes_over_the_open_tasks(
    posts: Posts, system_access: Callable[..., Any]
) -> None:
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1), _task(2)])
    assert _appoint(posts, _manager(posts["li"])).handed_over == 2
    assert len(queries.my_tasks(posts["li"])) == 2
    assert _appoint(posts, _manager(posts["zhao"], "赵网格")).handed_over == 2
    assert queries.my_tasks(posts["li"]) == ()
    (first, _) = queries.my_tasks(posts["zhao"])
    assert [step.verb for step in queries.task(posts["zhao"], task_id=first.task_id).steps] == [
        "assign",
        "reassign",
    ]
    assert actions.hand_over(system_access("community_service")) == 0


def test_an_appointment_for_later_takes_effect_on_its_day(
    posts: Posts, system_access: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    tomorrow = TODAY + timedelta(days=1)
    assert _appoint(posts, _manager(posts["zhao"], "赵网格", valid_from=tomorrow)).handed_over == 0
    assert len(queries.my_tasks(posts["li"])) == 1
    monkeypatch.setattr("wangge.tasks.actions.handing.today", lambda: tomorrow)
    assert actions.hand_over(system_access("community_service")) == 1
    assert len(queries.my_tasks(posts["zhao"])) == 1


def test_who_leaves_hands_everything_on(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    gone = actions.dismiss(posts["dispatcher"], unit_no=UNIT, actor=posts["li"].actor)
    assert gone.handed_over == 1
    assert queries.who_is_responsible(posts["li"], unit_no=UNIT) is None
    assert queries.my_tasks(posts["li"]) == ()
    assert queries.counts(posts["dispatcher"]).unassigned == 1
    with pytest.raises(NotFound):
        actions.dismiss(posts["dispatcher"], unit_no=UNIT, actor=posts["li"].actor)
    community = UNIT // 1000 * 1000
    _appoint(posts, _manager(posts["zhao"], "赵主任", unit_no=community))
    _appoint(posts, _manager(posts["li"]))
    actions.dismiss(posts["dispatcher"], unit_no=UNIT, actor=posts["li"].actor)
    (task,) = queries.my_tasks(posts["zhao"])
    assert [s.verb for s in queries.task(posts["zhao"], task_id=task.task_id).steps] == [
        "release",
        "assign",
        "reassign",
    ]


def test_a_task_changes_hands_with_a_reason(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    (task,) = queries.my_tasks(posts["li"])
    assert actions.mark_seen(posts["li"], task_ids=[task.task_id]) == 1
    assert actions.mark_seen(posts["li"], task_ids=[task.task_id]) == 0
    zhao = posts["zhao"].actor
    with pytest.raises(Refused, match="reason_missing"):
        actions.reassign(posts["dispatcher"], task_ids=[task.task_id], actor=zhao, reason=" ")
    with pytest.raises(Refused, match="not_permitted"):
        actions.reassign(posts["li"], task_ids=[task.task_id], actor=zhao, reason="忙")
    for nobody in ("nobody", str(uuid4())):
        with pytest.raises(BadInput, match="worker_unknown"):
            actions.reassign(posts["dispatcher"], task_ids=[task.task_id], actor=nobody, reason="病假")
    assert actions.reassign(posts["dispatcher"], task_ids=[task.task_id], actor=zhao, reason="病假") == 1
    assert [t.state for t in queries.my_tasks(posts["zhao"])] == [TaskState.ASSIGNED]
    with pytest.raises(NotFound):
        queries.task(posts["li"], task_id=task.task_id)
    with pytest.raises(NotFound):
        actions.reassign(posts["dispatcher"], task_ids=[uuid4()], actor=zhao, reason="x")
    assert queries.task(posts["dispatcher"], task_id=task.task_id).steps[-1].reason == "病假"


def test_a_visit_completes_a_task_once(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    (task,) = queries.my_tasks(posts["li"])
    now = timezone.now()
    missed = Completion(task.task_id, uuid4(), now, met=False)
    done = Completion(task.task_id, uuid4(), now)
    other = Completion(task.task_id, uuid4(), now)
    unknown = Completion(uuid4(), uuid4(), now)

    def enter(who: str, *completions: Completion) -> list[str]:
        return [answer.status for answer in actions.complete(posts[who], completions=completions)]

    assert enter("zhao", done) == ["not_yours"]
    assert enter("li", missed, missed) == ["attempted", "already"]
    assert queries.my_tasks(posts["li"])[0].attempts == 1
    assert enter("li", done, unknown) == ["done", "unknown"]
    assert enter("li", done, missed, other) == ["already", "already", "closed"]
    seen = queries.task(posts["li"], task_id=task.task_id)
    assert (seen.state, seen.visit_id) == (TaskState.DONE, done.visit_id)
    assert queries.my_tasks(posts["li"]) == ()
    assert queries.counts(posts["dispatcher"]).done == 1


def test_cancelling_by_origin_leaves_what_is_done(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1), _task(2)])
    by_key = {task.origin_key: task for task in queries.my_tasks(posts["li"])}
    actions.complete(
        posts["li"], completions=[Completion(by_key["finding:1"].task_id, uuid4(), timezone.now())]
    )
    keys = ["finding:1", "finding:2", "finding:9"]
    assert actions.cancel(posts["dispatcher"], origin_keys=keys, reason="排除") == 1
    states = {row.state for row in queries.task_page(posts["dispatcher"], states=list(TaskState)).rows}
    assert states == {TaskState.DONE, TaskState.CANCELLED}


def test_the_walk_goes_building_by_building(posts: Posts) -> None:
    _appoint(posts, _manager(posts["li"]))
    doors = ["嘉春园10号楼1单元101", "嘉春园2号楼1单元1001", "嘉春园2号楼1单元201"]
    actions.create_tasks(
        posts["dispatcher"],
        tasks=[_task(n, subject=Subject(address=address)) for n, address in enumerate(doors)]
        + [NewTask("symptom_check", UNIT, "finding:urgent", Subject(address="嘉春园99号楼1单元101"))],
    )
    assert [task.address for task in queries.my_tasks(posts["li"])] == ["嘉春园99号楼1单元101", *doors[::-1]]


def test_pages_by_deadline_show_each_task_once(posts: Posts) -> None:
    soon = timezone.now() + timedelta(hours=1)
    new = [
        _task(n, deadline_at=soon + timedelta(minutes=n // 2), grade="red" if n % 2 else "blue")
        for n in range(7)
    ]
    actions.create_tasks(posts["dispatcher"], tasks=new)
    shown, cursor = [], None
    while True:
        page = queries.task_page(posts["dispatcher"], size=3, cursor=cursor)
        shown += page.rows
        if not page.more:
            break
        cursor = page.next
    assert len({row.task_id for row in shown}) == 7
    assert [row.deadline_at for row in shown] == sorted(row.deadline_at for row in shown)
    assert len(queries.task_page(posts["dispatcher"], grade="red").rows) == 3
    assert queries.task_page(posts["dispatcher"], unit=interval_of("120110002")).rows == ()
    assert queries.task_page(posts["dispatcher"], overdue=True).rows == ()
    assert [(g.grade, g.number) for g in queries.counts(posts["dispatcher"]).by_grade] == [
        ("blue", 4),
        ("red", 3),
    ]


def test_tasks_about_a_person_are_found_by_reference(posts: Posts) -> None:
    person = uuid4()
    actions.create_tasks(
        posts["dispatcher"], tasks=[_task(1, subject=Subject(person_id=person, name="王奶奶")), _task(2)]
    )
    (row,) = queries.tasks_about(posts["dispatcher"], person_id=person)
    assert queries.task(posts["dispatcher"], task_id=row.task_id).person_id == person


def test_an_emergencys_tasks_live_and_die_with_it(
    posts: Posts, access_for: Callable[..., Any], system_access: Callable[..., Any], emergency: UUID
) -> None:
    marker = "MARKER独一无二"
    _appoint(posts, _manager(posts["li"]))
    flow = system_access("epidemic_response", emergency=emergency)
    about = Subject(person_id=uuid4(), name=marker, address=marker, reasons=(marker,))
    actions.create_tasks(flow, tasks=[NewTask("symptom_check", UNIT, "finding:e1", about, grade="red")])
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])

    under = access_for("grid_worker", "epidemic_response", username="li", emergency=emergency)
    assert [task.name for task in queries.my_tasks(under)] == [marker, "王奶奶"]
    assert [task.name for task in queries.my_tasks(posts["li"])] == ["王奶奶"]
    assert queries.counts(posts["dispatcher"]).waiting == 1
    (row,) = queries.task_page(flow).rows
    with pytest.raises(NotFound):
        queries.task(posts["dispatcher"], task_id=row.task_id)
    actions.mark_seen(under, task_ids=[row.task_id])

    with pytest.raises(Refused, match="not_under_this_emergency"):
        actions.destroy_emergency(flow, emergency=uuid4())
    counts = {store.store: store.count for store in actions.destroy_emergency(flow, emergency=emergency)}
    assert counts == {"tasks_task": 1, "tasks_taskstep": 1}
    destroy_key(emergency)
    assert queries.counts(flow).waiting == 0
    assert len(queries.my_tasks(posts["li"])) == 1


def test_nothing_about_a_person_stands_open_in_the_table(posts: Posts) -> None:
    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    _appoint(posts, _manager(posts["li"]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        dump = ""
        for table in ("tasks_task", "tasks_teammember", "tasks_responsibility"):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            dump += "\n".join(row[0] for row in cursor.fetchall())
    assert "finding:1" in dump
    for text in ("王奶奶", "13812345678", "嘉春园", "13900001111", "李网格"):
        assert text not in dump
        assert text.encode().hex() not in dump


def test_the_daily_job_hands_over_in_peacetime_and_in_each_emergency(
    posts: Posts, system_access: Callable[..., Any], emergency: UUID
) -> None:
    from wangge.tasks.jobs import hand_over

    actions.create_tasks(posts["dispatcher"], tasks=[_task(1)])
    actions.create_tasks(system_access("epidemic_response", emergency=emergency), tasks=[_task(2)])
    Responsibility.objects.create(
        unit_no=UNIT,
        actor=posts["li"].actor,
        name_sealed=b"x",
        post="manager",
        template="1+3+X",
        valid_from=TODAY,
        appointed_by="x",
    )
    assert hand_over(timestamp=0) == 2
    assert hand_over(timestamp=0) == 0


def test_an_outline_says_what_and_where_but_not_about_whom(
    posts: Posts, access_for: Callable[..., Any]
) -> None:
    _appoint(posts, _manager(posts["li"]))
    actions.create_tasks(posts["dispatcher"], tasks=[_task()])
    task_id = queries.task_page(posts["dispatcher"]).rows[0].task_id
    leader = access_for("leader", "community_service")
    seen = queries.task_outline(leader, task_id=task_id)
    assert seen == queries.task_page(leader).rows[0]
    with pytest.raises(Refused):
        queries.task(leader, task_id=task_id)
    with pytest.raises(NotFound):
        queries.task_outline(leader, task_id=uuid4())
