"""The signer of an emergency, and the root that vouches for it.

Both are made from key files (docs/adr/0007): the signer from its emergency's, so that it is gone for good with it and
nobody, the house included, can sign in that emergency's name after its END; the root from a file of its own.
"""

from __future__ import annotations

from uuid import UUID

from wangge.access.vault import vault
from wangge.emergencies.types import EmergencyView
from wangge.kernel.units import significant
from wangge_credential.keys import SEED_BYTES, SigningKey, from_seed

ROOT = "credential-root"
USE = "status credential, P-256"


def signer(emergency: UUID) -> SigningKey:
    """Raises KeyDestroyed after the emergency ended."""
    return from_seed(vault(emergency).seed(USE, SEED_BYTES))


def root() -> SigningKey:
    return from_seed(vault(ROOT).seed(USE, SEED_BYTES))


def district_of(emergency: EmergencyView) -> str:
    """The six-digit district (or the city above it) in whose name the emergency's credentials are issued."""
    return min(significant(area.division) for area in emergency.areas)[:6]


def issuer_of(emergency: EmergencyView) -> str:
    return f"CN-{district_of(emergency)}"


def province_of(emergency: EmergencyView) -> str:
    return f"CN-{district_of(emergency)[:2]}"
