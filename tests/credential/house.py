"""A home province that recognises another, with signers, rules and revoked ids, made once for the tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from wangge_credential import lists, trust
from wangge_credential.claims import Claims, Colour
from wangge_credential.keys import PublicFile, SigningKey, generate
from wangge_credential.lists import Head

START, UNTIL = 1_767_225_600, 4_070_908_800  # 2026-01-01, 2099-01-01
PACK = "12-2026.1"
REVOKED = bytes.fromhex("00112233445566778899")


def rule(
    number: int = 1, colours: tuple[str, ...] = ("green",), packs: tuple[str, ...] = (PACK,)
) -> dict[str, Any]:
    """A rule in its JSON form: these colours, under these rule packs, or on paper under no pack at all."""
    logic = {
        "and": [
            {"in": [{"var": "payload.colour"}, list(colours)]},
            {"in": [{"var": "payload.rulePack"}, list(packs)]},
        ]
    }
    return {
        "id": f"R-{number}",
        "version": "1.0.0",
        "description": {"zh": "须为当前规则包下的绿色", "en": "must be green under a current rule pack"},
        "affected": ["colour", "rulePack"],
        "from": "2026-01-01T00:00:00Z",
        "until": "2090-01-01T00:00:00Z",
        "engine": "CertLogic",
        "logic": logic,
        "tests": [
            {
                "name": colour,
                "payload": {"colour": colour, "rulePack": packs[0]},
                "at": "2026-06-01T00:00:00Z",
                "expected": colour in colours,
            }
            for colour in ("green", "red")
        ],
    }


class House:
    """Keys and lists; `bundle()` is the verifier's file."""

    def __init__(self) -> None:
        self.root, self.signer, self.office = generate(), generate(), generate()
        self.peer_root, self.peer = generate(), generate()
        self.home = PublicFile("CN-12", self.root.public, "天津市", "Tianjin")
        self.other = PublicFile("CN-33", self.peer_root.public, "浙江省", "Zhejiang")

    def lists(self) -> list[bytes]:
        head, peer = Head("CN-12", START, UNTIL), Head("CN-33", START, UNTIL)
        signers = [
            (PublicFile("CN-120110", self.signer.public, "东丽区", "Dongli"), ("credential",)),
            (PublicFile("CN-12-R", self.office.public, "规则办", "Rules office"), ("rules", "revoked")),
        ]
        theirs = [(PublicFile("CN-330110", self.peer.public, "余杭区", "Yuhang"), ("credential",))]
        return [
            lists.trust_list(self.root, head, signers, [self.other]),
            lists.rule_list(self.office, head, [rule()]),
            lists.revocation_list(self.office, head, [REVOKED, bytes(10)]),
            lists.trust_list(self.peer_root, peer, theirs),
            lists.rule_list(self.peer_root, peer, [rule(2, ("green", "yellow"))]),
        ]

    def bundle(self) -> str:
        return trust.bundle_text(self.home, self.lists())

    def claims(self, at: int, **more: Any) -> Claims:
        """Claims that are in force at `at`."""
        given: dict[str, Any] = {"colour": Colour.GREEN, "issuer": "CN-120110", "rule_pack": PACK, **more}
        return Claims(initials="ZW", birth=312, not_before=at - 3600, expires=at + 23 * 3600, **given)

    def revoked(self, at: int) -> Claims:
        return self.claims(at, rid=REVOKED)


@cache
def house() -> House:
    return House()


@cache
def opened() -> trust.Trust:
    return trust.parse_bundle(house().bundle())


def key() -> SigningKey:
    return house().signer
