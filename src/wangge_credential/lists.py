"""The signed lists that provinces publish and exchange: keys, rules, revoked ids. No list knows a person.

Each is a COSE_Sign1 with a content type of its own, so that none can pass for another or for a credential.

- trust list, signed by a province's root: its signers, and the roots of the provinces that it recognises;
- rule list, signed by the root or by a signer that may: what is accepted on the province's ground;
- revocation list, likewise: a coded set of random ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from wangge_credential import cose, revocation
from wangge_credential.keys import PublicFile, SigningKey, VerifyingKey
from wangge_credential.problems import Problem, Refused, Unreadable
from wangge_credential.rules import Rule, read_rule, run_tests

TRUST, RULES, REVOKED = "trust", "rules", "revoked"
CONTENT = {kind: f"application/wangge-{kind}+cbor" for kind in (TRUST, RULES, REVOKED)}
USES = ("credential", RULES, REVOKED)
MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that a province's root vouches for, with what it may sign, from `start` until before `end`."""

    province: str
    issuer: str
    zh: str
    en: str
    key: VerifyingKey
    uses: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list whose signature was checked."""

    kind: str
    province: str
    issued: int
    until: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """Whose list it is, when it was issued and when it runs out."""

    province: str
    issued: int
    until: int


def _seal(key: SigningKey, kind: str, head: Head, rest: Mapping[str, Any]) -> bytes:
    if not head.issued < head.until:
        raise Refused("period", "失效时间不晚于签发时间", "it expires before it is issued")
    body = {"type": kind, "province": head.province, "issued": head.issued, "until": head.until, **rest}
    return cose.sign(key, cbor2.dumps(body, canonical=True), CONTENT[kind])


def trust_list(
    root: SigningKey,
    head: Head,
    signers: Iterable[tuple[PublicFile, tuple[str, ...]]],
    recognises: Iterable[PublicFile] = (),
) -> bytes:
    """The root's list of signers and of provinces recognised."""
    entries = [
        {
            "issuer": public.issuer,
            "name": {"zh": public.name_zh, "en": public.name_en},
            "point": public.key.point,
            "uses": list(uses),
            "from": head.issued,
            "until": head.until,
        }
        for public, uses in signers
    ]
    roots = [
        {
            "province": public.issuer,
            "name": {"zh": public.name_zh, "en": public.name_en},
            "point": public.key.point,
        }
        for public in recognises
    ]
    return _seal(root, TRUST, head, {"signers": entries, "recognises": roots})


def rule_list(key: SigningKey, head: Head, rules: Iterable[Mapping[str, Any]]) -> bytes:
    """Rules as a province publishes them; each is run against its own tests first."""
    bodies = list(rules)
    for body in bodies:
        run_tests(body)
    texts = [json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for body in bodies]
    return _seal(key, RULES, head, {"rules": texts})


def revocation_list(
    key: SigningKey,
    head: Head,
    rids: Iterable[bytes],
    *,
    living: Iterable[bytes] = (),
    bits: int = revocation.BITS,
) -> bytes:
    """Revoked ids as a coded set, salted so that no living id is struck by chance, as far as they are given."""
    salt, count, coded = revocation.avoiding(rids, living, bits)
    rest = {"bits": bits, "salt": salt, "count": count, "set": coded}
    return _seal(key, REVOKED, head, rest)


def open_list(data: bytes, keys: Iterable[tuple[VerifyingKey, str]], place: str) -> SignedList:
    """Check a list against the keys that may sign it, each with the kind it may sign ("" for every kind)."""
    if len(data) > MOST_BYTES:
        raise Refused("list", "签名清单过大", "the signed list is too large", place)
    try:
        message = cose.parse_own(data)
        body = cose.loads(message.payload)
        kind = next(
            kind for kind, content in CONTENT.items() if message.headers.get(cose.CONTENT_TYPE) == content
        )
        found = SignedList(kind, str(body["province"]), int(body["issued"]), int(body["until"]), body)
        if body["type"] != kind or message.headers.get(cose.ALGORITHM) != cose.ES256:
            raise ValueError("type")
    except (Unreadable, StopIteration, KeyError, TypeError, ValueError) as error:
        raise Refused("list", "签名清单损坏", "the signed list is broken", place) from error
    signed = message.signed_bytes()
    for key, may in keys:
        if (
            may in ("", kind)
            and key.kid == message.headers.get(cose.KID)
            and key.holds(message.signature, signed)
        ):
            return found
    raise Refused(
        "list_signature", "清单的签名不是所信任的密钥作出的", "the list is not signed by a trusted key", place
    )


def signers_of(found: SignedList) -> tuple[Signer, ...]:
    try:
        return tuple(
            Signer(
                found.province,
                str(entry["issuer"]),
                str(entry["name"]["zh"]),
                str(entry["name"]["en"]),
                VerifyingKey(entry["point"]),
                tuple(entry["uses"]),
                int(entry["from"]),
                int(entry["until"]),
            )
            for entry in found.body["signers"]
        )
    except (KeyError, TypeError, ValueError, Problem) as error:
        raise Refused("list", "信任清单内容不对", "the trust list is malformed", found.province) from error


def roots_of(found: SignedList) -> dict[str, VerifyingKey]:
    """The roots of the provinces that this one recognises."""
    try:
        return {str(entry["province"]): VerifyingKey(entry["point"]) for entry in found.body["recognises"]}
    except (KeyError, TypeError, ValueError, Problem) as error:
        raise Refused("list", "信任清单内容不对", "the trust list is malformed", found.province) from error


def rules_of(found: SignedList) -> tuple[Rule, ...]:
    try:
        return tuple(read_rule(json.loads(text)) for text in found.body["rules"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("list", "规则清单内容不对", "the rule list is malformed", found.province) from error


def revoked_of(found: SignedList) -> revocation.RevokedSet:
    body = found.body
    try:
        salt, count, bits, coded = body["salt"], int(body["count"]), int(body["bits"]), body["set"]
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("revocation", "吊销表损坏", "the revocation set is broken", found.province) from error
    if not isinstance(salt, bytes) or not isinstance(coded, bytes):
        raise Refused("revocation", "吊销表损坏", "the revocation set is broken", found.province)
    return revocation.decode(salt, count, bits, coded)
