"""Organisations as linkage found them: one row per organisation, whatever number of lists it stands in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from wangge.access.bulk import insert_rows
from wangge.access.vault import vault
from wangge.establishments.models import LegalEntity
from wangge.establishments.rules.choosing import choose
from wangge.establishments.states import Field
from wangge.establishments.types import LinkedOrganisation
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.sealing import Sealer

_PLAIN = ("kind", "address", "industry", "status", "employees", "legal_person")
_COLUMNS = (
    "id", "key", "name", "credit_code", "code_valid", *_PLAIN, "phone_sealed", "told_sealed", "records", "sources",
    "as_of_on", "unit_no",
)  # fmt: skip
_NEWER = "ON CONFLICT (key) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[2:])
_AT_ONCE = 5_000  # keys in one statement


@door(writes="legal_entity", act="import")
def import_organisations(access: Access, *, rows: Iterable[LinkedOrganisation], unlocated: int) -> int:
    """Take linked organisations in; returns their number.

    The key is the valid credit code, or else the first record's source and id. Rows that stood under the key of a
    record which now belongs to another organisation's row go.
    """
    sealer = vault("establishments")
    known = {row.key: row for row in rows}
    insert_rows(
        LegalEntity, _COLUMNS, (_row(r, sealer, unlocated) for r in known.values()), on_conflict=_NEWER
    )
    gone = sorted({key for row in known.values() for key in row.other_keys} - set(known))
    for start in range(0, len(gone), _AT_ONCE):
        LegalEntity.objects.filter(key__in=gone[start : start + _AT_ONCE]).delete()
    return len(known)


def _row(found: LinkedOrganisation, sealer: Sealer, unlocated: int) -> tuple[Any, ...]:
    chosen = {f.value: choose(found.records, f, found.code) for f in Field}
    values = {name: choice.value if choice else "" for name, choice in chosen.items()}
    told = [
        [r.source, r.record_id, str(r.batch or ""), r.row_no, str(r.as_of_on or ""), r.told]
        for r in found.records
    ]
    return (
        new_id(),
        found.key,
        values["name"],
        values["credit_code"].strip().upper()[:18],
        bool(found.code),
        *(values[c] for c in _PLAIN),
        sealer.seal(values["phone"]) if values["phone"] else None,
        sealer.seal(orjson.dumps(told).decode()),
        len(found.records),
        len({r.source for r in found.records}),
        max((r.as_of_on for r in found.records if r.as_of_on), default=None),
        found.unit_no or unlocated,
    )
