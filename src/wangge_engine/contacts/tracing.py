"""From presence and index persons to the table ``found``: on DuckDB, or its heavy part on Spark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import duckdb

from wangge_engine.contacts import statements as sql
from wangge_engine.contacts.index import EVER, IndexPersons
from wangge_engine.contacts.rules import Pack
from wangge_engine.frame.instants import DAY, Clock, offset_sql
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.spans import Spans
from wangge_engine.frame.tables import hold

EVERYBODY = 2_000_000  # rows up to which everybody is checked for being at two places


@dataclass(frozen=True)
class Tracing:
    """One run: the tables ``windows``, ``variants``, ``days`` stand; ``low`` to ``high`` is the time that matters."""

    presence: Spans
    pack: Pack
    clock: Clock
    low: int
    high: int
    by_day: bool


def prepare(
    con: duckdb.DuckDBPyConnection, presence: Spans, index: IndexPersons, pack: Pack, clock: Clock
) -> Tracing:
    """Tables of what is known before any presence row is read."""
    kind = presence.types["person_id"]
    rows = [(person, low, high) for person, windows in sorted(index.windows.items()) for low, high in windows]
    hold(con, "told", {"person": "VARCHAR", "low": "BIGINT", "high": "BIGINT"}, rows)
    # A number in the file and "007" in the index are not one person: the text decides.
    con.execute(
        f"CREATE OR REPLACE TABLE windows AS SELECT TRY_CAST(person AS {kind}) AS person_id, low, high FROM told"
        f" WHERE CAST(TRY_CAST(person AS {kind}) AS VARCHAR) = person"
    )
    low = min((low for _, low, _ in rows), default=0)
    high = max((high for _, _, high in rows), default=0)
    told = sql.variants(pack)
    columns = {
        "kind": "VARCHAR",
        "number": "INTEGER",
        "rank": "INTEGER",
        "rule_id": "VARCHAR",
        "class": "VARCHAR",
    }
    hold(
        con,
        "variants",
        {**columns, "needed": "BIGINT", "by_day": "BOOLEAN"},
        [
            (
                one.kind,
                pack.kinds.index(one.kind),
                one.rank,
                one.rule_id,
                one.contact_class,
                one.needed,
                one.by_day,
            )
            for one in told
        ],
    )
    by_day = any(one.by_day for one in told)
    return Tracing(presence, pack, clock, low, high, by_day)


def own_sql(run: Tracing) -> str:
    """The rows of index persons in the time any of them was infectious."""
    presence = run.presence
    return presence.select(
        f"person_id IN (SELECT person_id FROM windows) AND {presence.between(run.low, run.high)}"
        f" AND ({presence.bad}) IS NOT TRUE"
    )


def span_of_visits(con: duckdb.DuckDBPyConnection, run: Tracing) -> Tracing:
    """The run, with the time that matters narrowed to the visits; the table ``days`` of local days in it."""
    row = con.execute("SELECT min(s), max(e) FROM visits").fetchone() or (None, None)
    low, high = (row[0], row[1]) if row[0] is not None else (0, 0)
    narrowed = Tracing(run.presence, run.pack, run.clock, low, min(high, EVER), run.by_day)
    starts: list[int] = []
    day = 0
    if run.by_day and high > low:
        first, last = run.clock.local(low).date(), run.clock.local(high).date()
        day = (first - date(1970, 1, 1)).days
        starts = [run.clock.day_start(first + timedelta(days=n)) for n in range((last - first).days + 2)]
    days = [(day + n, s, e) for n, (s, e) in enumerate(pairwise(starts))]
    hold(con, "days", {"day": "BIGINT", "s": "BIGINT", "e": "BIGINT"}, days)
    con.execute(f"CREATE OR REPLACE TABLE spots AS {sql.SPOTS}")
    return narrowed


def meetings_sql(run: Tracing) -> str:
    """The one statement that reads all of a presence table that stands in the database, or on Spark."""
    presence = run.presence.select(run.presence.between(run.low, run.high))
    return sql.meetings(presence, run.pack, seated=seated(run), extra=len(run.presence.extra))


def counted_sql(run: Tracing) -> str:
    """The statement that makes rows of the output of the meetings."""
    day = f"CAST(floor(({{0}} + {offset_sql('{0}', offsets_of(run))}) / {DAY}) AS BIGINT)"
    return sql.counted(run.pack, len(run.presence.extra), day)


def seated(run: Tracing) -> bool:
    """Whether the file says anything about seats."""
    return any(name in run.presence.types for name in sql.SEATING)


def trace(con: duckdb.DuckDBPyConnection, run: Tracing, stages: Stages, rejects: Rejects) -> Tracing:
    """All steps on DuckDB; rows of a Parquet file that cannot stand are told on the way."""
    if run.presence.parquet:
        from wangge_engine.contacts.reading import read

        with stages.stage("meetings"):
            run = read(con, run, rejects)
    else:
        with stages.stage("visits"):
            con.execute(f"CREATE OR REPLACE TABLE own AS {own_sql(run)}")
            stays = sql.visits("SELECT * FROM own", run.pack, seated(run))
            con.execute(f"CREATE OR REPLACE TABLE visits AS {stays}")
            run = span_of_visits(con, run)
        with stages.stage("meetings"):
            con.execute(f"CREATE OR REPLACE TABLE slots AS {sql.slots()}")
            con.execute(f"CREATE OR REPLACE TABLE meetings AS {meetings_sql(run)}")
    with stages.stage("count"):
        con.execute(f"CREATE OR REPLACE TABLE found AS {counted_sql(run)}")
    return run


def flag(con: duckdb.DuckDBPyConnection, run: Tracing, rows: int, everybody: bool) -> str:
    """Table ``flags``: who was at two places at one moment, and where; returns whom was looked at."""
    all_of_them = everybody or rows <= EVERYBODY
    fine = f"({run.presence.bad}) IS NOT TRUE"
    own = run.presence.select(fine) if all_of_them else "SELECT * FROM own"
    keys = "person_id, place_id, place_kind"
    at_once = sql.united(keys, f"({own}) stays")
    before = (
        "OVER (PARTITION BY person_id ORDER BY s, e, place_id, place_kind"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TABLE flags AS
        SELECT CAST(person_id AS VARCHAR) AS person_id, CAST(place_id AS VARCHAR) AS place_id, place_kind,
               CAST(earlier.place_id AS VARCHAR) AS other_place_id, earlier.place_kind AS other_place_kind,
               s, least(e, earlier.e) AS e
        FROM (SELECT *, max(struct_pack(e := e, place_id := place_id, place_kind := place_kind)) {before} AS earlier
              FROM ({at_once}) whole WHERE e > s) told
        WHERE earlier.e > s
        """
    )
    return "everybody" if all_of_them else "index persons, while infectious"


def offsets_of(run: Tracing) -> list[tuple[int, int]]:
    """The zone's offsets in the time that matters."""
    return run.clock.offsets(run.low - DAY, run.high + DAY)
