"""What leaves the room: frozen values, all of them open; no person stands in this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt

from wangge.kernel.units import Interval
from wangge.territory.states import (
    BuildingKind,
    Datum,
    DefectKind,
    GridKind,
    GridSubkind,
    ImportState,
    Level,
    Precision,
    Severity,
)


@dataclass(frozen=True, slots=True)
class DivisionView:
    """A division as it held on the day asked for. `valid_to` is the first day it held no more."""

    code: str
    level: Level
    name: str
    parent: str
    scope: Interval
    valid_from: date
    valid_to: date | None
    source: str
    has_border: bool


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division to be taken in: code of 2 to 12 digits and the name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DivisionImport:
    """What an import of divisions changed."""

    added: int
    renamed: int
    ended: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class GridView:
    """A grid as one of its versions. Sizes in m2, degrees WGS-84."""

    unit_no: int
    code: str
    name: str
    kind: GridKind
    subkind: GridSubkind
    community: str
    community_name: str
    street_name: str
    households: int | None
    area_m2: float
    bounds: tuple[float, float, float, float]
    valid_from: date
    valid_to: date | None
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridGround:
    """A standing grid with its exact outline (WKB, WGS-84)."""

    code: str
    name: str
    kind: GridKind
    subkind: GridSubkind
    households: int | None
    shape: bytes


@dataclass(frozen=True, slots=True)
class CommunityGround:
    """A community's ground. `highest`: the largest number any of its grids ever had; `stamp` changes with its grids."""

    code: str
    name: str
    border: bytes | None
    grids: tuple[GridGround, ...]
    highest: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point or an address lies on a day, as finely as could be told (`precision`).

    `unit_no` is the grid's; with precision community or street it is that division's lowest number, and the
    grid fields are empty. `estate` and `building_no` are set when an address led to a known building.
    """

    precision: Precision
    unit_no: int
    grid_code: str
    grid_name: str
    grid_kind: GridKind | None
    community: str
    community_name: str
    street: str
    street_name: str
    estate: str
    building_no: str
    lon: float | None
    lat: float | None
    on: date


@dataclass(frozen=True, slots=True, eq=False)
class PointUnits:
    """Unit numbers for many points, in order; 0 where no grid was in force. `stamp` names the state of the map."""

    unit_nos: npt.NDArray[np.int64]
    on: date
    stamp: str


@dataclass(frozen=True, slots=True, eq=False)
class AddressUnits:
    """Unit numbers for many addresses, in order, and how finely each was told."""

    unit_nos: npt.NDArray[np.int64]
    precisions: tuple[Precision, ...]
    on: date
    stamp: str


@dataclass(frozen=True, slots=True)
class DefectView:
    """One defect of an import: kind, grids, rows of the file, place in degrees, size in m2, width in m."""

    kind: DefectKind
    severity: Severity
    codes: tuple[str, ...]
    rows: tuple[int, ...]
    lon: float | None
    lat: float | None
    area_m2: float
    width_m: float | None
    mended: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `defects` holds the first of them, blocking first; `defect_counts` all by kind.

    counts: rows, added, changed, unchanged, ended, mended, buildings_moved. `held`: the file of a check waits to be
    taken in or discarded.
    """

    id: UUID
    at: datetime
    file_name: str
    state: ImportState
    declared_datum: Datum
    crs: str
    scheme: str
    valid_from: date
    counts: dict[str, int]
    covered_m2: float
    notes: tuple[tuple[str, str], ...]
    blocking: int
    warnings: int
    defect_counts: dict[str, int]
    defects: tuple[DefectView, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class GeoFile:
    """A file made for taking away; it leaves the house through release."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class MapLayer:
    """GeoJSON for the map. `etag` changes when what is shown changes; `simplified_m` is the tolerance used.

    `shown` is less than `count` when the size limit cut the layer; the map should then ask for less ground.
    """

    body: bytes
    etag: str
    shown: int
    count: int
    simplified_m: float


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building to be taken in. `record_ref` names source and record; degrees are of the declared datum."""

    record_ref: str
    estate: str = ""
    building_no: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    households: int | None = None
    kind: BuildingKind = BuildingKind.RESIDENTIAL
    community: str = ""


@dataclass(frozen=True, slots=True)
class BuildingView:
    """A building and the grid it lies in."""

    id: UUID
    record_ref: str
    estate: str
    building_no: str
    address: str
    kind: BuildingKind
    lon: float | None
    lat: float | None
    households: int | None
    unit_no: int


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be taken as it was. `row` counts from 1 in the order given."""

    row: int
    record_ref: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class BuildingImport:
    """What an import of buildings did. Rows without usable coordinates are kept, located by their address only."""

    added: int
    changed: int
    unchanged: int
    located: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BuildingKeys:
    """Address keys (place|building) of all buildings in scope with their grids, for joining in bulk."""

    keys: tuple[str, ...]
    unit_nos: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GridChange:
    """New values for one grid from a day on; None keeps what stands."""

    name: str | None = None
    households: int | None = None
    kind: GridKind | None = None
    subkind: GridSubkind | None = None
