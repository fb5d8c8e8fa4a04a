"""Index persons: when each of them was infectious."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.contacts.rules import Pack
from wangge_engine.frame.instants import MINUTE, REASONS, BadTime, Clock
from wangge_engine.frame.problems import Problem, Refused
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, load_text

EVER = 4_102_444_800_000_000  # 2100: an infectious time without end
KNOWN = ("person_id", "infectious_from", "infectious_to", "onset")
_WORDS = {
    "missing": ("此列不能为空", "this column is required"),
    "end_before_start": ("结束早于开始", "the end is before the start"),
    **REASONS,
}


@dataclass
class IndexPersons:
    """Windows of infectiousness, united for each person; ``told``: their other columns, from the first row."""

    windows: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    told: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    rows: int = 0
    from_onset: int = 0


def read_index(
    con: duckdb.DuckDBPyConnection, path: Path, pack: Pack, clock: Clock, rejects: Rejects
) -> IndexPersons:
    """Read the index file. Raises Refused when a required column is missing."""
    columns = load_text(con, path, "index_file")
    lacking = [name for name in ("person_id", "infectious_from", "infectious_to") if name not in columns]
    if lacking and not (lacking == ["infectious_from"] and "onset" in columns):
        raise Refused(
            *(Problem("no_such_column", f"缺少列 {n}", f"column {n} is missing", path.name) for n in lacking)
        )
    found = IndexPersons(extra=tuple(name for name in columns if name not in KNOWN))
    cursor = con.execute(f"SELECT * FROM index_file ORDER BY {ROW}")

    def reject(place: int, column: str, code: str) -> None:
        zh, en = _WORDS[code]
        rejects.add(Reject(path.name, place, column, code, zh, en))

    names = [column[0] for column in cursor.description]
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        found.rows += 1
        window = _window(row, pack, clock, reject, found)
        if window is None:
            continue
        person = row["person_id"]
        found.windows.setdefault(person, []).append(window)
        found.told.setdefault(person, tuple(row[name] for name in found.extra))
    for person, windows in found.windows.items():
        found.windows[person] = _united(windows)
    return found


def _window(
    row: Mapping[str, Any],
    pack: Pack,
    clock: Clock,
    reject: Callable[[int, str, str], None],
    found: IndexPersons,
) -> tuple[int, int] | None:
    """The infectious time of a row; missing after a reject."""
    place = row[ROW]
    column, text, before = "infectious_from", row.get("infectious_from"), 0
    if text is None and row.get("onset") is not None:
        column, text, before = "onset", row["onset"], round(pack.window_hours * 60 * MINUTE)
    for name, value in (("person_id", row["person_id"]), ("infectious_from", text)):
        if value is None:
            reject(place, name, "missing")
            return None
    try:
        low = clock.read(str(text)) - before
        column, end = "infectious_to", row.get("infectious_to")
        high = EVER if end is None else clock.read(end, end=True)
    except BadTime as bad:
        reject(place, column, str(bad))
        return None
    if end is not None and clock.read(end) < low:
        reject(place, "infectious_to", "end_before_start")
        return None
    found.from_onset += before > 0
    return low, high


def _united(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for low, high in sorted(windows):
        if made and low <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], high)
        else:
            made.append((low, high))
    return made
