"""Checks per CPU-second, what the signature library alone can do, and the sizes of codes and revocation lists.

    python -m benchmarks.credential [--seconds 3] [--revoked 100000] [--vectors DIR]

Goal: 4,000 checks of our own profile per CPU-second, everything included: base45, zlib, CBOR, canonical form,
signature, claims, validity, revocation, acceptance rules. DIR holds EU test vectors.
"""

from __future__ import annotations

import argparse
import secrets
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.credential.house import PACK, REVOKED, START, House, rule
from wangge_credential import (
    Claims,
    Colour,
    Form,
    Verifier,
    base45,
    claims,
    container,
    cose,
    eu_dcc,
    issue,
    lists,
    qr,
    trust,
)
from wangge_credential.lists import Head

AT = START + 300 * 86_400


def rate(name: str, seconds: float, deed: Callable[[], object]) -> float:
    """Times per CPU-second; runs for about `seconds`."""
    done, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        for _ in range(100):
            deed()
        done += 100
    print(f"{name:<58} {done / took:>10,.0f} /s   {took / done * 1e6:>7.1f} us")
    return done / took


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--revoked", type=int, default=100_000)
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    house = House()
    head = Head("CN-12", START, START + 400 * 86_400)
    gone = [secrets.token_bytes(10) for _ in range(options.revoked)] + [REVOKED]
    began = time.process_time()
    revoked = lists.revocation_list(house.office, head, gone)
    print(
        f"revocation list of {len(gone):,} ids: {len(revoked):,} bytes, {time.process_time() - began:.2f} s to make"
    )
    parts = house.lists()
    text = trust.bundle_text(
        house.home, [parts[0], lists.rule_list(house.office, head, [rule(1), rule(2)]), revoked]
    )
    began = time.process_time()
    verifier = Verifier(trust.parse_bundle(text))
    print(f"trust file of {len(text):,} bytes: {time.process_time() - began:.2f} s to open, once")
    held = [issue(house.signer, house.claims(AT)) for _ in range(500)]
    turn = iter(range(10**9))

    def check() -> None:
        assert verifier.check(held[next(turn) % len(held)], AT).verdict == "valid"

    whole = rate("check: own profile, two rules, revocation", options.seconds, check)
    broken = [text[:50] + "A" + text[51:] for text in held]
    rate(
        "check: altered text", options.seconds / 3, lambda: verifier.check(broken[next(turn) % len(held)], AT)
    )
    rate("issue: one credential", options.seconds / 3, lambda: issue(house.signer, house.claims(AT)))
    algorithms(house, held[0], options.seconds / 2)
    sizes(house)
    if options.vectors:
        vectors = [eu_dcc.read_vector(path) for path in sorted(options.vectors.rglob("*.json"))]
        agree = sum(not v.differences(eu_dcc.check(v.text, v.certificates, v.at)) for v in vectors)
        began = time.process_time()
        for _ in range(10):
            for vector in vectors:
                eu_dcc.check(vector.text, vector.certificates, vector.at)
        took = (time.process_time() - began) / 10 / len(vectors)
        print(f"EU vectors: {agree} of {len(vectors)} as expected, {took * 1e6:.0f} us each")
    print(f"goal 4,000 checks per CPU-second: {'met' if whole >= 4000 else 'MISSED'}")
    return 0 if whole >= 4000 else 1


def algorithms(house: House, text: str, seconds: float) -> None:
    """ES256 against EdDSA over the same bytes, both with the key ready."""
    message = cose.parse_own(container.unwrap(text))
    data = message.signed_bytes()
    key = house.signer.public
    other = ed25519.Ed25519PrivateKey.generate()
    signature, public = other.sign(data), other.public_key()
    rate("signature alone: ES256 (P-256, SHA-256)", seconds, lambda: key.holds(message.signature, data))
    rate("signature alone: EdDSA (Ed25519)", seconds, lambda: public.verify(signature, data))


def sizes(house: House) -> None:
    """Characters of the shortest, the usual and the longest claims, and the QR code they need at level Q."""
    usual = house.claims(AT)
    shortest = Claims("A", 0, Colour.GREEN, "A", 0, 1, "A")
    longest = Claims("WWWW", 1231, Colour.RED, "W" * 12, claims.LAST - 1, claims.LAST, "W" * 12, Form.PAPER)
    for name, found in (("shortest", shortest), (f"usual ({PACK})", usual), ("longest", longest)):
        text = issue(house.signer, found)
        code = qr.code_of(text)
        print(
            f"{name:<18} {len(text)} characters, QR {code.designator}, {code.symbol_size(border=0)[0]} modules"
        )
    text = issue(house.signer, usual)
    deflated = container.PREFIX + base45.encode(zlib.compress(container.unwrap(text), 9))
    print(
        f"usual, deflated    {len(deflated)} characters: a stored block costs {len(text) - len(deflated)} more"
    )


if __name__ == "__main__":
    raise SystemExit(main())
