"""``wangge engine contacts``: presence, index persons and rules in; who met whom, where, how long and how near out."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.contacts import tracing
from wangge_engine.contacts.index import IndexPersons, read_index
from wangge_engine.contacts.rules import KINDS, read_pack, shipped
from wangge_engine.contacts.statements import SEATING
from wangge_engine.frame.instants import DAY, Clock, text_sql
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.plots import plot_argument, require_known_picture
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.spans import open_spans
from wangge_engine.frame.spark import engine_arguments
from wangge_engine.frame.tables import connect, hold, quote, write

COLUMNS = (
    "index_person_id", "person_id", "place_id", "place_kind", "rule_id", "overlap_minutes", "first_at", "last_at",
    "distance_rows",
)  # fmt: skip
IDS = ("person_id", "place_id", "place_kind")
OUTPUTS = (".csv", ".parquet")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--presence", type=Path, required=True, metavar="FILE",
        help="person_id, place_id, place_kind, start, end[, seat, carriage, row, compartment, household_id]",
    )  # fmt: skip
    parser.add_argument(
        "--index", type=Path, required=True, metavar="FILE",
        help="person_id, infectious_from, infectious_to[, onset]",
    )  # fmt: skip
    parser.add_argument(
        "--rules", required=True, metavar="PACK", help=f"{', '.join(shipped())}, or a TOML file of your own"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the contacts: .csv or .parquet"
    )
    parser.add_argument(
        "--flags",
        type=Path,
        metavar="FILE",
        help="persons at two places at once (default: beside the output)",
    )
    parser.add_argument(
        "--check-all", action="store_true", help="look for two places at once at everybody, however many rows"
    )
    parser.add_argument(
        "--tz", metavar="ZONE", help="of local times, and of the output (default: Asia/Shanghai)"
    )
    engine_arguments(parser)
    plot_argument(parser, "timeline of contacts by place")


def run(args: Namespace) -> dict[str, Any]:
    """Trace; the report says what was read, found, widened, flagged and rejected."""
    require_known_output(args.out)
    require_known_picture(args.plot)
    pack, clock = read_pack(args.rules), Clock.of(args.tz)
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    aside = args.rejects or args.out.with_name(f"{args.out.stem}.rejects.csv")
    flags = args.flags or args.out.with_name(f"{args.out.stem}.flags.csv")
    targets = [args.out, aside, flags, *([args.plot] if args.plot else [])]
    with files_aside(*targets) as made:
        con = connect(
            memory_limit=args.memory, threads=args.threads or _cores(), temp=made[0].parent / "spill"
        )
        con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        with stages.stage("read"):
            index = read_index(con, args.index, pack, clock, rejects)
            presence = open_spans(
                con, args.presence, "presence", ids=IDS, optional=SEATING, kinds=("place_kind", KINDS),
                clock=clock, rejects=rejects, judge=args.engine == "spark",
            )  # fmt: skip
        if args.strict:
            rejects.require_none()
        rows = presence.count(con)
        trace = tracing.prepare(con, presence, index, pack, clock)
        if args.engine == "spark":
            from wangge_engine.contacts.spark import on_spark

            trace = on_spark(con, trace, made[0].parent / "spark", args.master, stages)
        else:
            trace = tracing.trace(con, trace, stages, rejects)
            if args.strict:
                rejects.require_none()
        with stages.stage("flags"):
            looked_at = tracing.flag(con, trace, rows, args.check_all)
        with stages.stage("write"):
            written = _write(con, trace, index, made[0])
            write(con, _flags_sql(trace), made[2])
            rejects.write(made[1])
        report = _report(con, trace, index)
        if args.plot:
            from wangge_engine.contacts.plot import draw

            draw(con, trace, made[3])
        con.close()
    return {
        **report,
        "engine": args.engine,
        "presence_rows": rows,
        "contacts": written,
        "two_places_at_once_checked": looked_at,
        "rejects": rejects.counts(),
        "stages": stages.report(),
        "peak_memory_mb": peak_memory_mb(),
    }


def require_known_output(path: Path) -> None:
    """Refuse an output of another format before any work is done."""
    if path.suffix.lower() not in OUTPUTS:
        raise refuse("unknown_format", "只能写 .csv、.parquet", "the output is .csv or .parquet", str(path))


def _cores() -> int:
    return os.cpu_count() or 2


def _write(con: duckdb.DuckDBPyConnection, trace: tracing.Tracing, index: IndexPersons, path: Path) -> int:
    """The contract's columns in their order, then what passed through."""
    csv = path.suffix.lower() == ".csv"
    offsets = tracing.offsets_of(trace)
    minutes = "f.lasted / 60000000.0"
    if csv:
        minutes = (
            "CASE WHEN f.lasted % 60000000 = 0 THEN CAST(f.lasted // 60000000 AS VARCHAR)"
            f" ELSE CAST(round({minutes}, 4) AS VARCHAR) END"
        )
    told = [
        "CAST(o.index_person_id AS VARCHAR) AS index_person_id",
        "CAST(f.person_id AS VARCHAR) AS person_id",
        "CAST(o.place_id AS VARCHAR) AS place_id",
        "o.place_kind",
        "v.rule_id",
        f"{minutes} AS overlap_minutes",
        f"{_time('f.s', csv, offsets)} AS first_at",
        f"{_time('f.e', csv, offsets)} AS last_at",
        "CAST(f.apart AS INTEGER) AS distance_rows",
    ]
    taken = set(COLUMNS)
    for at, name in enumerate(trace.presence.extra):
        told.append(f"f.x{at} AS {quote(_free(name, 'presence', taken))}")
    if index.extra:
        columns = {"person": "VARCHAR", **{f"i{n}": "VARCHAR" for n in range(len(index.extra))}}
        hold(con, "index_told", columns, [(person, *values) for person, values in index.told.items()])
        told += [f"t.i{n} AS {quote(_free(name, 'index', taken))}" for n, name in enumerate(index.extra)]
    joined = "LEFT JOIN index_told t ON t.person = CAST(o.index_person_id AS VARCHAR)" if index.extra else ""
    return write(
        con,
        f"SELECT {', '.join(told)} FROM found f JOIN spots o ON o.spot = f.spot"
        f" JOIN variants v ON v.kind = o.place_kind AND v.rank = f.rank {joined} ORDER BY f.spot, f.person_id",
        path,
    )


