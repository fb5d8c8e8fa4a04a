"""Trust between provinces, acceptance rules, revocation, and strips."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.credential.house import START, UNTIL, House, house, opened, rule
from tests.credential.vectors import AT
from wangge_credential import certlogic, container, cose, lists, revocation, rules, trust
from wangge_credential import claims as claims_
from wangge_credential.issuing import HOUR, LIFE, issue, periods, strips
from wangge_credential.keys import PublicFile, generate
from wangge_credential.lists import Head
from wangge_credential.problems import Refused
from wangge_credential.verify import Verifier

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "contracts/credential/certlogic.json").read_text(encoding="utf-8")
)
HEAD = Head("CN-12", START, UNTIL)


def bundle(*parts: bytes) -> str:
    return trust.bundle_text(house().home, parts)


def code_of(text: str | bytes) -> str:
    with pytest.raises(Refused) as refused:
        trust.parse_bundle(text)
    return refused.value.code


def test_a_bundle_is_refused_whole_where_one_list_is_not_vouched_for() -> None:
    ours: House = house()
    parts = ours.lists()
    stranger = generate()
    assert code_of(bundle(*parts[1:3])) == "no_home_list"
    assert code_of(bundle(parts[0], lists.rule_list(stranger, HEAD, [rule()]))) == "list_signature"
    assert (
        code_of(bundle(parts[0], lists.revocation_list(ours.signer, HEAD, []))) == "list_signature"
    )  # not its use
    assert (
        code_of(bundle(parts[0], lists.rule_list(ours.peer_root, HEAD, [rule()]))) == "list_signature"
    )  # not its land
    assert (
        code_of(bundle(parts[0], lists.trust_list(stranger, Head("CN-44", START, UNTIL), [])))
        == "list_signature"
    )
    assert (
        code_of(bundle(parts[0], lists.trust_list(ours.peer_root, Head("CN-44", START, UNTIL), [])))
        == "province"
    )
    rules_only = lists.trust_list(ours.root, HEAD, [(PublicFile("CN-12-R", ours.office.public), ("rules",))])
    assert (
        code_of(bundle(rules_only, parts[1], parts[2])) == "list_signature"
    )  # may sign rules, not revocations
    changed = bytearray(parts[1])
    changed[len(changed) // 2] ^= 1
    assert code_of(bundle(parts[0], bytes(changed))) in ("list_signature", "list")
    assert code_of("{}") == code_of(b"\xff\xfe") == code_of("[" * 100_000) == "trust"
    assert code_of(bundle(parts[0], b"")) == "list"


def test_a_credential_is_no_list_and_a_list_no_credential() -> None:
    signed = container.unwrap(issue(house().signer, house().claims(AT)))
    assert code_of(bundle(house().lists()[0], signed)) == "list"
    text = container.wrap(lists.trust_list(house().root, HEAD, []))
    assert Verifier(opened()).check(text, AT).verdict == "unreadable"


def test_recognition_ends_with_the_list_that_no_longer_names_the_province() -> None:
    ours = house()
    alone = lists.trust_list(
        ours.root, HEAD, [(PublicFile("CN-120110", ours.signer.public), ("credential",))]
    )
    assert code_of(bundle(alone, ours.lists()[3])) == "list_signature"
    found = Verifier(trust.parse_bundle(bundle(alone))).check(issue(ours.signer, ours.claims(AT)), AT)
    assert found.code == "accepted"
    assert "no acceptance rules" in found.en


def test_certlogic_is_that_of_the_specification() -> None:
    wrong = []
    for case in CASES:
        try:
            found: Any = certlogic.evaluate(case["logic"], case["data"])
        except certlogic.RuleError:
            found = "error"
        if isinstance(found, datetime):
            found = found.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        wanted = "error" if case.get("error") else case.get("time", case.get("result"))
        if found != wanted or type(found) is not type(wanted):
            wrong.append((case["name"], found))
    assert len(CASES) > 100
    assert wrong == []


def test_a_rule_that_runs_too_deep_refuses_and_does_not_crash() -> None:
    logic: Any = True
    for _ in range(3000):
        logic = {"!": [logic]}
    with pytest.raises(certlogic.RuleError):
        certlogic.evaluate(logic, {})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"affected": ["colour"]}, "affected"),
        ({"logic": {"===": [{"var": "payload.initials"}, "ZW"]}, "affected": ["initials"]}, "affected"),
        ({"until": "2026-01-01T00:00:00Z"}, "rule_period"),
        ({"from": "2026-01-01T00:00:00"}, "offset"),
        ({"engine": "JavaScript"}, "rule"),
        ({"more": 1}, "rule"),
        ({"tests": []}, "rule_test"),
        ({"tests": rule()["tests"][:1]}, "rule_test"),
        ({"tests": [{**rule()["tests"][0], "expected": False}]}, "rule_test"),
        ({"description": {"zh": "只有中文"}}, "rule"),
    ],
)
def test_a_rule_that_is_not_as_it_says_is_never_signed(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        lists.rule_list(house().root, HEAD, [{**rule(), **change}])
    assert refused.value.code == code


def test_a_rule_holds_only_in_its_time_and_sees_no_person() -> None:
    assert set(rules.data_of(house().claims(AT), AT)["payload"]) == set(rules.FIELDS)
    late = {**rule(), "from": "2089-01-01T00:00:00Z"}
    parts = house().lists()
    found = trust.parse_bundle(bundle(parts[0], lists.rule_list(house().root, HEAD, [late])))
    red = issue(house().signer, house().claims(AT, colour=claims_.Colour.RED))
    assert Verifier(found).check(red, AT).verdict == "valid"


@settings(max_examples=60)
@given(st.sets(st.binary(min_size=10, max_size=10), max_size=60), st.sampled_from([4, 12, 20, 33]))
def test_every_revoked_id_is_found_and_a_cut_set_refused(rids: set[bytes], bits: int) -> None:
    salt, count, coded = revocation.encode(rids, bits)
    opened_set = revocation.decode(salt, count, bits, coded)
    assert all(rid in opened_set for rid in rids)
    if rids:
        for broken in (coded[:-1], coded + b"\0", coded + b"\xff"):
            with pytest.raises(Refused):
                revocation.decode(salt, count, bits, broken)


def test_false_positives_are_as_rare_as_said_and_the_set_as_small() -> None:
    rids = [number.to_bytes(10, "big") for number in range(4000)]
    salt, count, coded = revocation.encode(rids, 8, b"saltsalt")
    opened_set = revocation.decode(salt, count, 8, coded)
    others = 20_000
    struck = sum((10**9 + number).to_bytes(10, "big") in opened_set for number in range(others))
    assert 0.6 * others / 256 < struck < 1.4 * others / 256
    assert len(coded) * 8 / count < 8 + 1.6


def test_a_salt_is_chosen_that_strikes_no_living_id() -> None:
    gone = [number.to_bytes(10, "big") for number in range(200)]
    living = [(10**6 + number).to_bytes(10, "big") for number in range(200)]
    salt, count, coded = revocation.avoiding(gone, living, 12)
    opened_set = revocation.decode(salt, count, 12, coded)
    assert not any(rid in opened_set for rid in living)
    assert all(rid in opened_set for rid in gone)


@settings(max_examples=60)
@given(
    st.integers(START, UNTIL - 100 * LIFE),
    st.integers(LIFE + 2 * HOUR, 60 * LIFE),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_strips_cover_the_days_and_look_alike(start: int, length: int, begun: bool, chance: Random) -> None:
    end = start + length
    found = periods(start, end, now=start if begun else start - 1, draw=chance.randrange)
    assert all(stop - begin == LIFE and begin % HOUR == 0 for begin, stop in found)
    assert all(after[0] <= before[1] and after[0] > before[0] for before, after in pairwise(found))
    assert found[0][0] < start + HOUR
    assert begun or found[0][0] >= start
    assert end - HOUR < found[-1][1] <= end


def test_a_batch_of_strips_is_unlinkable_but_for_what_it_shows() -> None:
    claims = house().claims(AT)
    texts = strips(house().signer, claims, AT, AT + 10 * LIFE, now=AT)
    decoded = [claims_.decode(cose.parse_own(container.unwrap(text)).payload) for text in texts]
    assert len(texts) >= 10
    assert len({found.rid for found in decoded}) == len(texts)
    assert {found.expires - found.not_before for found in decoded} == {LIFE}
    assert len({found.not_before % LIFE for found in decoded}) > 1  # they drift over the hours of the day
    assert {
        Verifier(opened()).check(text, found.not_before).verdict
        for text, found in zip(texts, decoded, strict=True)
    } == {"valid"}
