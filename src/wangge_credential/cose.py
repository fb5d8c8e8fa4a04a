"""COSE_Sign1 (RFC 9052): the parts of a signed message, and what its signature is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from wangge_credential.keys import SigningKey
from wangge_credential.problems import Unreadable

ALGORITHM, CONTENT_TYPE, KID = 1, 3, 4
ES256, PS256 = -7, -37
SIGN1, CWT = 18, 61
DEPTH = 12  # containers inside containers; ours need four, an EU certificate seven


def _refuse(decoder: Any) -> Any:
    raise ValueError("a tag that we do not read")


# tags that would be carried out while a stranger's text is read: numbers of any size, patterns, cycles, sets ...
NOT_READ = dict.fromkeys((2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 256, 258, 260, 261, 43000, 55799), _refuse)


@dataclass(frozen=True, slots=True)
class Signed:
    """A COSE_Sign1 message taken apart; `protected` is what the signature covers, as it was written."""

    protected: bytes
    headers: Mapping[Any, Any]
    unprotected: Mapping[Any, Any]
    payload: bytes
    signature: bytes

    def signed_bytes(self) -> bytes:
        """Sig_structure: what the signature is over."""
        return signed_bytes(self.protected, self.payload)


def loads(data: bytes) -> Any:
    """CBOR as values; :class:`Unreadable` for anything broken, too deep, or with bytes left over."""
    try:
        # two reads of one text must agree: a key that comes twice means two things
        return cbor2.loads(data, max_depth=DEPTH, allow_duplicate_keys=False, semantic_decoders=NOT_READ)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise Unreadable("cbor", "CBOR 结构损坏", "the CBOR is broken") from error


def _bytes(data: bytes) -> bytes:
    size = len(data)
    if size < 24:
        return bytes((0x40 + size,)) + data
    if size < 256:
        return bytes((0x58, size)) + data
    if size < 65536:
        return b"\x59" + size.to_bytes(2, "big") + data
    return b"\x5a" + size.to_bytes(4, "big") + data


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    return b"\x84\x6aSignature1" + _bytes(protected) + b"\x40" + _bytes(payload)


def write(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """The one form in which we write a message: tagged, no unprotected headers, definite lengths."""
    return b"\xd2\x84" + _bytes(protected) + b"\xa0" + _bytes(payload) + _bytes(signature)


def sign(key: SigningKey, payload: bytes, content_type: str | None = None) -> bytes:
    """Sign with ES256."""
    headers: dict[int, Any] = {ALGORITHM: ES256, KID: key.kid}
    if content_type:
        headers[CONTENT_TYPE] = content_type
    protected = cbor2.dumps(headers, canonical=True)
    return write(protected, payload, key.sign(signed_bytes(protected, payload)))


def parse(data: bytes) -> Signed:
    """Take a message apart; tags 61 (CWT) and 18 may stand before it, as the field's issuers do."""
    value = loads(data)
    for _ in range(2):
        if isinstance(value, cbor2.CBORTag) and value.tag in (SIGN1, CWT):
            value = value.value
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        raise Unreadable("cose", "不是 COSE_Sign1 结构", "not a COSE_Sign1 message")
    protected, unprotected, payload, signature = value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise Unreadable("cose", "不是 COSE_Sign1 结构", "not a COSE_Sign1 message")
    headers = loads(protected) if protected else {}
    if not isinstance(headers, Mapping) or not isinstance(unprotected, Mapping):
        raise Unreadable("cose", "COSE 头部损坏", "the COSE headers are broken")
    return Signed(protected, headers, unprotected, payload, signature)


def parse_own(data: bytes) -> Signed:
    """As `parse`, and only what `write` writes: nothing stands outside the signature."""
    message = parse(data)
    if write(message.protected, message.payload, message.signature) != data:
        raise Unreadable("not_canonical", "签名结构不是唯一的标准形式", "not signed in the one form there is")
    return message
