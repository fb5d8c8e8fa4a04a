"""The room's port to the engine: rows of the lists of organisations are linked into organisations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from wangge.establishments.rules.choosing import RANKS
from wangge.establishments.states import Field
from wangge.establishments.types import LinkedOrganisation, ListedRecord
from wangge_engine import run
from wangge_engine.frame.snapshots import publish

PURPOSE = "registry_maintenance"
LINKED_BY = ("record_id", "name", "credit_code", "address", "legal_person", "phone", "kind")
_FIELDS = tuple(f.value for f in Field)
_TAKEN = ("record_id", *_FIELDS, "unit_no", "row_no", "recorded_on")


def link_organisations(
    told: Iterable[tuple[str, UUID, date, pl.DataFrame]], work: Path, *, memory: str = "3GB"
) -> list[LinkedOrganisation]:
    """Link rows of business, tax, licence and property lists (source, batch, date of the list, rows).

    Records of an organisation stand in the order in which they are believed. `work` receives the files of the run.
    """
    parts = [
        frame.select(
            *(
                (pl.col(c) if c in frame.columns else pl.lit(None)).cast(pl.String).replace("", None).alias(c)
                for c in _TAKEN
            ),
            source=pl.lit(source),
            batch=pl.lit(str(batch)),
            listed=pl.lit(as_of.isoformat()),
        )
        for source, batch, as_of, frame in told
        if frame.height
    ]
    if not parts:
        return []
    rows = pl.concat(parts).with_columns(
        pl.col("record_id").fill_null("row-" + pl.col("row_no")),
        as_of=pl.coalesce("recorded_on", "listed"),
    )
    copy = pl.int_range(pl.len()).over("source", "record_id")
    rows = rows.with_columns(
        pl.when(copy > 0)
        .then(pl.format("{}#{}", "record_id", copy + 1))
        .otherwise("record_id")
        .alias("record_id")
    )
    records = rows.select("source", *LINKED_BY).to_arrow()
    publish(work / "in", {"records": records}, purpose=PURPOSE, privacy="personal", made_by="establishments")
    linked = run("link", work / "in", {"schema": "organisation", "memory": memory}, out=work / "linked")
    read = pl.read_parquet(linked.path("records"), columns=["source", "record_id", "entity_id", "code_ok"])
    rank = pl.col("source").replace_strict(RANKS, default=0, return_dtype=pl.Int64)
    ordered = rows.join(read, on=["source", "record_id"]).sort(
        "entity_id", pl.col("code_ok").is_null(), -rank, "as_of", "source", "record_id",
        descending=[False, False, False, True, False, False],
    )  # fmt: skip
    return [
        _organisation(group.rows(named=True))
        for group in ordered.partition_by("entity_id", maintain_order=True)
    ]


def _organisation(rows: list[dict[str, Any]]) -> LinkedOrganisation:
    code = next((r["code_ok"] for r in rows if r["code_ok"]), "")
    alone = {f"{r['source']}/{r['record_id']}" for r in rows}
    codes = {r["credit_code"].upper() for r in rows if r["credit_code"]}
    key = code or min(alone)
    return LinkedOrganisation(
        key=key,
        code=code,
        unit_no=next((int(r["unit_no"]) for r in rows if r["unit_no"]), None),
        records=tuple(
            ListedRecord(
                source=r["source"],
                record_id=r["record_id"],
                batch=UUID(r["batch"]),
                row_no=int(r["row_no"]) if r["row_no"] else None,
                as_of_on=date.fromisoformat(r["as_of"]) if r["as_of"] else None,
                told={f: r[f] for f in _FIELDS if r[f]},
            )
            for r in rows
        ),
        other_keys=tuple(sorted({*alone, *codes} - {key})),
    )
