"""What a finding keeps sealed: the person, the rules that held, and the facts they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q

from wangge.access.vault import vault
from wangge.kernel.sealing import Sealer
from wangge.screening.rules.catalogue import kinds
from wangge.screening.rules.language import FactKind, Value

PEACETIME = "screening"


def sealer(emergency: UUID | None) -> Sealer:
    """The room's own sealer, or the emergency's."""
    return vault(emergency or PEACETIME)


def under(emergency: UUID | None) -> Q:
    """Rows of that emergency, or of peacetime: never both."""
    return Q(emergency_id__isnull=True) if emergency is None else Q(emergency_id=emergency)


@dataclass(frozen=True, slots=True)
class Kept:
    """The sealed part of a finding. `cared` are the vulnerability rules that brought it forward, "version/code"."""

    person_id: str
    on: date
    fired: tuple[str, ...]
    cared: tuple[str, ...]
    facts: Mapping[str, Value | None]
    origins: Mapping[str, tuple[str, str]]


def pack_up(kept: Mapping[str, Any]) -> bytes:
    """Canonical bytes of the sealed part."""
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def open_up(key: Sealer, sealed: bytes | memoryview) -> Kept:
    """The sealed part again."""
    said = orjson.loads(key.unseal_bytes(sealed))
    facts = {name: _value(name, value) for name, value in said["facts"].items()}
    return Kept(
        person_id=said["person"],
        on=date.fromisoformat(said["on"]),
        fired=tuple(said["fired"]),
        cared=tuple(said["cared"]),
        facts=facts,
        origins={name: (origin[0], origin[1]) for name, origin in said["origins"].items()},
    )


def _value(name: str, value: Any) -> Value | None:
    if value is not None and kinds().get(name) is FactKind.DATE:
        return date.fromisoformat(value)
    plain: Value | None = value
    return plain
