"""The key and what is made with it: tokens, and Bloom filters salted with another value."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from wangge_engine.frame.problems import refuse

VERSION = "wangge-1"
SHORTEST_KEY = 32  # bytes; a hexadecimal line of 32 random bytes has 64
TOKEN_BYTES = 12
FILTER_BITS = 64
BITS_PER_FEATURE = 3
_STRETCH = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}


class Encoder:
    """Makes encodings under one key. Every kind of value has its own key, so that equal texts of two kinds differ."""

    def __init__(self, secret: bytes) -> None:
        self._master = hashlib.scrypt(secret, salt=VERSION.encode(), dklen=32, **_STRETCH)
        self._keys: dict[str, bytes] = {}

    @classmethod
    def from_file(cls, path: Path) -> Encoder:
        """Read the key: the file's bytes without surrounding white space."""
        try:
            secret = path.read_bytes().strip()
        except OSError as error:
            raise refuse("no_key", "密钥文件读不出来", "the key file cannot be read", str(path)) from error
        if len(secret) < SHORTEST_KEY or len(set(secret)) < 8:
            raise refuse(
                "weak_key",
                f"密钥太短或太简单：至少 {SHORTEST_KEY} 个随机字节（openssl rand -hex 32 > 文件）",
                f"the key is too short or too plain: {SHORTEST_KEY} random bytes or more (openssl rand -hex 32 > FILE)",
                str(path),
            )
        return cls(secret)

    def _key(self, kind: str) -> bytes:
        key = self._keys.get(kind)
        if key is None:
            key = self._keys[kind] = hmac.digest(self._master, kind.encode(), "sha256")
        return key

    @property
    def encoding(self) -> str:
        """Version and fingerprint of the key; it tells nothing else about the key."""
        return f"{VERSION}:{self._key('fingerprint')[:6].hex()}"

    def token(self, kind: str, *parts: str | None) -> str:
        """Token of several values as one; empty if one of them is missing."""
        if not all(parts):
            return ""
        message = "\x1f".join(part or "" for part in parts).encode()
        return base64.b64encode(hmac.digest(self._key(kind), message, "sha256")[:TOKEN_BYTES], b"-_").decode()

    def filter(self, kind: str, salt: Iterable[str | None], features: Iterable[str]) -> str:
        """Bloom filter of features as 16 hexadecimal digits; empty if the salt or all features are missing."""
        parts = tuple(salt)
        if not all(parts):
            return ""
        key = hmac.digest(self._key(kind), "\x1f".join(part or "" for part in parts).encode(), "sha256")
        bits = 0
        for feature in features:
            digest = hmac.digest(key, feature.encode(), "sha256")
            for at in range(BITS_PER_FEATURE):
                bits |= 1 << (digest[at] % FILTER_BITS)
        return f"{bits:016x}" if bits else ""
