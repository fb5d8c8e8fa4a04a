"""What a batch brings: new records, records told anew, records that left, and those whose reading it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Rejects
from wangge_engine.link.blocks import DOOR, NUMBER, PHONE, RECORD, SLIP, Key, values_of
from wangge_engine.link.components import Ints
from wangge_engine.link.intake import Input, load
from wangge_engine.link.kept import Base, another_version
from wangge_engine.link.normalise_zh import DOOR_SHARED_BY_AT_MOST, PHONE_SHARED_BY_AT_MOST
from wangge_engine.link.pipeline import normalise_records
from wangge_engine.link.schema import BUILT_IN, Schema, read_schema
from wangge_engine.link.terms import add_terms

# What other records can change of a record's reading: who bears its number, telephone, door.
_BY_NUMBER = (
    "id_ok", "id_valid", "id_problem", "id_borrowed", "birth", "sex", "solid", "confirmed", "birth_year",
)  # fmt: skip
NONE: Ints = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Arrivals:
    """Tables ``fresh`` (records as read, numbers after the base's, with ``tf_*``) and ``fresh_given`` were made.

    ``heirs``: for each fresh record the record of the base that it replaces, or -1. ``gone``: records of the base
    that no longer stand: replaced, or left.
    """

    rows: dict[str, int]
    fresh: int
    heirs: Ints
    gone: Ints
    new: int
    changed: int
    unchanged: int
    removed: int
    reread: int


def take_in(
    con: duckdb.DuckDBPyConnection,
    base: Base,
    inputs: Sequence[Input],
    resent: Sequence[str],
    rejects: Rejects,
) -> Arrivals:
    """Read the files of a batch against the base. ``resent``: sources whose file is the whole source again."""
    schema = Schema(**{**base.meta["schema"], "columns": _tuples(base.meta["schema"]["columns"])})
    if schema.name in BUILT_IN and read_schema(schema.name).columns.keys() != schema.columns.keys():
        raise another_version(base.folder)
    rows = _read(con, inputs, schema, rejects)
    strange = sorted(set(resent) - set(rows))
    if strange:
        raise refuse(
            "resent_without_file",
            f"--resent 所指来源没有输入文件：{strange}",
            f"--resent names a source without a file: {', '.join(strange)}",
        )
    _number_rows_without_id(con, base, resent)
    replaced, unchanged = _match(con, base)
    removed = _left(con, base, resent, np.concatenate([replaced, unchanged]))
    gone = np.union1d(replaced, removed)
    con.execute("DELETE FROM records_in USING matched m WHERE m.same AND m.uid = records_in.uid")
    arrived = con.execute("SELECT count(*) FROM records_in").fetchall()[0][0]
    _renumber(con, base, arrived)
    reread = _reread(con, base, schema, arrived, gone)
    add_terms(con, base, "fresh")
    heirs = con.execute("SELECT heir FROM fresh ORDER BY uid").fetchnumpy()["heir"].astype(np.int64)
    con.execute("ALTER TABLE fresh DROP heir")
    return Arrivals(
        rows=rows,
        fresh=len(heirs),
        heirs=heirs,
        gone=np.union1d(gone, heirs[heirs >= 0]),
        new=arrived - len(replaced),
        changed=len(replaced),
        unchanged=len(unchanged),
        removed=len(removed),
        reread=reread,
    )


def _tuples(columns: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(aliases) for name, aliases in columns.items()}


def _read(
    con: duckdb.DuckDBPyConnection, inputs: Sequence[Input], schema: Schema, rejects: Rejects
) -> dict[str, int]:
    if inputs:
        return load(con, inputs, schema, rejects)
    fields = "".join(f", {c} VARCHAR" for c in schema.columns if c != "record_id")
    con.execute(
        f"CREATE OR REPLACE TABLE records_in (uid INTEGER, source VARCHAR, record_id VARCHAR{fields})"
    )
    return {}


def _number_rows_without_id(con: duckdb.DuckDBPyConnection, base: Base, resent: Sequence[str]) -> None:
    """A row without an id is always another record, except in a file that is the whole source again."""
    con.execute(
        f"UPDATE records_in SET record_id = record_id || '@{base.run + 1}'"
        " WHERE regexp_full_match(record_id, 'row-[0-9]+') AND NOT list_contains(?, source)",
        [list(resent)],
    )


def _match(con: duckdb.DuckDBPyConnection, base: Base) -> tuple[Ints, Ints]:
    """Table ``matched`` (uid, old, same): records that stand already; returns those told anew and those told again."""
    values, uids = values_of(con, "records_in", (RECORD,))
    position, old = base.find(values)
    order = np.argsort(old, kind="stable")
    con.register("__uids", pa.table({"uid": uids[position][order], "old": old[order]}))
    con.register("__old", base.take_given(np.unique(old)))
    fields = [row[0] for row in con.execute("DESCRIBE records_in").fetchall()][3:]
    same = " AND ".join(f"i.{c} IS NOT DISTINCT FROM o.{c}" for c in fields) or "true"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE matched AS
        SELECT i.uid, u.old, {same} AS same
        FROM __uids u JOIN records_in i USING (uid) JOIN __old o ON o.uid = u.old
        WHERE i.source = o.source AND i.record_id = o.record_id
        """
    )
    for view in ("__uids", "__old"):
        con.unregister(view)
    found = con.execute("SELECT old, same FROM matched ORDER BY old").fetchnumpy()
    number, again = found["old"].astype(np.int64), found["same"].astype(bool)
    return number[~again], number[again]


