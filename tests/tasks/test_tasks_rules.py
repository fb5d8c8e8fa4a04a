"""Teams, kinds, deadlines, places and the order of a walk."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.kernel.problems import BadInput, Conflict, Refused
from wangge.tasks.rules.kinds import check_deadline, default_deadline, kind_named, shipped_kinds
from wangge.tasks.rules.places import places_above
from wangge.tasks.rules.teams import read_templates, shipped_templates, template_named, vacancies
from wangge.tasks.rules.walking import address_key, walking_key
from wangge.tasks.states import TASK_TABLE, WAITING, TaskState

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_the_templates_of_the_accounts_are_there() -> None:
    assert {"1+3+X", "4-for-1", "1+1+N", "1+5+N+X"} <= set(shipped_templates())
    three = template_named("1+3+X")
    assert [p.zh for p in three.posts[:3]] == ["监督员", "管理员", "协管员"]
    assert three.responsible_post.code == "manager"
    assert three.post("supervisor").oversight


@pytest.mark.parametrize("code", sorted(shipped_templates()))
def test_a_template_is_full_when_each_post_has_its_people(code: str) -> None:
    template = template_named(code)
    full = [post.code for post in template.posts for _ in range(post.least)]
    assert vacancies(template, full) == ()
    missing = vacancies(template, full[1:])
    assert [(v.post, v.missing) for v in missing] == [(full[0], 1)]
    one = next(post for post in template.posts if post.most == 1)
    assert [(v.post, v.missing) for v in vacancies(template, [*full, one.code])] == [(one.code, -1)]


def test_a_template_in_which_nobody_or_an_overseer_answers_is_refused() -> None:
    post = {"code": "a", "zh": "甲", "en": "a", "duty": "x", "least": 1, "most": 1}
    for posts in ([post], [{**post, "responsible": True, "oversight": True}]):
        with pytest.raises(ValueError, match="exactly one person"):
            read_templates(
                {"version": "1", "template": [{"code": "t", "zh": "t", "en": "t", "posts": posts}]}
            )


def test_unknown_names_say_which_are_known() -> None:
    with pytest.raises(BadInput, match="1\\+3\\+X"):
        template_named("2+2")
    with pytest.raises(BadInput, match="care_visit"):
        kind_named("tea")


@pytest.mark.parametrize("kind", sorted(shipped_kinds()))
def test_a_default_deadline_lies_ahead(kind: str) -> None:
    due = default_deadline(kind_named(kind), NOW)
    check_deadline(due, NOW)
    assert due > NOW


@given(st.timedeltas(max_value=timedelta()))
def test_a_deadline_in_the_past_is_refused_with_its_place(late: timedelta) -> None:
    late = max(late, timedelta(days=-3000))
    with pytest.raises(BadInput) as refused:
        check_deadline(NOW + late, NOW, "task 3")
    assert refused.value.code == "deadline_in_the_past"
    assert refused.value.place == "task 3"
    assert "已过" in refused.value.zh


def test_a_deadline_needs_a_zone() -> None:
    with pytest.raises(BadInput, match="time zone"):
        check_deadline(datetime(2027, 1, 1), NOW)  # noqa: DTZ001


def test_places_go_up_from_the_grid() -> None:
    assert places_above(120110001005003) == (
        ("grid", 120110001005003),
        ("community", 120110001005000),
        ("street", 120110001000000),
        ("district", 120110000000000),
    )
    assert places_above(120110001005000)[0] == ("community", 120110001005000)
    assert places_above(120110000000000) == (("district", 120110000000000),)


def test_buildings_are_walked_by_number() -> None:
    addresses = ["嘉春园10号楼1单元101", "嘉春园2号楼2单元101", "嘉春园2号楼1单元1001", "嘉春园2号楼1单元201"]
    assert sorted(addresses, key=address_key) == [addresses[3], addresses[2], addresses[1], addresses[0]]


@given(st.lists(st.text(max_size=12), min_size=2))
def test_any_addresses_can_be_ordered(addresses: list[str]) -> None:
    ordered = sorted(addresses, key=address_key)
    assert sorted(ordered, key=address_key) == ordered


def test_overdue_comes_before_urgent_before_near() -> None:
    def key(*, overdue: bool, urgent: bool, unit: int) -> object:
        return walking_key(overdue=overdue, urgent=urgent, unit_no=unit, address="1", name="")

    assert key(overdue=True, urgent=False, unit=9) < key(overdue=False, urgent=True, unit=1)  # type: ignore[operator]
    assert key(overdue=False, urgent=True, unit=9) < key(overdue=False, urgent=False, unit=1)  # type: ignore[operator]


@pytest.mark.parametrize("state", TaskState)
def test_every_state_has_an_owner_and_a_way_out_or_is_settled(state: TaskState) -> None:
    assert TASK_TABLE.states[state].owner
    assert bool(TASK_TABLE.steps(state)) is (state in WAITING)
    assert TASK_TABLE.states[state].settled is (state not in WAITING)


@given(st.lists(st.sampled_from(TASK_TABLE.verbs)))
def test_no_sequence_leaves_the_table_and_nothing_follows_the_end(verbs: list[str]) -> None:
    state = TASK_TABLE.initial
    for verb in verbs:
        ended = TASK_TABLE.states[state].settled
        try:
            state = TASK_TABLE.apply(state, verb, role="system", reason="because")
        except (Conflict, Refused):
            continue
        assert not ended
    assert state in TASK_TABLE.states
