"""Reading and checking the ledger."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.pages import number as mark_number
from wangge.kernel.problems import NotFound
from wangge.kernel.signing import signed_by
from wangge.ledger.keys import mark_key, signing_key, verifying_key
from wangge.ledger.models import Checkpoint, Entry, Pending, Seal
from wangge.ledger.rows import facts_of
from wangge.ledger.rules import files
from wangge.ledger.rules.chain import GENESIS, as_record, canonical, checkpoint_text, link, mark
from wangge.ledger.states import Fault
from wangge.ledger.types import EntryRow, Finding, Verification

_CHUNK = 5_000
MANY = 100  # findings told one by one; more say no more


def _row(entry: Entry, chain_no: int | None) -> EntryRow:
    return EntryRow(
        seq=entry.seq,
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        door=entry.door,
        actor=entry.actor,
        role=entry.role,
        purpose=entry.purpose,
        scope_lo=entry.scope_lo,
        scope_hi=entry.scope_hi,
        emergency=entry.emergency,
        grant=entry.grant,
        subjects=len(entry.subjects),
        details=entry.details,
        chain_no=chain_no,
    )


@door(reads="ledger")
def entries(
    access: Access,
    *,
    door: str = "",
    actor: str = "",
    purpose: str = "",
    kind: str = "",
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[EntryRow]:
    """Entries, newest first, by door, actor, purpose or kind."""
    rows = Entry.objects.order_by("-seq").annotate(
        chain_no=Subquery(Seal.objects.filter(entry_seq=OuterRef("seq")).values("no")[:1])
    )
    for field, value in (("door", door), ("actor", actor), ("purpose", purpose), ("kind", kind)):
        if value:
            rows = rows.filter(**{field: value})
    mark_ = Cursor.decode(after, 1, mark_number)
    if mark_ is not None:
        rows = rows.filter(seq__lt=mark_.values[0])
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((shown[-1].seq,)).encode() if len(found) > size else None
    return Page(tuple(_row(e, e.chain_no) for e in shown), follow)


@door(reads="ledger")
def entry(access: Access, *, seq: int) -> EntryRow:
    """One entry by its number. Raises NotFound when there is none."""
    found = Entry.objects.filter(seq=seq).first()
    if found is None:
        raise NotFound(code="entry_unknown", zh="没有此留痕记录。", en="There is no such entry.")
    return _row(found, Seal.objects.filter(entry_seq=seq).values_list("no", flat=True).first())


@door(reads="ledger", act="verify")
def verify(access: Access) -> Verification:
    """Check every sealed entry, every seal, every checkpoint and the witness file."""
    return check_chain()


def check_chain() -> Verification:
    """The check itself, for whoever stands at the machine: it tells nothing about anyone."""
    findings: list[Finding] = []
    key, public = mark_key(), verifying_key()
    # what was signed and told before we begin must be there when we come to it; what is sealed while we look is left
    # to the next check, or a busy house would always seem tampered with
    told, signed_to = _witness_size(), _last_checkpoint()
    heads: dict[int, bytes] = {0: GENESIS}
    head, no = GENESIS, 0
    for number, entry_seq, sealed_hash, entry in _sealed():
        if number != no + 1:
            findings.append(Finding(Fault.REMOVED, no + 1, None))
        no = number
        if entry is None:
            findings.append(Finding(Fault.REMOVED, number, entry_seq))
            head = sealed_hash
        else:
            facts = facts_of(entry)
            if not hmac.compare_digest(mark(key, facts), bytes(entry.mac)):
                findings.append(Finding(Fault.EDITED, number, entry_seq))
            following = link(head, canonical(facts))
            if following != sealed_hash:
                findings.append(Finding(Fault.CHAIN_BROKEN, number, entry_seq))
            head = sealed_hash
        heads[number] = head
        if len(findings) > MANY:
            break
    signed: set[int] = set()
    for checkpoint in Checkpoint.objects.filter(no__lte=signed_to).order_by("no").iterator():
        signed.add(checkpoint.no)
        said = bytes(checkpoint.hash)
        text = checkpoint_text(checkpoint.no, said, checkpoint.at)
        if heads.get(checkpoint.no) != said or not signed_by(public, bytes(checkpoint.signature), text):
            findings.append(Finding(Fault.CHECKPOINT_BAD, checkpoint.no, None))
    contradicted, borne_out = _witness_findings(heads, public, told)
    findings.extend(contradicted)
    unsealed, forged = _unsealed(key)
    findings.extend(forged)
    return Verification(
        entries=no + unsealed,
        sealed=no,
        unsealed=unsealed,
        checkpoints=len(signed),
        unwitnessed=len(signed - borne_out),
        findings=tuple(findings[: MANY + 1]),
        head=head.hex(),
        key=public.hex(),
    )


def _sealed() -> Iterator[tuple[int, int, bytes, Entry | None]]:
    last = 0
    while True:
        seals = list(Seal.objects.filter(no__gt=last).order_by("no")[:_CHUNK])
        if not seals:
            return
        found = Entry.objects.in_bulk([s.entry_seq for s in seals])
        for seal in seals:
            yield seal.no, seal.entry_seq, bytes(seal.hash), found.get(seal.entry_seq)
        last = seals[-1].no


def _unsealed(key: bytes) -> tuple[int, list[Finding]]:
    """Entries without a seal: waiting ones are counted; ones the house did not write or hid, and waiting ones that are
    gone, are findings. Each of the two questions is one statement, so that it sees one moment."""
    known = Seal.objects.filter(entry_seq=OuterRef("seq")).values("no")[:1]
    waits = Exists(Pending.objects.filter(seq=OuterRef("seq")))
    loose = Entry.objects.annotate(no=Subquery(known), waits=waits).filter(no=None).order_by("seq")
    count, findings = 0, []
    for entry in loose.iterator(chunk_size=_CHUNK):
        count += 1
        if not hmac.compare_digest(mark(key, facts_of(entry)), bytes(entry.mac)) or not entry.waits:
            findings.append(Finding(Fault.FORGED, None, entry.seq))
            if len(findings) > MANY:
                break
    gone = Pending.objects.filter(~Exists(Entry.objects.filter(seq=OuterRef("seq")))).order_by("seq")
    findings += [Finding(Fault.REMOVED, None, seq) for seq in gone.values_list("seq", flat=True)[: MANY + 1]]
    return count, findings


def _last_checkpoint() -> int:
    return Checkpoint.objects.order_by("-no").values_list("no", flat=True).first() or 0


def _witness_size() -> int:
    """Bytes of the witness file, 0 where there is none."""
    path = Path(settings.WANGGE_WITNESS)
    return path.stat().st_size if path.exists() else 0


def _witness_findings(heads: dict[int, bytes], public: bytes, size: int) -> tuple[list[Finding], set[int]]:
    """Where the first `size` bytes of the witness contradict the chain, and the numbers of the heads it knows."""
    path = Path(settings.WANGGE_WITNESS)
    text = b""
    if size:
        with path.open("rb") as file:
            text = file.read(size)
    findings: list[Finding] = []
    borne_out: set[int] = set()
    for line in text.splitlines():
        try:
            told = orjson.loads(line)
            no, head, at = int(told["no"]), bytes.fromhex(told["hash"]), datetime.fromisoformat(told["at"])
            signature = bytes.fromhex(told["signature"])
        except (ValueError, KeyError, TypeError):
            continue  # a line torn by a power cut says nothing; the next one does
        if not signed_by(public, signature, checkpoint_text(no, head, at)):
            continue
        if no not in heads:
            findings.append(Finding(Fault.TRUNCATED, no, None))
        elif heads[no] != head:
            findings.append(Finding(Fault.CHAIN_BROKEN, no, None))
        else:
            borne_out.add(no)
    return findings, borne_out


@door(reads="ledger", act="export")
def export(access: Access, *, path: Path) -> int:
    """Write the sealed ledger to `path` as a file that anyone can check; returns the number of entries."""
    partial = path.with_name(f".{path.name}.partial")
    signed_to = (
        _last_checkpoint()
    )  # one signed while we write would speak of entries that the file does not hold
    with partial.open("wb") as out:
        count = files.write(
            out,
            entries=(
                (no, sealed, as_record(facts_of(entry)))
                for no, _, sealed, entry in _sealed()
                if entry is not None
            ),
            checkpoints=(
                _as_told(c) for c in Checkpoint.objects.filter(no__lte=signed_to).order_by("no").iterator()
            ),
            exported_at=datetime.now(UTC).isoformat(timespec="seconds"),
            signing_key=signing_key(),
        )
    partial.replace(path)
    return count


def _as_told(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "no": checkpoint.no,
        "hash": bytes(checkpoint.hash).hex(),
        "at": checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "signature": bytes(checkpoint.signature).hex(),
    }


def check_file(path: Path, *, trusted_key: bytes | None = None) -> files.FileReport:
    """Check an exported ledger; needs no database."""
    return files.check(path, trusted_key=trusted_key)
