"""The rule language: what it reads, what it refuses, and that one person and everybody get the same answer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.kernel.problems import BadInput
from wangge.screening.rules.columns import column, masks
from wangge.screening.rules.language import FactKind, facts_in, parse
from wangge.screening.rules.naive import holds

ON = date(2020, 2, 10)
FACTS = {
    "lonely": FactKind.FLAG,
    "helped": FactKind.FLAG,
    "age": FactKind.NUMBER,
    "hours": FactKind.NUMBER,
    "seen_on": FactKind.DATE,
    "met_on": FactKind.DATE,
    "school": FactKind.WORD,
}
DAYS = st.dates(ON - timedelta(days=40), ON + timedelta(days=5))
VALUES = {
    FactKind.FLAG: st.booleans(),
    FactKind.NUMBER: st.integers(0, 100) | st.floats(0, 100, allow_nan=False),
    FactKind.DATE: DAYS,
    FactKind.WORD: st.sampled_from(["a", "b", "学校"]),
}


def person() -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in FACTS.items()})


def atom(name: str) -> st.SearchStrategy[str]:
    kind = FACTS[name]
    missing = st.just(f"missing({name})")
    order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    match kind:
        case FactKind.FLAG:
            return missing | st.just(name)
        case FactKind.NUMBER:
            return missing | st.builds("{0} {1} {2}".format, st.just(name), order, st.integers(0, 100))
        case FactKind.DATE:
            since = st.builds("days_since({0}) {1} {2}".format, st.just(name), order, st.integers(0, 40))
            return missing | since | st.builds("{0} {1} '{2}'".format, st.just(name), order, DAYS)
        case FactKind.WORD:
            return missing | st.sampled_from([f"{name} == 'a'", f"{name} in ('a', '学校')", f"{name} != 'b'"])


def conditions() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(sorted(FACTS)).flatmap(atom)
    return st.recursive(
        atoms,
        lambda inner: (
            st.builds("({0} {1} {2})".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("(not {0})".format, inner)
        ),
        max_leaves=8,
    )


@settings(max_examples=150, deadline=None)
@given(text=conditions(), people=st.lists(person(), min_size=1, max_size=12))
def test_everybody_at_once_agrees_with_one_by_one(text: str, people: list[dict]) -> None:
    node = parse(text, FACTS)
    columns = {name: column([p[name] for p in people], kind) for name, kind in FACTS.items()}
    got = masks(node, columns, len(people), ON)
    one_by_one = [holds(node, p, ON) for p in people]
    assert got.true.tolist() == [answer is True for answer in one_by_one]
    assert got.known.tolist() == [answer is not None for answer in one_by_one]


@settings(max_examples=60, deadline=None)
@given(text=conditions(), one=person())
def test_knowing_more_never_turns_a_sure_answer(text: str, one: dict) -> None:
    """Kleene's law: an answer given in spite of missing facts stands whatever they turn out to be."""
    node = parse(text, FACTS)
    if "missing(" in text:
        return
    known = {name: value for name, value in one.items() if value is not None}
    for name in known:
        less = holds(node, {**one, name: None}, ON)
        assert less is None or less == holds(node, one, ON)


def test_a_fact_without_a_column_is_missing_for_all() -> None:
    got = masks(parse("missing(age) or age > 3", FACTS), {}, 3, ON)
    assert got.true.all()
    assert not masks(parse("age > 3", FACTS), {}, 3, ON).known.any()


def test_a_day_to_come_is_unknown_and_not_recent() -> None:
    node = parse("days_since(met_on) <= 14", FACTS)
    assert holds(node, {"met_on": ON + timedelta(days=1)}, ON) is None
    assert holds(node, {"met_on": ON}, ON) is True


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ethnicity == 'x'", "fact_unknown"),
        ("age", "fact_of_wrong_kind"),
        ("days_since(age) > 3", "fact_of_wrong_kind"),
        ("age >", "rule_not_readable"),
        ("age > '3'", "rule_not_readable"),
        ("age > True", "rule_not_readable"),
        ("seen_on > '2020-13-01'", "rule_not_readable"),
        ("1 < age < 3", "rule_not_readable"),
        ("age > hours", "rule_not_readable"),
        ("school < 'b'", "rule_not_readable"),
        ("lonely == 1", "rule_not_readable"),
        ("__import__('os')", "rule_not_readable"),
        ("age.real > 1", "rule_not_readable"),
        ("[x for x in age]", "rule_not_readable"),
    ],
)
def test_what_the_language_refuses(text: str, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse(text, FACTS, place="pack/rule")
    assert refusal.value.code == code
    assert refusal.value.place == "pack/rule"
    assert refusal.value.zh and refusal.value.en and refusal.value.zh != refusal.value.en


def test_facts_are_named_in_order_of_reading() -> None:
    assert facts_in(parse("lonely and not (age > 3 or missing(seen_on)) and lonely", FACTS)) == (
        "lonely",
        "age",
        "seen_on",
    )


def test_columns_take_arrays_and_refuse_strange_values() -> None:
    assert column(np.array([True, False]), FactKind.FLAG).tolist() == [1, 0]
    assert column([1, None, 0], FactKind.FLAG).tolist() == [1, -1, 0]
    with pytest.raises(BadInput) as refusal:
        column([2], FactKind.FLAG, name="lonely")
    assert refusal.value.place == "lonely"
    with pytest.raises(BadInput):
        column(["many"], FactKind.NUMBER, name="age")
    with pytest.raises(BadInput):
        column(["soon"], FactKind.DATE, name="seen_on")
