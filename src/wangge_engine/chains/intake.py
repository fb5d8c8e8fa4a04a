"""Contacts and roots from files, as numbers: nodes in the order of their names, days in the order of their dates.

Plain Python and numpy: a table of arrow made of Python's values would load pandas, which costs more than the tracing.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from wangge_engine.chains.reach import Contacts, Ints
from wangge_engine.frame.instants import REASONS, BadTime, Clock
from wangge_engine.frame.problems import Problem, Refused, refuse
from wangge_engine.frame.rejects import Reject, Rejects

Columns = dict[str, list[Any]]
_EPOCH = date(1970, 1, 1).toordinal()
_WORDS = {
    "missing": ("此列不能为空", "this column is required"),
    "end_before_start": ("结束早于开始", "the end is before the start"),
    "repeated_root": ("同一个起点出现多次", "this root stands more than once"),
    **REASONS,
}


@dataclass
class Network:
    """Contacts as numbers; ``names`` of the nodes and ``dates`` of the days, both ascending."""

    contacts: Contacts
    names: list[str]
    dates: list[date]
    rows: int
    with_oneself: int


@dataclass
class Roots:
    """Nodes whose chains are wanted, with their windows as ranks of days (both included), in the order of the file."""

    node: Ints
    low: Ints
    high: Ints
    extra: dict[str, list[str]] = field(default_factory=dict)


def read_columns(path: Path) -> Columns:
    """A file's columns: text from CSV and xlsx, blank is missing. Raises Refused."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise refuse("no_such_file", "文件不存在", "the file does not exist", str(path))
    try:
        if suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as handle:
                rows = csv.reader(handle, strict=True)
                names = next(rows, [])
                told = [row for row in rows if row]
            if len(set(names)) != len(names):
                raise refuse("duplicate_header", "表头有重复的列名", "two columns have one name", str(path))
            return {
                name: [row[n].strip() if n < len(row) else "" for row in told] for n, name in enumerate(names)
            }
        if suffix == ".parquet":
            import pyarrow.parquet as pq  # only where it is asked for: a tenth of the start

            return dict(pq.read_table(path).to_pydict())
    except UnicodeDecodeError as error:
        raise refuse("not_utf8", "CSV 不是 UTF-8 编码", "the CSV is not UTF-8", str(path)) from error
    except (pa.ArrowInvalid, csv.Error) as error:
        hint = str(error).splitlines()[0][:200]
        raise refuse("unreadable", "文件读不出来", f"the file cannot be read: {hint}", str(path)) from error
    # For a workbook only: the database takes time to load.
    from wangge_engine.frame.tables import ROW, connect, load_text

    con = connect()
    names = load_text(con, path, "sheet")
    rows_of = con.execute(f"SELECT * EXCLUDE ({ROW}) FROM sheet ORDER BY {ROW}").fetchall()
    con.close()
    return {name: [row[n] for row in rows_of] for n, name in enumerate(names)}


def _require(table: Columns, names: tuple[str, ...], path: Path) -> None:
    lacking = [name for name in names if name not in table]
    if lacking:
        raise Refused(
            *(Problem("no_such_column", f"缺少列 {n}", f"column {n} is missing", path.name) for n in lacking)
        )


class _Days:
    """Dates of a column as days since 1970; each different value is read once."""

    def __init__(self, values: Sequence[Any], clock: Clock) -> None:
        told: dict[Any, tuple[int, str]] = {}
        for value in set(values):
            try:
                told[value] = _day(value, clock), ""
            except BadTime as bad:
                told[value] = 0, str(bad)
        read = [told[value] for value in values]
        self.days = np.array([day for day, _ in read], dtype=np.int64)
        self.faults = [(row, fault) for row, (_, fault) in enumerate(read) if fault]
        self.known = np.ones(len(read), dtype=bool)
        self.known[[row for row, _ in self.faults]] = False


