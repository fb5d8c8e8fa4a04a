"""A file of counted series (`series, t[, date], observed, ...`) as one matrix on one time grid.

Time is an index: `t` where a series has no dates, else days since 1970 by the step of the file (7 for weeks, 1 for
days) or months. Weeks that begin on different weekdays are different phases; series of one phase share an index, so
that many series are worked out at once whatever week each begins in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, day_of, load_text, quote

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MONTH = 0  # the step of monthly series
UNDATED = -1  # the phase of a series without dates
MOST_CELLS = 400_000_000
REASONS = {
    "no_series": ("series", "没有序列名", "the row names no series"),
    "bad_t": ("t", "t 应为整数", "t is not a whole number"),
    "bad_date": ("date", "日期写作 2026-11-22", "a date is written 2026-11-22"),
    "no_date": ("date", "同一序列其他行有日期，这一行没有", "other rows of the series have a date, this one has none"),
    "off_grid": ("date", "日期不在序列的周期上", "the date is not a whole number of steps from the first"),
    "bad_count": ("observed", "计数应为整数", "a count is a whole number"),
    "negative_count": ("observed", "计数不能为负", "a count is never negative"),
    "bad_population": ("population", "人口应为正数", "a population is a number above 0"),
    "repeated": ("t", "同一序列同一时间已有一行", "the series has a row for this time already"),
}  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Accepted rows: ``row`` in the file, ``series`` number, time ``index``; and the counts as series x time.

    ``matrix`` holds NaN where nothing was observed; its first column is index ``origin``. ``first`` is each series'
    first index, ``phase`` the weekday its weeks begin on (or UNDATED). ``step``: days, 0 months, None no dates.
    """

    names: list[str]
    row: Ints
    series: Ints
    index: Ints
    t: Floats
    day: Floats
    matrix: Floats
    population: Floats | None
    origin: int
    first: Ints
    phase: Ints
    step: int | None
    headers: list[str]

    def observed(self) -> Floats:
        """The count of each accepted row."""
        return np.asarray(self.matrix[self.series, self.index - self.origin])

    def gaps(self) -> int:
        """How many times of all series, between first and last, nothing is known of."""
        width = np.zeros(len(self.names), np.int64)
        np.maximum.at(width, self.series, self.index - self.first[self.series] + 1)
        return int(width.sum() - np.isfinite(self.matrix).sum())


def require_columns(path: Path, headers: list[str], wanted: tuple[str, ...]) -> None:
    """Refuse a file that lacks a column, naming it."""
    missing = [name for name in wanted if name not in headers]
    if missing:
        raise refuse(
            "column_missing",
            f"缺少列：{'、'.join(missing)}",
            f"missing column: {', '.join(missing)}",
            str(path),
        )


def reject_rows(rejects: Rejects, file: str, code: str, rows: Any, words: tuple[str, str, str]) -> None:
    """List rows with one reason; ``words`` are column, Chinese, English."""
    for row in np.asarray(rows).tolist():
        rejects.add(Reject(file, int(row), words[0], code, words[1], words[2]))


def read_counts(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    rejects: Rejects,
    *,
    step: int | None = None,
    population: bool = False,
) -> Counts:
    """Read the file into table ``counts_file`` and its rows into a matrix; ``step`` as in `Counts`, else found."""
    headers = load_text(con, path, "counts_file")
    require_columns(path, headers, ("series", "t", "observed", *(("population",) if population else ())))
    rows = _typed(con, headers, population=population)
    name = path.name
    kept = np.ones(len(rows["row"]), bool)

    def drop(code: str, bad: npt.NDArray[np.bool_]) -> None:
        bad = bad & kept
        reject_rows(rejects, name, code, rows["row"][bad], REASONS[code])
        kept[bad] = False

    drop("no_series", rows["sid"] < 0)
    drop("bad_date", rows["date_told"] & np.isnan(rows["day"]))
    dated_series = np.zeros(int(rows["sid"].max(initial=0)) + 1, bool)
    dated_series[rows["sid"][kept & rows["date_told"]]] = True
    dated = dated_series[rows["sid"]]
    drop("no_date", dated & np.isnan(rows["day"]))
    drop("bad_t", ~dated & ~_whole(rows["t"]))
    drop("bad_count", rows["observed_told"] & ~np.isfinite(rows["observed"]))
    drop("negative_count", rows["observed"] < 0)
    drop("bad_count", np.isfinite(rows["observed"]) & ~_whole(rows["observed"]))
    if population:
        drop("bad_population", rows["population_told"] & ~(rows["population"] > 0))
    if not kept.any():
        _nothing_left(path, rejects)
    found_step = _step(rows, kept & dated, step) if (kept & dated).any() else None
    index, phase = _indices(rows, dated, found_step)
    first_phase = np.full(len(dated_series), UNDATED, np.int64)
    order = np.flatnonzero(kept)[::-1]
    first_phase[rows["sid"][order]] = phase[order]  # the first row of each series wins
    drop("off_grid", dated & (phase != first_phase[rows["sid"]]))
    drop("repeated", _repeated(rows["sid"], index, kept))
    if not kept.any():
        _nothing_left(path, rejects)
    return _assembled(
        con,
        rows,
        kept,
        index=index,
        first_phase=first_phase,
        step=found_step,
        headers=headers,
        population=population,
    )


