"""The room's port to the engine: publish what sources told, have it linked and the golden records chosen.

Snapshots hold personal data in plain text while the engine runs; they stand in a folder that only this account can
enter, and are removed when the result has been taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wangge.linkage.rules.authority import authority
from wangge.registry.states import FACTS, Verdict
from wangge.registry.types import Decision
from wangge_engine import run
from wangge_engine.frame.problems import Refused
from wangge_engine.frame.snapshots import publish
from wangge_engine.golden.kept import FILES as KEPT

RECORD_FIELDS = (
    "record_id", "source", "name", "former_name", "id_no", "sex", "birth", "phone", "guardian_phone", "address",
    "hukou_address", "household_ref", "relation",
)  # fmt: skip
LINEAGE_FIELDS = (
    "source", "record_id", "batch", "sheet", "row_no", "as_of", "told", "facts", "verified", "about"
)  # fmt: skip
_KINDS = {"row_no": pa.int64(), "verified": pa.bool_()}
PURPOSE = "registry_maintenance"
_RECORDS = pa.schema([(name, pa.string()) for name in RECORD_FIELDS])
_LINEAGE = pa.schema([(name, _KINDS.get(name, pa.string())) for name in LINEAGE_FIELDS])


@dataclass(frozen=True, slots=True)
class Linked:
    """Where the results of a run stand, and what the engine reports of it."""

    golden: Path
    members: Path
    clusters: Path
    facts: dict[str, Any]
    grounds: Mapping[str, Path]  # review, doubts, sources, copies, links
    flags: Path  # what linkage found odd about a record
    base: Path | None = None  # a folder with what the next run needs to add to this one


class Publication:
    """Writes the snapshot that linkage reads, part by part, so that no more than one part is in memory.

    With `base`, an opened base, sources that tell the same as then are left out: their lineage is taken from it.
    """

    def __init__(self, folder: Path, base: Path | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._base = base
        self._records = pq.ParquetWriter(folder / "records.parquet", _RECORDS, compression="zstd")
        self._lineages: dict[str, pq.ParquetWriter] = {}
        self._kept: set[str] = set()
        self.rows = 0
        self.told_now: set[str] = set()  # sources whose records are published
        # corrections: source, record id, the person they are about
        self.about: list[tuple[str, str, UUID]] = []

    def add_frame(self, frame: pl.DataFrame, *, source: str, batch: UUID, as_of: date) -> None:
        """Add accepted rows of a source as the room `sources` gives them, with their place and what they told."""
        if frame.height:
            self.add(_told(frame, source, batch, as_of).to_arrow())

    def add(self, part: pa.Table) -> None:
        """Add rows of RECORD_FIELDS and LINEAGE_FIELDS; missing ones are taken as empty."""
        self._records.write_table(_fitted(part, _RECORDS))
        lineage = _fitted(part, _LINEAGE)
        for source in lineage.column("source").unique().to_pylist():
            if source not in self._lineages:
                file = self._lineage(self._folder, source)
                self._lineages[source] = pq.ParquetWriter(file, _LINEAGE, compression="zstd")
            mine = lineage.filter(pc.equal(lineage.column("source"), source))
            self._lineages[source].write_table(mine)
            self._note_about(mine)
        self.rows += part.num_rows

    def keep(self, source: str) -> None:
        """Take a source as the base has it: it tells the same as then."""
        if self._base is None:
            raise ValueError(f"no base to keep {source} from")
        held = self._lineage(self._base, source)
        self._kept.add(source)
        with pq.ParquetFile(held) as file:
            self.rows += file.metadata.num_rows
            self._note_about(file.read(["source", "record_id", "about"]))

    def finish(
        self, decisions: Iterable[Decision] = (), anchors: Mapping[UUID, tuple[str, str]] | None = None
    ) -> Path:
        """Close the files and write the manifest; gives the snapshot's folder.

        `anchors` ties each correction to a record of the person it is about. With a base, what it was told and holds
        no more is withdrawn.
        """
        self._records.close()
        for writer in self._lineages.values():
            writer.close()
        self.told_now = set(self._lineages)
        lineage = self._folder / "lineage.parquet"
        with pq.ParquetWriter(lineage, _LINEAGE, compression="zstd") as whole:
            for source in sorted({*self._lineages, *self._kept}):
                folder = self._base if self._base and source in self._kept else self._folder
                with pq.ParquetFile(self._lineage(folder, source)) as file:
                    for part in file.iter_batches():
                        whole.write_batch(part)
        now = self._decided(decisions, anchors or {})
        _write_decisions(self._folder / DECISIONS, now)
        tables: dict[str, pa.Table | Path] = {
            "records": self._folder / "records.parquet",
            "lineage": lineage,
            "authority": _authority(),
        }
        gone = _read_decisions(self._base / DECISIONS) if self._base else []
        pairs = {frozenset(d[:2]) for d in now}
        say = [
            *((a, b, Verdict.WITHDRAWN, by) for a, b, _, by in gone if frozenset((a, b)) not in pairs),
            *now,
        ]
        if say:
            tables["decisions"] = _decision_table(say)
        publish(self._folder, tables, purpose=PURPOSE, privacy="personal", made_by="linkage")
        return self._folder

    def _decided(
        self, decisions: Iterable[Decision], anchors: Mapping[UUID, tuple[str, str]]
    ) -> list[tuple[str, str, str, str]]:
        told = [
            (f"{d.source_a}/{d.record_a}", f"{d.source_b}/{d.record_b}", str(d.verdict), d.decided_by)
            for d in standing(decisions)
        ]
        apart = {frozenset((a, b)) for a, b, verdict, _ in told if verdict == Verdict.DIFFERENT}
        for source, record, person in self.about:
            if person in anchors and anchors[person] != (source, record):
                if frozenset((f"{source}/{record}", "/".join(anchors[person]))) in apart:
                    continue  # a person has since said that it belongs to somebody else
                told.append((f"{source}/{record}", "/".join(anchors[person]), str(Verdict.SAME), "visit"))
        return told

    def _note_about(self, part: pa.Table) -> None:
        named = part.filter(pc.is_valid(part.column("about"))).select(["source", "record_id", "about"])
        self.about.extend((r["source"], r["record_id"], UUID(r["about"])) for r in named.to_pylist())

    @staticmethod
    def _lineage(folder: Path, source: str) -> Path:
        return folder / f"lineage-{source.encode().hex()}.parquet"


DECISIONS = "told-decisions.parquet"
_DECIDED = ("record_a", "record_b", "decision", "by")


def _decision_table(rows: Sequence[tuple[str, str, str, str]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(_DECIDED)
    return pa.table({name: pa.array(c, pa.string()) for name, c in zip(_DECIDED, columns, strict=True)})


def _write_decisions(path: Path, rows: Sequence[tuple[str, str, str, str]]) -> None:
    pq.write_table(_decision_table(rows), path)


def _read_decisions(path: Path) -> list[tuple[str, str, str, str]]:
    return [tuple(row[c] for c in _DECIDED) for row in pq.read_table(path).to_pylist()]


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Of all decisions in the order they were made, the last about each pair; what was withdrawn is none."""
    last = {(d.source_a, d.record_a, d.source_b, d.record_b): d for d in decisions}
    return [d for d in last.values() if d.verdict != Verdict.WITHDRAWN]


