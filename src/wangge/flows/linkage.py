"""From accepted batches to one register: publish, link, choose, take in, put buildings on the map."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wangge.access.actions import enter_system
from wangge.establishments.actions import import_organisations
from wangge.establishments.analysis import link_organisations
from wangge.kernel.units import interval_of
from wangge.landscape.actions import import_assets
from wangge.landscape.types import AssetRow
from wangge.linkage.actions import import_grounds, keep_base
from wangge.linkage.analysis import BaseUnusable, Publication, link
from wangge.linkage.queries import open_base
from wangge.linkage.states import WhyAnew
from wangge.linkage.types import OpenedBase
from wangge.registry import actions as registry
from wangge.registry import queries as registry_reads
from wangge.registry.types import ImportReport
from wangge.sources.queries import latest_accepted
from wangge.sources.types import AcceptedRows
from wangge.territory.actions import import_buildings
from wangge.territory.states import BuildingKind
from wangge.territory.types import BuildingRow

PURPOSE = "registry_maintenance"
log = logging.getLogger(__name__)
Stage = Callable[[str], Any]
Batches = dict[str, list[list[object]]]  # of each source: the batches it told, with their revision


@dataclass(frozen=True, slots=True)
class Relinked:
    """What a run of linkage made: rows read, the import's report, and its tables until `work` is removed."""

    rows: int
    report: ImportReport
    clusters: Path
    linked: dict[str, Any]
    golden: Path
    members: Path
    flags: Path
    added: bool = False  # to what stood, not linked anew
    why_anew: str = ""  # of `WhyAnew`, where nothing was added
    fault: str = ""  # what kept the engine from adding


def source_of(resource_code: str) -> str:
    """The department's code of a resource: large tables come in several files, `housing`, `housing__2`."""
    return resource_code.partition("__")[0]


def place_buildings(district: str) -> int:
    """Put the buildings of the newest building lists on the map; returns how many rows they had."""
    access = enter_system(name="buildings", purpose=PURPOSE)
    total = 0
    for accepted in latest_accepted(access, schema="building"):
        rows = [
            BuildingRow(
                record_ref=f"{accepted.resource_code}/{row['record_id']}",
                estate=row["estate"] or "",
                building_no=row["building_no"] or "",
                address=row["address"] or "",
                lon=row["lon"],
                lat=row["lat"],
                households=row["households"],
                kind=BuildingKind(row["kind"])
                if row["kind"] in set(BuildingKind)
                else BuildingKind.RESIDENTIAL,
                community=row["community_code"] or "",
            )
            for frame in accepted.frames()
            for row in frame.iter_rows(named=True)
        ]
        import_buildings(access, rows=rows, division=district)
        total += len(rows)
    return total


def place_assets(district: str) -> int:
    """Put the fixtures of the newest lists on the map; returns how many rows they had."""
    access = enter_system(name="fixtures", purpose=PURPOSE)
    total = 0
    for accepted in latest_accepted(access, schema="fixture"):
        rows = [
            AssetRow(
                record_ref=f"{accepted.resource_code}/{row['record_id']}",
                category=row["category"] or "",
                kind=row["kind"] or "",
                owner=row["owner"] or "",
                keeper=row["keeper"] or "",
                address=row["address"] or "",
                lon=row["lon"],
                lat=row["lat"],
                condition=row["status"] or "",
                recorded_on=row["recorded_on"],
            )
            for frame in accepted.frames()
            for row in frame.iter_rows(named=True)
        ]
        import_assets(access, source=accepted.resource_code, rows=rows, division=district)
        total += len(rows)
    return total


def take_in_organisations(district: str, work: Path) -> int:
    """Link the newest lists of organisations and take the result in; returns the number of organisations.

    `work` is a folder for this run alone; it is removed.
    """
    access = enter_system(name="organisations", purpose=PURPOSE)
    told = (
        (source_of(accepted.resource_code), accepted.batch, accepted.as_of_on, frame)
        for accepted in latest_accepted(access, schema="organisation")
        for frame in accepted.frames()
    )
    try:
        rows = link_organisations(told, work)
    finally:
        forget(work)
    return import_organisations(access, rows=rows, unlocated=interval_of(district).lo)


