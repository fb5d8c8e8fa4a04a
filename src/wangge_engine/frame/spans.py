"""Tables of spans: somebody was somewhere from one instant to another. Read from CSV, Parquet or xlsx, judged, counted.

Parquet with typed times stays where it is: the engine reads of it what it needs. Everything else is read as text once.
Instants are microseconds since 1970 (columns ``s`` and ``e``) in both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from wangge_engine.frame.instants import DAY, REASONS, BadTime, Clock, instant_sql
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, hold, literal, load_text, quote

_TYPED = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE")
_MISSING = "此列不能为空", "this column is required"
WORDS = {
    "missing": _MISSING,
    "end_before_start": ("结束早于开始", "the end is before the start"),
    "unknown_place_kind": ("不是已知的场所类别", "not a known kind of place"),
    **REASONS,
}


Fault = tuple[str, str, str]  # column, reason, condition


@dataclass(frozen=True)
class Spans:
    """A table of spans: ``ids`` and ``kinds`` as they are named in the file, ``extra``: columns nobody knows here.

    ``source`` is the SQL relation with raw columns, ``start`` and ``end`` SQL for the instants in it; ``parquet`` is
    the file where it is read in place.
    """

    path: Path
    ids: tuple[str, ...]
    types: dict[str, str]
    optional: tuple[str, ...]
    extra: tuple[str, ...]
    source: str
    start: str
    end: str
    bad: str
    parquet: Path | None
    raw_times: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def between(self, low: int, high: int) -> str:
        """SQL: the span may touch the time from ``low`` to ``high``; raw columns let parts of a file be skipped."""
        told = f"{self.start} < {high} AND {self.end} > {low}"
        if set(self.raw_times.values()) == {"TIMESTAMP WITH TIME ZONE"}:
            return f'"start" < TIMESTAMPTZ {literal(_stamp(high))} AND "end" > TIMESTAMPTZ {literal(_stamp(low))}'
        if self.parquet is None or set(self.raw_times.values()) - {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}:
            return told
        first, last = _stamp(low - DAY), _stamp(high + DAY)  # a local time is at most a day off
        types = self.raw_times
        return f'"start" < {types["start"]} {literal(last)} AND "end" > {types["end"]} {literal(first)} AND {told}'

    def select(self, where: str, *more: str) -> str:
        """SQL: the rows that meet ``where``: ids, s, e, optional columns as text (missing where the file has none)."""
        columns = [quote(name) for name in self.ids]
        columns += [f"{self.start} AS s", f"{self.end} AS e", *more]
        for name in self.optional:
            known = name in self.types
            text = f"CAST({quote(name)} AS VARCHAR)" if known else "CAST(NULL AS VARCHAR)"
            columns.append(f"{text} AS {quote(name)}")
        columns += [f"CAST({quote(name)} AS VARCHAR) AS x{at}" for at, name in enumerate(self.extra)]
        return f"SELECT {', '.join(columns)} FROM {self.source} WHERE {where}"

    def numbered(self) -> Spans:
        """The same file with ``file_row_number``, which counts from nought. Parquet read in place only."""
        return replace(self, source=_numbered(self.path))

    @property
    def fault(self) -> str:
        """SQL over a numbered file: 0 for a row that can stand, else its number and which faults it has."""
        bits = " + ".join(
            f"CASE WHEN {told} THEN {1 << n} ELSE 0 END" for n, (*_, told) in enumerate(self.faults)
        )
        return f"CASE WHEN {self.bad} THEN (file_row_number + 1) * {_BITS} + {bits} ELSE 0 END"

    def reject(self, con: duckdb.DuckDBPyConnection, found: str, rejects: Rejects) -> None:
        """List the rows whose ``fault`` the query ``found`` gives."""
        for (told,) in con.execute(found).fetchall():
            for n, (column, code, _) in enumerate(self.faults):
                if told & 1 << n:
                    rejects.add(Reject(self.path.name, told // _BITS, column, code, *WORDS[code]))

    def count(self, con: duckdb.DuckDBPyConnection) -> int:
        found = con.execute(f"SELECT count(*) FROM {self.source}").fetchone()
        return int(found[0]) if found else 0


_BITS = 1 << 10  # more than there are kinds of fault


def _numbered(path: Path) -> str:
    return f"read_parquet({literal(str(path))}, file_row_number = true)"


def _stamp(instant: int) -> str:
    return (
        Clock.of("UTC").local(max(min(instant, 4_102_444_800_000_000), -2_208_988_800_000_000)).isoformat(" ")
    )


def open_spans(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    *,
    ids: Sequence[str],
    optional: Sequence[str] = (),
    kinds: tuple[str, Collection[str]] | None = None,
    clock: Clock,
    rejects: Rejects,
    judge: bool = True,
) -> Spans:
    """Open the file; rows that cannot stand go to ``rejects`` and are no part of what ``select`` gives.

    ``ids``: required columns beside start and end. ``kinds``: a column and what it may say. Without ``judge`` the rows
    of a file read in place are left for the caller to judge (``fault``, ``reject``) as it reads them. Raises Refused
    for a file without a required column.
    """
    types = _typed(con, path) if path.suffix.lower() == ".parquet" else {}
    in_place = bool(types)
    if in_place:
        source = f"read_parquet({literal(str(path))})"
        parquet, row, source_rows = path, "file_row_number + 1", _numbered(path)
    else:
        columns = load_text(con, path, f"{table}_text")
        types = dict.fromkeys(columns, "VARCHAR")
        source = source_rows = quote(table)
        parquet, row = None, ROW
    _require([*ids, "start", "end"], types, path)
    if in_place:
        start, end = _typed_instants(con, path, types, clock)
        judged = f"{start} IS NULL", f"{end} IS NULL"
    else:
        _read_texts(con, table, clock)
        start, end = "s", "e"
        judged = "s IS NULL", "e IS NULL"
    faults = _faults(ids, types, kinds, times=(start, end), judged=judged, in_place=in_place)
    if in_place:
        full = _full_columns(path)
        faults = [fault for fault in faults if fault[1] != "missing" or fault[0] not in full]
    if in_place and kinds and not _any(con, path, faults, kinds[0]):
        faults = [fault for fault in faults if fault[:2] != (kinds[0], f"unknown_{kinds[0]}")]
    if judge or not in_place:
        _list(con, f"SELECT {row} AS place, * FROM {source_rows}", path.name, faults, rejects)
    known = {*ids, "start", "end", *optional, ROW, "s", "e"}
    spans = Spans(
        path=path,
        ids=tuple(ids),
        types=types,
        optional=tuple(optional),
        extra=tuple(name for name in types if name not in known),
        source=source,
        start=start,
        end=end,
        bad=" OR ".join(f"({condition})" for _, _, condition in faults),
        parquet=parquet,
        raw_times={name: types[name] for name in ("start", "end")} if in_place else {},
        faults=tuple(faults),
    )
    if not in_place:
        con.execute(f"DELETE FROM {quote(table)} WHERE {spans.bad}")
    return spans


def _typed(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Types of a Parquet file's columns if both times are typed; nothing otherwise."""
    if not path.exists():
        raise refuse("no_such_file", "文件不存在", "the file does not exist", str(path))
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()
    except duckdb.Error as error:
        hint = str(error).splitlines()[0][:200]
        raise refuse("unreadable", "文件读不出来", f"the file cannot be read: {hint}", str(path)) from error
    types = {row[0]: row[1] for row in rows}
    return types if all(types.get(name) in _TYPED for name in ("start", "end")) else {}


