"""What goes into and comes out of the release room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.destruction import StoreCount
from wangge.kernel.privacy import Privacy, open_

__all__ = ["CertificateView", "Column", "ExportFile", "ExportView", "StoreCount"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file that leaves: the field it takes, its header, and its privacy class."""

    name: str
    header: str
    privacy: Privacy = Privacy.OPEN


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file on its way out. `digest` is the SHA-256 of its bytes."""

    id: UUID
    filename: str
    media_type: str
    content: bytes
    digest: str
    rows: int
    ledger_entry: int


@dataclass(frozen=True, slots=True)
class ExportView:
    """That a file left."""

    id: UUID = open_()
    noun: str = open_()
    title: str = open_()
    columns: tuple[str, ...] = open_()
    classes: tuple[str, ...] = open_()
    rows: int = open_()
    format: str = open_()
    purpose: str = open_()
    justification: str = open_()
    emergency: UUID | None = open_()
    ledger_entry: int = open_()
    made_at: datetime = open_()
    made_by: str = open_()


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate of destruction. `statement` is the signed JSON; `holds` says that the signature is good."""

    id: UUID = open_()
    emergency_id: UUID = open_()
    name: str = open_()
    legal_basis: str = open_()
    declared_at: datetime = open_()
    ended_at: datetime = open_()
    destroyed_at: datetime = open_()
    destroyed_by: str = open_()
    key_destroyed: bool = open_()
    stores: tuple[StoreCount, ...] = open_()
    total: int = open_()
    statement: str = open_()
    signature: str = open_()
    public_key: str = open_()
    holds: bool = open_()
