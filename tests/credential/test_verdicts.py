"""What a verifier must say: our own vectors, the EU's, and every way to alter a text."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.credential.house import PACK, house, opened
from tests.credential.vectors import AT, FILE
from wangge_credential import base45, container, cose, eu_dcc, trust
from wangge_credential import claims as claims_
from wangge_credential.claims import Claims, Colour, Form
from wangge_credential.instants import read_instant
from wangge_credential.issuing import issue
from wangge_credential.problems import Refused, Unreadable
from wangge_credential.verify import Verdict, Verifier

BODY: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
GOOD = issue(house().signer, house().claims(AT))


def judge(verifier: Verifier, case: dict[str, Any]) -> tuple[str, str, str]:
    try:
        found = verifier.check(case["text"], read_instant(case["at"]))
    except Refused as refused:
        return "refused", refused.code, ""
    return found.verdict, found.code, found.initials


def test_every_vector_gets_its_verdict() -> None:
    opened_file = trust.parse_bundle(json.dumps(BODY["trust"]))
    wrong = {}
    for case in BODY["vectors"]:
        found = judge(Verifier(opened_file, case.get("place")), case)
        if found != (case["verdict"], case.get("code", found[1]), case["initials"]):
            wrong[case["name"]] = found
    assert len(BODY["vectors"]) >= 35
    assert wrong == {}


@pytest.mark.shared_data
def test_every_eu_vector_gives_its_own_expected_results(shared_data: Path) -> None:
    began = time.process_time()
    paths = sorted((shared_data / "dcc").rglob("*.json"))
    differing = {}
    checked = 0
    for path in paths:
        vector = eu_dcc.read_vector(path)
        checked += sum(name in vector.expected for name in eu_dcc.NAMES.values())
        if found := vector.differences(eu_dcc.check(vector.text, vector.certificates, vector.at)):
            differing[str(path)] = found
    assert differing == {}
    assert len(paths) == 94
    assert checked > 450
    assert time.process_time() - began < 20  # half a second on a quiet machine


@settings(max_examples=60)
@given(
    st.builds(
        Claims,
        initials=st.text("ABCXYZ", min_size=1, max_size=4),
        birth=st.builds(lambda month, day: month * 100 + day, st.integers(0, 12), st.integers(0, 28)),
        colour=st.sampled_from(Colour),
        issuer=st.text("CN-0123456789", max_size=11).map(lambda text: "A" + text),
        not_before=st.integers(0, 4_000_000_000),
        expires=st.integers(4_000_000_001, claims_.LAST),
        rule_pack=st.text("abz.019", max_size=11).map(lambda text: "7" + text),
        form=st.sampled_from(Form),
    )
)
def test_claims_come_back_and_always_fit(claims: Claims) -> None:
    text = container.wrap(cose.sign(house().signer, claims_.encode(claims)))
    assert claims_.decode(cose.parse_own(container.unwrap(text)).payload) == claims
    assert len(text) <= 260


def test_no_single_character_can_be_changed_dropped_or_added() -> None:
    verifier = Verifier(opened())
    assert verifier.check(GOOD, AT).verdict == "valid"
    alphabet = base45.ALPHABET
    # each place with each other character would take 10,600 checks: here every place, with 8 of the 44, in turn
    for at, old in enumerate(GOOD):
        for step in range(8):
            new = alphabet[(alphabet.index(old) + 1 + (at * 8 + step) % 44) % 45]
            assert verifier.check(GOOD[:at] + new + GOOD[at + 1 :], AT).verdict != "valid"
        assert verifier.check(GOOD[:at] + GOOD[at + 1 :], AT).verdict != "valid"
        assert verifier.check(GOOD[:at] + old + GOOD[at:], AT).verdict != "valid"


@settings(max_examples=150)
@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_no_character_of_any_alphabet_can_take_the_place_of_another(at: int, new: str) -> None:
    verdict = Verifier(opened()).check(GOOD[:at] + new + GOOD[at + 1 :], AT).verdict
    assert (verdict == "valid") == (new == GOOD[at])


@settings(max_examples=150)
@given(st.data())
def test_signed_bytes_changed_and_packed_anew_are_never_accepted(data: st.DataObject) -> None:
    plain = container.unwrap(GOOD)
    at = data.draw(st.integers(0, len(plain) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(plain)
    changed[at] ^= 1 << bit
    found = Verifier(opened()).check(container.wrap(bytes(changed)), AT)
    assert found.verdict != "valid"
    assert found.initials == ""  # what nobody signed is not shown


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_are_unreadable_and_nothing_else(data: bytes) -> None:
    assert Verifier(opened()).check(container.wrap(data), AT).verdict == "unreadable"
    assert eu_dcc.check(container.wrap(data), [], AT).verdict == "unreadable"


@pytest.mark.parametrize(
    "cbor",
    [
        "c5821a7fffffff01",  # 1 x 2^2147483647
        "d8236428612b29",  # a pattern to be compiled
        "d81c81d81d00",  # a list that holds itself
        "9bffffffffffffffff",  # a list that says it is endless
        "81" * 500,  # lists in lists
        "a201010102",  # a key twice
        "d2c249" + "ff" * 9,  # a large number
    ],
)
def test_cbor_that_would_be_carried_out_is_not_read(cbor: str) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable):
        cose.loads(bytes.fromhex(cbor))
    assert time.process_time() - began < 5  # without the bounds it would never end


@given(st.binary(max_size=300))
def test_base45_comes_back(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


def test_base45_is_that_of_rfc_9285() -> None:
    for plain, text in (
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ):
        assert base45.encode(plain) == text
        assert base45.decode(text) == plain
    for bad in ("GGW", ":::", "Z", "::", "aB8", "BB8é"):
        with pytest.raises(Unreadable):
            base45.decode(bad)


def test_ten_megabytes_and_a_bomb_are_refused_at_once() -> None:
    import zlib

    huge = container.PREFIX + "0" * 10_000_000
    bomb = container.PREFIX + base45.encode(zlib.compress(bytes(10_000_000), 9))
    began = time.process_time()
    assert Verifier(opened()).check(huge, AT).code == "too_long"
    for text, code in ((huge, "too_long"), (bomb, "too_large")):
        with pytest.raises(Unreadable) as refused:
            container.unwrap_any(text)
        assert refused.value.code == code
    with pytest.raises(Unreadable) as bounded:
        container.inflate(zlib.compress(bytes(50_000_000), 9), 64_000)
    assert bounded.value.code == "too_large"
    assert time.process_time() - began < 10


def test_skew_helps_a_slow_clock_and_never_the_expired() -> None:
    claims = house().claims(AT)
    verifier = Verifier(opened())
    assert verifier.check(GOOD, claims.not_before - 60).code == "not_yet_valid"
    assert verifier.check(GOOD, claims.not_before - 60, skew=60).verdict == "valid"
    assert verifier.check(GOOD, claims.expires, skew=600).code == "expired"


def test_a_verdict_gives_what_to_compare_and_not_the_id() -> None:
    found: Verdict = Verifier(opened()).check(GOOD, AT)
    assert (found.initials, found.birthday, found.colour, found.rule_pack) == ("ZW", "03-12", "green", PACK)
    rid = house().claims(AT).rid
    assert rid.hex() not in json.dumps(found.as_dict())
    assert "rid" not in found.as_dict()


def test_a_place_that_the_trust_file_lacks_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        Verifier(opened(), "CN-44")
    assert refused.value.code == "place"
