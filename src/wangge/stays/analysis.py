"""The room's port to the engine: who stayed in an affected area.

What is handed over says who by running keys of the caller's own, never by a name or a number; the folder it stands in
can be entered by this account only and is removed when the answer has been read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from django.conf import settings

from wangge.kernel.problems import BadInput
from wangge_engine import run
from wangge_engine.frame.problems import Refused
from wangge_engine.frame.snapshots import publish

_INSTANT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class StayIn:
    """Somebody was in an area, told by its division code, from one instant to another."""

    key: str
    area: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Affected:
    """An area from which people come, by its division code, and the days on which it was affected."""

    code: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Stayed:
    """`key` stayed long enough in an affected area, lately enough."""

    key: str
    area: str
    minutes: float
    first_at: datetime
    last_at: datetime


def stayed(
    stays: Sequence[StayIn], areas: Sequence[Affected], *, as_of: date, window_days: int, least_hours: int
) -> tuple[Stayed, ...]:
    """Who stayed in one of `areas` for `least_hours` within `window_days`; cut stays are summed."""
    if not stays or not areas:
        return ()
    told = pa.table(
        {
            "person_id": [s.key for s in stays],
            "area_id": [s.area for s in stays],
            "start": pa.array([s.start for s in stays], _INSTANT),
            "end": pa.array([s.end for s in stays], _INSTANT),
        }
    )
    affected = pa.table(
        {
            "area_id": [a.code for a in areas],
            "from": [a.since.isoformat() for a in areas],
            "to": pa.array([a.until.isoformat() if a.until else None for a in areas], pa.string()),
        }
    )
    params = {
        "as_of": as_of.isoformat(),
        "window": f"{window_days}d",
        "min_stay": f"{least_hours}h",
        "tz": settings.TIME_ZONE,
    }
    home = Path(settings.WANGGE_HOME) / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="stays-", dir=home) as work:
        into, out = Path(work) / "in", Path(work) / "out"
        tables: dict[str, pa.Table | Path] = {"stays": told, "areas": affected}
        publish(into, tables, purpose="epidemic_response", privacy="sensitive", made_by="stays")
        try:
            found = run("screen-stay", into, params, out=out).read_table("stayed").to_pylist()
        except Refused as refused:
            told_so = refused.problems[0]
            raise BadInput(
                code=told_so.code, zh=f"{told_so.zh}。", en=f"{told_so.en}.", place=told_so.place
            ) from refused
    return tuple(
        Stayed(r["person_id"], r["area_id"], float(r["minutes"]), r["first_at"], r["last_at"]) for r in found
    )