TOLD = ("name", "id_no", "birth", "sex", "phone", "address")
VISITS = ("grid_office", "visit")  # sources whose date is the day somebody stood at the door


def _told(frame: pl.DataFrame, source: str, batch: UUID, as_of: date) -> pl.DataFrame:
    """Canonical text columns, lineage, what was told as JSON, further facts as JSON (null for none)."""
    text = [pl.col(c).cast(pl.String).alias(c) for c in RECORD_FIELDS if c in frame.columns]
    day = pl.coalesce(pl.col("recorded_on"), pl.lit(as_of)).cast(pl.String)
    facts = [pl.col(c).cast(pl.String).replace("", None).alias(c) for c in FACTS if c in frame.columns]
    if source in VISITS:
        facts.append(pl.col("recorded_on").cast(pl.String).alias("last_visit_on"))
    some = pl.any_horizontal(f.is_not_null() for f in facts)
    return frame.select(
        *text,
        pl.lit(source).alias("source"),
        pl.lit(str(batch)).alias("batch"),
        pl.col("sheet_no").cast(pl.String).alias("sheet"),
        pl.col("row_no"),
        day.alias("as_of"),
        pl.struct([pl.col(c).cast(pl.String) for c in TOLD]).struct.json_encode().alias("told"),
        pl.when(some).then(pl.struct(facts).struct.json_encode()).alias("facts"),
        # a row that names the person it is about was asked or seen: a visit, or a department's answer
        (pl.col("person_ref").is_not_null() & (pl.col("person_ref") != "")).alias("verified"),
        pl.col("person_ref").cast(pl.String).replace("", None).alias("about"),
    )


