"""Makes contracts/credential/vectors.json: texts with the verdict that every verifier must give.

    python -m tests.credential.vectors

New keys each time; only their public halves are written. The Python and the TypeScript verifier are held to the file.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2

from tests.credential.house import START, UNTIL, House, rule
from wangge_credential import base45, container, cose
from wangge_credential import claims as claims_
from wangge_credential.claims import Colour, Form
from wangge_credential.instants import show_instant
from wangge_credential.issuing import HOUR, issue
from wangge_credential.keys import ORDER, generate

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "contracts/credential/vectors.json"
AT = START + 300 * 24 * HOUR


def packed(data: bytes) -> str:
    return container.PREFIX + base45.encode(data)


def made(house: House) -> list[dict[str, Any]]:
    """name, text, at, place, verdict, code (or `refused`), initials where they may be shown."""
    claims = house.claims(AT)
    good = issue(house.signer, claims)
    message = cose.parse(container.unwrap(good))
    parts = message.protected, message.payload, message.signature
    s = int.from_bytes(message.signature[32:], "big")
    high = message.signature[:32] + (ORDER - s).to_bytes(32, "big")
    red = claims_.encode(replace(claims, colour=Colour.RED))
    body = cbor2.loads(message.payload)
    more = cbor2.dumps({**body, 6: AT}, canonical=True)
    plain = container.unwrap(good)
    ed = cbor2.dumps({1: -8, 4: house.signer.kid}, canonical=True)
    loose = b"\xd2\x84" + plain[2:16] + cbor2.dumps({5: b"x"}) + plain[17:]
    bomb = container.PREFIX + base45.encode(zlib.compress(bytes(200_000), 9))

    def case(name: str, text: str, verdict: str, code: str, at: int = AT, **more: Any) -> dict[str, Any]:
        shown = {"initials": "ZW"} if verdict == "valid" or code in SHOWN else {"initials": ""}
        return {
            "name": name,
            "text": text,
            "at": show_instant(at),
            "verdict": verdict,
            "code": code,
            **shown,
            **more,
        }

    return [
        case("green", good, "valid", "accepted"),
        case("line end after it", good + "\r\n", "valid", "accepted"),
        case("first second", good, "valid", "accepted", claims.not_before),
        case("second before", good, "invalid", "not_yet_valid", claims.not_before - 1),
        case("last second", good, "valid", "accepted", claims.expires - 1),
        case("at its expiry", good, "invalid", "expired", claims.expires),
        case("paper", issue(house.signer, replace(claims, form=Form.PAPER)), "valid", "accepted"),
        case("birthday withheld", issue(house.signer, replace(claims, birth=0)), "valid", "accepted"),
        case("yellow", issue(house.signer, replace(claims, colour=Colour.YELLOW)), "invalid", "rule"),
        case("old rule pack", issue(house.signer, replace(claims, rule_pack="12-2025.9")), "invalid", "rule"),
        case(
            "of a recognised province",
            issue(house.peer, replace(claims, issuer="CN-330110")),
            "valid",
            "accepted",
        ),
        case(
            "under the other's rules",
            issue(house.signer, replace(claims, colour=Colour.YELLOW)),
            "valid",
            "accepted",
            place="CN-33",
        ),
        case("revoked", issue(house.signer, house.revoked(AT)), "invalid", "revoked"),
        case(
            "same id of another province",
            issue(house.peer, replace(house.revoked(AT), issuer="CN-330110")),
            "valid",
            "accepted",
        ),
        case("unknown key", issue(generate(), claims), "invalid", "unknown_signer"),
        case("foreign issuer", issue(house.peer, claims), "invalid", "not_entitled"),
        case(
            "key for rules only",
            issue(house.office, replace(claims, issuer="CN-12-R")),
            "invalid",
            "not_entitled",
        ),
        case("claims altered", container.wrap(cose.write(parts[0], red, parts[2])), "invalid", "signature"),
        case(
            "upper form of the signature",
            container.wrap(cose.write(parts[0], parts[1], high)),
            "invalid",
            "signature",
        ),
        case(
            "signature of zeros",
            container.wrap(cose.write(parts[0], parts[1], bytes(64))),
            "invalid",
            "signature",
        ),
        case("EdDSA claimed", container.wrap(cose.write(ed, parts[1], parts[2])), "unreadable", "algorithm"),
        case("unsigned header", container.wrap(loose), "unreadable", "not_canonical"),
        case("one claim more", container.wrap(cose.sign(house.signer, more)), "unreadable", "claims"),
        case("deflated", packed(zlib.compress(plain, 9)), "unreadable", "not_canonical"),
        case(
            "compressed twice",
            packed(container.store(container.store(plain))),
            "unreadable",
            "compressed_twice",
        ),
        case("not compressed", packed(plain), "unreadable", "not_compressed"),
        case("zlib bomb", bomb, "unreadable", "too_large"),
        case("cut by one", good[:-1], "unreadable", ""),
        case("cut by half", good[: len(good) // 2], "unreadable", ""),
        case("doubled", good + good, "unreadable", "too_long"),
        case("HC2", "HC2:" + good[4:], "unreadable", "prefix"),
        case("lower case", good.lower(), "unreadable", "prefix"),
        case("no prefix", good[4:], "unreadable", "prefix"),
        case("empty", "", "unreadable", "prefix"),
        case("another code", "https://example.org/", "unreadable", "prefix"),
        case("foreign character", good[:40] + "_" + good[41:], "unreadable", "base45_character"),
        case("group out of range", good[:4] + ":::" + good[7:], "unreadable", "base45_range"),
        case(
            "clock behind the lists",
            issue(house.signer, house.claims(START)),
            "refused",
            "clock_behind",
            START - 1,
        ),
        case("lists run out", issue(house.signer, house.claims(UNTIL)), "refused", "trust_expired", UNTIL),
        case(
            "unknown key, lists run out",
            issue(generate(), house.claims(UNTIL)),
            "refused",
            "trust_expired",
            UNTIL,
        ),
        case("expired, lists run out too", good, "invalid", "expired", UNTIL),
        case("not begun, clock behind the lists too", good, "invalid", "not_yet_valid", START - 1),
    ]


SHOWN = ("not_yet_valid", "expired", "revoked", "rule")


def main() -> None:
    house = House()
    cases = made(house)
    for case in cases:  # where the place of the first fault depends on chance, its code is not promised
        if not case["code"]:
            del case["code"]
    body = {"trust": json.loads(house.bundle()), "rule": rule(), "vectors": cases}
    FILE.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
