"""What leaves the room; all of it open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.landscape.states import BarrierKind


@dataclass(frozen=True, slots=True)
class BarrierLine:
    """A line that parts the ground. ``shape`` is WKB in WGS-84."""

    kind: BarrierKind
    name: str
    shape: bytes


@dataclass(frozen=True, slots=True)
class BarrierFileRow:
    """A file of lines that is held. ``metres``: all its lines together; ``left_out``: rows that are no line."""

    id: UUID
    name: str
    division: str
    lines: int
    metres: float
    left_out: int
    at: datetime
    actor: str
    kinds: tuple[tuple[BarrierKind, int], ...]

    @property
    def km(self) -> float:
        """Its lines together, in kilometres."""
        return self.metres / 1000.0


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A fixture to be taken in. ``record_ref`` names list and record; degrees are of the declared datum."""

    record_ref: str
    category: str = ""
    kind: str = ""
    owner: str = ""
    keeper: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    condition: str = ""
    recorded_on: date | None = None


@dataclass(frozen=True, slots=True)
class AssetImport:
    """What an import of fixtures did; ``located`` lie in a grid, ``misplaced`` had coordinates that cannot be."""

    added: int
    changed: int
    unchanged: int
    gone: int
    located: int
    misplaced: int


@dataclass(frozen=True, slots=True)
class AssetView:
    """A fixture and the grid it stands in. ``source``: the list that told of it."""

    id: UUID
    source: str
    record: str
    category: str
    kind: str
    owner: str
    keeper: str
    address: str
    lon: float | None
    lat: float | None
    condition: str
    recorded_on: date | None
    unit_no: int


@dataclass(frozen=True, slots=True)
class AssetKind:
    """A kind of fixture and how many stand in the reader's territory."""

    kind: str
    count: int
    unplaced: int
