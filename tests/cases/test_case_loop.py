"""The six steps through the doors, on the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.cases import actions, queries
from wangge.cases.states import CASE_TABLE, CaseState, LimitUnit, Located
from wangge.kernel.problems import BadInput, Conflict, NotFound, Problem, Refused

pytestmark = pytest.mark.django_db
UNIT = 120110001005003
Posts = dict[str, Any]


@pytest.fixture
def posts(access_for: Callable[..., Any]) -> Posts:
    """One access for each post of the loop; the department is "water"."""
    return {
        "worker": access_for("grid_worker", "case_handling"),
        "dispatcher": access_for("dispatcher", "case_handling"),
        "handler": access_for("handler", "case_handling", organisation="water"),
        "supervisor": access_for("supervisor", "case_handling", organisation="centre"),
    }


def _report(posts: Posts, **more: Any) -> Any:
    return actions.report(
        posts["worker"], category_code="M0501", unit_no=UNIT, description="3号楼前水管爆裂", **more
    )


def _to(posts: Posts, state: str, case_id: Any) -> None:
    """Walk the straight way until ``state``."""
    water = posts["handler"].organisation
    for verb, walk in {
        "accepted": lambda: actions.accept(posts["dispatcher"], case_id=case_id),
        "dispatched": lambda: actions.dispatch(posts["dispatcher"], case_id=case_id, organisation=water),
        "resolved": lambda: actions.resolve(posts["handler"], case_id=case_id, note="已更换水管"),
        "verified": lambda: actions.verify(posts["supervisor"], case_id=case_id),
        "closed": lambda: actions.close(posts["supervisor"], case_id=case_id),
        "evaluated": lambda: actions.evaluate(posts["supervisor"], case_id=case_id, score=5),
    }.items():
        assert walk().state == verb
        if verb == state:
            return


def test_a_burst_pipe_from_report_to_evaluation(posts: Posts) -> None:
    receipt = _report(
        posts, place="嘉春园3号楼", reporter_name="王五", reporter_phone="13800138000", lon=117.4, lat=39.1
    )
    _to(posts, "evaluated", receipt.case_id)
    seen = queries.case(posts["supervisor"], case_id=receipt.case_id)
    assert seen.number == receipt.number
    assert [step.verb for step in seen.steps] == [
        "report",
        "accept",
        "dispatch",
        "resolve",
        "verify",
        "close",
        "evaluate",
    ]
    assert [step.seq for step in seen.steps] == list(range(1, 8))
    assert seen.state is CaseState.EVALUATED
    assert seen.description == "3号楼前水管爆裂"
    assert seen.steps[3].note == "已更换水管"
    assert seen.steps[6].score == 5
    assert seen.closed_at is not None
    assert seen.title == "供水管道破裂"
    assert seen.limit_unit == LimitUnit.EMERGENCY_HOURS
    assert "M0501" in seen.limit_rule
    assert "calendar" in seen.limit_rule
    dispatched = seen.steps[2]
    assert seen.deadline_at == dispatched.at + timedelta(hours=2)


def test_the_same_report_sent_twice_is_one_case(posts: Posts) -> None:
    client = uuid4()
    first, again = (_report(posts, client_id=client) for _ in range(2))
    assert (first.existing, again.existing) == (False, True)
    assert first.case_id == again.case_id
    with pytest.raises(Conflict, match="client_id_taken"):
        actions.report(posts["dispatcher"], category_code="M0501", unit_no=UNIT, client_id=client)


def test_the_handler_and_the_handling_unit_cannot_judge(posts: Posts, access_for: Callable[..., Any]) -> None:
    receipt = _report(posts)
    _to(posts, "resolved", receipt.case_id)
    lent = access_for("supervisor", "case_handling", organisation="water")
    with pytest.raises(Refused, match="own_unit"):
        actions.verify(lent, case_id=receipt.case_id)
    assert queries.case(lent, case_id=receipt.case_id).next_steps == ()
    assert {step.verb for step in queries.case(posts["supervisor"], case_id=receipt.case_id).next_steps} == {
        "verify",
        "rework",
    }


def test_a_worker_who_handled_it_alone_cannot_verify_it(posts: Posts, access_for: Callable[..., Any]) -> None:
    worker, other = posts["worker"], access_for("grid_worker", "case_handling")
    receipt = _report(posts)
    actions.accept(posts["dispatcher"], case_id=receipt.case_id)
    actions.dispatch(posts["dispatcher"], case_id=receipt.case_id, actor=worker.actor)
    with pytest.raises(Refused, match="not_yours"):
        actions.resolve(other, case_id=receipt.case_id, note="x")
    actions.resolve(worker, case_id=receipt.case_id, note="关了阀门")
    with pytest.raises(Refused, match="own_handling"):
        actions.verify(worker, case_id=receipt.case_id)
    assert actions.verify(other, case_id=receipt.case_id).state is CaseState.VERIFIED


def test_rework_keeps_the_deadline_and_sending_back_needs_a_reason(posts: Posts) -> None:
    receipt = _report(posts)
    _to(posts, "resolved", receipt.case_id)
    before = queries.case(posts["supervisor"], case_id=receipt.case_id).deadline_at
    assert (
        actions.rework(posts["supervisor"], case_id=receipt.case_id, note="仍在漏水").state
        is CaseState.DISPATCHED
    )
    assert queries.case(posts["supervisor"], case_id=receipt.case_id).deadline_at == before
    with pytest.raises(Refused, match="reason_missing"):
        actions.send_back(posts["handler"], case_id=receipt.case_id, note=" ")
    assert (
        actions.send_back(posts["handler"], case_id=receipt.case_id, note="非本单位管养").state
        is CaseState.ACCEPTED
    )
    assert queries.case(posts["dispatcher"], case_id=receipt.case_id).handling_organisation is None


def test_reopening_starts_anew(posts: Posts) -> None:
    receipt = _report(posts)
    _to(posts, "closed", receipt.case_id)
    actions.reopen(posts["dispatcher"], case_id=receipt.case_id, note="又漏了")
    seen = queries.case(posts["dispatcher"], case_id=receipt.case_id)
    assert (seen.state, seen.closed_at, seen.deadline_at) == (CaseState.ACCEPTED, None, None)
    actions.dispatch(posts["dispatcher"], case_id=receipt.case_id, organisation=posts["handler"].organisation)
    assert queries.case(posts["dispatcher"], case_id=receipt.case_id).deadline_at is not None


def test_a_public_report_can_be_prechecked_and_cancelled(posts: Posts) -> None:
    receipt = _report(posts)
    actions.request_precheck(posts["dispatcher"], case_id=receipt.case_id)
    actions.precheck(posts["worker"], case_id=receipt.case_id, note="现场未发现")
    actions.cancel(posts["dispatcher"], case_id=receipt.case_id, note="不属实")
    with pytest.raises(Conflict, match="nothing can follow"):
        actions.accept(posts["dispatcher"], case_id=receipt.case_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category_code": "M9999"}, "category_unknown"),
        ({"unit_no": 110101001001001}, "unit_outside_scope"),
        ({"deadline_at": timezone.now() - timedelta(minutes=1)}, "deadline_in_the_past"),
        ({"description": "字" * 4001}, "case_text_too_long"),
        ({"taxonomy": "mars"}, "taxonomy_unknown"),
        ({"title": "路灯\0"}, "text_unreadable"),
    ],
)
def test_bad_reports_are_refused_in_both_languages(posts: Posts, change: dict[str, Any], code: str) -> None:
    good: dict[str, Any] = {"category_code": "M0501", "unit_no": UNIT}
    with pytest.raises(BadInput) as refused:
        actions.report(posts["worker"], **(good | change))
    assert refused.value.code == code
    assert refused.value.zh != refused.value.en


def test_a_position_that_cannot_be_trusted_is_kept_and_flagged(posts: Posts) -> None:
    ids = [
        _report(posts, lon=lon, lat=lat).case_id
        for lon, lat in [(117.4, 39.1), (0.0, 0.0), (200.0, 39.0), (None, None)]
    ]
    judged = [queries.case(posts["worker"], case_id=id_).located for id_ in ids]
    assert judged == [Located.POINT, Located.PLACEHOLDER, Located.OUT_OF_RANGE, Located.MISSING]
    assert [point.case_id for point in queries.cases_on_map(posts["worker"])] == ids[:1]


def test_steps_can_neither_be_changed_nor_removed(posts: Posts) -> None:
    receipt = _report(posts)
    for statement in (
        "UPDATE cases_casestep SET actor = 'somebody' WHERE case_id = %s",
        "DELETE FROM cases_casestep WHERE case_id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [receipt.case_id])
    assert len(queries.case(posts["worker"], case_id=receipt.case_id).steps) == 1


def test_free_text_is_sealed_in_the_table(posts: Posts) -> None:
    receipt = _report(posts, reporter_phone="13800138000", reporter_name="赵六")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
        cursor.execute("SELECT cases_case::text FROM cases_case WHERE id = %s", [receipt.case_id])
        row = cursor.fetchone()[0]
    assert receipt.number in row
    for text in ("13800138000", "赵六", "水管爆裂"):
        assert text not in row
        assert text.encode().hex() not in row


def test_out_of_territory_does_not_exist(posts: Posts, access_for: Callable[..., Any]) -> None:
    receipt = _report(posts)
    elsewhere = access_for("dispatcher", "case_handling", scope="330110")
    with pytest.raises(NotFound):
        queries.case(elsewhere, case_id=receipt.case_id)
    with pytest.raises(NotFound):
        actions.accept(elsewhere, case_id=receipt.case_id)
    assert queries.case_page(elsewhere).rows == ()


def test_a_department_lists_only_what_was_dispatched_to_it(
    posts: Posts, access_for: Callable[..., Any]
) -> None:
    mine, other = _report(posts), _report(posts)
    _to(posts, "dispatched", mine.case_id)
    assert [row.case_id for row in queries.case_page(posts["handler"]).rows] == [mine.case_id]
    with pytest.raises(NotFound):
        queries.case(posts["handler"], case_id=other.case_id)
    gas = access_for("handler", "case_handling", organisation="gas")
    with pytest.raises((Refused, NotFound)):
        actions.resolve(gas, case_id=mine.case_id, note="x")


def test_pages_show_each_case_once_and_count_with_a_cap(posts: Posts) -> None:
    made = [_report(posts).case_id for _ in range(7)]
    shown, cursor = [], None
    while True:
        page = queries.case_page(posts["dispatcher"], size=3, cursor=cursor)
        shown += [row.case_id for row in page.rows]
        assert (page.total == 7) is (cursor is None)
        if not page.more:
            break
        cursor = page.next
    assert shown == made[::-1]
    with pytest.raises(BadInput):
        queries.case_page(posts["dispatcher"], cursor="rubbish")


def test_pages_filter(posts: Posts) -> None:
    first, second = _report(posts, reporter_phone="138-0013-8000"), _report(posts)
    _to(posts, "dispatched", first.case_id)
    dispatcher = posts["dispatcher"]

    def ids(**filters: Any) -> list[Any]:
        return [row.case_id for row in queries.case_page(dispatcher, **filters).rows]

    assert ids(states=[CaseState.REPORTED]) == [second.case_id]
    assert ids(number=first.number) == [first.case_id]
    assert ids(phone="13800138000") == [first.case_id]
    assert ids(category_code="F0101") == []
    assert ids(order=queries.Order.DEADLINE) == [first.case_id]
    assert ids(overdue=True) == []
    counts = queries.counts(dispatcher)
    assert counts.of(CaseState.REPORTED) == counts.of(CaseState.DISPATCHED) == 1
    assert counts.overdue == 0


def test_the_leader_may_look_but_not_touch_and_the_auditor_sees_masks(
    posts: Posts, access_for: Callable[..., Any]
) -> None:
    receipt = _report(posts, reporter_phone="13800138000")
    leader = access_for("leader", "case_handling")
    assert queries.case(leader, case_id=receipt.case_id).next_steps == ()
    with pytest.raises(Refused):
        actions.accept(leader, case_id=receipt.case_id)
    masked = queries.case(access_for("auditor", "audit"), case_id=receipt.case_id)
    assert masked.description == "***"
    assert masked.reporter_phone == "138****8000"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=st.lists(st.sampled_from(CASE_TABLE.verbs), max_size=12))
def test_no_sequence_of_actions_leaves_the_table(posts: Posts, verbs: list[str]) -> None:
    case_id = _report(posts).case_id
    state, taken = CaseState.REPORTED, 1
    for verb in verbs:
        more: dict[str, Any] = {"score": 3} if verb == "evaluate" else {"note": "because"}
        if verb == "dispatch":
            more = {"organisation": posts["handler"].organisation}
        allowed = [who for who in posts.values() if CASE_TABLE.may(state, verb, who.role)]
        try:
            state = getattr(actions, verb)(
                (allowed or [posts["dispatcher"]])[-1], case_id=case_id, **more
            ).state
            taken += 1
            assert allowed
        except Problem:
            pass
    seen = queries.case(posts["dispatcher"], case_id=case_id)
    assert seen.state is state
    assert len(seen.steps) == taken
    walked = [(step.from_state, step.verb, step.to_state) for step in seen.steps[1:]]
    assert set(walked) <= {(t.source, t.verb, t.target) for t in CASE_TABLE.transitions}
    assert all(
        earlier.to_state == later.from_state
        for earlier, later in zip(seen.steps, seen.steps[1:], strict=False)
    )
