"""What leaves the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.privacy import open_
from wangge.ledger.states import Fault


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as an auditor reads it. `chain_no` is None while the entry waits for its seal."""

    seq: int = open_()
    id: UUID = open_()
    at: datetime = open_()
    kind: str = open_()
    door: str = open_()
    actor: str = open_()
    role: str = open_()
    purpose: str = open_()
    scope_lo: int = open_()
    scope_hi: int = open_()
    emergency: UUID | None = open_()
    grant: UUID | None = open_()
    subjects: int = open_()
    details: dict[str, Any] = open_()
    chain_no: int | None = open_()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the ledger and where."""

    fault: Fault
    chain_no: int | None
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking the whole chain. `unwitnessed` counts signed heads that the witness outside the database
    does not know: one or two after a power cut, all of them where the file was lost or taken away."""

    entries: int
    sealed: int
    unsealed: int
    checkpoints: int
    findings: tuple[Finding, ...]
    head: str
    key: str
    unwitnessed: int = 0

    @property
    def verified(self) -> bool:
        return not self.findings
