"""A Parquet file of presence in one statement: read once where few enough rows matter to be held, else twice.

Twice, because who was near an index person is known only when all of the index persons' rows are. The text columns cost
most of a reading; but memory costs, too: where more than half of the rows would be held, reading again is cheaper.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from wangge_engine.contacts import statements as sql
from wangge_engine.contacts.tracing import Tracing, seated, span_of_visits
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.spans import Spans
from wangge_engine.frame.tables import quote

SHARE = 0.65  # of the database's memory that may hold rows
HALF = 0.5  # of a long file's rows: more of them cost less to read again than to hold
LONG = 2_000_000  # rows from which that is so
LOOKED_AT, PARTS = 8_192, 8  # rows of a sample, and in how many places
INSIDE = 12  # bytes of a text that DuckDB keeps beside its length


def read(con: duckdb.DuckDBPyConnection, run: Tracing, rejects: Rejects) -> Tracing:
    """Tables ``own``, ``visits``, ``spots``, ``days``, ``meetings``; rejects of the file; the run, narrowed."""
    rows = run.presence.count(con)
    con.execute(f"CREATE OR REPLACE TABLE told AS {statement(run, held=fits(con, run, rows))}")
    run.presence.reject(con, "SELECT fault FROM told WHERE part = 0", rejects)
    columns = ", ".join(_own_columns(run.presence))
    con.execute(f"CREATE OR REPLACE TABLE own AS SELECT {columns} FROM told WHERE part = 1")
    con.execute(f"CREATE OR REPLACE TABLE visits AS {sql.visits('SELECT * FROM own', run.pack, seated(run))}")
    met = ", ".join(_meeting_columns(run.presence))
    con.execute(f"CREATE OR REPLACE VIEW meetings AS SELECT {met} FROM told WHERE part = 2")
    return span_of_visits(con, run)


def statement(run: Tracing, *, held: bool) -> str:
    """SQL: rows with faults (part 0), index persons' rows (1), meetings (2); ``held``: read once, or twice."""
    presence = _lean(run.presence.numbered())
    fault = f"{presence.fault} AS fault"
    times, own = presence.between(run.low, run.high), "person_id IN (SELECT person_id FROM windows)"
    absent = [name for name in run.presence.optional if name not in presence.optional]
    plain = ", ".join(
        [*_own_columns(presence), *(f"x{at}" for at in range(len(presence.extra)))]
        + [f"CAST(NULL AS VARCHAR) AS {quote(name)}" for name in absent]
    )
    if held:
        chosen = presence.select(f"({times}) OR ({presence.bad})", fault)
        steps = [f"held AS MATERIALIZED ({chosen})"]
        first = f"SELECT {plain}, fault FROM held WHERE fault <> 0 OR {own}"
        near = f"SELECT {plain} FROM held"
    else:
        steps = []
        chosen = presence.select(f"{own} OR ({presence.bad})", fault)
        first, near = (
            f"SELECT {plain}, fault FROM ({chosen}) once",
            f"SELECT {plain} FROM ({presence.select(times)}) again",
        )
    steps += [
        f"first_told AS MATERIALIZED ({first})",
        f"own AS MATERIALIZED (SELECT * FROM first_told WHERE fault = 0 AND s < {run.high} AND e > {run.low})",
        f"visits AS MATERIALIZED ({sql.visits('SELECT * FROM own', run.pack, seated(run))})",
        f"slots AS ({sql.slots()})",
        f"met AS ({sql.meetings(near, run.pack, seated=seated(run), extra=len(presence.extra))})",
    ]
    mine, theirs = _own_columns(run.presence), _meeting_columns(presence)
    every = list(dict.fromkeys(["fault", *mine, *theirs]))

    def part(number: int, source: str, known: list[str]) -> str:
        told = ", ".join(name if name in known else f"NULL AS {name}" for name in every)
        return f"SELECT {number} AS part, {told} FROM {source}"

    parts = (
        part(0, "first_told WHERE fault <> 0", ["fault"]), part(1, "own", mine), part(2, "met", theirs)
    )  # fmt: skip
    return f"WITH {', '.join(steps)} {' UNION ALL '.join(parts)}"


def fits(con: duckdb.DuckDBPyConnection, run: Tracing, rows: int) -> bool:
    """Whether the rows in the time that matters are worth holding and fit into memory, by a sample of the file."""
    presence = _lean(run.presence.numbered())
    each = LOOKED_AT // PARTS
    starts = {rows * part // PARTS for part in range(PARTS)} if rows > LOOKED_AT else {0}
    length = each if rows > LOOKED_AT else rows
    texts = [quote(name) for name in presence.ids if presence.types[name] == "VARCHAR"]
    texts += [quote(name) for name in presence.optional]
    texts += [f"x{at}" for at in range(len(presence.extra))]
    sizes = " + ".join(
        f"coalesce(CASE WHEN strlen({name}) > {INSIDE} THEN strlen({name}) END, 0)" for name in texts
    )
    sample = " UNION ALL ".join(
        presence.select(f"file_row_number BETWEEN {start} AND {start + length - 1}")
        for start in sorted(starts)
    )
    inside = f"s < {run.high} AND e > {run.low}"
    looked, chosen, heaps = con.execute(
        f"SELECT count(*), count(*) FILTER ({inside}), coalesce(sum({sizes or 0}), 0) FROM ({sample}) looked"
    ).fetchone() or (0, 0, 0)
    if not looked:
        return True
    if rows > LONG and chosen > HALF * looked:
        return False
    columns = len(presence.ids) + len(presence.optional) + len(presence.extra)
    bytes_a_row = 16 * columns + 24 + heaps / looked
    return bool(rows * (chosen + 1) / looked * bytes_a_row < SHARE * _limit(con))


def _lean(presence: Spans) -> Spans:
    """Without the columns that the file does not have: each would take its place in every row held."""
    return replace(presence, optional=tuple(name for name in presence.optional if name in presence.types))


def _limit(con: duckdb.DuckDBPyConnection) -> float:
    """The database's memory limit in bytes."""
    row = con.execute("SELECT current_setting('memory_limit')").fetchone() or ("0 bytes",)
    number, unit = str(row[0]).split()
    return float(number) * 1024.0 ** ["bytes", "KiB", "MiB", "GiB", "TiB"].index(unit)


def _own_columns(presence: Spans) -> list[str]:
    return [*map(quote, presence.ids), "s", "e", *map(quote, presence.optional)]


def _meeting_columns(presence: Spans) -> list[str]:
    return [
        "spot",
        "kind",
        '"person_id"',
        "s",
        "e",
        "rank",
        "apart",
        *(f"x{at}" for at in range(len(presence.extra))),
    ]
