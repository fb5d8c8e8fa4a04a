"""Verdicts: everybody at once equals one by one, vulnerability never restricts, every verdict explains itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.kernel.problems import BadInput
from wangge.screening.rules.bulk import evaluate_columns, fact_table, verdict_at
from wangge.screening.rules.catalogue import catalogue
from wangge.screening.rules.language import FactKind
from wangge.screening.rules.packs import shipped
from wangge.screening.rules.verdicts import end_of, evaluate
from wangge.screening.states import FactClass, Tier

ON = date(2020, 2, 10)
VALUES = {
    FactKind.FLAG: st.booleans(),
    FactKind.NUMBER: st.integers(0, 100),
    FactKind.DATE: st.dates(ON - timedelta(days=40), ON + timedelta(days=2)),
    FactKind.WORD: st.sampled_from(["a", "b"]),
}
PEOPLE = st.fixed_dictionaries({name: st.none() | VALUES[fact.kind] for name, fact in catalogue().items()})


@settings(max_examples=60, deadline=None)
@given(people=st.lists(PEOPLE, min_size=1, max_size=8), code=st.sampled_from(sorted(shipped())))
def test_everybody_at_once_agrees_with_one_by_one(people: list[dict], code: str) -> None:
    pack = shipped()[code]
    table = fact_table(
        subjects=[str(i) for i in range(len(people))],
        unit_nos=[120110001001001] * len(people),
        facts={name: [p[name] for p in people] for name in catalogue()},
    )
    outcome = evaluate_columns(pack, table, ON)
    bulk = {int(outcome.rows[k]): verdict_at(outcome, table, k) for k in range(len(outcome.rows))}
    for i, one in enumerate(people):
        assert bulk.get(i) == evaluate(pack, one, ON)
    assert [int(p) for p in outcome.priority] == [verdict.priority for verdict in bulk.values()]


@settings(max_examples=60, deadline=None)
@given(one=PEOPLE)
def test_vulnerability_never_changes_a_tier(one: dict) -> None:
    """Whatever is known of age, illness or pregnancy, the exposure verdict is the same."""
    soft = {name for name, f in catalogue().items() if f.fact_class is not FactClass.EXPOSURE}
    bare = {name: None if name in soft else value for name, value in one.items()}
    assert evaluate(shipped()["exposure"], one, ON) == evaluate(shipped()["exposure"], bare, ON)
    vulnerable = evaluate(shipped()["vulnerability"], one, ON)
    assert vulnerable is None or vulnerable.tier is None


@settings(max_examples=60, deadline=None)
@given(one=PEOPLE, code=st.sampled_from(sorted(shipped())))
def test_every_verdict_explains_itself_in_both_languages(one: dict, code: str) -> None:
    verdict = evaluate(shipped()[code], one, ON)
    if verdict is None:
        return
    assert verdict.rule in {reason.rule for reason in verdict.reasons}
    assert verdict.what_would_change
    assert verdict.facts_used
    assert verdict.expires_at > datetime(2020, 2, 10, tzinfo=UTC)
    for said in (*(reason.said for reason in verdict.reasons), *verdict.what_would_change):
        assert said.zh and said.en
        assert "{" not in said.zh + said.en


def test_the_most_pressing_rule_decides_and_says_what_would_be_left() -> None:
    verdict = evaluate(
        shipped()["exposure"],
        {"close_contact_on": ON - timedelta(days=3), "general_contact_on": ON - timedelta(days=1)},
        ON,
    )
    assert verdict is not None
    assert (verdict.tier, verdict.rule, verdict.otherwise) == (
        Tier.RED,
        "exposure.close_contact",
        Tier.YELLOW,
    )
    assert "2020-02-07" in verdict.reasons[0].said.zh
    assert verdict.expires_at == end_of(date(2020, 2, 21))


def test_a_contact_of_fifteen_days_ago_is_over() -> None:
    pack = shipped()["exposure"]
    assert evaluate(pack, {"close_contact_on": ON - timedelta(days=14)}, ON) is not None
    assert evaluate(pack, {"close_contact_on": ON - timedelta(days=15)}, ON) is None


def test_a_verdict_ends_when_its_rule_would_no_longer_hold() -> None:
    pack = shipped()["exposure"]
    facts = {"close_contact_on": ON}
    verdict = evaluate(pack, facts, ON)
    assert verdict is not None
    last = (verdict.expires_at - timedelta(seconds=1)).date()
    assert evaluate(pack, facts, last) is not None
    assert evaluate(pack, facts, last + timedelta(days=2)) is None


def test_a_short_stay_in_an_affected_area_is_no_finding() -> None:
    pack = shipped()["exposure"]
    facts = {"affected_area_hours": 1.5, "affected_area_left_on": ON}
    assert evaluate(pack, facts, ON) is None
    assert evaluate(pack, {**facts, "affected_area_hours": 2}, ON) is not None


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"age": 81, "lives_alone": True}, "care.alone_80"),
        ({"age": 66, "lives_alone": True}, "care.alone_65"),
        ({"age": 4, "adults_at_home": 0}, "care.child_without_guardian"),
        ({"age": 30, "disability": True, "lives_alone": True}, "care.disabled_without_help"),
        ({"age": 70, "frontline_family": True}, "care.frontline_family"),
        ({"isolated_at_home": True}, "care.isolated_without_plan"),
        ({"isolated_at_home": True, "care_plan": True}, None),
        (
            {"age": 66, "lives_alone": True, "last_visit_on": ON - timedelta(days=9), "phone_known": True},
            None,
        ),
        ({"age": 40, "lives_alone": True}, None),
        ({"age": 90}, None),
    ],
)
def test_care_gaps(facts: dict, rule: str | None) -> None:
    verdict = evaluate(shipped()["care"], facts, ON)
    assert (verdict.rule if verdict else None) == rule


def test_a_table_refuses_facts_outside_the_catalogue_and_ragged_columns() -> None:
    with pytest.raises(BadInput) as refusal:
        fact_table(subjects=["a"], unit_nos=[1], facts={"ethnicity": ["x"]})
    assert refusal.value.code == "fact_unknown"
    with pytest.raises(BadInput) as refusal:
        fact_table(subjects=["a"], unit_nos=[1], facts={"age": [1, 2]})
    assert refusal.value.code == "columns_of_unequal_length"


def test_facts_carry_source_and_day() -> None:
    table = fact_table(
        subjects=["a", "b"],
        unit_nos=[1, 1],
        facts={"age": [85, 90], "lives_alone": [True, True]},
        origins={"lives_alone": (["民政局", "卫健委"], "2020-01-31")},
    )
    outcome = evaluate_columns(shipped()["care"], table, ON)
    used = {fact.name: fact for fact in verdict_at(outcome, table, 1).facts_used}
    assert (used["lives_alone"].source, used["lives_alone"].as_of) == ("卫健委", "2020-01-31")
    assert used["age"].value == 90
