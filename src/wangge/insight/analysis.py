"""The room's port to the engine: rows of sources in, figures out, and the formulas in words.

Snapshots hold personal data while the engine runs, in a folder that only this account can enter; the caller removes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from wangge.insight.types import (
    AreaToGrade,
    CaseAt,
    CountedSeries,
    Figure,
    FormulaView,
    TierPackView,
    TierRuleView,
)
from wangge_engine import run
from wangge_engine.columns import load_schema, schema_names
from wangge_engine.frame.snapshots import publish
from wangge_engine.link.flags import REASONS as LINK_REASONS
from wangge_engine.quality.formulas import book
from wangge_engine.rows import FLAGS, REASONS
from wangge_engine.tiers.rules import read_pack

PURPOSE = "registry_maintenance"
_CASES = pa.schema([(n, pa.string()) for n in ("case_id", "area_id", "onset", "local", "cluster_id")])
_ANSWER = {"tiers": "tiers", "warn": "verdicts"}  # the table an analysis answers with
_ASIDE = pa.schema(
    [("source", pa.string()), ("sheet_no", pa.int32()), ("row_no", pa.int64()), ("reason", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Linkage:
    """The tables of a linkage that facts are compared by: golden records, their members, flags if it wrote any."""

    golden: Path
    members: Path
    flags: Path | None


class Publication:
    """Writes the snapshot that is measured, one source after another."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._tables: dict[str, pa.Table | Path] = {}
        self._deliveries: list[dict[str, object]] = []
        self._aside: list[tuple[str, int, int, str]] = []

    def add(
        self,
        batch: UUID,
        frames: Iterable[pl.DataFrame],
        *,
        schema: str,
        columns: Sequence[str],
        as_of: date,
        cycle_days: int | None,
        word_for_word: int,
    ) -> bool:
        """Add the accepted rows of a source's batch; false where it has none, and is not measured."""
        table = f"told_{len(self._deliveries)}"
        writer: pq.ParquetWriter | None = None
        for frame in frames:
            part = frame.to_arrow()
            if writer is None:
                writer = pq.ParquetWriter(self._folder / f"{table}.parquet", part.schema, compression="zstd")
            writer.write_table(part.cast(writer.schema))
        if writer is None:
            return False
        writer.close()
        self._tables[table] = self._folder / f"{table}.parquet"
        self._deliveries.append(
            {
                "source": str(batch),
                "schema": schema,
                "rows": table,
                "columns": json.dumps(sorted(columns)),
                "as_of": as_of.isoformat(),
                "cycle_days": cycle_days,
                "word_for_word": word_for_word,
            }
        )
        return True

    def add_aside(self, batch: UUID, rows: Iterable[tuple[int, int, str]]) -> None:
        """Add rows kept aside: sheet, row, the telling reason."""
        self._aside += [(str(batch), sheet, row, reason) for sheet, row, reason in rows]

    def measure(
        self, today: date, out: Path, linkage: Linkage | None = None
    ) -> dict[UUID, tuple[Figure, ...]]:
        """The figures of each batch. With the tables of a linkage, facts are compared and its flags counted."""
        if not self._deliveries:
            return {}
        tables = dict(self._tables)
        cycles = pa.array([d["cycle_days"] for d in self._deliveries], pa.int64())
        others = {
            name: [d[name] for d in self._deliveries] for name in self._deliveries[0] if name != "cycle_days"
        }
        tables["deliveries"] = pa.table({**others, "cycle_days": cycles})
        columns = list(zip(*self._aside, strict=True)) or [()] * len(_ASIDE)
        tables["aside"] = pa.table(
            [pa.array(list(c), f.type) for c, f in zip(columns, _ASIDE, strict=True)], schema=_ASIDE
        )
        if linkage is not None:
            tables["golden"] = self._beside(linkage.golden)
            tables["members"] = self._beside(linkage.members)
            if linkage.flags is not None:
                tables["flags"] = self._beside(linkage.flags)
        publish(self._folder, tables, purpose=PURPOSE, privacy="personal", made_by="insight")
        made = run("quality", self._folder, {"today": today.isoformat()}, out=out)
        places: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for row in made.read_table("places").to_pylist():
            if row["sheet_no"] is not None:
                key = (row["source"], row["formula"], row["item"])
                places.setdefault(key, []).append((row["sheet_no"], row["row_no"]))
        found: dict[UUID, list[Figure]] = {}
        for row in made.read_table("measures").to_pylist():
            key = (row["source"], row["formula"], row["item"])
            told = tuple(dict.fromkeys(places.get(key, ())))
            figure = Figure(row["formula"], row["version"], row["item"], row["counted"], row["of"], told)
            found.setdefault(UUID(row["source"]), []).append(figure)
        return {batch: tuple(figures) for batch, figures in found.items()}

    def _beside(self, file: Path) -> Path:
        """The same file under this folder, without a second copy of its bytes."""
        target = self._folder / file.name
        target.unlink(missing_ok=True)
        target.hardlink_to(file)
        return target


def unpromised_days() -> int:
    """The cycle of a source whose department promised none."""
    return book().unpromised_days