def _left(con: duckdb.DuckDBPyConnection, base: Base, resent: Sequence[str], matched: Ints) -> Ints:
    """Standing records of the sources sent again that their file no longer has."""
    if not resent:
        return NONE
    con.register("__sources", base.whole(["source"]))
    inside = con.execute(
        "SELECT list_contains(?, source) AS inside FROM __sources", [list(resent)]
    ).fetchnumpy()["inside"]
    con.unregister("__sources")
    stands = np.array(base.alive)
    stands[matched] = False
    return np.flatnonzero(stands & np.asarray(inside, dtype=bool))


def _renumber(con: duckdb.DuckDBPyConnection, base: Base, arrived: int) -> None:
    """Number the arrivals after the base's records; table ``arrived`` (uid, turn, heir)."""
    con.execute(
        """
        CREATE OR REPLACE TABLE arrived AS
        SELECT i.uid, CAST(row_number() OVER (ORDER BY i.source, i.record_id) - 1 AS INTEGER) AS turn,
               coalesce(m.old, -1) AS heir
        FROM records_in i LEFT JOIN matched m USING (uid)
        """
    )
    con.execute("UPDATE records_in SET uid = a.turn FROM arrived a WHERE a.uid = records_in.uid")
    con.execute(f"UPDATE arrived SET uid = turn + {base.rows}")


def _reread(con: duckdb.DuckDBPyConnection, base: Base, schema: Schema, arrived: int, gone: Ints) -> int:
    """Make ``fresh`` and ``fresh_given``: the arrivals, and the records whose reading they change.

    Returns the number of the latter.
    """
    columns = ", ".join(f"r.{column}" for column in base.columns)
    _normalise(con, schema, base)
    con.execute("CREATE OR REPLACE TABLE new_flags AS SELECT uid, field, code FROM flags")
    con.execute("CREATE OR REPLACE TABLE given_in AS SELECT * FROM records_in")
    sharers = _sharers(con, base, gone) if NUMBER in base.keys else {}
    update = np.unique(np.concatenate(list(sharers.values()))) if sharers else NONE
    update = update[~np.isin(update, gone)]
    if len(update):
        beside = _beside(con, base, update, gone)
        con.register("__given", base.take_given(beside))
        con.execute(
            f"INSERT INTO records_in BY NAME SELECT * REPLACE (CAST(uid + {arrived} AS INTEGER) AS uid) FROM __given"
        )
        _normalise(con, schema, base)
        con.execute(
            f"CREATE OR REPLACE TABLE new_flags AS SELECT uid, field, code FROM flags WHERE uid < {arrived}"
        )
        con.unregister("__given")
    con.execute(
        f"CREATE OR REPLACE TABLE fresh AS SELECT CAST(a.uid AS INTEGER) AS uid, {columns}, a.heir"
        f" FROM (SELECT * FROM records WHERE uid < {arrived}) r JOIN arrived a ON a.turn = r.uid"
    )
    con.execute(
        f"CREATE OR REPLACE TABLE fresh_given AS SELECT * REPLACE (CAST(uid + {base.rows} AS INTEGER) AS uid)"
        " FROM given_in"
    )
    con.execute(f"UPDATE new_flags SET uid = uid + {base.rows}")
    return _changed_readings(con, base, sharers, update, arrived) if len(update) else 0


