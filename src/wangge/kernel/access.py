"""The access value: who, for what purpose, over which grids, under which emergency or grant.

Every door takes one first. Only the gate makes one, at an entrance; there is no way to skip it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.units import Interval


class _Seal:
    """Proof of origin, good for the one access that it was made for."""

    __slots__ = ("content",)

    def __init__(self, content: tuple[object, ...]) -> None:
        self.content = content


@dataclass(frozen=True, slots=True)
class Access:
    """One post, one purpose, one territory, at one moment.

    `actor` is the account's id or "system:<name>"; `scope` the unit numbers it reaches; `emergency` the mandate
    under which emergency data may be read; `grant` the temporary grant that gave the post, if any.
    """

    actor: str
    role: str
    purpose: str
    scope: Interval
    at: datetime
    seal: _Seal = field(repr=False, compare=False)
    organisation: UUID | None = None
    post: UUID | None = None
    emergency: UUID | None = None
    grant: UUID | None = None
    second_factor: bool = False
    request: str = ""

    def __post_init__(self) -> None:
        # a copy with another scope or purpose (dataclasses.replace) carries a seal that does not fit it
        if not isinstance(self.seal, _Seal) or self.seal.content != _content(self):
            raise TypeError("an access is made by the gate only, and cannot be changed")

    @property
    def is_system(self) -> bool:
        return self.role == "system"


def _content(access: Access) -> tuple[object, ...]:
    return tuple(getattr(access, f.name) for f in fields(access) if f.name != "seal")


def issue(**values: Any) -> Access:
    """Make an access with a seal of its own. For the gate alone (`wangge.access.actions`); a test watches that."""
    names = [f for f in fields(Access) if f.name != "seal"]
    content = tuple(values.get(f.name, f.default) for f in names)
    return Access(seal=_Seal(content), **values)
