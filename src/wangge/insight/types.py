"""What the doors of the insight room take and give. Figures are about tables; no field here is about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.insight.states import AlarmState, Occasion
from wangge.kernel.privacy import open_


@dataclass(frozen=True, slots=True)
class Figure:
    """So many counted, of so many, by a formula; `places` are (sheet, row) of the batch that it opens to."""

    formula: str
    version: int
    item: str
    counted: int
    of: int
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What measuring one source gave. `promised` is false where the monthly rule stands in for a promise."""

    resource: UUID
    batch: UUID
    revision: int
    occasion: Occasion
    as_of_on: date
    cycle_days: int
    promised: bool
    rows: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class NewestBatch:
    """The newest accepted batch of a source, and how often its columns were read anew."""

    resource: UUID
    batch: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class FormulaView:
    """How a figure is counted; `better` is more or less."""

    code: str
    version: int
    better: str
    zh: str
    en: str
    counted: str
    of: str


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at one time."""

    measured_on: date
    counted: int
    of: int

    @property
    def share(self) -> float:
        return self.counted / self.of


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure of a source: its course (oldest first, the last one now) and the figure it is compared with: that of
    the file before, or of the measurement before where there is no other file. `current` is false where the newest
    measurement did not count it (facts are compared by a linkage only)."""

    formula: str
    version: int
    better: str
    trend: tuple[Point, ...]
    before: Point | None
    current: bool

    @property
    def now(self) -> Point:
        return self.trend[-1]

    @property
    def turn(self) -> str:
        """Since the time before: better, worse, same, or first. Of a table's age only what is over its cycle counts."""
        if self.before is None:
            return "first"
        now, before = self.now.share, self.before.share
        if self.formula == "timeliness":
            now, before = max(now, 1.0), max(before, 1.0)
        if abs(now - before) < 0.0005:
            return "same"
        return "better" if (now > before) == (self.better == "more") else "worse"


@dataclass(frozen=True, slots=True)
class ItemView:
    """A figure about one field or reason, in words; `before` is its share at the measurement before."""

    formula: str
    version: int
    item: str
    zh: str
    en: str
    counted: int
    of: int
    before: float | None
    places: tuple[tuple[int, int], ...] = ()

    @property
    def share(self) -> float:
        return self.counted / self.of


@dataclass(frozen=True, slots=True)
class Mend:
    """Something worth mending: how many records it concerns, and what it is worth beside the others."""

    resource: UUID
    code: str
    batch: UUID
    formula: str
    item: str
    zh: str
    en: str
    records: int
    of: int
    worth: float


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """One source: who keeps it, what was measured last, its measures, what changed most, what to mend first."""

    resource: UUID
    code: str
    name_zh: str
    name_en: str
    organisation: UUID
    schema: str
    batch: UUID
    as_of_on: date
    cycle_days: int
    promised: bool
    rows: int
    occasion: Occasion
    measured_at: datetime
    measures: tuple[MeasureView, ...]
    changes: tuple[ItemView, ...]
    mend: tuple[Mend, ...]

    def measure(self, formula: str) -> MeasureView | None:
        return next((m for m in self.measures if m.formula == formula), None)


@dataclass(frozen=True, slots=True)
class AreaToGrade:
    """A division whose colour is asked for. `households`: None where nobody counted them."""

    division: str
    level: str
    name: str
    unit_no: int
    households: int | None


@dataclass(frozen=True, slots=True)
class CaseAt:
    """A case in a division: when, whether infected here, in which cluster; not who."""

    division: str
    began_on: date
    local: bool
    cluster: str


@dataclass(frozen=True, slots=True)
class AreaTierView:
    """The colour of an area on a day, the rule and the facts that gave it, and when it would change by itself.

    Facts are counts as they may be told to everybody (`kernel.disclosure`). `colour` is empty where the area has too
    few households to be told apart: its street's colour counts there.
    """

    division: str
    level: str
    name: str
    unit_no: int
    colour: str
    rule: str
    rule_zh: str
    rule_en: str
    pack: str
    facts: tuple[tuple[str, str], ...]
    changes_on: date | None
    as_of: date
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class TierRuleView:
    """One rule of a pack: the colour it gives, and when, in words."""

    code: str
    colour: str
    rule_zh: str
    rule_en: str


@dataclass(frozen=True, slots=True)
class TierPackView:
    """The rule pack in use, in words."""

    code: str
    source: str
    valid_from: date
    rules: tuple[TierRuleView, ...]


@dataclass(frozen=True, slots=True)
class CountedSeries:
    """Counts by day of one thing in one place; a day that is not named had none. `organisations` must look."""

    series: str
    division: str
    unit_no: int
    days: Mapping[date, int]
    organisations: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm with what was expected, who judged it and why, and which departments have acknowledged it."""

    id: UUID = open_()
    series: str = open_()
    division: str = open_()
    unit_no: int = open_()
    on: date = open_()
    observed: int = open_()
    expected: float = open_()
    upper: float = open_()
    p_value: float | None = open_()
    method: str = open_()
    state: AlarmState = open_()
    raised_at: datetime = open_()
    judged_at: datetime | None = open_()
    judged_by: str = open_()
    reason: str = open_()
    organisations: tuple[UUID, ...] = open_()
    acknowledged: tuple[tuple[UUID, datetime], ...] = open_()


@dataclass(frozen=True, slots=True)
class Overview:
    """All sources of a reader: those measured, by what there is to mend; those not measured yet; what comes first."""

    sources: tuple[SourceQuality, ...]
    unmeasured: tuple[tuple[str, str, str], ...]  # code, name_zh, name_en
    first: tuple[Mend, ...]


@dataclass(frozen=True, slots=True)
class QualityDetail:
    """One source in full: every field and reason, with the rows each figure opens to."""

    source: SourceQuality
    items: tuple[ItemView, ...]
    formulas: tuple[FormulaView, ...]
