"""Free text of a case, sealed: description, place, reporter, notes of steps."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from wangge.access.vault import vault
from wangge.kernel.sealing import Sealer

SCOPE = "cases"


@dataclass(frozen=True, slots=True)
class Details:
    """What was written about a matter, and by whom it was told."""

    description: str = ""
    place: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""


NOTHING = Details()


def sealer() -> Sealer:
    """The sealer of this room; taken once for a bulk of rows, because it looks for the key's file."""
    return vault(SCOPE)


def seal_details(details: Details, seals: Sealer | None = None) -> bytes | None:
    """Sealed details; None when there are none."""
    return None if details == NOTHING else (seals or sealer()).seal(orjson.dumps(details))


def unseal_details(sealed: bytes | memoryview | None) -> Details:
    """The details again."""
    return NOTHING if sealed is None else Details(**orjson.loads(vault(SCOPE).unseal_bytes(sealed)))


def seal_note(note: str, seals: Sealer | None = None) -> bytes | None:
    """A sealed note; None for an empty one."""
    return (seals or sealer()).seal(note) if note else None


def unseal_note(sealed: bytes | memoryview | None) -> str:
    """The note again."""
    return "" if sealed is None else vault(SCOPE).unseal(sealed)


def blind_phone(phone: str) -> bytes | None:
    """The exact-search index of a phone number; None for an empty one."""
    digits = "".join(ch for ch in phone if ch.isdigit())
    return vault(SCOPE).blind("phone", digits) if digits else None