def _authority() -> pa.Table:
    rows = sorted(authority().items())
    return pa.table(
        {
            "field": [field for (field, _), _ in rows],
            "source": [source for (_, source), _ in rows],
            "rank": [rank for _, rank in rows],
        }
    )


def _fitted(part: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        part.column(f.name).cast(f.type) if f.name in part.column_names else pa.nulls(part.num_rows, f.type)
        for f in schema
    ]
    return pa.table(columns, schema=schema)


class BaseUnusable(Exception):
    """Nothing could be added to the base (made by another version of the engine, say): all must be linked anew."""


def link(
    snapshot: Path,
    work: Path,
    *,
    memory: str = "3GB",
    keep: bool = False,
    base: Path | None = None,
    resent: Sequence[str] = (),
    namesakes: bool = True,
) -> Linked:
    """Link the published records and choose the golden ones; `work` receives both results.

    With `base` the records are added to an opened base, those of the sources `resent` in place of all they told before.
    `namesakes`: two may be joined on a rare name alone; a base keeps to what it was made with. With `keep` the result
    holds what the next run needs as its base.
    """
    params: dict[str, Any] = {"schema": "person-zh", "memory": memory, "keep": keep, "namesakes": namesakes}
    if base is not None:
        params = {"memory": memory, "keep": keep, "base": str(base), "resent": sorted(resent)}
    try:
        linked = run("link", snapshot, params, out=work / "linked")
    except Exception as fault:
        if base is None:
            raise
        # whatever keeps a batch from being added, all records are there to be linked anew; what is wrong with them
        # shows then
        raise BaseUnusable(
            fault.problems[0].code if isinstance(fault, Refused) else type(fault).__name__
        ) from fault
    chosen_in = work / "chosen-in"
    publish(
        chosen_in,
        {
            "records": _beside(chosen_in, linked.path("records")),
            "households": _beside(chosen_in, linked.path("households")),
            "links": _beside(chosen_in, linked.path("links")),
            "lineage": _beside(chosen_in, snapshot / "lineage.parquet"),
            "authority": _beside(chosen_in, snapshot / "authority.parquet"),
        },
        purpose=PURPOSE,
        privacy="personal",
        made_by="linkage",
    )
    choosing: dict[str, Any] = {"memory": memory, "keep": keep}
    if base is not None:
        choosing["base"] = str(base)
    golden = run("golden", chosen_in, choosing, out=work / "golden")
    return Linked(
        golden=golden.path("golden"),
        members=golden.path("members"),
        clusters=linked.path("clusters"),
        facts={**linked.facts, "golden": golden.facts},
        grounds={
            "review": linked.path("review"), "doubts": golden.path("doubts"), "sources": golden.path("sources"),
            "copies": golden.path("copies"), "links": linked.path("links"),
        },
        flags=linked.path("flags"),
        base=_gather(work / "base-next", work, snapshot, base) if keep else None,
    )  # fmt: skip


def _gather(folder: Path, work: Path, snapshot: Path, base: Path | None) -> Path:
    """What the next run needs, in one folder: the engine's states, each source's lineage, the decisions told."""
    chosen = [work / "golden" / name for name in KEPT]
    for file in (
        *(work / "linked").glob("base*"),
        *chosen,
        *snapshot.glob("lineage-*.parquet"),
        snapshot / DECISIONS,
    ):
        _beside(folder, file)
    for file in base.glob("lineage-*.parquet") if base else ():
        if not (folder / file.name).exists():
            _beside(folder, file)
    return folder


def _beside(folder: Path, file: Path) -> Path:
    """The same file under the folder of another snapshot, without a second copy of its bytes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / file.name
    target.unlink(missing_ok=True)
    target.hardlink_to(file)
    return target
