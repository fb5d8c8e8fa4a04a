"""Sealing for the other rooms: `vault("registry")` in peacetime, `vault(emergency_id)` for an emergency's data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from wangge.kernel.keystore import KeyStore
from wangge.kernel.sealing import Sealer
from wangge.kernel.signing import public_key as _public_key
from wangge.kernel.signing import sign as _sign

SIGNING = "house-signing"


@lru_cache(maxsize=4)
def _store(folder: Path) -> KeyStore:
    return KeyStore(folder)


@lru_cache(maxsize=64)
def _sealer(key: bytes) -> Sealer:
    return Sealer(key)


def _scope(scope: str | UUID) -> str:
    return str(scope)


def vault(scope: str | UUID) -> Sealer:
    """The sealer of a scope. Raises KeyDestroyed once the scope's key was destroyed (an emergency that ended)."""
    return _sealer(_store(settings.WANGGE_KEYS).key(_scope(scope)))


def destroy_key(scope: str | UUID) -> bool:
    """Destroy the key of a scope for good; what it sealed is unreadable from now on, in backups too."""
    return _store(settings.WANGGE_KEYS).destroy(_scope(scope))


def sign(text: bytes) -> bytes:
    """The house's Ed25519 signature, 64 bytes."""
    return _sign(_store(settings.WANGGE_KEYS).key(SIGNING), text)


def public_key() -> bytes:
    """The key that `sign` is checked with, 32 bytes."""
    return _public_key(_store(settings.WANGGE_KEYS).key(SIGNING))
