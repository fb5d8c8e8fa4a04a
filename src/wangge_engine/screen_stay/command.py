"""``wangge engine screen-stay``: stays and affected areas in; who stayed there long enough in the window out."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.contacts.command import require_known_output
from wangge_engine.contacts.statements import united
from wangge_engine.frame.instants import DAY, REASONS, BadTime, Clock, duration, text_sql
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.plots import RED, picture, plot_argument, require_known_picture, shorten, words
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.spans import Spans, open_spans
from wangge_engine.frame.spark import Exchange, engine_arguments, session
from wangge_engine.frame.tables import ROW, connect, hold, load_text, quote, write

COLUMNS = ("person_id", "area_id", "minutes", "first_at", "last_at")
_WORDS = {
    "missing": ("此列不能为空", "this column is required"),
    "end_before_start": ("结束早于开始", "the end is before the start"),
    **REASONS,
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--stays", type=Path, required=True, metavar="FILE", help="person_id, area_id, start, end"
    )
    parser.add_argument("--areas", type=Path, required=True, metavar="FILE", help="area_id, from, to")
    parser.add_argument(
        "--as-of", required=True, metavar="DATE", help="the day (or instant) of the screening"
    )
    parser.add_argument("--window", default="15d", metavar="SPAN", help="how far back stays count")
    parser.add_argument("--min-stay", default="2h", metavar="SPAN", help="from how long a stay is listed")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv or .parquet")
    parser.add_argument(
        "--tz", metavar="ZONE", help="of local times, and of the output (default: Asia/Shanghai)"
    )
    engine_arguments(parser)
    plot_argument(parser, "persons by area")


def run(args: Namespace) -> dict[str, Any]:
    """Screen; the report counts persons, rows and rejects."""
    require_known_output(args.out)
    require_known_picture(args.plot)
    clock = Clock.of(args.tz)
    low, high = window(args.as_of, duration(args.window, "--window"), clock)
    least = duration(args.min_stay, "--min-stay")
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    with files_aside(args.out, aside, *([args.plot] if args.plot else [])) as made:
        temp = made[0].parent / "spill"
        con = connect(memory_limit=args.memory, threads=args.threads or os.cpu_count() or 2, temp=temp)
        con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        with stages.stage("read"):
            areas = _areas(con, args.areas, clock, rejects)
            stays = open_spans(
                con, args.stays, "stays", ids=("person_id", "area_id"), clock=clock, rejects=rejects
            )
        if args.strict:
            rejects.require_none()
        periods = [(area, max(a, low), min(b, high)) for area, own in areas.items() for a, b in own]
        hold(
            con,
            "told",
            {"area": "VARCHAR", "low": "BIGINT", "high": "BIGINT"},
            [period for period in periods if period[1] < period[2]],
        )
        kind = stays.types["area_id"]
        con.execute(
            f"CREATE OR REPLACE TABLE areas AS SELECT TRY_CAST(area AS {kind}) AS area_id, low, high FROM told"
            f" WHERE CAST(TRY_CAST(area AS {kind}) AS VARCHAR) = area"
        )
        statement = screened(stays, low, high, least)
        with stages.stage("screen"):
            if args.engine == "spark":
                _on_spark(con, stays, statement, made[0].parent / "spark", args.master)
            else:
                con.execute(f"CREATE OR REPLACE TABLE found AS {statement}")
        with stages.stage("write"):
            written = _write(con, stays, clock, (low, high), made[0])
            rejects.write(made[1])
        persons = (con.execute("SELECT count(DISTINCT person_id) FROM found").fetchone() or (0,))[0]
        rows = stays.count(con)
        if args.plot:
            _draw(con, made[2])
        con.close()
    return {
        "analysis": "screen-stay",
        "engine": args.engine,
        "from": clock.text(low),
        "to": clock.text(high),
        "min_stay_minutes": least / 60_000_000,
        "tz": clock.name,
        "stay_rows": rows,
        "areas": len(areas),
        "rows": written,
        "persons": persons,
        "rejects": rejects.counts(),
        "stages": stages.report(),
        "peak_memory_mb": peak_memory_mb(),
    }


def window(as_of: str, back: int, clock: Clock) -> tuple[int, int]:
    """First instant that counts, and the first that no more does. Raises Refused."""
    try:
        if "T" in as_of or ":" in as_of:
            high = clock.read(as_of)
            return high - back, high
        day = date.fromisoformat(as_of)
        first = day - timedelta(microseconds=back)
        whole = back % DAY == 0
        low = clock.day_start(first) if whole else clock.day_start(day) - back
        return low, clock.day_start(day + timedelta(days=1))
    except (BadTime, ValueError, OverflowError) as error:
        raise refuse("bad_date", "日期写作 2026-11-22", "write a date as 2026-11-22", "--as-of") from error


def _areas(
    con: duckdb.DuckDBPyConnection, path: Path, clock: Clock, rejects: Rejects
) -> dict[str, list[tuple[int, int]]]:
    """When each area was affected, united."""
    columns = load_text(con, path, "areas_file")
    lacking = [name for name in ("area_id", "from", "to") if name not in columns]
    if lacking:
        raise Refused(
            *(Problem("no_such_column", f"缺少列 {n}", f"column {n} is missing", path.name) for n in lacking)
        )
    found: dict[str, list[tuple[int, int]]] = {}
    for row, area, since, until in con.execute(
        f'SELECT {ROW}, area_id, "from", "to" FROM areas_file ORDER BY {ROW}'
    ).fetchall():
        column, code = "area_id", "" if area else "missing"
        low, high = -(10**17), 10**17
        try:
            column = "from" if not code else column
            low = clock.read(since) if since else low
            column = "to" if not code else column
            high = clock.read(until, end=True) if until else high
        except BadTime as bad:
            code = code or str(bad)
        if not code and until and clock.read(until) < low:
            code = "end_before_start"
        if code:
            rejects.add(Reject(path.name, row, column, code, *_WORDS[code]))
        else:
            found.setdefault(area, []).append((low, high))
    return {area: _united(periods) for area, periods in found.items()}


def _united(periods: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for low, high in sorted(periods):
        if made and low <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], high)
        else:
            made.append((low, high))
    return made


def screened(stays: Spans, low: int, high: int, least: int) -> str:
    """The analysis as SQL, for DuckDB and, translated, for Spark."""
    extra = range(len(stays.extra))
    packed = first = ""
    passed = "".join(f", p.x{at}" for at in extra)
    if stays.extra:
        texts = ", ".join(f"x{at} := coalesce(x{at}, '')" for at in extra)
        packed, first = f", struct_pack(s := s, e := e, {texts}) AS earliest", ", min(earliest) AS earliest"
    inside = f"""(SELECT *{packed} FROM (
        SELECT p.person_id, p.area_id, greatest(p.s, a.low) AS s, least(p.e, a.high) AS e{passed}
        FROM ({stays.select(stays.between(low, high))}) p JOIN areas a ON p.area_id = a.area_id
        WHERE p.s < a.high AND p.e > a.low AND p.e > p.s AND p.person_id IS NOT NULL) met) inside"""
    told = "".join(f", nullif(earliest.x{at}, '') AS x{at}" for at in extra)
    return f"""
    SELECT person_id, area_id, lasted, s, e{told}
    FROM (SELECT person_id, area_id, CAST(sum(e - s) AS BIGINT) AS lasted, min(s) AS s, max(e) AS e{first}
          FROM ({united("person_id, area_id", inside, first)}) stays GROUP BY person_id, area_id) summed
    WHERE lasted >= {least}"""


def _on_spark(
    con: duckdb.DuckDBPyConnection, stays: Spans, statement: str, folder: Path, master: str
) -> None:
    folder.mkdir(mode=0o700)
    with session(master, folder) as spark:
        there = Exchange(con, spark, folder, stays.source)
        there.offer(stays.parquet)
        there.send("areas")
        there.fetch("found", statement)


def _write(
    con: duckdb.DuckDBPyConnection, stays: Spans, clock: Clock, span: tuple[int, int], path: Path
) -> int:
    csv = path.suffix.lower() == ".csv"
    offsets = clock.offsets(span[0] - DAY, span[1] + DAY)
    minutes = "lasted / 60000000.0"
    if csv:
        minutes = (
            "CASE WHEN lasted % 60000000 = 0 THEN CAST(lasted // 60000000 AS VARCHAR)"
            f" ELSE CAST(round({minutes}, 4) AS VARCHAR) END"
        )
    times = [text_sql(at, offsets) if csv else f"make_timestamptz({at})" for at in ("s", "e")]
    told = [
        "CAST(person_id AS VARCHAR) AS person_id",
        "CAST(area_id AS VARCHAR) AS area_id",
        f"{minutes} AS minutes",
        f"{times[0]} AS first_at",
        f"{times[1]} AS last_at",
    ]
    told += [
        f"x{at} AS {quote(name if name not in COLUMNS else f'stays_{name}')}"
        for at, name in enumerate(stays.extra)
    ]
    return write(con, f"SELECT {', '.join(told)} FROM found ORDER BY 1, 2", path)


def _draw(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    rows = con.execute(
        "SELECT CAST(area_id AS VARCHAR), count(*) FROM found GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 20"
    ).fetchall()
    with picture(path, width=6.4, height=3.4) as figure:
        axes = figure.subplots()
        axes.barh(
            [shorten(area, 24) for area, _ in reversed(rows)], [n for _, n in reversed(rows)], color=RED
        )
        axes.set_title(words("在受影响区域停留的人数", "Persons who stayed in an affected area"))
        axes.grid(axis="y", visible=False)
