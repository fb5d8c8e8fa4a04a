"""Facts that follow from a household: never more than is known."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.screening.rules.derivation import PersonIn, facts_of_persons, flag, front_line

UNIT = 120110001001001


def person(name: str, household: str, size: int, age: int | None, **told: str) -> PersonIn:
    return PersonIn(name, UNIT, household, size, age, told=told)


def facts(persons: list[PersonIn], **more) -> dict[str, dict]:
    table = facts_of_persons(persons, **more)
    return {p.person_id: table.facts_at(i) for i, p in enumerate(persons)}


def test_adults_at_home_are_the_others_who_can_care() -> None:
    got = facts([person("child", "h", 3, 5), person("mother", "h", 3, 34), person("granny", "h", 3, 74)])
    assert {name: one["adults_at_home"] for name, one in got.items()} == {
        "child": 1,
        "mother": 0,
        "granny": 1,
    }


def test_an_isolated_parent_cannot_care() -> None:
    family = [person("child", "h", 2, 5), person("mother", "h", 2, 34)]
    assert facts(family, isolated=frozenset({"mother"}))["child"]["adults_at_home"] == 0
    assert facts(family, isolated=frozenset({"mother"}))["mother"]["isolated_at_home"] is True
    assert facts(family)["child"]["adults_at_home"] == 1


def test_a_household_that_is_not_wholly_known_says_nothing() -> None:
    assert facts([person("child", "h", 1, 5)])["child"]["adults_at_home"] is None
    assert facts([person("child", "h", 3, 5), person("x", "h", 3, 8)])["child"]["adults_at_home"] is None
    assert facts([person("child", "h", 2, 5), person("x", "h", 2, None)])["child"]["adults_at_home"] is None
    assert facts([person("child", "", 1, 5)])["child"]["adults_at_home"] is None


def test_alone_is_as_told_and_never_guessed_from_a_household_of_one() -> None:
    assert facts([person("a", "h", 1, 85)])["a"]["lives_alone"] is None
    assert facts([person("a", "h", 2, 85)])["a"]["lives_alone"] is False
    assert facts([person("a", "h", 2, 85, lives_alone="True")])["a"]["lives_alone"] is True


def test_a_front_line_worker_makes_the_others_a_front_line_family() -> None:
    nurse = person("nurse", "h", 2, 40, employer="天津市东丽区中医医院")
    got = facts([nurse, person("father", "h", 2, 70), person("other", "g", 1, 70)])
    assert got["father"]["frontline_family"] is True
    assert got["nurse"]["frontline_family"] is False
    assert got["other"]["frontline_family"] is False
    assert front_line().employs({"employer": "某某公司"}) is False


def test_told_words_are_read_and_strange_ones_are_unknown() -> None:
    assert [flag(t) for t in ("True", "是", "0", "无", "maybe", "", None)] == [
        True,
        True,
        False,
        False,
        None,
        None,
        None,
    ]


@settings(max_examples=60, deadline=None)
@given(
    ages=st.lists(st.none() | st.integers(0, 100), min_size=2, max_size=6),
    away=st.sets(st.integers(0, 5)),
)
def test_isolating_somebody_never_adds_a_carer(ages, away) -> None:
    family = [person(str(i), "h", len(ages), age) for i, age in enumerate(ages)]
    before = facts(family)
    after = facts(family, isolated=frozenset(map(str, away)))
    for name in before:
        a, b = before[name]["adults_at_home"], after[name]["adults_at_home"]
        assert b is None or a is None or b <= a
