"""Organisations as linkage found them: one row per organisation, whatever number of lists it stands in."""

from __future__ import annotations

from collections.abc import Iterable

from wangge.access.bulk import insert_rows
from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.registry.models import LegalEntity
from wangge.registry.types import OrganisationFacts

_COLUMNS = (
    "id", "key", "name", "credit_code", "kind", "address", "legal_person", "phone_sealed", "unit_no", "source",
    "batch", "row_no",
)  # fmt: skip
_NEWER = "ON CONFLICT (key) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[2:])
_AT_ONCE = 5_000  # keys in one statement


@door(writes="registry", act="import")
def import_organisations(access: Access, *, rows: Iterable[OrganisationFacts], unlocated: int) -> int:
    """Take linked organisations in; returns their number.

    The key is the valid credit code, or else the first record's source and id. Rows that stood under the key of a
    record which now belongs to another organisation's row go.
    """
    sealer = vault("registry")
    known = {row.key: row for row in rows}
    insert_rows(
        LegalEntity,
        _COLUMNS,
        (
            (
                new_id(),
                row.key,
                row.name,
                row.credit_code[:18],
                row.kind,
                row.address,
                row.legal_person,
                sealer.seal(row.phone) if row.phone else None,
                row.unit_no or unlocated,
                row.source,
                row.batch,
                row.row_no,
            )
            for row in known.values()
        ),
        on_conflict=_NEWER,
    )
    gone = sorted({key for row in known.values() for key in row.other_keys} - set(known))
    for start in range(0, len(gone), _AT_ONCE):
        LegalEntity.objects.filter(key__in=gone[start : start + _AT_ONCE]).delete()
    return len(known)