def _free(name: str, owner: str, taken: set[str]) -> str:
    while name in taken:
        name = f"{owner}_{name}"
    taken.add(name)
    return name


def _time(instant: str, csv: bool, offsets: list[tuple[int, int]]) -> str:
    return text_sql(instant, offsets) if csv else f"make_timestamptz({instant})"


def _flags_sql(trace: tracing.Tracing) -> str:
    offsets = trace.clock.offsets(trace.low - 400 * DAY, trace.high + 400 * DAY)
    return (
        "SELECT person_id, place_id, place_kind, other_place_id, other_place_kind,"
        f' {text_sql("s", offsets)} AS "from", {text_sql("e", offsets)} AS "to" FROM flags ORDER BY ALL'
    )


def _report(con: duckdb.DuckDBPyConnection, trace: tracing.Tracing, index: IndexPersons) -> dict[str, Any]:
    pack = trace.pack
    by_rule = con.execute(
        "SELECT v.rule_id, v.class, count(*), v.rank % 2 FROM found f JOIN spots o ON o.spot = f.spot"
        " JOIN variants v ON v.kind = o.place_kind AND v.rank = f.rank GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    classes: dict[str, int] = {}
    for _, name, number, _ in by_rule:
        classes[name] = classes.get(name, 0) + number
    persons = con.execute("SELECT count(DISTINCT person_id) FROM found").fetchone() or (0,)
    flagged = con.execute("SELECT count(*), count(DISTINCT person_id) FROM flags").fetchone() or (0, 0)
    return {
        "analysis": "contacts",
        "rules": {
            "id": pack.id,
            "version": pack.version,
            "title_zh": pack.title_zh,
            "title_en": pack.title_en,
            "source": pack.source,
            "valid_from": pack.valid_from.isoformat(),
        },
        "tz": trace.clock.name,
        "index_rows": index.rows,
        "index_persons": len(index.windows),
        "index_persons_from_onset": index.from_onset,
        "index_persons_with_presence": (
            con.execute("SELECT count(DISTINCT person_id) FROM visits").fetchone() or (0,)
        )[0],
        "contact_persons": persons[0],
        "by_rule": {rule: number for rule, _, number, _ in by_rule},
        "by_class": classes,
        "unknown_widened": sum(number for _, _, number, odd in by_rule if odd),
        "two_places_at_once": flagged[0],
        "persons_at_two_places_at_once": flagged[1],
        "kinds_without_rule": [kind for kind in KINDS if kind not in pack.kinds],
    }
