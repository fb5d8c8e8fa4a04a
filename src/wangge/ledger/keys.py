"""The ledger's own keys: the mark of origin and the signature of checkpoints."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from wangge.kernel.keystore import KeyStore
from wangge.kernel.signing import public_key

MARK, SIGNING = "ledger-mark", "ledger-signing"


@lru_cache(maxsize=1)
def _store(folder: Path) -> KeyStore:
    return KeyStore(folder)


def mark_key() -> bytes:
    return _store(settings.WANGGE_KEYS).key(MARK)


def signing_key() -> bytes:
    return _store(settings.WANGGE_KEYS).key(SIGNING)


def verifying_key() -> bytes:
    return public_key(signing_key())
