"""What leaves planning; all of it is open ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.planning.states import Approach, PairFate, PlanState, PlotKind, StepVerb
from wangge.territory.states import Datum


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list. ``communities`` of which ``drawn`` are done; ``within``: grids inside the tolerance."""

    id: UUID
    under: str
    approach: Approach
    state: PlanState
    asked_at: datetime
    asked_by: str
    communities: int
    drawn: int
    grids: int
    within: int
    valid_from: date | None


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a plan is like. ``grids`` are those divided (residential); households as counted on buildings.

    ``least_outside``: no plan of this ground has fewer grids outside the tolerance. ``moved``: households whose grid
    has another code than before, of ``settled`` that had one. ``unplaced``: households of buildings without a place.
    """

    grids: int
    within: int
    bearable: int
    households: int
    exclusive: int
    least_outside: int
    moved: int
    settled: int
    new_codes: tuple[str, ...]
    retired_codes: tuple[str, ...]
    estates_cut: int
    in_pieces: int
    compactness: float | None
    unplaced: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its figures. ``seconds_left`` is a guess from the communities drawn so far."""

    id: UUID
    under: str
    approach: Approach
    target: float
    tolerance: float
    state: PlanState
    asked_at: datetime
    asked_by: str
    began_at: datetime | None
    progress_at: datetime | None
    ended_at: datetime | None
    communities: int
    drawn: int
    seconds_left: float | None
    stands_still: bool
    fault: str
    faults: tuple[tuple[str, str, str], ...]
    valid_from: date | None
    settled_at: datetime | None
    settled_by: str
    grid_import: UUID | None
    bounds: tuple[float, float, float, float] | None
    figures: PlanFigures
    undo: StepRow | None


@dataclass(frozen=True, slots=True)
class PlanGridRow:
    """A grid of a plan. ``deviation`` is a share of the target, None where the grid is not divided."""

    code: str
    name: str
    community: str
    community_name: str
    kind: PlotKind
    standing: bool
    households: int
    deviation: float | None
    within: bool
    pieces: int
    compactness: float | None
    estates_cut: int
    why: str
    locked: bool
    lon: float
    lat: float
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A building in a plan. ``options``: grids beside it that it could be moved to."""

    id: int
    name: str
    estate: str
    kind: PlotKind
    households: int
    before: str
    code: str
    pinned: bool
    lon: float
    lat: float
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing a person did to a plan; ``plots`` changed their grid by it, with ``households``."""

    id: int
    at: datetime
    actor: str
    verb: StepVerb
    plot: str
    code: str
    plots: int
    households: int
    undone: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """Households that would go from one grid to another, and the buildings they live in."""

    before: str
    after: str
    households: int
    buildings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlotMove:
    """A building that would follow a move made by hand."""

    plot: int
    name: str
    households: int
    before: str
    after: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class GridAfter:
    """A grid that a move would change: households before and after; ``deviation`` after, None for one that ends."""

    code: str
    before: int
    after: int
    deviation: float | None
    within: bool


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """One thing a move can lead to. ``households`` change their grid besides those moved by hand."""

    households: int
    moves: tuple[PlotMove, ...]
    grids: tuple[GridAfter, ...]
    outside: int


@dataclass(frozen=True, slots=True)
class MoveChoices:
    """A building alone, or with what must follow. ``balanced`` is None where nothing need follow, or nothing helps.

    ``seen`` is handed back to `move_plot`, which refuses where the plan has changed since.
    """

    plot: int
    name: str
    households: int
    source: str
    to: str
    seen: int
    alone: MoveChoice
    balanced: MoveChoice | None

    @property
    def harmless(self) -> bool:
        """Whether the building alone leaves every grid it touches within the tolerance."""
        return self.alone.outside == 0


@dataclass(frozen=True, slots=True)
class PlanHeir:
    """A code that a plan ends, and the grid that keeps most of its households: ``kept`` of ``households``."""

    code: str
    heir: str
    kept: int
    households: int


@dataclass(frozen=True, slots=True)
class NetGiven:
    """A net as somebody hands it in: a file of polygons with a code each."""

    file_name: str
    body: bytes
    datum: Datum = Datum.WGS84


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """Two nets that were compared. ``unit``: what ``moves`` and ``stays`` count, households or m2."""

    id: UUID
    under: str
    name_a: str
    name_b: str
    standing: bool
    at: datetime
    actor: str
    unit: str
    moves: float
    stays: float
    grids_a: int
    grids_b: int

    @property
    def share(self) -> float:
        """What would have to move, of all."""
        whole = self.moves + self.stays
        return self.moves / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A comparison with how the grids of each net stand to the other, and what is wrong inside each.

    ``pieces``: how many pieces of ground would move; ``only_a_m2``, ``only_b_m2``: ground that one net alone covers.
    ``left_out``: rows of each file that are no grid.
    """

    row: ComparisonRow
    basis: str
    bounds: tuple[float, float, float, float]
    relations_a: dict[str, int]
    relations_b: dict[str, int]
    defects_a: dict[str, int]
    defects_b: dict[str, int]
    left_out_a: int
    left_out_b: int
    pieces: int
    only_a_m2: float
    only_b_m2: float


@dataclass(frozen=True, slots=True)
class PairRow:
    """Ground that lies in one grid of each net. To be one it goes to ``to_a`` in the first net (empty: a new grid)."""

    id: int
    a: str
    b: str
    area_m2: float
    share_a: float | None
    share_b: float | None
    households: float | None
    fate: PairFate
    to_a: str
    to_b: str
    weight: float
    lon: float
    lat: float
