"""Taking a linkage result in: persons, households, dwellings and source records, many at once.

A person keeps the id under which most of the cluster's records stood before, so that ids are stable from run to
run; a person whose records all went elsewhere is retired, never deleted. The whole import is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
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


def rows_of(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file, a bounded number in memory at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH, columns=list(columns) if columns else None):
            yield from batch.to_pylist()


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
def import_linkage(access: Access, *, golden: Path, members: Path, unlocated: int) -> ImportReport:
    """Import the tables `golden` and `members` that the engine's `golden` writes (Parquet files).

    `unlocated` is the unit number for people without a known door (the district's own, sequence 000).
    """
    named = statements(SQL)
    with connection.cursor() as cursor:
        cursor.execute(named["prepare"])
    _copy_doors(access, golden, unlocated)
    with connection.cursor() as cursor:
        cursor.execute(named["dwellings"])
    sealer = vault("registry")
    copy_rows("in_person", PERSON_COLUMNS, _persons(golden, members, sealer))
    copy_rows("in_record", RECORD_COLUMNS, _records(members, sealer))
    with connection.cursor() as cursor:
        cursor.execute(named["identify"])
        cursor.execute(named["persons"], [unlocated])
        cursor.execute(named["records"])
        cursor.execute(named["retire"])
        cursor.execute(named["count"], [unlocated])
        report = ImportReport(*cursor.fetchone())
        cursor.execute(named["forget"])
    return report


def _copy_doors(access: Access, golden: Path, unlocated: int) -> None:
    """Every distinct door of the golden records, placed in the grid of its building."""
    doors: dict[str, tuple[str, str, str, str]] = {}
    for row in rows_of(golden, ["address", "place", "building", "unit", "room"]):
        if row["address"] and row["address"] not in doors:
            doors[row["address"]] = tuple(row[c] or "" for c in ("place", "building", "unit", "room"))  # type: ignore[assignment]
    keys = building_keys(access)
    units = dict(zip(keys.keys, keys.unit_nos.tolist(), strict=True))
    estates = _whole_estates(units)
    copy_rows(
        "in_door",
        ("id", "key", "estate", "building", "unit", "room", "unit_no"),
        (
            (
                new_id(),
                key,
                place,
                building,
                unit,
                room,
                units.get(f"{place}|{building}") or estates.get(place) or unlocated,
            )
            for key, (place, building, unit, room) in doors.items()
        ),
    )


def _whole_estates(units: dict[str, int]) -> dict[str, int]:
    """Estates that lie in one grid altogether: there an unknown building still has its grid."""
    seen: dict[str, set[int]] = {}
    for key, unit in units.items():
        seen.setdefault(key.rpartition("|")[0], set()).add(unit)
    return {place: found.pop() for place, found in seen.items() if len(found) == 1}


PERSON_COLUMNS = (
    "entity_id", "fresh_id", "household_key", "door_key", "name", "given", "pinyin", "sound", "initials", "sex",
    "birth_on", "id_no_sealed", "id_no_blind", "phone_sealed", "phone_blind", "facts", "provenance", "records",
    "as_of_on",
)  # fmt: skip


def _facts(members: Path) -> dict[str, dict[str, Any]]:
    """Further facts by entity: {fact: {"v": value, "s": source, "d": as-of}}; the newest telling of each stays."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(members, ["source", "record_id", "entity_id", "as_of", "facts"]):
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


def _persons(golden: Path, members: Path, sealer: Sealer) -> Iterator[tuple[Any, ...]]:
    facts = _facts(members)
    for row in rows_of(golden):
        name = row["name"] or ""
        sound = sound_of(name)
        id_no, phone = row["id_no"], row["phone"]
        provenance = {f: [row[f"{f}_{part}"] for part in _PARTS] for f in FIELDS if row[f"{f}_source"]}
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
            Jsonb(provenance),
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


def _records(members: Path, sealer: Sealer) -> Iterator[tuple[Any, ...]]:
    for row in rows_of(members):
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
