"""Organisations from the business register: one row per unified social credit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wangge.access.bulk import insert_rows
from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.registry.models import LegalEntity

_COLUMNS = (
    "id", "key", "name", "credit_code", "kind", "address", "legal_person", "phone_sealed", "unit_no", "source",
    "batch", "row_no",
)  # fmt: skip
_NEWER = "ON CONFLICT (key) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[2:])


@door(writes="registry", act="import")
def import_organisations(
    access: Access, *, source: str, batch: UUID | None, rows: Iterable[dict[str, Any]], unlocated: int
) -> int:
    """Take organisation rows in (record_id, name, credit_code, kind, address, legal_person, phone, row_no).

    The key is the credit code, or source and record id where it is missing. Returns the number of organisations.
    """
    sealer = vault("registry")
    known: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        code = (row.get("credit_code") or "").strip().upper()
        key = code or f"{source}/{row.get('record_id')}"
        phone = row.get("phone")
        known[key] = (
            new_id(),
            key,
            row.get("name") or "",
            code[:18],
            row.get("kind") or "",
            row.get("address") or "",
            row.get("legal_person") or "",
            sealer.seal(phone) if phone else None,
            row.get("unit_no") or unlocated,
            source,
            batch,
            row.get("row_no"),
        )
    insert_rows(LegalEntity, _COLUMNS, known.values(), on_conflict=_NEWER)
    return len(known)
