"""The room's port to the engine: publish what sources told, have it linked and the golden records chosen.

Snapshots hold personal data in plain text while the engine runs; they stand in a folder that only this account can
enter, and are removed when the result has been taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from wangge.registry.rules.survivorship import authority
from wangge.registry.states import Verdict
from wangge.registry.types import Decision, OrganisationFacts
from wangge_engine import run
from wangge_engine.columns import load_schema
from wangge_engine.frame.snapshots import publish
from wangge_engine.golden.parameters import RIVALS

RECORD_FIELDS = (
    "record_id", "source", "name", "id_no", "sex", "birth", "phone", "address", "hukou_address", "household_ref",
    "relation",
)  # fmt: skip
LINEAGE_FIELDS = ("source", "record_id", "batch", "sheet", "row_no", "as_of", "told", "facts", "verified")
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
    grounds: Mapping[str, Path]  # review, doubts, sources, copies
    flags: Path  # what linkage found odd about a record


class Publication:
    """Writes the snapshot that linkage reads, part by part, so that no more than one part is in memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._records = pq.ParquetWriter(folder / "records.parquet", _RECORDS, compression="zstd")
        self._lineage = pq.ParquetWriter(folder / "lineage.parquet", _LINEAGE, compression="zstd")
        self.rows = 0
        self.about: list[
            tuple[str, str, UUID]
        ] = []  # corrections: source, record id, the person they are about

    def add_frame(self, frame: pl.DataFrame, *, source: str, batch: UUID, as_of: date) -> None:
        """Add accepted rows of a source as the room `sources` gives them, with their place and what they told."""
        if not frame.height:
            return
        self.add(_told(frame, source, batch, as_of).to_arrow())
        named = frame.filter(pl.col("person_ref").is_not_null() & (pl.col("person_ref") != ""))
        self.about.extend(
            (source, record, UUID(person))
            for record, person in named.select("record_id", "person_ref").iter_rows()
        )

    def add(self, part: pa.Table) -> None:
        """Add rows with the columns of RECORD_FIELDS and LINEAGE_FIELDS; missing ones are taken as empty."""
        self._records.write_table(_fitted(part, _RECORDS))
        self._lineage.write_table(_fitted(part, _LINEAGE))
        self.rows += part.num_rows

    def finish(
        self, decisions: Iterable[Decision] = (), anchors: Mapping[UUID, tuple[str, str]] | None = None
    ) -> Path:
        """Close the files and write the manifest; gives the snapshot's folder.

        `anchors` ties each correction to a record of the person it is about.
        """
        self._records.close()
        self._lineage.close()
        told = [
            (f"{d.source_a}/{d.record_a}", f"{d.source_b}/{d.record_b}", d.verdict, d.decided_by)
            for d in standing(decisions)
        ]
        apart = {frozenset((a, b)) for a, b, verdict, _ in told if verdict == Verdict.DIFFERENT}
        for source, record, person in self.about:
            if anchors and person in anchors and anchors[person] != (source, record):
                if frozenset((f"{source}/{record}", "/".join(anchors[person]))) in apart:
                    continue  # a person has since said that it belongs to somebody else
                told.append((f"{source}/{record}", "/".join(anchors[person]), Verdict.SAME, "visit"))
        tables: dict[str, pa.Table | Path] = {
            "records": self._folder / "records.parquet",
            "lineage": self._folder / "lineage.parquet",
            "authority": _authority(),
        }
        if told:
            columns = ("record_a", "record_b", "decision", "by")
            tables["decisions"] = pa.table(
                dict(zip(columns, map(list, zip(*told, strict=True)), strict=True))
            )
        publish(self._folder, tables, purpose=PURPOSE, privacy="personal", made_by="registry")
        return self._folder


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Of all decisions in the order they were made, the last about each pair; what was withdrawn is none."""
    last = {(d.source_a, d.record_a, d.source_b, d.record_b): d for d in decisions}
    return [d for d in last.values() if d.verdict != Verdict.WITHDRAWN]


TOLD = ("name", "id_no", "birth", "sex", "phone", "address")
# Further facts about a person; each keeps the newest telling.
FACTS = (
    "lives_alone", "disability", "chronic_illness", "pregnant", "employer_code", "employer", "education_stage",
    "school", "boards", "left_behind", "residence_kind", "tenure",
)  # fmt: skip
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


def link(snapshot: Path, work: Path, *, memory: str = "3GB") -> Linked:
    """Link the published records and choose the golden ones; `work` receives both results."""
    linked = run("link", snapshot, {"schema": "person-zh", "memory": memory}, out=work / "linked")
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
        made_by="registry",
    )
    golden = run("golden", chosen_in, {"memory": memory}, out=work / "golden")
    return Linked(
        golden=golden.path("golden"),
        members=golden.path("members"),
        clusters=linked.path("clusters"),
        facts={**linked.facts, "golden": golden.facts},
        grounds={
            "review": linked.path("review"), "doubts": golden.path("doubts"), "sources": golden.path("sources"),
            "copies": golden.path("copies"),
        },
        flags=linked.path("flags"),
    )  # fmt: skip


def _beside(folder: Path, file: Path) -> Path:
    """The same file under the folder of another snapshot, without a second copy of its bytes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / file.name
    target.unlink(missing_ok=True)
    target.hardlink_to(file)
    return target


