"""Between table rows and the plain values the chain is made over."""

from __future__ import annotations

from wangge.ledger.models import Entry
from wangge.ledger.rules.chain import EntryFacts


def facts_of(entry: Entry) -> EntryFacts:
    return EntryFacts(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        door=entry.door,
        actor=entry.actor,
        role=entry.role,
        organisation=entry.organisation,
        purpose=entry.purpose,
        scope_lo=entry.scope_lo,
        scope_hi=entry.scope_hi,
        emergency=entry.emergency,
        grant=entry.grant,
        subjects=tuple(bytes(s) for s in entry.subjects),
        details=entry.details,
    )
