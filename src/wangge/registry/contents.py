"""What is sealed in a source record, and what it comes to: the values of its person, weighed. Private to the room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from wangge.access.vault import vault
from wangge.registry.analysis import RIVALS
from wangge.registry.models import SourceDependence, SourceRecord
from wangge.registry.rules.survivorship import Choice, Copies, Telling, choose

FIELDS = ("name", "id_no", "birth", "sex", "phone", "address")


@dataclass(frozen=True, slots=True)
class Content:
    """A source record opened: told as it came, and `read`: (field, value, tier, milli-bits) of each value."""

    record: SourceRecord
    told: Mapping[str, str]
    read: tuple[tuple[str, str, int, int], ...]
    verified: bool
    given: str
    door: tuple[str, str, str, str]
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> str:
        return self.record.as_of_on.isoformat() if self.record.as_of_on else ""

    def said(self, name: str) -> tuple[str, str] | None:
        """(as it came, as read) of a field; None when nothing was told."""
        raw = str(self.told.get(name) or "")
        read = next((value for f, value, _, _ in self.read if f == name), "")
        return (raw or read, read) if raw or read else None

    def tellings(self, name: str) -> Iterable[Telling]:
        for f, value, tier, mb in self.read:
            if f == name:
                yield Telling(
                    value, self.record.source, self.record.record_id, self.as_of, tier, mb, self.verified
                )


def sealed_text(row: Mapping[str, Any]) -> str:
    """What is sealed of a row of the engine's table `members`."""
    return orjson.dumps(
        {
            "told": orjson.loads(row["told"] or "{}"),
            "read": [[f, v, int(t), int(mb)] for f, v, t, mb in orjson.loads(row["read"] or "[]")],
            "verified": bool(row["verified"]),
            "given": row["given"] or "",
            "door": [row[c] or "" for c in ("place", "building", "unit", "room")],
            "facts": orjson.loads(row["facts"] or "{}"),
        }
    ).decode()


def opened(record: SourceRecord) -> Content:
    body = orjson.loads(vault("registry").unseal_bytes(record.values_sealed))
    told: dict[str, str] = body.get("told", body)
    read = tuple((str(f), str(v), int(t), int(mb)) for f, v, t, mb in body.get("read", ()))
    place, building, unit, room = body.get("door") or ("", "", "", "")
    door = (place, building, unit, room)
    facts = {str(k): str(v) for k, v in body.get("facts", {}).items() if v not in (None, "")}
    return Content(record, told, read, bool(body.get("verified")), str(body.get("given", "")), door, facts)


def copies() -> Copies:
    """Which sources share their errors, and how much of them."""
    return {(d.source, d.other): d.share for d in SourceDependence.objects.all()}


def choices(contents: Sequence[Content], shared: Copies) -> dict[str, Choice]:
    """Each field's values, the surviving one first; fields of which nothing was told are left out."""
    found: dict[str, Choice] = {}
    for name in FIELDS:
        choice = choose([t for c in contents for t in c.tellings(name)], shared, RIVALS[name])
        if choice is not None:
            found[name] = choice
    return found


def facts_of(contents: Sequence[Content]) -> dict[str, dict[str, str]]:
    """Further facts: {fact: {"v": value, "s": source, "d": as-of}}; the newest telling of each stays."""
    found: dict[str, dict[str, str]] = {}
    for content in sorted(contents, key=lambda c: (c.as_of, c.record.source, c.record.record_id)):
        for fact, value in content.facts.items():
            found[fact] = {"v": value, "s": content.record.source, "d": content.as_of}
    return found
