"""From accepted batches to one register: publish, link, choose, take in, put buildings on the map."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from wangge.access.actions import enter_system
from wangge.establishments.actions import import_organisations
from wangge.establishments.analysis import link_organisations
from wangge.kernel.units import interval_of
from wangge.linkage.actions import import_grounds
from wangge.linkage.analysis import Publication, link
from wangge.registry import actions as registry
from wangge.registry import queries as registry_reads
from wangge.registry.types import ImportReport
from wangge.sources.queries import latest_accepted
from wangge.territory.actions import import_buildings
from wangge.territory.states import BuildingKind
from wangge.territory.types import BuildingRow

PURPOSE = "registry_maintenance"
Stage = Callable[[str], Any]


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


def relink(district: str, work: Path, *, memory: str = "3GB") -> Relinked:
    """Link all accepted person rows anew, obeying what people decided, and take the result in.

    `work` is a folder for this run alone. It holds personal data while the engine runs; the caller removes it with
    `forget` when it needs the clusters no more.
    """
    access = enter_system(name="linkage", purpose=PURPOSE)
    publication = Publication(work / "in")
    owners: dict[str, UUID] = {}
    for accepted in latest_accepted(access, schema="person"):
        owners[source_of(accepted.resource_code)] = accepted.organisation
        for frame in accepted.frames():
            publication.add_frame(
                frame, source=source_of(accepted.resource_code), batch=accepted.batch, as_of=accepted.as_of_on
            )
    rows = publication.rows
    anchors = registry_reads.anchors(access, persons=tuple({person for _, _, person in publication.about}))
    snapshot = publication.finish(registry_reads.decisions(access), anchors)
    linked = link(snapshot, work, memory=memory)
    report = registry.import_linkage(
        access, golden=linked.golden, members=linked.members, unlocated=interval_of(district).lo
    )
    registry.import_worth(access, sources=linked.grounds["sources"], copies=linked.grounds["copies"])
    import_grounds(access, grounds=linked.grounds, owners=owners)
    return Relinked(rows, report, linked.clusters, linked.facts, linked.golden, linked.members, linked.flags)


def forget(work: Path) -> None:
    """Remove the files of a run."""
    shutil.rmtree(work, ignore_errors=True)
