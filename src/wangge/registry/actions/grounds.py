"""Taking in what linkage found beside persons: pairs to review, doubts to ask about, what each source is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.sealing import Sealer
from wangge.registry.actions.importing import copy_rows, rows_of, statements
from wangge.registry.models import SourceDependence, SourceReliability
from wangge.registry.rules.evidence import PREFIX

SQL = Path(__file__).parent / "grounds.sql"
AT_MOST = 20_000  # pairs, and doubts, that a register keeps waiting; the dearest first


@door(writes="registry", act="import")
def import_grounds(access: Access, *, grounds: Mapping[str, Path], owners: Mapping[str, UUID]) -> int:
    """Import the tables `review`, `doubts`, `sources` and `copies` of a linkage (Parquet files) after its records.

    `owners` says which organisation keeps a source. Pairs and doubts that nobody has touched yet are replaced; open
    requests whose doubt is gone are closed as settled by newer data; a fact that its owner confirmed is not doubted
    again. Returns how many pairs and doubts wait.
    """
    named = statements(SQL)
    sealer = vault("registry")
    with connection.cursor() as cursor:
        cursor.execute(named["prepare"])
    copy_rows("in_review", ("id", *_PAIR), _pairs(grounds["review"]))
    copy_rows("in_doubt", ("id", *_DOUBT), _doubts(grounds["doubts"], sealer, owners))
    with connection.cursor() as cursor:
        cursor.execute(named["review"])
        cursor.execute(named["doubts"], {"now": timezone.now()})
        cursor.execute(named["count"])
        (waiting,) = cursor.fetchone()
        cursor.execute(named["forget"])
    _note_sources(grounds)
    return int(waiting)


_PAIR = ("source_a", "record_a", "source_b", "record_b", "why", "probability", "worth", "evidence")


def _pairs(path: Path) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows_of(path)):  # the engine writes the dearest first
        if number == AT_MOST:
            return
        bits = {k: v for k, v in row.items() if k.startswith(PREFIX) and v is not None}
        yield (new_id(), *(row[c] for c in _PAIR[:-1]), Jsonb(bits))


_DOUBT = (
    "source", "record_id", "field", "reason", "told_sealed", "told_blind", "better_sealed", "sure", "worth",
    "organisation_id",
)  # fmt: skip


def _doubts(path: Path, sealer: Sealer, owners: Mapping[str, UUID]) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows_of(path)):
        if number == AT_MOST:
            return
        yield (
            new_id(),
            row["source"],
            row["record_id"],
            row["field"],
            row["reason"],
            sealer.seal(row["told"]),
            sealer.blind(f"doubt {row['field']}", row["told"]),
            sealer.seal(row["better"]) if row["better"] else None,
            row["p"],
            row["worth"],
            owners.get(row["source"]),
        )


def _note_sources(grounds: Mapping[str, Path]) -> None:
    """The sources' record over all ages of their rows, and who shares whose errors."""
    seen: dict[tuple[str, str], tuple[int, float]] = {}
    for row in rows_of(grounds["sources"]):
        judged, right = seen.get((row["source"], row["field"]), (0, 0.0))
        n = int(row["judged"])
        seen[row["source"], row["field"]] = (judged + n, right + n * row["share"])
    SourceReliability.objects.all().delete()
    SourceReliability.objects.bulk_create(
        SourceReliability(source=s, field=f, judged=n, share=right / n)
        for (s, f), (n, right) in seen.items()
        if n
    )
    SourceDependence.objects.all().delete()
    SourceDependence.objects.bulk_create(
        SourceDependence(source=row["source"], other=row["other"], share=row["share"])
        for row in rows_of(grounds["copies"])
    )
