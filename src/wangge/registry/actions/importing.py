"""Taking a linkage result in: persons, households, dwellings and source records, many at once.

A person keeps the id under which most of the cluster's records stood before, so that ids are stable from run to
run; a person whose records all went elsewhere is retired, never deleted. The whole import is one transaction.

Only what changed is written: each person carries a keyed digest of all that the last import wrote of it, but for the
learnt weights (bits, probabilities, how sure a value is), which move a little with every run, and for where and when a
row stood: a table that is sent again whole moves its rows' places and days, and nothing is sealed anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.sealing import Sealer
from wangge.registry.contents import FIELDS, sealed_text
from wangge.registry.rules.names import sound_of
from wangge.registry.types import ImportReport
from wangge.territory.queries import building_keys

SQL = Path(__file__).parent / "importing.sql"
_BATCH = 50_000
_PARTS = ("source", "record", "as_of", "agreeing", "different", "sure")
SEXES = {"M": "male", "F": "female"}


def statements(path: Path) -> dict[str, str]:
    """The named statements of an .sql file."""
    found: dict[str, str] = {}
    for part in path.read_text("utf-8").split("-- name: ")[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = text
    return found


def rows_of(
    path: Path, columns: Sequence[str] | None = None, entities: pa.Array | None = None
) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file, a bounded number in memory at a time; only those of `entities`, where given."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH, columns=list(columns) if columns else None):
            wanted = None if entities is None else pc.is_in(batch.column("entity_id"), value_set=entities)
            yield from (batch if wanted is None else batch.filter(wanted)).to_pylist()


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with cursor.cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@door(writes="registry", act="import")
def import_linkage(
    access: Access, *, golden: Path, members: Path, unlocated: int, told: Collection[str] | None = None
) -> ImportReport:
    """Import the tables `golden` and `members` that the engine's `golden` writes (Parquet files).

    `unlocated` is the unit number for people without a known door (the district's own, sequence 000). `told`: the
    sources that told something since the last import, where that is known.
    """
    named = statements(SQL)
    sealer = vault("registry")
    with connection.cursor() as cursor:
        cursor.execute(named["prepare"])
    _copy_doors(access, golden, unlocated)
    digests = digests_of(golden, members)
    copy_rows(
        "in_digest",
        ("entity_id", "digest"),
        ((entity, sealer.blind("person digest", mark)) for entity, mark in digests.iter_rows()),
    )
    with connection.cursor() as cursor:
        cursor.execute(named["dwellings"])
        cursor.execute(named["differ"])
        cursor.execute(named["changed"])
        changed = pa.array([row[0] for row in cursor.fetchall()], pa.string())
    some = changed if len(changed) < digests.height else None
    copy_rows("in_person", PERSON_COLUMNS, _persons(golden, members, sealer, some))
    copy_rows("in_record", RECORD_COLUMNS, _records(members, sealer, some))
    homes = pl.scan_parquet(golden).select("household_id", "address").drop_nulls("household_id")
    counted = homes.group_by("household_id").agg(pl.col("address").min(), pl.len()).collect()
    renewed = _move(golden, members, some, told)
    copy_rows("in_household", ("key", "door_key", "members"), counted.iter_rows())
    with connection.cursor() as cursor:
        cursor.execute(named["identify"])
        cursor.execute(named["persons"], [unlocated])
        cursor.execute(named["records"])
        cursor.execute(named["retire"])
        cursor.execute(named["settle"])
        cursor.execute(named["count"], [unlocated])
        persons, changed_, fresh, retired, households, doors, nowhere = cursor.fetchone()
        cursor.execute(named["forget"])
    records = pq.read_metadata(members).num_rows
    return ImportReport(persons, fresh, retired, records, households, doors, nowhere, changed_, renewed)


LEARNT = (
    "_sure"  # columns of `golden` that move with the weights of every run, and say nothing new of a person
)
# Where a row stood and what day it speaks of: moved without writing the person anew.
PLACE = ("batch", "sheet", "row_no", "as_of")
SEED = 1


def digests_of(golden: Path, members: Path) -> pl.DataFrame:
    """Of each entity (entity_id, mark): its golden record and its members, what they told and how it was read."""
    own = pl.scan_parquet(golden)
    kept = sorted(
        c for c in own.collect_schema().names() if not c.endswith((LEARNT, "_as_of")) and c != "newest"
    )
    told = pl.scan_parquet(members).with_columns(
        read=pl.col("read").str.replace_all(r',"-?\d+"\]', "]"),  # the bits of each value, last of its list
        evidence=pl.col("evidence").str.replace(r',"p":.*$', ""),  # and the weights of the link
    )
    columns = sorted(set(told.collect_schema().names()) - set(PLACE))
    marks = told.select("entity_id", mark=pl.struct(columns).hash(SEED))
    theirs = marks.group_by("entity_id").agg(
        pl.col("mark").sort().cast(pl.String).str.join(" ").alias("theirs")
    )
    return (
        own.select("entity_id", own=pl.struct(kept).hash(SEED))
        .join(theirs, on="entity_id")
        .select("entity_id", mark=pl.format("{} {}", "own", "theirs"))
        .collect()
    )


def _copy_doors(access: Access, golden: Path, unlocated: int) -> None:
    """Every distinct door of the golden records, placed in the grid of its building."""
    parts = ("place", "building", "unit", "room")
    told = pl.scan_parquet(golden).select("address", *parts).filter(pl.col("address").fill_null("") != "")
    doors = told.unique("address", keep="first", maintain_order=True).with_columns(
        pl.col(parts).fill_null("")
    )
    keys = building_keys(access)
    units = dict(zip(keys.keys, keys.unit_nos.tolist(), strict=True))
    estates = _whole_estates(units)
    copy_rows(
        "in_door",
        ("id", "key", "estate", "building", "unit", "room", "unit_no"),
        (
            (new_id(), *door, units.get(f"{door[1]}|{door[2]}") or estates.get(door[1]) or unlocated)
            for door in doors.collect().iter_rows()
        ),
    )


def _whole_estates(units: dict[str, int]) -> dict[str, int]:
    """Estates that lie in one grid altogether: there an unknown building still has its grid."""
    seen: dict[str, set[int]] = {}
    for key, unit in units.items():
        seen.setdefault(key.rpartition("|")[0], set()).add(unit)
    return {place: found.pop() for place, found in seen.items() if len(found) == 1}


def _move(golden: Path, members: Path, written: pa.Array | None, told: Collection[str] | None) -> int:
    """Give the rows of persons who stand as they stood their new places and days; returns how many persons' days moved.

    Only rows of the sources `told` can have moved, all where that is not known; `written` are written whole anyway.
    """
    if written is None:
        return 0
    named = statements(SQL)
    columns = ["entity_id", "source", "record_id", *PLACE]
    every = pl.scan_parquet(members).select(columns).filter(~pl.col("entity_id").is_in(written.to_pylist()))
    if told is not None:
        every = every.filter(pl.col("source").is_in(list(told)))
    rows = every.drop("entity_id").collect().iter_rows()
    copy_rows(
        "in_place",
        ("source", "record_id", "batch", "sheet", "row_no", "as_of_on"),
        ((s, r, UUID(b) if b else None, sheet or "", n or 0, _day(d)) for s, r, b, sheet, n, d in rows),
    )
    with connection.cursor() as cursor:
        cursor.execute(named["places"])
        moved = pa.array([row[0] for row in cursor.fetchall()], pa.string())
    if not len(moved):
        return 0
    facts = _facts(members, moved)
    copy_rows(
        "in_day",
        ("entity_id", "facts", "provenance", "as_of_on"),
        (
            (
                row["entity_id"],
                Jsonb(facts.get(row["entity_id"], {})),
                Jsonb(_provenance(row)),
                _day(row["newest"]),
            )
            for row in rows_of(golden, entities=moved)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(named["days"])
    return len(moved)


def _provenance(row: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {f: [row[f"{f}_{part}"] for part in _PARTS] for f in FIELDS if row[f"{f}_source"]}


PERSON_COLUMNS = (
    "entity_id", "fresh_id", "household_key", "door_key", "name", "given", "pinyin", "sound", "initials", "sex",
    "birth_on", "id_no_sealed", "id_no_blind", "phone_sealed", "phone_blind", "facts", "provenance", "records",
    "as_of_on",
)  # fmt: skip


def _facts(members: Path, entities: pa.Array | None) -> dict[str, dict[str, Any]]:
    """Further facts by entity: {fact: {"v": value, "s": source, "d": as-of}}; the newest telling of each stays."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(members, ["source", "record_id", "entity_id", "as_of", "facts"], entities):
        if not row["facts"]:
            continue
        own = found.setdefault(row["entity_id"], {})
        for fact, value in orjson.loads(row["facts"]).items():
            if value in (None, ""):
                continue
            told = own.get(fact)
            if told is None or (told["d"], told["s"]) <= (row["as_of"] or "", row["source"]):
                own[fact] = {"v": str(value), "s": row["source"], "d": row["as_of"] or ""}
    return found


def _persons(
    golden: Path, members: Path, sealer: Sealer, entities: pa.Array | None
) -> Iterator[tuple[Any, ...]]:
    facts = _facts(members, entities)
    for row in rows_of(golden, entities=entities):
        name = row["name"] or ""
        sound = sound_of(name)
        id_no, phone = row["id_no"], row["phone"]
        yield (
            row["entity_id"],
            new_id(),
            row["household_id"],
            row["address"],
            name,
            row["given"] or "",
            sound.ordered,
            sound.typed,
            sound.initials,
            SEXES.get(row["sex"] or "", ""),
            _day(row["birth"]),
            sealer.seal(id_no) if id_no else None,
            sealer.blind("id_no", id_no) if id_no else None,
            sealer.seal(phone) if phone else None,
            sealer.blind("phone", phone) if phone else None,
            Jsonb(facts.get(row["entity_id"], {})),
            Jsonb(_provenance(row)),
            row["records"],
            _day(row["newest"]),
        )


RECORD_COLUMNS = (
    "id",
    "entity_id",
    "source",
    "record_id",
    "batch",
    "sheet",
    "row_no",
    "as_of_on",
    "values_sealed",
    "evidence",
)


def _records(members: Path, sealer: Sealer, entities: pa.Array | None) -> Iterator[tuple[Any, ...]]:
    for row in rows_of(members, entities=entities):
        yield (
            new_id(),
            row["entity_id"],
            row["source"],
            row["record_id"],
            UUID(row["batch"]) if row["batch"] else None,
            row["sheet"] or "",
            row["row_no"] or 0,
            _day(row["as_of"]),
            sealer.seal(sealed_text(row)),
            Jsonb(orjson.loads(row["evidence"])) if row["evidence"] else None,
        )