GROWN = 1.5  # times the rows that were last linked whole: then the model is learnt anew


def relink(
    district: str,
    work: Path,
    *,
    memory: str = "3GB",
    anew: bool = False,
    kept_from: str = "",
    namesakes: bool = True,
) -> Relinked:
    """Link the accepted person rows, obeying what people decided, and take the result in.

    What the last run kept is built on: only sources with a new batch are read, and only records that these can touch
    are linked again. Everything is linked `anew` where nothing is kept, a source is gone or the rows have grown by
    half, and where the engine cannot add; the result says which. `kept_from`: what kept the engine, told by the call
    that tried. `namesakes`: two may be joined on a rare name alone. `work` is a folder for this run alone. It holds
    personal data while the engine runs; the caller removes it with `forget` when it needs the clusters no more.
    """
    access = enter_system(name="linkage", purpose=PURPOSE)
    told: dict[str, list[AcceptedRows]] = {}
    for accepted in latest_accepted(access, schema="person"):
        told.setdefault(source_of(accepted.resource_code), []).append(accepted)
    batches: Batches = {source: [[str(a.batch), a.revision] for a in parts] for source, parts in told.items()}
    base = None if anew else open_base(access, into=work / "base")
    rows = sum(a.rows for parts in told.values() for a in parts)
    why = _why_anew(base, batches, rows, namesakes)
    if anew:
        why = WhyAnew.ENGINE if kept_from else WhyAnew.ASKED
    if why:
        base = None
    publication = Publication(work / "in", base.folder if base else None)
    for source, parts in told.items():
        if base is not None and base.told.get(source) == batches[source]:
            publication.keep(source)
            continue
        for part in parts:
            for frame in part.frames():
                publication.add_frame(frame, source=source, batch=part.batch, as_of=part.as_of_on)
    anchors = registry_reads.anchors(access, persons=tuple({person for _, _, person in publication.about}))
    snapshot = publication.finish(registry_reads.decisions(access), anchors)
    resent = sorted(publication.told_now & set(base.told)) if base else []
    try:
        linked = link(
            snapshot, work, memory=memory, keep=True, base=base.folder if base else None, resent=resent,
            namesakes=namesakes,
        )  # fmt: skip
    except BaseUnusable as reason:
        log.warning("nothing could be added to the last linkage (%s): linking anew", reason)
        return relink(
            district, work / "anew", memory=memory, anew=True, kept_from=str(reason), namesakes=namesakes
        )
    report = registry.import_linkage(
        access,
        golden=linked.golden,
        members=linked.members,
        unlocated=interval_of(district).lo,
        told=publication.told_now if base is not None else None,
    )
    registry.import_worth(access, sources=linked.grounds["sources"], copies=linked.grounds["copies"])
    owners = {source: parts[-1].organisation for source, parts in told.items()}
    import_grounds(access, grounds=linked.grounds, owners=owners)
    if linked.base is not None:
        whole = base.rows_whole if base else publication.rows
        keep_base(
            access,
            folder=linked.base,
            told=batches,
            rows=publication.rows,
            rows_whole=whole,
            namesakes=namesakes,
        )
    return Relinked(
        publication.rows, report, linked.clusters, linked.facts, linked.golden, linked.members, linked.flags,
        added=base is not None, why_anew=why, fault=kept_from,
    )  # fmt: skip


def _why_anew(base: OpenedBase | None, batches: Batches, rows: int, namesakes: bool) -> str:
    """Why nothing can be added to what was kept; empty where it can."""
    if base is None:
        return WhyAnew.NOTHING_KEPT
    if base.damaged:
        return WhyAnew.DAMAGED
    if set(base.told) - set(batches):
        return WhyAnew.SOURCE_GONE
    if base.namesakes != namesakes:
        return WhyAnew.SETTING
    return WhyAnew.GROWN if rows > GROWN * base.rows_whole else ""


def forget(work: Path) -> None:
    """Remove the files of a run."""
    shutil.rmtree(work, ignore_errors=True)