def measured_forms() -> tuple[str, ...]:
    """The canonical forms that have formulas."""
    return tuple(sorted(set(book().expected) & set(schema_names())))


def weights() -> dict[str, float]:
    """What a record with this kind of flaw is worth mending."""
    return book().worth


def better(formula: str) -> str:
    """Whether more or less of a figure is better; a formula that is no more counts as less."""
    return next((f.better for f in book().formulas if f.code == formula), "less")


def formulas() -> tuple[FormulaView, ...]:
    """The formulas of today, in words and as they are counted."""
    return tuple(
        FormulaView(f.code, f.version, f.better, f.zh, f.en, f.counted, f.of) for f in book().formulas
    )


def words_of(schema: str, item: str) -> tuple[str, str]:
    """A field or a reason ("id_wrong_check:id_no") in words: zh, en."""
    code, _, column = item.partition(":")
    named = {c.name: c for c in load_schema(schema).columns}
    if item in named:
        return named[item].zh, named[item].en
    told = {**FLAGS, **{str(reason): words for reason, words in REASONS.items()}}.get(code)
    zh, en = (told.zh, told.en) if told else LINK_REASONS.get(code, (code, code))
    if column in named:
        return f"{named[column].zh}：{zh}", f"{named[column].en}: {en}"
    return zh, en


@dataclass(frozen=True, slots=True)
class Graded:
    """An area's colour as the engine gives it, with exact facts: they are made coarse before they are kept."""

    colour: str
    rule: str
    zh: str
    en: str
    facts: dict[str, float | str | None]
    changes_on: date | None


def tiers(areas: Sequence[AreaToGrade], cases: Sequence[CaseAt], pack: str, as_of: date) -> dict[str, Graded]:
    """The colour of each area by division code. Cases have no name and no number here, only their place and days."""
    rules = {rule.id: rule for rule in read_pack(pack).rules}
    told = pa.table(
        {
            "case_id": [str(n) for n in range(len(cases))],
            "area_id": [c.division for c in cases],
            "onset": [c.began_on.isoformat() for c in cases],
            "local": [str(int(c.local)) for c in cases],
            "cluster_id": pa.array([c.cluster or None for c in cases], pa.string()),
        },
        schema=_CASES,
    )
    named = pa.table({"area_id": [a.division for a in areas], "name": [a.name for a in areas]})
    params = {"rules": pack, "as_of": as_of.isoformat()}
    graded = _asked(
        "tiers", {"cases": told, "areas": named}, params, purpose="epidemic_response", privacy="sensitive"
    )
    return {
        row["area_id"]: Graded(
            row["colour"], row["rule_id"], rules[row["rule_id"]].zh, rules[row["rule_id"]].en,
            json.loads(row["facts"]), date.fromisoformat(str(row["changes_on"])) if row["changes_on"] else None,
        )
        for row in graded
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine says of a series on a day that it finds unusual."""

    observed: int
    expected: float
    upper: float
    p_value: float | None


def unusual(
    series: Sequence[CountedSeries], on: date, *, method: str, baseline: int, back: Sequence[int]
) -> list[tuple[CountedSeries, Verdict]]:
    """The series whose count on `on` is a discovery among all of that day, with what was expected of each.

    Read are the days that lie `back` days before, the day itself (0) last.
    """
    if not series:
        return []
    days = [on - timedelta(days=n) for n in back]
    told = pa.table(
        {
            "series": [str(n) for n in range(len(series)) for _ in days],
            "t": [n for _ in series for n in range(1, len(days) + 1)],
            "observed": [one.days.get(day, 0) for one in series for day in days],
        }
    )
    params = {"method": method, "baseline": baseline, "from": len(days), "to": len(days)}
    verdicts = _asked("warn", {"series": told}, params, purpose="case_handling", privacy="open")
    return [
        (
            series[int(row["series"])],
            Verdict(int(row["observed"]), row["expected"], row["upper"], row["p_value"]),
        )
        for row in verdicts
        if row["alarm_fdr"]
    ]


def _asked(
    analysis: str, tables: Mapping[str, pa.Table], params: Mapping[str, Any], *, purpose: str, privacy: str
) -> list[dict[str, Any]]:
    """The rows an analysis answers with; what it is asked about stands in a folder of this account while it runs."""
    home = Path(settings.WANGGE_HOME) / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{analysis}-", dir=home) as work:
        into, out = Path(work) / "in", Path(work) / "out"
        publish(into, tables, purpose=purpose, privacy=privacy, made_by="insight")
        answered = run(analysis, into, params, out=out)
        found: list[dict[str, Any]] = answered.read_table(_ANSWER[analysis]).to_pylist()
    return found


def tier_pack(code: str) -> TierPackView:
    """A rule pack for colours, in words."""
    pack = read_pack(code)
    rules = tuple(TierRuleView(rule.id, rule.colour, rule.zh, rule.en) for rule in pack.rules)
    return TierPackView(pack.id, pack.source, pack.valid_from, rules)


__all__ = [
    "Graded",
    "Linkage",
    "Publication",
    "better",
    "formulas",
    "measured_forms",
    "tier_pack",
    "tiers",
    "unpromised_days",
    "unusual",
    "weights",
    "words_of",
]
