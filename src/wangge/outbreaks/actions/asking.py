"""Somebody asks that an admitted list be taken in; the system does the rest."""

from __future__ import annotations

from uuid import UUID

from wangge.emergencies.queries import standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door


@door(writes="exposure", act="ask")
def ask_take_in(access: Access, *, batch: UUID) -> UUID:
    """Put on the ledger who had a list taken in; gives the emergency it goes to. Raises Refused when none stands."""
    return standing(access).id
