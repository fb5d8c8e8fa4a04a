"""Cases and places, from tables or from SaTScan's own files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from wangge_engine.counts.intake import require_columns
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, load_text, quote

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
MOST_CASES = 5_000_000
REASONS = {
    "no_place": ("place_id", "没有地点编号", "the row names no place"),
    "unknown_place": ("place_id", "地点表里没有这个地点", "the place is not in the file of places"),
    "repeated_place": ("place_id", "地点已有一行", "the place has a row already"),
    "bad_coordinates": ("lat", "纬度应在 -90 至 90，经度在 -180 至 180", "lat is -90 to 90, lon -180 to 180"),
    "bad_date": ("date", "日期写作 2026-11-22", "a date is written 2026-11-22"),
    "bad_count": ("count", "病例数应为非负整数", "a count is a whole number, not negative"),
    "outside_period": ("date", "日期在所求期间之外", "the date is outside the period asked for"),
}


@dataclass(frozen=True)
class Places:
    """All places in the order of their file."""

    ids: list[str]
    lat: Floats
    lon: Floats


@dataclass(frozen=True)
class Cases:
    """One entry per case: number of its place, day since 1970."""

    place: Ints
    day: Ints


def _rows(
    con: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Row number and texts of the columns; .cas and .geo have no header and are split at blanks."""
    if path.suffix.lower() in (".cas", ".geo"):
        if not path.exists():
            raise refuse("no_such_file", "文件不存在", "the file does not exist", str(path))
        order = ("place_id", "count", "date") if path.suffix.lower() == ".cas" else ("place_id", "lat", "lon")
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise refuse("not_utf8", "不是 UTF-8 编码", "the file is not UTF-8", str(path)) from error
        for number, line in enumerate(lines, 1):
            if parts := line.split():
                told = dict(zip(order, parts, strict=False))
                yield number, tuple(told.get(name) for name in (*columns, *optional))
        return
    headers = load_text(con, path, "scan_file")
    require_columns(path, headers, columns)
    chosen = ", ".join(
        quote(name) if name in headers else f"'1' AS {quote(name)}" for name in (*columns, *optional)
    )
    for row, *values in con.execute(f"SELECT {ROW}, {chosen} FROM scan_file ORDER BY {ROW}").fetchall():
        yield row, tuple(values)


def _reject(rejects: Rejects, path: Path, row: int, code: str) -> None:
    column, zh, en = REASONS[code]
    rejects.add(Reject(path.name, row, column, code, zh, en))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def read_places(con: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects) -> Places:
    """The places; rows that name none, name one again or stand nowhere on earth are rejected."""
    ids: dict[str, tuple[float, float]] = {}
    for row, (place, lat_text, lon_text) in _rows(con, path, ("place_id", "lat", "lon")):
        lat, lon = _number(lat_text), _number(lon_text)
        if not place:
            _reject(rejects, path, row, "no_place")
        elif place in ids:
            _reject(rejects, path, row, "repeated_place")
        elif not (-90 <= lat <= 90 and -180 <= lon <= 180):
            _reject(rejects, path, row, "bad_coordinates")
        else:
            ids[place] = (lat, lon)
    if not ids:
        raise refuse("no_places", "没有可用的地点", "no usable place", str(path))
    lat_lon = np.array(list(ids.values()))
    return Places(list(ids), lat_lon[:, 0], lat_lon[:, 1])


def _day(text: str | None) -> int | None:
    found = DAY.fullmatch(text or "")
    try:
        return date(*map(int, found.groups())).toordinal() - 719_163 if found else None
    except ValueError:
        return None


def read_cases(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    places: Places,
    rejects: Rejects,
    *,
    first: date | None,
    last: date | None,
) -> Cases:
    """The cases, one entry each; rows of unknown places, days or counts are rejected."""
    number_of = {place: number for number, place in enumerate(places.ids)}
    low = first.toordinal() - 719_163 if first else -(10**9)
    high = last.toordinal() - 719_163 if last else 10**9
    found: list[tuple[int, int, int]] = []
    for row, (place, day_text, count_text) in _rows(con, path, ("place_id", "date"), ("count",)):
        day, count = _day(day_text), _number(count_text)
        if not place:
            _reject(rejects, path, row, "no_place")
        elif place not in number_of:
            _reject(rejects, path, row, "unknown_place")
        elif day is None:
            _reject(rejects, path, row, "bad_date")
        elif not (count >= 0 and count == int(count)):
            _reject(rejects, path, row, "bad_count")
        elif not low <= day <= high:
            _reject(rejects, path, row, "outside_period")
        else:
            found.append((number_of[place], day, int(count)))
    told = np.array(found, np.int64).reshape(-1, 3)
    total = int(told[:, 2].sum())
    if total > MOST_CASES:
        raise refuse("too_many_cases", "病例超过 500 万", "more than 5 million cases", str(path))
    if total < 2:
        raise refuse("too_few_cases", "病例不到两例", "fewer than two cases", str(path))
    return Cases(np.repeat(told[:, 0], told[:, 2]), np.repeat(told[:, 1], told[:, 2]))