ORGANISATION_FIELDS = ("record_id", "name", "credit_code", "address", "legal_person", "phone", "kind")
_TOLD_OF_ORGANISATION = (*ORGANISATION_FIELDS, "unit_no", "row_no")


def link_organisations(
    told: Iterable[tuple[str, UUID, date, pl.DataFrame]], work: Path, *, memory: str = "3GB"
) -> list[OrganisationFacts]:
    """Link rows of business, tax, licence and property lists (source, batch, date of the list, rows).

    Each field of an organisation is the first that is told: by the record with a valid code, then by the source that
    registers organisations, then by the newest list. `work` receives the files of the run.
    """
    parts = [
        frame.select(
            *(
                (pl.col(c) if c in frame.columns else pl.lit(None)).cast(pl.String).replace("", None).alias(c)
                for c in _TOLD_OF_ORGANISATION
            ),
            source=pl.lit(source),
            batch=pl.lit(str(batch)),
            as_of=pl.lit(as_of),
        )
        for source, batch, as_of, frame in told
        if frame.height
    ]
    if not parts:
        return []
    rows = pl.concat(parts).with_columns(pl.col("record_id").fill_null("row-" + pl.col("row_no")))
    copy = pl.int_range(pl.len()).over("source", "record_id")
    rows = rows.with_columns(
        pl.when(copy > 0)
        .then(pl.format("{}#{}", "record_id", copy + 1))
        .otherwise("record_id")
        .alias("record_id")
    )
    records = rows.select("source", *ORGANISATION_FIELDS).to_arrow()
    publish(work / "in", {"records": records}, purpose=PURPOSE, privacy="personal", made_by="registry")
    linked = run("link", work / "in", {"schema": "organisation", "memory": memory}, out=work / "linked")
    read = pl.read_parquet(linked.path("records"), columns=["source", "record_id", "entity_id", "code_ok"])
    ranks = {source: rank for (field, source), rank in authority().items() if field == "organisation"}
    rank = pl.col("source").replace_strict(ranks, default=0, return_dtype=pl.Int64)
    ordered = rows.join(read, on=["source", "record_id"]).sort(
        pl.col("code_ok").is_null(),
        -rank,
        "as_of",
        "source",
        "record_id",
        descending=[False, False, True, False, False],
    )
    first = ("name", "credit_code", "kind", "address", "legal_person", "phone", "unit_no", "code_ok")
    merged = ordered.group_by("entity_id", maintain_order=True).agg(
        *(pl.col(c).drop_nulls().first() for c in first),
        *(pl.col(c).first() for c in ("source", "batch", "row_no")),
        smallest=pl.concat_str("source", pl.lit("/"), "record_id").min(),
        alone=pl.concat_str("source", pl.lit("/"), "record_id"),
        codes=pl.col("credit_code").drop_nulls().str.to_uppercase().unique(),
    )
    return [_organisation(row) for row in merged.iter_rows(named=True)]


def _organisation(row: dict[str, Any]) -> OrganisationFacts:
    key = row["code_ok"] or row["smallest"]
    return OrganisationFacts(
        key=key,
        name=row["name"] or "",
        credit_code=row["code_ok"] or (row["credit_code"] or "").strip().upper(),
        kind=row["kind"] or "",
        address=row["address"] or "",
        legal_person=row["legal_person"] or "",
        phone=row["phone"] or "",
        source=row["source"],
        batch=UUID(row["batch"]),
        row_no=int(row["row_no"]) if row["row_no"] else None,
        unit_no=int(row["unit_no"]) if row["unit_no"] else None,
        other_keys=tuple(sorted({*row["alone"], *row["codes"]} - {key})),
    )


__all__ = [
    "FACTS",
    "RIVALS",
    "Linked",
    "Publication",
    "link",
    "link_organisations",
    "load_schema",
    "standing",
]