def _day(value: Any, clock: Clock) -> int:
    """The local day of a date, a time, or a text of either. Raises BadTime, ``missing`` for a blank."""
    if isinstance(value, str) and value.strip():
        if "T" not in value and ":" not in value:
            try:
                value = date.fromisoformat(value.strip())
            except ValueError as error:
                raise BadTime("bad_time") from error
        else:
            value = clock.local(clock.read(value))
    if isinstance(value, datetime):
        value = clock.local(clock.at(value)).date() if value.tzinfo else value.date()
    if value is None or value == "":
        raise BadTime("missing")
    if not isinstance(value, date):
        raise BadTime("bad_time")
    return value.toordinal() - _EPOCH


def _texts(values: Sequence[Any]) -> list[str]:
    return ["" if value is None else value if isinstance(value, str) else str(value) for value in values]


def read_network(path: Path, clock: Clock, rejects: Rejects, roots: Sequence[str]) -> Network:
    """The contacts; ``roots``: names that are nodes too, whether they met anybody or not."""
    table = read_columns(path)
    _require(table, ("source", "destination", "date"), path)
    ends = {name: _texts(table[name]) for name in ("source", "destination")}
    days = _Days(table["date"], clock)
    good = days.known
    for row, fault in days.faults:
        rejects.add(Reject(path.name, row + 1, "date", fault, *_WORDS[fault]))
    for name, texts in ends.items():
        good = good & _filled(texts, name, path.name, rejects)
    names = sorted({*ends["source"], *ends["destination"], *roots} - {""})
    number = {name: n for n, name in enumerate(names)} | {"": -1}
    source = np.array([number[name] for name in ends["source"]], dtype=np.int64)[good]
    destination = np.array([number[name] for name in ends["destination"]], dtype=np.int64)[good]
    every, day = np.unique(days.days[good], return_inverse=True)
    return Network(
        Contacts.of(source, destination, day.astype(np.int64), len(names), len(every)),
        names,
        [date.fromordinal(_EPOCH + int(one)) for one in every],
        len(good),
        int(np.count_nonzero(source == destination)),
    )


def _filled(
    texts: Sequence[str], name: str, file: str, rejects: Rejects
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    filled = np.array([bool(text) for text in texts], dtype=bool)
    for row in np.flatnonzero(~filled):
        rejects.add(Reject(file, int(row) + 1, name, "missing", *_WORDS["missing"]))
    return filled


def read_roots(path: Path) -> Columns:
    """The roots' file; its names are in ``root``."""
    table = read_columns(path)
    _require(table, ("root",), path)
    return {**table, "root": _texts(table["root"])}


def place_roots(
    table: Columns, network: Network, window: tuple[date | None, date | None], clock: Clock,
    told: tuple[str, Rejects],
) -> Roots:  # fmt: skip
    """The roots with their windows; a root's own ends come before those of ``window``."""
    file, rejects = told
    names = table["root"]
    good = _filled(names, "root", file, rejects)
    edges = {}
    for name, default, without in (("from", window[0], -(10**6)), ("to", window[1], 10**7)):
        edge = np.full(
            len(names), without if default is None else default.toordinal() - _EPOCH, dtype=np.int64
        )
        if name in table:
            days = _Days(table[name], clock)
            edge[days.known] = days.days[days.known]
            for row, fault in days.faults:
                if fault != "missing":
                    good[row] = False
                    rejects.add(Reject(file, row + 1, name, fault, *_WORDS[fault]))
        edges[name] = edge
    number = {name: n for n, name in enumerate(network.names)}
    kept: dict[str, int] = {}
    for row, name in enumerate(names):
        if not good[row]:
            continue
        if edges["to"][row] < edges["from"][row]:
            rejects.add(Reject(file, row + 1, "to", "end_before_start", *_WORDS["end_before_start"]))
        elif name in kept:
            rejects.add(Reject(file, row + 1, "root", "repeated_root", *_WORDS["repeated_root"]))
        else:
            kept[name] = row
    chosen = np.array(list(kept.values()), dtype=np.int64)
    every = np.array([one.toordinal() - _EPOCH for one in network.dates], dtype=np.int64)
    return Roots(
        node=np.array([number[name] for name in kept], dtype=np.int64),
        low=np.searchsorted(every, edges["from"][chosen], side="left"),
        high=np.searchsorted(every, edges["to"][chosen], side="right") - 1,
        extra={
            name: [_texts(values)[row] for row in kept.values()]
            for name, values in table.items()
            if name not in ("root", "from", "to")
        },
    )
