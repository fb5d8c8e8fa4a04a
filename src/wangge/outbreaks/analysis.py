"""The room's port to the engine: who met whom, whom a chain reaches.

What is handed over says who by running keys of the caller's own, never by a name or a number; the folder it stands in
can be entered by this account only and is removed when the answer has been read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from django.conf import settings

from wangge.kernel.problems import BadInput
from wangge.outbreaks.states import ContactClass
from wangge_engine import run
from wangge_engine.contacts.rules import Pack, Rule, read_pack, shipped
from wangge_engine.frame.problems import Refused
from wangge_engine.frame.snapshots import publish

PURPOSE = "epidemic_response"
_INSTANT = pa.timestamp("us", "UTC")
_UNKNOWN = (".seat_unknown", ".household_unknown")


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody was at a place from one instant to another; seating as the manifest states it."""

    key: str
    place: str
    kind: str
    start: datetime
    end: datetime
    carriage: str = ""
    row: str = ""
    seat: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who could pass it on from one instant to another (None: for ever)."""

    key: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """`key` met `source` at a place, by the nearest rule of a pack that holds; `unknown`: a seat widened it."""

    source: str
    key: str
    place: str
    kind: str
    rule: str
    contact_class: ContactClass
    unknown: bool
    minutes: float
    first_at: datetime
    last_at: datetime
    rows: int | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ContactPack:
    """A versioned rule pack of the engine, as this room needs it."""

    code: str
    version: str
    title_zh: str
    title_en: str
    source: str
    before_onset: timedelta
    rules: Mapping[str, Rule]


def contact_packs() -> tuple[str, ...]:
    """The codes of the packs that come with the product."""
    return tuple(shipped())


@lru_cache(maxsize=16)
def contact_pack(code: str) -> ContactPack:
    """The pack called `code`. Raises BadInput naming the ones there are."""
    if code not in shipped():
        raise BadInput(
            code="contact_rule_unknown",
            zh=f"没有名为“{code}”的判定规则；可用：{'、'.join(shipped())}。",
            en=f'There is no rule "{code}"; there are: {", ".join(shipped())}.',
            place="rule",
        )
    pack: Pack = read_pack(code)
    return ContactPack(
        code=pack.id,
        version=pack.version,
        title_zh=pack.title_zh,
        title_en=pack.title_en,
        source=pack.source,
        before_onset=timedelta(hours=pack.window_hours),
        rules={rule.id: rule for rule in pack.rules},
    )


def meetings(stays: Sequence[Stay], sources: Sequence[Source], pack: ContactPack) -> tuple[Meeting, ...]:
    """Who met a source, by the pack; each pair and place once. Nobody meets themselves."""
    if not stays or not sources:
        return ()
    presence = pa.table(
        {
            "person_id": [s.key for s in stays],
            "place_id": [s.place for s in stays],
            "place_kind": [s.kind for s in stays],
            "start": pa.array([s.start for s in stays], _INSTANT),
            "end": pa.array([s.end for s in stays], _INSTANT),
            "carriage": pa.array([s.carriage or None for s in stays], pa.string()),
            "row": pa.array([s.row or None for s in stays], pa.string()),
            "seat": pa.array([s.seat or None for s in stays], pa.string()),
        }
    )
    told = {
        "person_id": [s.key for s in sources],
        "infectious_from": [s.since.isoformat() if s.since else "1900-01-01" for s in sources],
        "infectious_to": pa.array([s.until.isoformat() if s.until else None for s in sources], pa.string()),
    }
    params = {"rules": pack.code, "tz": settings.TIME_ZONE}
    found = _asked("contacts", {"presence": presence, "index": pa.table(told)}, params, "contacts")
    return tuple(sorted((_meeting(row, pack) for row in found), key=lambda m: (m.key, m.source, m.place)))


def _meeting(row: Mapping[str, Any], pack: ContactPack) -> Meeting:
    told: str = row["rule_id"]
    bare = next((told.removesuffix(s) for s in _UNKNOWN if told.endswith(s)), told)
    rule = pack.rules[bare]
    return Meeting(
        source=row["index_person_id"],
        key=row["person_id"],
        place=row["place_id"],
        kind=row["place_kind"],
        rule=told,
        contact_class=ContactClass(rule.contact_class),
        unknown=told != bare,
        minutes=float(row["overlap_minutes"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        rows=row["distance_rows"],
        zh=rule.zh,
        en=rule.en,
    )


@dataclass(frozen=True, slots=True)
class Link:
    """`destination` met `source` on a day."""

    source: str
    destination: str
    on: date


@dataclass(frozen=True, slots=True)
class Reached:
    """A node of the chain, in how few steps, and the first and last day of the path that arrives earliest."""

    node: str
    distance: int
    first_on: date
    last_on: date


def chain(links: Sequence[Link], root: str, *, back: bool) -> tuple[Reached, ...]:
    """Everybody whom `root` could have infected, or (`back`) who could have infected `root`; the nearest first."""
    if not links:
        return ()
    contacts = pa.table(
        {
            "source": [link.source for link in links],
            "destination": [link.destination for link in links],
            "date": [link.on.isoformat() for link in links],
        }
    )
    tables = {"contacts": contacts, "roots": pa.table({"root": [root]})}
    found = _asked("chains", tables, {"direction": "in" if back else "out"}, "chains")
    reached = (Reached(r["node"], int(r["distance"]), r["first_date"], r["last_date"]) for r in found)
    return tuple(sorted(reached, key=lambda one: (one.distance, one.first_on, one.node)))


def _asked(
    analysis: str, tables: Mapping[str, pa.Table | Path], params: Mapping[str, object], result: str
) -> list[dict[str, Any]]:
    """The rows of the analysis' one table, as of tables that nobody else can read and that are gone afterwards."""
    with _work() as folder:
        publish(folder / "in", tables, purpose=PURPOSE, privacy="sensitive", made_by="outbreaks")
        rows: list[dict[str, Any]] = (
            run(analysis, folder / "in", params, out=folder / "out").read_table(result).to_pylist()
        )
        return rows


@contextmanager
def house_words() -> Iterator[None]:
    """What the engine refuses inside becomes BadInput with the same code, words and place."""
    try:
        yield
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=f"{told.zh}。", en=f"{told.en}.", place=told.place) from refused


@contextmanager
def _work() -> Iterator[Path]:
    home = Path(settings.WANGGE_HOME) / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with house_words(), TemporaryDirectory(prefix="outbreaks-", dir=home) as folder:
        yield Path(folder)


__all__ = [
    "ContactPack", "Link", "Meeting", "Reached", "Source", "Stay", "chain", "contact_pack", "contact_packs", "meetings",
]  # fmt: skip
