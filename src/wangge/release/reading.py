"""Certificates as others see them."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from wangge.kernel.destruction import StoreCount
from wangge.release.models import DestructionCertificate
from wangge.release.rules.certificates import signature_holds
from wangge.release.types import CertificateView


def certificate_view(c: DestructionCertificate) -> CertificateView:
    """The certificate with its words taken apart, and its signature checked."""
    said = json.loads(c.statement)
    signature, key = bytes(c.signature), bytes(c.public_key)
    return CertificateView(
        id=c.id,
        emergency_id=UUID(said["emergency_id"]),
        name=said["name"],
        legal_basis=said["legal_basis"],
        declared_at=datetime.fromisoformat(said["declared_at"]),
        ended_at=datetime.fromisoformat(said["ended_at"]),
        destroyed_at=datetime.fromisoformat(said["destroyed_at"]),
        destroyed_by=said["destroyed_by"],
        key_destroyed=said["key_destroyed"],
        stores=tuple(StoreCount(s["store"], s["destroyed"]) for s in said["stores"]),
        total=said["total"],
        statement=c.statement,
        signature=signature.hex(),
        public_key=key.hex(),
        holds=signature_holds(c.statement.encode(), signature, key),
    )
