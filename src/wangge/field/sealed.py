"""What was seen, sealed: under the emergency's key where there is one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from wangge.access.vault import vault
from wangge.field.models import PEACETIME
from wangge.field.types import SubmittedVisit
from wangge.kernel.sealing import Sealer


def sealer(emergency: UUID | None) -> Sealer:
    """The sealer of an emergency, or of peacetime."""
    return vault(emergency or PEACETIME)


def as_sent(visit: SubmittedVisit) -> bytes:
    """The visit as canonical JSON: the same visit gives the same bytes. Raises TypeError for what is no JSON."""
    return orjson.dumps(
        {
            "client_id": visit.client_id,
            "form": visit.form,
            "form_version": visit.form_version,
            "started_at": visit.started_at,
            "ended_at": visit.ended_at,
            "saw": [visit.saw_person, visit.saw_dwelling, visit.saw_state],
            "task_id": visit.task_id,
            "unit_no": visit.unit_no,
            "emergency": visit.emergency,
            "person_id": visit.person_id,
            "dwelling_id": visit.dwelling_id,
            "answers": dict(visit.answers),
            "observations": visit.observations,
            "corrections": [[c.field, c.old, c.new] for c in visit.corrections],
            "device": visit.device,
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )


def content(visit: SubmittedVisit) -> bytes:
    """What is sealed of a visit that was taken in."""
    return orjson.dumps(
        {
            "person_id": visit.person_id,
            "dwelling_id": visit.dwelling_id,
            "answers": dict(visit.answers),
            "observations": visit.observations,
        }
    )


def opened(sealed: bytes | memoryview, emergency: UUID | None) -> dict[str, Any]:
    """Sealed JSON again; ids of person and dwelling as UUID."""
    raw: dict[str, Any] = orjson.loads(sealer(emergency).unseal_bytes(sealed))
    for key in ("person_id", "dwelling_id"):
        if raw.get(key):
            raw[key] = UUID(raw[key])
    return raw
