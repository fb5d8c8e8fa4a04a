"""Cases and areas from files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from wangge_engine.counts.intake import require_columns
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, day_of, load_text, quote
from wangge_engine.tiers.grading import Case

REASONS = {
    "no_case_id": ("case_id", "没有病例编号", "the row names no case"),
    "repeated_case": ("case_id", "病例已有一行", "the case has a row already"),
    "unknown_area": ("area_id", "地区表里没有这个地区", "the area is not in the file of areas"),
    "bad_date": ("onset", "日期写作 2026-11-22", "a date is written 2026-11-22"),
    "bad_local": ("local", "local 应为 1 或 0", "local is 1 or 0"),
    "no_area_id": ("area_id", "没有地区编号", "the row names no area"),
    "repeated_area": ("area_id", "地区已有一行", "the area has a row already"),
}
LOCAL = {
    "1": True,
    "0": False,
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "是": True,
    "否": False,
}


@dataclass(frozen=True)
class Areas:
    """Row of each accepted area by its id, and the columns of the file."""

    rows: dict[str, int]
    headers: list[str]


def _reject(rejects: Rejects, path: Path, row: int, code: str) -> None:
    column, zh, en = REASONS[code]
    rejects.add(Reject(path.name, row, column, code, zh, en))


def read_areas(con: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects) -> Areas:
    """Read into table ``areas_file``; an area without id, or told again, is rejected."""
    headers = load_text(con, path, "areas_file")
    require_columns(path, headers, ("area_id",))
    rows: dict[str, int] = {}
    for row, area in con.execute(f"SELECT {ROW}, area_id FROM areas_file ORDER BY {ROW}").fetchall():
        if area is None:
            _reject(rejects, path, row, "no_area_id")
        elif area in rows:
            _reject(rejects, path, row, "repeated_area")
        else:
            rows[area] = row
    if not rows:
        raise refuse("no_areas", "没有可用的地区", "no usable area", str(path))
    return Areas(rows, headers)


def read_cases(
    con: duckdb.DuckDBPyConnection, path: Path, areas: Areas, rejects: Rejects
) -> dict[str, list[Case]]:
    """Cases by area; every listed area has an entry."""
    headers = load_text(con, path, "cases_file")
    require_columns(path, headers, ("case_id", "area_id", "onset"))
    local, cluster = (quote(name) if name in headers else "NULL" for name in ("local", "cluster_id"))
    found: dict[str, list[Case]] = {area: [] for area in areas.rows}
    seen: set[str] = set()
    told = con.execute(
        f"""
        SELECT {ROW}, case_id, area_id,
          {day_of("onset")}, lower({local}), {cluster}
        FROM cases_file ORDER BY {ROW}
        """
    ).fetchall()
    row: int
    onset: date | None
    for row, case, area, onset, local_text, cluster_id in told:
        if case is None:
            _reject(rejects, path, row, "no_case_id")
        elif case in seen:
            _reject(rejects, path, row, "repeated_case")
        elif area not in found:
            _reject(rejects, path, row, "unknown_area")
        elif onset is None:
            _reject(rejects, path, row, "bad_date")
        elif local_text is not None and local_text not in LOCAL:
            _reject(rejects, path, row, "bad_local")
        else:
            seen.add(case)
            found[area].append(Case(onset, LOCAL[local_text] if local_text else True, cluster_id))
    return found
