"""Rule packs keep the laws of the room, and a pack that breaks one is refused with its place."""

from __future__ import annotations

import pytest

from wangge.kernel.problems import BadInput
from wangge.screening.rules.catalogue import catalogue
from wangge.screening.rules.packs import read_pack, shipped
from wangge.screening.states import FactClass, PackKind, Tier

PACK = """
id = "trial"
version = "1"
kind = "{kind}"
title_zh = "试"
title_en = "Trial"
source = "a source"
owner = "an owner"
valid_from = 2020-01-01
{more}
"""
RULE = """
[[rule]]
code = "{code}"
when = "{when}"
{conclusion}
reason_zh = "{reason}"
reason_en = "why"
change_zh = "变"
change_en = "change"
expires_after_days = {days}
expires_from = "{start}"
"""


def pack(
    kind: str, when: str, *, tier: str = "", priority: int = 0, reason: str = "因", days: int = 14, **rest
) -> str:
    conclusion = (f'tier = "{tier}"\n' if tier else "") + (f"priority = {priority}" if priority else "")
    more = "".join(f"{name} = {value}\n" for name, value in rest.items() if name != "start")
    rule = RULE.format(
        code="trial.one",
        when=when,
        conclusion=conclusion,
        reason=reason,
        days=days,
        start=rest.get("start", ""),
    )
    return PACK.format(kind=kind, more=more) + rule


def refusal_of(text: str) -> BadInput:
    with pytest.raises(BadInput) as refusal:
        read_pack(text)
    assert refusal.value.zh and refusal.value.en
    return refusal.value


def test_the_shipped_packs_are_all_kinds_and_keep_the_laws() -> None:
    packs = shipped()
    assert {p.kind for p in packs.values()} == set(PackKind)
    for one in packs.values():
        assert one.source and one.owner
        for rule in one.rules:
            classes = {catalogue()[name].fact_class for name in rule.facts}
            if one.kind is PackKind.EXPOSURE:
                assert classes == {FactClass.EXPOSURE}, rule.code
            if one.kind is PackKind.VULNERABILITY:
                assert rule.tier is None
                assert rule.priority > 0
            if one.kind in (PackKind.CARE, PackKind.STALENESS):
                assert rule.tier is Tier.BLUE
            if rule.tier is not None:
                assert rule.task and rule.within_hours > 0, f"{rule.code} asks for nothing"
            assert any("一" <= c <= "鿿" for c in rule.reason.zh + rule.change.zh)
            assert rule.reason.en.isascii() and rule.change.en.isascii()


def test_the_catalogue_holds_nothing_that_says_who_somebody_is_but_age() -> None:
    identity = [name for name, fact in catalogue().items() if fact.fact_class is FactClass.IDENTITY]
    assert identity == ["age"]
    forbidden = (
        "name",
        "id_no",
        "sex",
        "gender",
        "ethnic",
        "relig",
        "party",
        "origin",
        "hukou",
        "face",
        "plate",
    )
    assert not [name for name in catalogue() for word in forbidden if word in name]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            pack("exposure", "days_since(close_contact_on) <= 14 and age >= 60", tier="red"),
            "fact_not_for_this_pack",
        ),
        (pack("exposure", "pregnant", tier="blue"), "fact_not_for_this_pack"),
        (pack("care", "age >= 80", tier="blue"), "identity_alone"),
        (pack("care", "lives_alone", tier="red"), "tier_not_for_this_pack"),
        (pack("staleness", "sources_disagree", tier="yellow"), "tier_not_for_this_pack"),
        (pack("care", "lives_alone"), "tier_not_for_this_pack"),
        (pack("vulnerability", "illness_declared", tier="red", priority=1), "vulnerability_has_no_tier"),
        (pack("vulnerability", "illness_declared"), "vulnerability_has_no_tier"),
        (pack("care", "lives_alone", tier="blue", reason="{age} 岁"), "sentence_quotes_unread_fact"),
        (pack("care", "lives_alone", tier="blue", days=0), "term_out_of_range"),
        (pack("care", "lives_alone", tier="blue", days=61), "term_out_of_range"),
        (pack("care", "lives_alone", tier="blue", start="last_visit_on"), "term_start_not_read"),
        (pack("care", "lives_alone", tier="blue", valid_to="2019-01-01"), "pack_ends_before_start"),
        (PACK.format(kind="care", more=""), "pack_size"),
        ("id = ", "pack_not_readable"),
        (pack("care", "lives_alone", tier="blue").replace('source = "a source"', ""), "pack_field_missing"),
    ],
)
def test_a_pack_that_breaks_a_law_is_refused(text: str, code: str) -> None:
    assert refusal_of(text).code == code


def test_a_refusal_names_pack_and_rule() -> None:
    assert refusal_of(pack("care", "age >= 80", tier="blue")).place == "trial/trial.one"


def test_a_rule_code_stands_once() -> None:
    text = pack("care", "lives_alone", tier="blue")
    again = text[text.index("[[rule]]") :]
    assert refusal_of(text + again).code == "rule_twice"


def test_the_digest_follows_every_byte() -> None:
    text = pack("care", "lives_alone", tier="blue")
    assert read_pack(text).digest != read_pack(text + "\n").digest
