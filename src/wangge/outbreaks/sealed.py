"""Facts sealed under the key of their emergency: small dicts as JSON. After the key is destroyed nothing opens them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from wangge.access.vault import vault


def seal(emergency: UUID, facts: Mapping[str, Any]) -> bytes:
    """`facts` as JSON under the emergency's key."""
    return vault(emergency).seal_facts(facts)


def unseal(emergency: UUID, sealed: bytes | memoryview) -> dict[str, Any]:
    """The facts again. Raises KeyDestroyed after the emergency ended."""
    return vault(emergency).unseal_facts(sealed)


def day(text: str | None) -> date | None:
    """A date back from its ISO text."""
    return date.fromisoformat(text) if text else None


def person(text: str | None) -> UUID | None:
    """A person's id back from its text."""
    return UUID(text) if text else None
