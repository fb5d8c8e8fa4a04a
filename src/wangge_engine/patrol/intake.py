"""Reading homes and the words of the command line."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.frame.tables import ROW, connect, load_text, quote
from wangge_engine.patrol.kinds import Home

NEEDED = ("id", "x", "y")
OPTIONAL = ("priority", "good_from", "good_to")
METRES_A_DEGREE = 111_195.0  # of the sphere of 6,371 km; inside one grid the error is below walking's


def read_homes(path: Path, rejects: Rejects) -> list[Home]:
    """Homes of the file, in its order. Coordinates that are degrees become metres about their middle."""
    with connect() as con:
        columns = load_text(con, path, "homes")
        missing = [name for name in NEEDED if name not in columns]
        if missing:
            raise refuse(
                "column_missing",
                f"缺少列：{'、'.join(missing)}",
                f"columns missing: {', '.join(missing)}",
                path.name,
            )
        names = [name if name in columns else "NULL" for name in (*NEEDED, *OPTIONAL)]
        chosen = ", ".join(quote(name) if name != "NULL" else name for name in names)
        rows = con.execute(f"SELECT {ROW}, {chosen} FROM homes ORDER BY {ROW}").fetchall()
    homes: list[Home] = []
    seen: set[str] = set()
    for row, *cells in rows:
        home = _home(path.name, int(row), cells, rejects)
        if home is None:
            continue
        if home.id in seen:
            rejects.add(
                Reject(
                    path.name,
                    int(row),
                    "id",
                    "id_again",
                    "编号重复，以第一行为准",
                    "this id stands above already",
                )
            )
            continue
        seen.add(home.id)
        homes.append(home)
    return _metres(homes)


def _home(file: str, row: int, cells: list[str | None], rejects: Rejects) -> Home | None:
    name, x, y, priority, opens, closes = cells

    def reject(column: str, code: str, zh: str, en: str) -> None:
        rejects.add(Reject(file, row, column, code, zh, en))

    if name is None:
        reject("id", "id_missing", "没有编号", "no id")
        return None
    east, north = number_of(x), number_of(y)
    if east is None or north is None:
        reject("x" if east is None else "y", "no_place", "坐标不是数", "the place is not a number")
        return None
    level = number_of(priority) if priority is not None else 0.0
    if level is None:
        reject(
            "priority",
            "bad_priority",
            "优先级不是数，按最低计",
            "the priority is not a number: counted as lowest",
        )
        level = 0.0
    hours = (minutes_of(opens), minutes_of(closes))
    good = None
    if opens is not None or closes is not None:
        if hours[0] is None or hours[1] is None or hours[0] >= hours[1]:
            words = ("在家时段不成立，按不知道计", "no good hour can be read from it: counted as unknown")
            reject("good_from", "bad_hours", *words)
        else:
            good = (hours[0], hours[1])
    return Home(name, east, north, level, good)


def number_of(text: str | None) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def minutes_of(text: str | None) -> int | None:
    """Minutes of day of 18:30, 18:30:00, 18 or a full timestamp's time; 24:00 is the day's end."""
    found = re.fullmatch(
        r"(?:\d{4}-\d{2}-\d{2}[T ])?(\d{1,2})(?:[:：](\d{2})(?::\d{2})?)?", (text or "").strip()
    )
    if not found:
        return None
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    return minutes if minutes <= 24 * 60 and int(found[2] or 0) < 60 else None


def _metres(homes: list[Home]) -> list[Home]:
    """Degrees become metres: a month's rounds lie within a few kilometres."""
    if not homes or not all(abs(home.x) <= 180 and abs(home.y) <= 90 for home in homes):
        return homes
    xs, ys = [home.x for home in homes], [home.y for home in homes]
    if max(xs) - min(xs) > 1 or max(ys) - min(ys) > 1:  # more than a degree apart: metres near an origin
        return homes
    stretch = math.cos(math.radians(sum(ys) / len(ys)))
    return [
        Home(h.id, h.x * METRES_A_DEGREE * stretch, h.y * METRES_A_DEGREE, h.priority, h.good) for h in homes
    ]


def month_of(text: str) -> tuple[int, int]:
    """Year and month of 2026-11."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise refuse("bad_month", "月份写作 2026-11", "write the month as 2026-11", text)
    return int(found[1]), int(found[2])


def dates_of(texts: list[str], year: int, month: int) -> set[date]:
    """Days of single dates and of ranges FROM..TO, within the month."""
    days: set[date] = set()
    first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    for text in texts:
        try:
            ends = [date.fromisoformat(part.strip()) for part in text.split("..")]
        except ValueError as error:
            raise refuse(
                "bad_date", "日期写作 2026-11-03 或 起..止", "write dates as 2026-11-03 or FROM..TO", text
            ) from error
        if len(ends) > 2 or ends[0] > ends[-1]:
            raise refuse(
                "bad_date", "日期写作 2026-11-03 或 起..止", "write dates as 2026-11-03 or FROM..TO", text
            )
        day = max(ends[0], first)
        while day <= min(ends[-1], last):
            days.add(day)
            day += timedelta(days=1)
    return days


def starts_of(text: str, minutes: int) -> tuple[tuple[int, ...], ...]:
    """For each round of a day when it may begin: ``08:30-10:30 14:00-19:00``, every half hour between."""
    rounds: list[tuple[int, ...]] = []
    for word in text.replace(",", " ").split():
        ends = [minutes_of(part) for part in word.split("-")]
        if not 1 <= len(ends) <= 2 or None in ends:
            raise refuse(
                "bad_starts",
                "开始时间写作 09:00 或 08:30-10:30",
                "write starts as 09:00 or 08:30-10:30",
                word,
            )
        first, last = ends[0] or 0, ends[-1] or 0
        rounds.append(tuple(range(first, last + 1, 30)))
    ordered = all(a and b and a[-1] + minutes <= b[0] for a, b in pairwise(rounds))
    if not rounds or not all(rounds) or not ordered or rounds[-1][-1] + minutes > 24 * 60:
        raise refuse(
            "bad_starts", "各轮须依次排开、不得重叠", "rounds must follow each other within the day", text
        )
    return tuple(rounds)
