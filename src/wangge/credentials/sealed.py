"""What an application keeps sealed under its emergency's key, and what a credential does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson

from wangge.access.vault import vault


@dataclass(frozen=True, slots=True)
class Holder:
    """Who applied and what was last given: `colour` and `rule_pack` are empty before the first credential."""

    person_id: str
    initials: str
    birthday: int
    way: str
    colour: str = ""
    rule_pack: str = ""


def seal(emergency: UUID, value: Holder) -> bytes:
    return vault(emergency).seal(orjson.dumps(value))


def open_holder(emergency: UUID, sealed: bytes | memoryview) -> Holder:
    return Holder(**orjson.loads(vault(emergency).unseal_bytes(sealed)))


def seal_code(emergency: UUID, rid: bytes, text: str) -> bytes:
    return vault(emergency).seal(rid + text.encode())