def _require(names: Sequence[str], types: dict[str, str], path: Path) -> None:
    lacking = [name for name in names if name not in types]
    if lacking:
        raise Refused(
            *(
                Problem("no_such_column", f"缺少列 {name}", f"column {name} is missing", path.name)
                for name in lacking
            )
        )


def _typed_instants(
    con: duckdb.DuckDBPyConnection, path: Path, types: dict[str, str], clock: Clock
) -> tuple[str, str]:
    """SQL for the instants of typed columns; a column without zone is local."""
    local = [name for name in ("start", "end") if types[name] != "TIMESTAMP WITH TIME ZONE"]
    offsets = [(0, 0)]
    if local:
        ends = ", ".join(f'epoch_us(min("{n}")), epoch_us(max("{n}"))' for n in local)
        row = con.execute(f"SELECT {ends} FROM read_parquet({literal(str(path))})").fetchone() or ()
        found = [value for value in row if value is not None] or [0]
        offsets = clock.offsets(min(found) - 2 * DAY, max(found) + 2 * DAY)
    told = []
    for name in ("start", "end"):
        raw = f'epoch_us("{name}")'
        if types[name] == "DATE":
            raw = f'epoch_us(CAST("{name}" AS TIMESTAMP)){f" + {DAY}" if name == "end" else ""}'
        told.append(instant_sql(raw, offsets) if name in local else raw)
    return told[0], told[1]


