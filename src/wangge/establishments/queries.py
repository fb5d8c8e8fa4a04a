"""Every read that leaves establishments."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import orjson
from django.db.models import Count, F, Q, QuerySet

from wangge.access.vault import vault
from wangge.establishments.models import LegalEntity
from wangge.establishments.rules.choosing import choose, same
from wangge.establishments.states import Field
from wangge.establishments.types import (
    EntityCounts,
    EntityField,
    EntityRow,
    EntityTold,
    EntityView,
    ListedRecord,
)
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import NotFound

GRIDS = 1000  # a unit number ends in the number of its grid


def _in_scope(access: Access) -> QuerySet[LegalEntity]:
    return LegalEntity.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)


@door(reads="legal_entity", act="search")
def search_entities(
    access: Access, *, text: str = "", kind: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> Page[EntityRow]:
    """Organisations of the territory by grid and name; `text` is a part of a name or address, or a whole code.

    `kind` is "several" (told by more than one list), "uncoded" (without a valid code) or empty for all.
    """
    rows = _in_scope(access).order_by("unit_no", "name", "id")
    words = text.strip()
    if words:
        rows = rows.filter(
            Q(name__contains=words) | Q(credit_code=words.upper()) | Q(address__contains=words)
        )
    if kind == "several":
        rows = rows.filter(sources__gt=1)
    elif kind == "uncoded":
        rows = rows.filter(code_valid=False)
    mark = Cursor.decode(after, 3)
    if mark is not None:
        unit, name, last = int(str(mark.values[0])), str(mark.values[1]), UUID(str(mark.values[2]))
        rows = rows.filter(
            Q(unit_no__gt=unit) | Q(unit_no=unit, name__gt=name) | Q(unit_no=unit, name=name, id__gt=last)
        )
    found = list(rows.defer("told_sealed")[: size + 1])
    shown = found[:size]
    end = shown[-1] if len(found) > size else None
    follow = Cursor((str(end.unit_no), end.name, str(end.id))).encode() if end else None
    return Page(
        tuple(
            EntityRow(
                e.id, e.name, e.credit_code, e.code_valid, e.kind, e.address, e.status, e.records, e.sources, e.unit_no
            )
            for e in shown
        ),
        follow,
    )  # fmt: skip


@door(reads="legal_entity", act="open")
def entity(access: Access, *, entity_id: UUID) -> EntityView:
    """One organisation with what every list told of each field. Raises NotFound beyond the territory."""
    found = _in_scope(access).filter(id=entity_id).first()
    if found is None:
        raise NotFound(
            code="entity_unknown",
            zh="没有此单位，或不在您的辖区。",
            en="No such organisation in your territory.",
        )
    sealer = vault("establishments")
    records = tuple(
        ListedRecord(
            source,
            record,
            UUID(batch) if batch else None,
            row,
            date.fromisoformat(day) if day else None,
            told,
        )
        for source, record, batch, row, day, told in orjson.loads(sealer.unseal(found.told_sealed))
    )
    code = found.credit_code if found.code_valid else ""
    return EntityView(
        entity_id=found.id,
        name=found.name,
        credit_code=found.credit_code,
        code_valid=found.code_valid,
        kind=found.kind,
        address=found.address,
        legal_person=found.legal_person,
        phone=sealer.unseal(found.phone_sealed) if found.phone_sealed else "",
        records=found.records,
        sources=found.sources,
        as_of_on=found.as_of_on,
        unit_no=found.unit_no,
        fields=tuple(view for f in Field if (view := _field(records, f, code)) is not None),
    )


def _field(records: tuple[ListedRecord, ...], field: Field, code: str) -> EntityField | None:
    chosen = choose(records, field, code)
    if chosen is None:
        return None
    told = [
        EntityTold(
            value=r.told[field],
            source=r.source,
            record_id=r.record_id,
            batch=r.batch,
            row_no=r.row_no,
            as_of_on=r.as_of_on,
            chosen=r is chosen.by,
            agrees=same(r.told[field], chosen.value),
        )
        for r in records
        if r.told.get(field)
    ]
    told.sort(key=lambda t: (not t.chosen, not t.agrees))
    return EntityField(field, chosen.value, chosen.why, chosen.agreeing, chosen.different, tuple(told))


@door(reads="legal_entity", act="count")
def entity_counts(access: Access) -> EntityCounts:
    """How many organisations stand in the access's territory, and in how many something is wanting."""
    row = _in_scope(access).aggregate(
        entities=Count("id"),
        several=Count("id", filter=Q(sources__gt=1)),
        uncoded=Count("id", filter=Q(code_valid=False)),
        unlocated=Count("id", filter=Q(unit_no=F("unit_no") / GRIDS * GRIDS)),
    )
    return EntityCounts(row["entities"], row["several"], row["uncoded"], row["unlocated"])