def _normalise(con: duckdb.DuckDBPyConnection, schema: Schema, base: Base) -> None:
    # names must sound as the base's do
    normalise_records(con, schema.kind, base.meta["confused"])
    found = {row[0] for row in con.execute("DESCRIBE records").fetchall()} - {"uid"}
    if found != set(base.columns):
        raise another_version(base.folder)
    con.execute("CREATE TABLE IF NOT EXISTS flags (uid INTEGER, field VARCHAR, code VARCHAR)")


def _sharers(con: duckdb.DuckDBPyConnection, base: Base, gone: Ints) -> dict[str, Ints]:
    """Standing records whose number, telephone or door may be read anew because of the arrivals or the gone."""
    con.register("__gone", base.take(gone))
    con.execute(
        "CREATE OR REPLACE TABLE touched AS SELECT * FROM records UNION ALL BY NAME SELECT * FROM __gone"
    )
    con.unregister("__gone")
    found = {"number": base.records_with(values_of(con, "touched", (NUMBER, SLIP))[0])}
    for name, key, most in (
        ("phone", PHONE, PHONE_SHARED_BY_AT_MOST),
        ("door", DOOR, DOOR_SHARED_BY_AT_MOST),
    ):
        values, counts = np.unique(values_of(con, "touched", (key,))[0], return_counts=True)
        crowded = values[base.count(values) + counts > most]
        found[name] = base.records_with(crowded) if len(crowded) else NONE
    return found


def _beside(con: duckdb.DuckDBPyConnection, base: Base, update: Ints, gone: Ints) -> Ints:
    """Those records and whoever shares a number with them, to be counted together."""
    con.register("__update", base.take(update))
    found = base.records_with(values_of(con, "__update", (NUMBER, SLIP))[0])
    con.unregister("__update")
    whole = np.union1d(update, found)
    return whole[~np.isin(whole, gone)]


def _changed_readings(
    con: duckdb.DuckDBPyConnection, base: Base, sharers: dict[str, Ints], update: Ints, arrived: int
) -> int:
    """Add to ``fresh`` the base's records that read differently now, as new versions."""
    have = set(base.columns)
    con.register("__stored", base.take(update))
    con.register(
        "__why",
        pa.table({"uid": update, **{name: np.isin(update, found) for name, found in sharers.items()}}),
    )
    groups = {"number": _BY_NUMBER, "phone": ("phone_key",), "door": ("door",)}
    chosen = {
        column: f"CASE WHEN w.{why} THEN n.{column} ELSE s.{column} END"
        for why, columns in groups.items()
        for column in columns
        if column in have
    }
    differs = " OR ".join(f"({new}) IS DISTINCT FROM s.{column}" for column, new in chosen.items())
    new = ", ".join(f"{value} AS {column}" for column, value in chosen.items())
    con.execute(
        f"""
        CREATE OR REPLACE TABLE reread AS
        SELECT s.* REPLACE ({new}), s.uid AS heir
        FROM __stored s JOIN __why w USING (uid) JOIN records n ON n.uid = s.uid + {arrived}
        WHERE {differs}
        """
    )
    for view in ("__stored", "__why"):
        con.unregister(view)
    number = f"CAST({base.rows + arrived} + row_number() OVER (ORDER BY heir) - 1 AS INTEGER)"
    con.execute(f"INSERT INTO fresh BY NAME SELECT * REPLACE ({number} AS uid) FROM reread")
    old = con.execute("SELECT heir FROM reread ORDER BY heir").fetchnumpy()["heir"].astype(np.int64)
    con.register("__given", base.take_given(old))
    number = f"CAST({base.rows + arrived} + row_number() OVER (ORDER BY uid) - 1 AS INTEGER)"
    con.execute(f"INSERT INTO fresh_given BY NAME SELECT * REPLACE ({number} AS uid) FROM __given")
    con.unregister("__given")
    return len(old)


def blocking_keys(base: Base) -> list[Key]:
    """The keys that stand for blocking rules."""
    from wangge_engine.link.blocks import equal_parts

    return list(dict.fromkeys(Key(equal_parts(rule)) for rule in base.model.blocking))
