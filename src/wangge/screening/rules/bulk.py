"""Everybody at once: which rules of a pack hold for whom, as columns.

A person's fired rules are the bits of one number, so the whole outcome of a pack for a district is four arrays.
`verdict_at` spells one person's outcome out; it must equal `verdicts.evaluate` of the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.kernel.problems import BadInput
from wangge.screening.rules.catalogue import kinds
from wangge.screening.rules.columns import Array, column, masks, value_at
from wangge.screening.rules.language import Value
from wangge.screening.rules.packs import Pack, Rule
from wangge.screening.rules.verdicts import Verdict, explain, rank


@dataclass(frozen=True, slots=True)
class FactTable:
    """Facts about many people, by column: one position per person.

    `subjects` are the persons' ids as text, `unit_nos` where they live; `columns` hold facts of the catalogue. A fact
    that has no column is missing for everybody. `origins` may give (source, as-of date) for each fact: two columns,
    or two words that hold for all.
    """

    subjects: Sequence[str]
    unit_nos: NDArray[np.int64]
    columns: Mapping[str, Array]
    origins: Mapping[str, tuple[Sequence[str] | str, Sequence[str] | str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.subjects)

    def facts_at(self, i: int) -> dict[str, Value | None]:
        """All facts of the person at position `i`."""
        return {name: value_at(array, i) for name, array in self.columns.items()}

    def origins_at(self, i: int, names: Sequence[str] | None = None) -> dict[str, tuple[str, str]]:
        """Source and as-of date of the facts of the person at position `i` (of `names` only, where given)."""
        wanted = self.origins if names is None else [name for name in names if name in self.origins]
        return {name: (_pick(self.origins[name][0], i), _pick(self.origins[name][1], i)) for name in wanted}


def _pick(values: Sequence[str] | str, i: int) -> str:
    return values if isinstance(values, str) else str(values[i])


def fact_table(
    *,
    subjects: Sequence[Any],
    unit_nos: Sequence[int] | NDArray[np.int64],
    facts: Mapping[str, Any],
    origins: Mapping[str, tuple[Sequence[str] | str, Sequence[str] | str]] | None = None,
) -> FactTable:
    """A table from lists, arrays or series with None for missing.

    Raises BadInput for a fact outside the catalogue, a value of the wrong kind, or columns of unequal length.
    """
    known = kinds()
    strange = next((name for name in (*facts, *(origins or {})) if name not in known), None)
    if strange is not None:
        raise BadInput(
            code="fact_unknown",
            zh=f"事实“{strange}”不在事实目录中，不得用于筛查。",
            en=f'The fact "{strange}" is not in the catalogue and may not be screened on.',
            place=strange,
        )
    size = len(subjects)
    columns = {name: column(values, known[name], name=name) for name, values in facts.items()}
    for name, array in (("unit_nos", unit_nos), *columns.items()):
        if len(array) != size:
            raise BadInput(
                code="columns_of_unequal_length",
                zh=f"列“{name}”有 {len(array)} 行，应为 {size} 行。",
                en=f'The column "{name}" has {len(array)} rows; there are {size} persons.',
                place=name,
            )
    return FactTable(
        subjects=subjects if isinstance(subjects, list) else [str(s) for s in subjects],
        unit_nos=np.asarray(unit_nos, dtype=np.int64),
        columns=columns,
        origins=origins or {},
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pack concludes for a table of people: rows where some rule held.

    `rows` are positions in the table; `fired` the rules that held as bits in pack order; `decided` the index of the
    deciding rule; `priority` the highest care priority among the fired rules.
    """

    pack: Pack
    on: date
    rows: NDArray[np.int64]
    fired: NDArray[np.int64]
    decided: NDArray[np.int64]
    priority: NDArray[np.int64]

    def rules_at(self, k: int) -> tuple[Rule, ...]:
        """The rules that held for the k-th row of the outcome."""
        bits = int(self.fired[k])
        return tuple(rule for j, rule in enumerate(self.pack.rules) if bits >> j & 1)

    def counts(self) -> dict[str, int]:
        """Rows by deciding rule."""
        numbers = np.bincount(self.decided, minlength=len(self.pack.rules))
        return {rule.code: int(n) for rule, n in zip(self.pack.rules, numbers, strict=True) if n}


def evaluate_columns(pack: Pack, table: FactTable, on: date) -> Outcome:
    """What `pack` concludes about everybody in `table` on the day `on`."""
    size = table.size
    fired = np.zeros(size, dtype=np.int64)
    decided = np.zeros(size, dtype=np.int64)
    best = np.zeros(size, dtype=np.int64)
    priority = np.zeros(size, dtype=np.int64)
    for j, rule in enumerate(pack.rules):
        true = masks(rule.condition, table.columns, size, on).true
        fired[true] |= 1 << j
        better = true & (best < rank(rule))  # strictly: of equals, the first in the pack decides
        decided[better] = j
        best[better] = rank(rule)
        np.maximum(priority, rule.priority, out=priority, where=true)
    rows = np.flatnonzero(fired)
    return Outcome(pack, on, rows, fired[rows], decided[rows], priority[rows])


def verdict_at(outcome: Outcome, table: FactTable, k: int) -> Verdict:
    """The k-th row of the outcome, spelt out with its reasons."""
    i = int(outcome.rows[k])
    return explain(
        outcome.pack, outcome.rules_at(k), table.facts_at(i), outcome.on, origins=table.origins_at(i)
    )


def verdicts_of(outcome: Outcome, table: FactTable) -> Iterator[tuple[int, Verdict]]:
    """Every row spelt out, with its position in the table."""
    for k in range(len(outcome.rows)):
        yield int(outcome.rows[k]), verdict_at(outcome, table, k)
