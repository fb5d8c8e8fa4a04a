"""The access value: who, for what purpose, over which grids, under which emergency or grant.

Every door takes one first. Only the gate makes one, at an entrance; there is no way to skip it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wangge.kernel.units import Interval


class _Seal:
    """Proof of origin: the gate holds the one instance and puts it into each access that it makes."""


SEAL = _Seal()


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
        if self.seal is not SEAL:
            raise TypeError("an access is made by the gate only")

    @property
    def is_system(self) -> bool:
        return self.role == "system"