def _read_texts(con: duckdb.DuckDBPyConnection, table: str, clock: Clock) -> None:
    """The table with its instants: each text is read once, by the same rule as every other time."""
    for name in ("start", "end"):
        texts = [
            row[0]
            for row in con.execute(
                f'SELECT DISTINCT "{name}" FROM {quote(f"{table}_text")} WHERE "{name}" IS NOT NULL'
            ).fetchall()
        ]
        read: list[tuple[str, int | None, str | None]] = []
        for text in texts:
            try:
                read.append((text, clock.read(text, end=name == "end"), None))
            except BadTime as bad:
                read.append((text, None, str(bad)))
        hold(con, f"__{name}", {"text": "VARCHAR", "instant": "BIGINT", "reason": "VARCHAR"}, read)
    con.execute(
        f"CREATE OR REPLACE TABLE {quote(table)} AS SELECT t.*, a.instant AS s, b.instant AS e,"
        " a.reason AS __start_reason, b.reason AS __end_reason"
        f' FROM {quote(f"{table}_text")} t LEFT JOIN __start a ON a.text = t."start"'
        ' LEFT JOIN __end b ON b.text = t."end"'
    )
    con.execute(f"DROP TABLE {quote(f'{table}_text')}")


def _full_columns(path: Path) -> set[str]:
    """Columns that a Parquet file's own statistics say have no blank: asking every row costs as much as reading it."""
    meta = pq.read_metadata(path)
    full = set()
    for column in range(meta.num_columns):
        parts = [meta.row_group(group).column(column) for group in range(meta.num_row_groups)]
        told = [part.statistics for part in parts]
        text = parts and parts[0].physical_type == "BYTE_ARRAY"
        none_missing = told and all(s is not None and s.has_null_count and s.null_count == 0 for s in told)
        if none_missing and (not text or all(s.has_min_max and s.min for s in told)):
            full.add(parts[0].path_in_schema)
    return full


def _any(con: duckdb.DuckDBPyConnection, path: Path, faults: Sequence[Fault], column: str) -> bool:
    """Whether any row has a kind nobody knows. The file's dictionaries tell; next to nothing is read."""
    told = next(condition for one, code, condition in faults if (one, code) == (column, f"unknown_{column}"))
    row = con.execute(f"SELECT count(*) FROM read_parquet({literal(str(path))}) WHERE {told}").fetchone() or (
        1,
    )
    return bool(row[0])


def _faults(
    ids: Sequence[str],
    types: dict[str, str],
    kinds: tuple[str, Collection[str]] | None,
    *,
    times: tuple[str, str],
    judged: tuple[str, str],
    in_place: bool,
) -> list[Fault]:
    faults = []
    for name in ids:
        empty = f"{quote(name)} IS NULL"
        if types[name] == "VARCHAR" and in_place:
            empty += f" OR {quote(name)} = ''"
        faults.append((name, "missing", empty))
    if kinds:
        column, allowed = kinds
        faults.append(
            (column, f"unknown_{column}", f"{quote(column)} NOT IN ({', '.join(map(literal, allowed))})")
        )
    for name, unread in zip(("start", "end"), judged, strict=True):
        faults.append((name, "missing", f"{quote(name)} IS NULL"))
        if not in_place:
            faults += [(name, code, f"__{name}_reason = {literal(code)}") for code in REASONS]
        elif types[name] != "TIMESTAMP WITH TIME ZONE" and "CASE" in unread:
            faults.append((name, "no_such_local_time", f"{quote(name)} IS NOT NULL AND {unread}"))
    turned = f"{times[1]} < {times[0]}"  # two dates: the end is the next day's first instant, and may be the start's
    if not in_place:
        turned += ' OR (e = s AND length("end") = 10 AND "end" < "start")'
    elif types["start"] == types["end"] and types["start"] in ("DATE", "TIMESTAMP WITH TIME ZONE"):
        turned = '"end" < "start"'
    faults.append(("end", "end_before_start", turned))
    return faults


def _list(
    con: duckdb.DuckDBPyConnection, rows: str, file: str, faults: Sequence[Fault], rejects: Rejects
) -> None:
    """One reject for each fault of a row; the condition is asked once of all rows."""
    any_fault = " OR ".join(f"({condition})" for _, _, condition in faults)
    told = ", ".join(f"coalesce({condition}, false)" for _, _, condition in faults)
    for place, *found in con.execute(f"SELECT place, {told} FROM ({rows}) rows WHERE {any_fault}").fetchall():
        for (column, code, _), holds in zip(faults, found, strict=True):
            if holds:
                zh, en = WORDS[code]
                rejects.add(Reject(file, place, column, code, zh, en))