def _whole(values: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53))


def _nothing_left(path: Path, rejects: Rejects) -> None:
    if rejects.items:
        rejects.require_none()
    raise refuse("no_rows", "文件里没有数据行", "the file has no rows", str(path))


def _typed(
    con: duckdb.DuckDBPyConnection, headers: list[str], *, population: bool
) -> dict[str, npt.NDArray[Any]]:
    date = quote("date") if "date" in headers else "CAST(NULL AS VARCHAR)"
    people = ", try_cast(population AS DOUBLE) AS population, population IS NOT NULL AS population_told"
    told = con.execute(
        f"""
        SELECT {ROW} AS row, coalesce(n.sid, -1) AS sid, try_cast(t AS DOUBLE) AS t,
          {day_of(date)} AS date,
          {date} IS NOT NULL AS date_told, try_cast(observed AS DOUBLE) AS observed,
          observed IS NOT NULL AS observed_told{people if population else ""}
        FROM counts_file c LEFT JOIN (
          SELECT series, row_number() OVER (ORDER BY min({ROW})) - 1 AS sid
          FROM counts_file WHERE series IS NOT NULL GROUP BY series
        ) n USING (series)
        ORDER BY {ROW}
        """
    ).fetchnumpy()
    rows: dict[str, npt.NDArray[Any]] = {}
    for name in told:
        column = told[name]
        if name == "date":
            days = np.ma.filled(np.ma.asarray(column).astype("datetime64[D]"), np.datetime64("NaT"))
            rows["day"] = np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))
        elif column.dtype.kind == "f":
            rows[name] = np.ma.filled(np.ma.asarray(column), np.nan)
        else:
            rows[name] = np.ma.filled(np.ma.asarray(column), 0)
    return rows


def _step(rows: dict[str, npt.NDArray[Any]], dated: npt.NDArray[np.bool_], told: int | None) -> int:
    """Days between neighbours: as told, or the smallest distance found (28 to 31: months)."""
    if told is not None:
        return told
    sid, day = rows["sid"][dated], rows["day"][dated]
    order = np.lexsort((day, sid))
    apart = np.diff(day[order])[np.diff(sid[order]) == 0]
    apart = apart[apart > 0]
    least = int(apart.min()) if len(apart) else 7
    return MONTH if 28 <= least <= 31 and not (apart % least == 0).all() else least


def _indices(
    rows: dict[str, npt.NDArray[Any]], dated: npt.NDArray[np.bool_], step: int | None
) -> tuple[Ints, Ints]:
    index = np.where(dated, 0, np.nan_to_num(rows["t"], posinf=0, neginf=0)).astype(np.int64)
    phase = np.where(dated, 0, UNDATED)
    if step is None:
        return index, phase
    day = np.nan_to_num(rows["day"]).astype(np.int64)
    if step == MONTH:
        months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return np.where(dated, months, index), phase
    return np.where(dated, day // step, index), np.where(dated, day % step, UNDATED)


def _repeated(sid: Ints, index: Ints, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    place = np.flatnonzero(kept)
    order = place[np.lexsort((place, index[place], sid[place]))]
    again = (np.diff(sid[order]) == 0) & (np.diff(index[order]) == 0)
    repeated = np.zeros(len(sid), bool)
    repeated[order[1:][again]] = True
    return repeated


def _assembled(
    con: duckdb.DuckDBPyConnection,
    rows: dict[str, npt.NDArray[Any]],
    kept: npt.NDArray[np.bool_],
    *,
    index: Ints,
    first_phase: Ints,
    step: int | None,
    headers: list[str],
    population: bool,
) -> Counts:
    all_names = [
        str(name)
        for (name,) in con.execute(
            f"SELECT series FROM counts_file WHERE series IS NOT NULL GROUP BY series ORDER BY min({ROW})"
        ).fetchall()
    ]
    used, series = np.unique(rows["sid"][kept], return_inverse=True)
    index = index[kept]
    first = np.full(len(used), np.iinfo(np.int64).max)
    np.minimum.at(first, series, index)
    origin, width = int(index.min()), int(index.max() - index.min()) + 1
    if width * len(used) > MOST_CELLS:
        raise refuse(
            "too_wide",
            f"{len(used)} 条序列横跨 {width} 个时间单位，太多",
            f"{len(used)} series span {width} steps of time, which is too many; is t a running number?",
        )
    matrix = np.full((len(used), width), np.nan)
    matrix[series, index - origin] = rows["observed"][kept]
    people = None
    if population:
        people = np.full((len(used), width), np.nan)
        people[series, index - origin] = rows["population"][kept]
    return Counts(
        names=[all_names[sid] for sid in used],
        row=rows["row"][kept].astype(np.int64),
        series=series.astype(np.int64),
        index=index,
        t=rows["t"][kept],
        day=rows["day"][kept],
        matrix=matrix,
        population=people,
        origin=origin,
        first=first,
        phase=first_phase[used],
        step=step,
        headers=headers,
    )
