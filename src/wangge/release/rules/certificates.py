"""What a certificate of destruction says, as bytes that are signed: canonical JSON, so that anyone can check it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "wangge.destruction-certificate.1"


def statement(
    *,
    certificate_id: UUID,
    emergency_id: UUID,
    name: str,
    legal_basis: str,
    declared_at: datetime,
    ended_at: datetime,
    destroyed_at: datetime,
    destroyed_by: str,
    key_destroyed: bool,
    stores: Sequence[tuple[str, int]],
) -> bytes:
    """The signed bytes: which emergency, which stores, how many rows or files each, whether the key is gone."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "certificate_id": str(certificate_id),
        "emergency_id": str(emergency_id),
        "name": name,
        "legal_basis": legal_basis,
        "declared_at": declared_at.isoformat(),
        "ended_at": ended_at.isoformat(),
        "destroyed_at": destroyed_at.isoformat(),
        "destroyed_by": destroyed_by,
        "key_destroyed": key_destroyed,
        "stores": [{"store": store, "destroyed": count} for store, count in sorted(stores)],
        "total": sum(count for _, count in stores),
    }
    return canonical(said)


def canonical(said: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no blanks, UTF-8."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature_holds(said: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether the Ed25519 `signature` (RFC 8032) over `said` was made with the key of `public_key` (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True
