"""Sealing, blind indexes and pseudonyms under one key.

AES-256-GCM (NIST SP 800-38D) for values, HMAC-SHA256 (RFC 2104) for exact search and for references, both under
sub-keys derived with HKDF (RFC 5869). Low-entropy values (identity numbers, phones) are never plain-hashed.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wangge.kernel.problems import Refused

VERSION = b"\x01"
_NONCE = 12
BLIND_BYTES = 16


def derive(key: bytes, use: str, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=use.encode()).derive(key)


class Sealer:
    """Seals text and bytes under one scope's key."""

    __slots__ = ("_aead", "_blind", "_seeds", "_token")

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(derive(key, "wangge seal"))
        self._blind = derive(key, "wangge blind index")
        self._token = derive(key, "wangge token")
        self._seeds = derive(key, "wangge seeds")

    def seal(self, value: str | bytes) -> bytes:
        """Version byte, nonce, ciphertext and tag. 29 bytes longer than the value."""
        nonce = os.urandom(_NONCE)
        data = value.encode() if isinstance(value, str) else value
        return VERSION + nonce + self._aead.encrypt(nonce, data, VERSION)

    def unseal_bytes(self, sealed: bytes | memoryview) -> bytes:
        """The bytes again. Raises Refused when the seal is broken or made under another key."""
        raw = bytes(sealed)
        try:
            if raw[:1] != VERSION:
                raise InvalidTag
            return self._aead.decrypt(raw[1 : 1 + _NONCE], raw[1 + _NONCE :], VERSION)
        except InvalidTag as error:
            raise Refused(
                code="seal_broken",
                zh="密封数据已损坏或密钥不符，无法读取。",
                en="The sealed value is damaged or was sealed under another key.",
            ) from error

    def unseal(self, sealed: bytes | memoryview) -> str:
        return self.unseal_bytes(sealed).decode()

    def seal_facts(self, facts: Mapping[str, Any]) -> bytes:
        """A small dict, as JSON with sorted keys; days and ids become text."""
        return self.seal(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))

    def unseal_facts(self, sealed: bytes | memoryview) -> dict[str, Any]:
        """The dict again, days and ids as text."""
        facts: dict[str, Any] = orjson.loads(self.unseal_bytes(sealed))
        return facts

    def blind(self, kind: str, value: str) -> bytes:
        """Keyed index of a value of one kind, 16 bytes: equal values meet, nothing else is told."""
        return hmac.new(self._blind, f"{kind}\x00{value}".encode(), sha256).digest()[:BLIND_BYTES]

    def token(self, value: str) -> bytes:
        """Keyed reference to an id, 16 bytes: the same id gives the same token under this key only."""
        return hmac.new(self._token, value.encode(), sha256).digest()[:BLIND_BYTES]

    def seed(self, use: str, length: int) -> bytes:
        """`length` bytes to make a key for one use of: always the same, and gone for good with this scope's key."""
        return derive(self._seeds, use, length)
