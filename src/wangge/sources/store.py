"""Where originals and the rows read from them are kept: what an emergency brought stands under its own key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from wangge.access.files import SealedFiles
from wangge.access.vault import vault
from wangge.kernel.sealing import Sealer

PEACETIME = "sources"


def scope_of(emergency: UUID | None) -> str:
    """The key scope (and folder) of what an emergency brought, or of peacetime."""
    return str(emergency) if emergency else PEACETIME


def sealer_of(emergency: UUID | None) -> Sealer:
    return vault(scope_of(emergency))


def store() -> SealedFiles:
    """The house's store, under $WANGGE_HOME/vault."""
    return SealedFiles(Path(settings.WANGGE_VAULT))
