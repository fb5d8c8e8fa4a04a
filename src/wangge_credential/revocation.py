"""Revoked ids as a compact set: hashed with a salt of its own, sorted, the gaps Golomb-Rice coded.

`bits` + 1.5 bits an id. Whoever holds it can ask for an id that is in his hand, and cannot list the ids. A foreign id
is taken for a revoked one with probability 2^-bits (20 bits: about 1 in a million). What that does: the holder of a
valid credential is told "revoked" by every verifier with this edition; the next strip has another id and the next
edition another salt, so it does not follow anyone. An issuer that knows its living ids asks for a salt without one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from wangge_credential.problems import Refused

BITS = 20
SALT_BYTES = 8
MOST = 5_000_000


def place_of(rid: bytes, salt: bytes, span: int) -> int:
    """Where an id falls among `span` places."""
    return (int.from_bytes(hashlib.sha256(salt + rid).digest()[:8], "big") * span) >> 64


@dataclass(frozen=True, slots=True)
class RevokedSet:
    """The coded set, opened for asking."""

    salt: bytes
    span: int
    places: frozenset[int]

    def __contains__(self, rid: bytes) -> bool:
        return bool(self.places) and place_of(rid, self.salt, self.span) in self.places


def encode(rids: Iterable[bytes], bits: int = BITS, salt: bytes | None = None) -> tuple[bytes, int, bytes]:
    """(salt, count, coded set). `count` is of the ids, each once."""
    if not 4 <= bits <= 40:
        raise Refused("bits", "误报率指数须为 4 至 40", "the false-positive exponent must be 4 to 40")
    ids = set(rids)
    if len(ids) > MOST:
        raise Refused("too_many", "吊销编号过多", "too many revoked ids")
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    span = len(ids) << bits
    parts, before = [], 0
    for place in sorted(place_of(rid, salt, span) for rid in ids):
        high, low = divmod(place - before, 1 << bits)
        parts.append("1" * high + "0" + format(low, f"0{bits}b"))
        before = place
    coded = "".join(parts)
    coded += "0" * (-len(coded) % 8)
    return salt, len(ids), int(coded or "0", 2).to_bytes(len(coded) // 8, "big")


def avoiding(rids: Iterable[bytes], living: Iterable[bytes], bits: int = BITS) -> tuple[bytes, int, bytes]:
    """As `encode`, with the salt, of twenty, under which the fewest living ids are taken for revoked ones."""
    gone = set(rids)
    others = set(living) - gone
    span = len(gone) << bits
    best: tuple[int, bytes] | None = None
    for _ in range(20):
        salt = secrets.token_bytes(SALT_BYTES)
        places = {place_of(rid, salt, span) for rid in gone}
        struck = sum(place_of(rid, salt, span) in places for rid in others) if span else 0
        if best is None or struck < best[0]:
            best = (struck, salt)
        if struck == 0:
            break
    assert best is not None
    return encode(gone, bits, best[1])


def decode(salt: bytes, count: int, bits: int, coded: bytes) -> RevokedSet:
    """Open a coded set; refuses one that does not hold exactly `count` places."""
    if not (4 <= bits <= 40 and 0 <= count <= MOST) or len(coded) > count * (bits + 3) // 8 + 1:
        raise Refused("revocation", "吊销表损坏", "the revocation set is broken")
    text = format(int.from_bytes(coded, "big"), f"0{len(coded) * 8}b") if coded else ""
    places: list[int] = []
    at = before = 0
    try:
        for _ in range(count):
            stop = text.index("0", at)
            low = text[stop + 1 : stop + 1 + bits]
            if len(low) < bits:
                raise ValueError("short")
            before += ((stop - at) << bits) + int(low, 2)
            places.append(before)
            at = stop + 1 + bits
    except ValueError as error:
        raise Refused("revocation", "吊销表损坏", "the revocation set is broken") from error
    if len(text) - at >= 8 or "1" in text[at:]:
        raise Refused("revocation", "吊销表损坏", "the revocation set is broken")
    return RevokedSet(salt, count << bits, frozenset(places))
