"""Where a department's rows become a file: record ids, bad rows planted at random places, truth and manifest entries."""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from demo.habits import HABITS, Tally
from demo.records import Drafter
from demo.sheets import NUMBER, Sheet, plain
from demo.world import World

ROWS_PER_FILE = 150_000
BAD_SHARE = 0.0012


@dataclass(frozen=True)
class WrittenFile:
    """One file of the district; `rows` counts good and bad data rows, `bad_rows` must be quarantined."""

    path: str
    department: str
    kind: str
    rows: int
    bad_rows: int
    encoding: str
    note: str = ""


@dataclass(frozen=True)
class Layout:
    """What the bad rows of a table spoil: its columns by name, and what an impossible date looks like there."""

    record_id: str
    name: str
    id_no: str | None
    phone: str | None
    address: str | None
    birth: str | None = None
    impossible: tuple[str, ...] = ()


@dataclass
class Register:
    """Collects what is written: truth rows, bad rows, manifest entries, error counts."""

    world: World
    out: Path
    harsh: bool = False
    tally: Tally = field(default_factory=Tally)
    truth: list[pl.DataFrame] = field(default_factory=list)
    bad: list[tuple[str, str | None, int, str | None, str]] = field(default_factory=list)
    entries: list[WrittenFile] = field(default_factory=list)

    def drafter(self, department: str) -> Drafter:
        """Draws the records of one department."""
        habits = HABITS[department].harsher() if self.harsh else HABITS[department]
        return Drafter(self.world.population, self.world.rng("records", department), habits, self.tally)

    def path(self, name: str) -> Path:
        """A file of a department."""
        return self.out / "departments" / name

    def add_entry(
        self,
        path: Path,
        department: str,
        kind: str,
        rows: int,
        bad_rows: int = 0,
        encoding: str = "",
        note: str = "",
    ) -> None:
        """List a file in the manifest."""
        where = path.relative_to(self.out).as_posix()
        self.entries.append(WrittenFile(where, department, kind, rows, bad_rows, encoding, note))


@dataclass
class Ledger:
    """The record ids of one department, counted over all its files and sheets."""

    register: Register
    department: str
    pattern: str
    numbers: bool = False
    given: int = 0

    def compose(
        self,
        table: pl.DataFrame,
        person: pl.Series,
        layout: Layout,
        path: Path,
        sheet: str,
        head: int,
        *,
        tests: bool = True,
    ) -> tuple[pl.DataFrame, int]:
        """Give rows their ids, plant bad rows, note the truth; returns the table as written and how many are bad.

        `table` has all columns of the file in order, among them an empty `layout.record_id`; `head`: rows above.
        """
        world = self.register.world
        rng = world.rng("bad rows", self.department, sheet, path.name)
        kinds = ["no_name_no_id"]
        if layout.birth:
            kinds.append("impossible_date")
        kinds += ["shifted_row", *(["test_row"] if tests else [])]
        each = max(1, math.ceil(BAD_SHARE * len(table)))
        good = len(table)
        source = rng.integers(0, good, each * len(kinds))
        reason = pl.Series([""] * good + [k for k in kinds for _ in range(each)])
        whole = pl.concat([table, table[pl.Series(source)]])
        place = np.concatenate([np.arange(good) + 0.5, rng.uniform(0, good, len(source))])
        order = np.argsort(place, kind="stable")
        whole, reason = whole[pl.Series(order)], reason.gather(pl.Series(order))
        person = pl.concat([person.cast(pl.Int64), pl.Series([-1] * len(source), dtype=pl.Int64)])
        person = person.gather(pl.Series(order))
        ids = self._next_ids(len(whole))
        whole = whole.with_columns(
            pl.Series(layout.record_id, ids) if not self.numbers else (NUMBER + ids).alias(layout.record_id)
        )
        bad_rows = np.flatnonzero(reason.to_numpy() != "")
        whole = self._spoil(whole, bad_rows, reason, layout, rng)
        name = path.relative_to(self.register.out).as_posix()
        for i in bad_rows.tolist():
            self.register.bad.append((name, sheet or None, head + 1 + i, ids[i], reason[i]))
        kept = pl.DataFrame({"record_id": ids, "person": person}).filter(pl.col("person") >= 0)
        entity = world.persons["entity_id"].gather(kept["person"])
        self.register.truth.append(
            kept.select("record_id", pl.lit(self.department).alias("source"), entity.alias("entity_id"))
        )
        return whole, len(bad_rows)

    def _next_ids(self, count: int) -> pl.Series:
        start, width = self.given + 1, int(self.pattern[-1])
        self.given += count
        numbers = pl.int_range(start, start + count, eager=True).cast(pl.String).str.zfill(width)
        return pl.select(pl.lit(self.pattern[:-1]) + pl.lit(numbers))[:, 0]

    @staticmethod
    def _spoil(
        whole: pl.DataFrame, bad_rows: np.ndarray, reason: pl.Series, layout: Layout, rng: np.random.Generator
    ) -> pl.DataFrame:
        columns = whole.columns
        fixed: list[dict[str, str | None]] = []
        for row, why in zip(
            whole[pl.Series(bad_rows)].rows(named=True), reason.gather(pl.Series(bad_rows)), strict=True
        ):
            if why == "no_name_no_id":
                for column in (layout.name, layout.id_no or layout.phone):
                    if column:
                        row[column] = None
            elif why == "impossible_date" and layout.birth:
                row[layout.birth] = layout.impossible[int(rng.integers(0, len(layout.impossible)))]
            elif why == "shifted_row":
                row = dict(zip(columns, [None, *[row[c] for c in columns[:-1]]], strict=True))
            else:
                row[layout.name] = ("测试", "张三", "test", "测试用户1")[int(rng.integers(0, 4))]
                if layout.id_no:
                    row[layout.id_no] = (None, "111111111111111111", "123456789012345678")[
                        int(rng.integers(0, 3))
                    ]
                if layout.phone:
                    row[layout.phone] = "13800000000"
                if layout.address:
                    row[layout.address] = "测试"
            fixed.append(row)
        if not fixed:
            return whole
        patch = pl.DataFrame(fixed, schema=dict.fromkeys(columns, pl.String))
        return whole.with_columns(whole[c].scatter(bad_rows, patch[c]) for c in columns)


def in_parts(length: int, rows: int = ROWS_PER_FILE) -> list[tuple[int, int]]:
    """Offsets and lengths of the parts a long table is split into."""
    parts = max(1, math.ceil(length / rows))
    size = math.ceil(length / parts)
    return [(i * size, min(size, length - i * size)) for i in range(parts)]


def part_name(stem: str, suffix: str, part: int, parts: int) -> str:
    """公安_户籍人口.xlsx, or 公安_户籍人口_2.xlsx where there are several."""
    return f"{stem}{suffix}" if parts == 1 else f"{stem}_{part + 1}{suffix}"


__all__ = ["Layout", "Ledger", "Register", "Sheet", "in_parts", "part_name", "plain"]
