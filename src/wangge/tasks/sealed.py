"""What a task says about a person, sealed: under the emergency's key where there is one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from wangge.access.vault import vault
from wangge.tasks.models import PEACETIME
from wangge.tasks.types import Subject


def seal_subject(subject: Subject, emergency: UUID | None) -> bytes:
    """The sealed subject."""
    return vault(emergency or PEACETIME).seal(
        orjson.dumps(
            {
                "person_id": subject.person_id,
                "dwelling_id": subject.dwelling_id,
                "name": subject.name,
                "phone": subject.phone,
                "address": subject.address,
                "reasons": subject.reasons,
                "note": subject.note,
            }
        )
    )


def unseal_subject(sealed: bytes | memoryview, emergency: UUID | None) -> Subject:
    """The subject again."""
    raw: dict[str, Any] = orjson.loads(vault(emergency or PEACETIME).unseal_bytes(sealed))
    return Subject(
        person_id=UUID(raw["person_id"]) if raw["person_id"] else None,
        dwelling_id=UUID(raw["dwelling_id"]) if raw["dwelling_id"] else None,
        name=raw["name"],
        phone=raw["phone"],
        address=raw["address"],
        reasons=tuple(raw["reasons"]),
        note=raw["note"],
    )


def subject_token(person_id: UUID | None, emergency: UUID | None) -> bytes | None:
    """The reference by which tasks about a person are found; another one in each emergency."""
    return vault(emergency or PEACETIME).token(str(person_id)) if person_id else None


def seal_reason(reason: str, emergency: UUID | None) -> bytes | None:
    """A sealed reason; None for an empty one."""
    return vault(emergency or PEACETIME).seal(reason) if reason else None


def unseal_reason(sealed: bytes | memoryview | None, emergency: UUID | None) -> str:
    """The reason again."""
    return "" if sealed is None else vault(emergency or PEACETIME).unseal(sealed)


def seal_text(text: str) -> bytes:
    """Names and phones of team members."""
    return vault(PEACETIME).seal(text)


def unseal_text(sealed: bytes | memoryview | None) -> str:
    """The text again; empty for none."""
    return "" if sealed is None else vault(PEACETIME).unseal(sealed)


def blind_phone(phone: str) -> bytes | None:
    """The exact-search index of a phone number; None for an empty one."""
    digits = "".join(ch for ch in phone if ch.isdigit())
    return vault(PEACETIME).blind("phone", digits) if digits else None


def blind_person(actor: str, name: str, phone: str) -> bytes:
    """What makes a team member the same person: the account, else name and phone."""
    return vault(PEACETIME).blind("member", actor or f"{name}\x00{phone}")
