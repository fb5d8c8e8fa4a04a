"""The canonical form of an entry, its mark of origin, the chain over it, and signed checkpoints.

hash(n) = SHA-256(hash(n-1) || canonical(entry n)); hash(0) is 32 zero bytes. The mark of origin (mac) is
HMAC-SHA256 under a key that is not in the database, so a row put in with the database's own tools is known. A
checkpoint is an Ed25519 signature (RFC 8032) over the head of the chain.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """All that an entry says; everything here is under the chain."""

    id: UUID
    at: datetime
    kind: str
    door: str
    actor: str
    role: str
    organisation: UUID | None
    purpose: str
    scope_lo: int
    scope_hi: int
    emergency: UUID | None
    grant: UUID | None
    subjects: tuple[bytes, ...]
    details: dict[str, Any]


def as_record(entry: EntryFacts) -> dict[str, Any]:
    """The entry as plain JSON values."""
    return {
        "id": str(entry.id),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "door": entry.door,
        "actor": entry.actor,
        "role": entry.role,
        "organisation": str(entry.organisation) if entry.organisation else None,
        "purpose": entry.purpose,
        "scope": [entry.scope_lo, entry.scope_hi],
        "emergency": str(entry.emergency) if entry.emergency else None,
        "grant": str(entry.grant) if entry.grant else None,
        "subjects": [s.hex() for s in entry.subjects],
        "details": entry.details,
    }


def dumps(record: dict[str, Any]) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def canonical(entry: EntryFacts) -> bytes:
    return dumps(as_record(entry))


def mark(key: bytes, entry: EntryFacts) -> bytes:
    """The mark of origin, 32 bytes."""
    return hmac.new(key, canonical(entry), sha256).digest()


def link(previous: bytes, canonical_entry: bytes) -> bytes:
    """The next hash of the chain, 32 bytes."""
    return sha256(previous + canonical_entry).digest()


def checkpoint_text(no: int, head: bytes, at: datetime) -> bytes:
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return dumps({"at": stamp, "hash": head.hex(), "no": no, "what": "wangge ledger checkpoint"})
