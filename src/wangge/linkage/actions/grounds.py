"""Taking in what linkage leaves for people to say: pairs to review, and doubts to ask their owners about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.utils import timezone
from psycopg.types.json import Jsonb

from wangge.access.bulk import insert_rows
from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.linkage.models import CorrectionRequest, ReviewPair
from wangge.linkage.states import NAMESAKE, PairState, RequestState
from wangge.registry.queries import owners_of, records_of_persons
from wangge.registry.types import COMPARISON

AT_MOST = 20_000  # pairs, and doubts, that wait at a time; the dearest first
Key = tuple[str, str]  # source, record id
Fact = tuple[str, str, str]  # source, record id, field


@door(writes="linkage", act="import")
def import_grounds(access: Access, *, grounds: Mapping[str, Path], owners: Mapping[str, UUID]) -> int:
    """Import the tables `review`, `links` and `doubts` of a linkage (Parquet files) after its records.

    Of the links, those on a rare name alone are asked about: whether the two are one person after all.

    `owners` says which organisation keeps a source. Pairs and doubts that nobody has touched yet are replaced; open
    requests whose doubt is gone are closed as settled by newer data; a fact that its owner confirmed is not doubted
    again. Returns how many pairs and doubts wait.
    """
    _pairs(access, pl.scan_parquet(grounds["review"]).head(AT_MOST).collect())
    if "links" in grounds:
        _by_name(access, pl.scan_parquet(grounds["links"]))
    _doubts(access, pl.scan_parquet(grounds["doubts"]), owners)
    return (
        ReviewPair.objects.filter(state=PairState.WAITING).count()
        + CorrectionRequest.objects.filter(state=RequestState.FOUND).count()
    )


_PAIR = (
    "id", "unit_no", "source_a", "record_a", "source_b", "record_b", "why", "probability", "worth", "evidence", "state",
    "claimed_by", "reason", "decided_by", "side",
)  # fmt: skip
_ASKED_ONCE = (
    "ON CONFLICT (source_a, record_a, source_b, record_b) DO UPDATE SET why = excluded.why,"
    " probability = excluded.probability, worth = excluded.worth, evidence = excluded.evidence, side = excluded.side"
)


def _pairs(access: Access, found: pl.DataFrame) -> None:
    """Replace the pairs that wait and that nobody has in hand."""
    waiting = ReviewPair.objects.filter(state=PairState.WAITING)
    waiting.exclude(claimed_until__gt=timezone.now()).delete()
    ends = {(r[f"source_{s}"], r[f"record_{s}"]) for r in found.iter_rows(named=True) for s in "ab"}
    whose = owners_of(access, keys=tuple(sorted(ends)))

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in found.iter_rows(named=True):
            a, b = (whose.get((row[f"source_{s}"], row[f"record_{s}"])) for s in "ab")
            if a is None or b is None or a[0] == b[0]:
                continue
            bits = {k: v for k, v in row.items() if k.startswith(COMPARISON) and v is not None}
            told = (row[c] for c in _PAIR[2:9])
            yield (new_id(), min(a[1], b[1]), *told, Jsonb(bits), PairState.WAITING, "", "", "", Jsonb([]))

    insert_rows(ReviewPair, _PAIR, rows(), on_conflict=_ASKED_ONCE)


def _by_name(access: Access, links: pl.LazyFrame) -> None:
    """Ask about those joined on a rare name alone: they are one person now, and would be two without that link."""
    found = links.filter(pl.col("kind") == NAMESAKE).head(AT_MOST).collect()
    ends = {(r[f"source_{s}"], r[f"record_{s}"]) for r in found.iter_rows(named=True) for s in "ab"}
    whose = owners_of(access, keys=tuple(sorted(ends)))
    theirs = records_of_persons(access, persons=tuple({person for person, _ in whose.values()}))
    graph = _neighbours(links, {key for keys in theirs.values() for key in keys})

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in found.iter_rows(named=True):
            a, b = (row["source_a"], row["record_a"]), (row["source_b"], row["record_b"])
            if a not in whose or b not in whose or whose[a][0] != whose[b][0]:
                continue
            p = row["probability"] or 0.9
            side = sorted(_reached(graph, b, without=(a, b)))
            told = (
                row["source_a"],
                row["record_a"],
                row["source_b"],
                row["record_b"],
                NAMESAKE,
                p,
                4 * p * (1 - p),
            )
            own = [list(k) for k in side] if a not in side else []
            yield (new_id(), whose[a][1], *told, Jsonb({}), PairState.WAITING, "", "", "", Jsonb(own))

    insert_rows(ReviewPair, _PAIR, rows(), on_conflict=_ASKED_ONCE)


def _neighbours(links: pl.LazyFrame, keys: set[Key]) -> dict[Key, set[Key]]:
    """Which of these records are linked to which."""
    ids = pl.Series([record for _, record in keys], dtype=pl.String).implode()
    few = links.filter(pl.col("record_a").is_in(ids)).select("source_a", "record_a", "source_b", "record_b")
    graph: dict[Key, set[Key]] = {}
    for source_a, record_a, source_b, record_b in few.collect().iter_rows():
        a, b = (source_a, record_a), (source_b, record_b)
        if a in keys and b in keys:
            graph.setdefault(a, set()).add(b)
            graph.setdefault(b, set()).add(a)
    return graph


def _reached(graph: Mapping[Key, set[Key]], start: Key, *, without: tuple[Key, Key]) -> set[Key]:
    """Who is linked to a record by any chain that leaves one link out."""
    reached, open_ = {start}, [start]
    while open_:
        here = open_.pop()
        for there in graph.get(here, ()):
            if {here, there} != set(without) and there not in reached:
                reached.add(there)
                open_.append(there)
    return reached


_REQUEST = (
    "id", "unit_no", "person_id", "source", "record_id", "field", "reason", "told_sealed", "told_blind",
    "better_sealed", "sure", "worth", "organisation_id", "state", "found_at", "sent_by", "note", "answer",
    "answer_note", "answered_by",
)  # fmt: skip


def _doubts(access: Access, told: pl.LazyFrame, owners: Mapping[str, UUID]) -> None:
    """Replace the doubts that nobody was asked about, and close the requests that are settled."""
    now = timezone.now()
    CorrectionRequest.objects.filter(state=RequestState.FOUND).delete()
    doubted = set(told.select("source", "record_id", "field").collect().iter_rows())
    asked: set[Fact] = set()
    answered: set[tuple[Fact, bytes]] = set()
    overtaken: list[UUID] = []
    for request in CorrectionRequest.objects.only("source", "record_id", "field", "state", "told_blind"):
        fact = (request.source, request.record_id, request.field)
        if request.state != RequestState.OPEN:
            answered.add((fact, bytes(request.told_blind)))
        elif fact in doubted:
            asked.add(fact)
        else:  # the owner's newer table, or somebody else's, has settled it
            overtaken.append(request.id)
            answered.add((fact, bytes(request.told_blind)))
    CorrectionRequest.objects.filter(id__in=overtaken).update(state=RequestState.OVERTAKEN, answered_at=now)
    dearest = told.head(AT_MOST).collect()
    whose = owners_of(access, keys=tuple(dearest.select("source", "record_id").unique().iter_rows()))
    sealer = vault("linkage")

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in dearest.iter_rows(named=True):
            key, field = (row["source"], row["record_id"]), row["field"]
            blind = sealer.blind(f"doubt {field}", row["told"])
            fact = (*key, field)
            if key not in whose or fact in asked or (fact, blind) in answered:
                continue
            person, unit = whose[key]
            better = sealer.seal(row["better"]) if row["better"] else None
            yield (
                new_id(), unit, person, *fact, row["reason"], sealer.seal(row["told"]), blind, better, row["p"],
                row["worth"], owners.get(row["source"]), RequestState.FOUND, now, "", "", "", "", "",
            )  # fmt: skip

    insert_rows(CorrectionRequest, _REQUEST, rows())


__all__ = ["import_grounds"]
