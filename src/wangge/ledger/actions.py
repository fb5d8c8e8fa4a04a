"""Writing the ledger: entries by the gate, seals and checkpoints by the sealer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.signing import sign
from wangge.ledger.keys import mark_key, signing_key
from wangge.ledger.models import Checkpoint, Entry, Pending, Seal
from wangge.ledger.rows import facts_of
from wangge.ledger.rules.chain import GENESIS, EntryFacts, canonical, checkpoint_text, link, mark

SEALER_LOCK = 0x57616E67  # one sealer at a time in a database, whoever runs it
SEAL_BATCH = 5_000

_INSERT = """
WITH written AS (
  INSERT INTO ledger_entry (id, at, kind, door, actor, role, organisation, purpose, scope_lo, scope_hi,
                            emergency, "grant", subjects, details, mac)
  VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
  RETURNING seq)
INSERT INTO ledger_pending (seq) SELECT seq FROM written RETURNING seq
"""


def record(
    access: Access,
    *,
    kind: str,
    door: str,
    subjects: tuple[bytes, ...] = (),
    details: dict[str, Any] | None = None,
) -> int:
    """Write one entry in the caller's transaction; returns its sequence number.

    `details` holds counts, field names, ids of things: never a value about a person.
    """
    facts = EntryFacts(
        id=new_id(),
        at=datetime.now(UTC),
        kind=kind,
        door=door,
        actor=access.actor,
        role=access.role,
        organisation=access.organisation,
        purpose=access.purpose,
        scope_lo=access.scope.lo,
        scope_hi=access.scope.hi,
        emergency=access.emergency,
        grant=access.grant,
        subjects=subjects,
        details=details or {},
    )
    # the mark is made over what the database will give back, not over what was handed in
    facts = replace(facts, details=orjson.loads(orjson.dumps(facts.details, default=str)))
    values = (
        facts.id,
        facts.at,
        facts.kind,
        facts.door,
        facts.actor,
        facts.role,
        facts.organisation,
        facts.purpose,
        facts.scope_lo,
        facts.scope_hi,
        facts.emergency,
        facts.grant,
        list(facts.subjects),
        orjson.dumps(facts.details).decode(),
        mark(mark_key(), facts),
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return int(cursor.fetchone()[0])


def seal_pending(access: Access, *, batch: int = SEAL_BATCH) -> int:
    """Chain the entries that wait, oldest first, and sign the new head. Returns how many were sealed.

    Only one sealer works at a time; another one that comes meanwhile seals nothing.
    """
    if not access.is_system:
        raise TypeError("sealing is the system's work")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        # an entry that is gone keeps waiting: that it was there is all that is left to find it by
        there = Exists(Entry.objects.filter(seq=OuterRef("seq")))
        waiting = list(Pending.objects.filter(there).order_by("seq").values_list("seq", flat=True)[:batch])
        if not waiting:
            return 0
        last = Seal.objects.order_by("-no").first()
        no, head = (last.no, bytes(last.hash)) if last else (0, GENESIS)
        seals = []
        for entry in Entry.objects.filter(seq__in=waiting).order_by("seq"):
            no += 1
            head = link(head, canonical(facts_of(entry)))
            seals.append(Seal(no=no, entry_seq=entry.seq, hash=head))
        Seal.objects.bulk_create(seals)
        Pending.objects.filter(seq__in=waiting).delete()
        at = datetime.now(UTC)
        signature = sign(signing_key(), checkpoint_text(no, head, at))
        Checkpoint.objects.create(no=no, hash=head, at=at, signature=signature)
        witness = {"no": no, "hash": head.hex(), "at": at.isoformat(), "signature": signature.hex()}
        transaction.on_commit(lambda: _tell_witness(witness))
    return len(seals)


def seal_all(access: Access) -> int:
    """Seal until nothing waits; returns how many were sealed."""
    total = 0
    while sealed := seal_pending(access):
        total += sealed
    return total


def _tell_witness(witness: dict[str, Any]) -> None:
    """Write the signed head outside the database, where cutting off the chain's end cannot reach it."""
    path = Path(settings.WANGGE_WITNESS)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(orjson.dumps(witness, option=orjson.OPT_SORT_KEYS) + b"\n")
