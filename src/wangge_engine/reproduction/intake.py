"""Daily cases and the serial interval from files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from wangge_engine.counts.intake import require_columns
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, day_of, load_text

Floats = npt.NDArray[np.float64]
REASONS = {
    "bad_date": ("date", "日期写作 2026-11-22", "a date is written 2026-11-22"),
    "bad_count": ("count", "病例数应为非负整数", "a count is a whole number, not negative"),
    "bad_imported": ("imported", "输入病例应为 0 至病例数的整数", "imported is a whole number up to count"),
    "repeated": ("date", "这一天已有一行", "the day has a row already"),
}
LONGEST = 366


@dataclass(frozen=True)
class Incidence:
    """Cases of each day from ``first`` on, and those of them infected here."""

    first: date
    cases: Floats
    local: Floats


def read_incidence(
    con: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects, *, fill_gaps: bool
) -> Incidence:
    """Every day from the first to the last; a day without a row is refused unless it may be filled with 0."""
    headers = load_text(con, path, "incidence_file")
    require_columns(path, headers, ("date", "count"))
    imported = "try_cast(imported AS DOUBLE), imported IS NOT NULL" if "imported" in headers else "0, false"
    found: dict[date, tuple[float, float]] = {}
    for row, day, count, arrived, arrived_told in con.execute(
        f"""
        SELECT {ROW}, {day_of("date")},
          try_cast("count" AS DOUBLE), {imported}
        FROM incidence_file ORDER BY {ROW}
        """
    ).fetchall():
        arrived = (arrived if arrived_told else 0.0) if arrived is not None or not arrived_told else -1.0  # noqa: PLW2901
        if day is None:
            code = "bad_date"
        elif day in found:
            code = "repeated"
        elif count is None or not (count >= 0 and count == int(count)):
            code = "bad_count"
        elif not (0 <= arrived <= count and arrived == int(arrived)):
            code = "bad_imported"
        else:
            found[day] = (count, count - arrived)
            continue
        column, zh, en = REASONS[code]
        rejects.add(Reject(path.name, row, column, code, zh, en))
    if not found:
        rejects.require_none()
        raise refuse("no_rows", "文件里没有数据行", "the file has no rows", str(path))
    first, last = min(found), max(found)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    missing = [day for day in days if day not in found]
    if missing and not fill_gaps:
        raise refuse(
            "gap_in_series",
            f"缺 {len(missing)} 天，第一天是 {missing[0]}；如果没有行就是没有病例，用 --fill-gaps",
            f"{len(missing)} days are missing, the first is {missing[0]}; where no row means no case say --fill-gaps",
            path.name,
        )
    told = np.array([found.get(day, (0.0, 0.0)) for day in days])
    return Incidence(first, told[:, 0], told[:, 1])


def read_serial_interval(con: duckdb.DuckDBPyConnection, path: Path) -> Floats:
    """Probability by lag from 0 on; refuses what is not a distribution over days after infection."""
    headers = load_text(con, path, "interval_file")
    require_columns(path, headers, ("lag_days", "probability"))
    told: dict[int, float] = {}
    for row, lag, probability in con.execute(
        f"SELECT {ROW}, try_cast(lag_days AS DOUBLE), try_cast(probability AS DOUBLE)"
        f" FROM interval_file ORDER BY {ROW}"
    ).fetchall():
        whole = lag is not None and lag == int(lag) and int(lag) not in told
        if not whole or not 0 <= lag <= LONGEST or probability is None or not 0 <= probability <= 1:
            raise refuse(
                "bad_serial_interval",
                "每行应为一个不重复的非负整数天数和 0 至 1 的概率",
                "a row is a whole number of days from 0, told once, and a probability of 0 to 1",
                f"{path.name}, row {row}",
            )
        told[int(lag)] = float(probability)
    if told.get(0, 0.0) > 0:
        raise refuse(
            "serial_interval_at_0", "滞后 0 天的概率应为 0", "the probability of lag 0 must be 0", path.name
        )
    if abs(sum(told.values()) - 1) > 0.01:
        raise refuse("serial_interval_sum", "概率之和应为 1", "the probabilities do not sum to 1", path.name)
    serial = np.zeros(max(told) + 1)
    for lag, probability in told.items():
        serial[lag] = probability
    return serial
