"""What a linkage model is here: comparisons with their levels, blocking rules, and how they are trained.

A model is data. Splink turns it into SQL, trains it and scores pairs; everything after that is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One level of agreement. ``m``: share of true pairs found here, before training; ``u``: share of
    random pairs, used where the sample sees too few. ``term`` weighs agreement by how common the value is.
    """

    code: str
    sql: str
    m: float
    u: float
    term: str | None = None

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "sql_condition": self.sql,
            "label_for_charts": self.code,
            "m_probability": self.m,
            "u_probability": self.u,
        }
        if self.term:
            found |= {"tf_adjustment_column": self.term, "disable_tf_exact_match_detection": True}
        return found


@dataclass(frozen=True)
class Comparison:
    """A field or group of fields; ``missing`` is when it says nothing. Levels run from best to worst."""

    name: str
    missing: str
    levels: tuple[Level, ...]

    def as_dict(self) -> dict[str, Any]:
        null = {"sql_condition": self.missing, "label_for_charts": "missing", "is_null_level": True}
        return {
            "output_column_name": self.name,
            "comparison_levels": [null, *(level.as_dict() for level in self.levels)],
        }

    def number_of(self, code: str) -> int:
        """Splink's level number for a level's code."""
        return len(self.levels) - 1 - [level.code for level in self.levels].index(code)

    def among(self, *codes: str) -> str:
        """SQL over pairs: this comparison stands at one of these levels."""
        return f"g_{self.name} IN ({', '.join(str(self.number_of(code)) for code in codes)})"

    def code_of(self, gamma: int) -> str:
        """Level code for Splink's level number (best level highest, missing -1)."""
        return "missing" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].code


@dataclass(frozen=True)
class Model:
    """Comparisons; rules that say which pairs are looked at; rules whose pairs are mostly true, for training.

    ``trained`` names, per training rule, the comparisons it may teach: the others are fixed by the rule.
    ``sure`` are rules with the recall that they are guessed to have: they give the share of true pairs.
    """

    comparisons: tuple[Comparison, ...]
    blocking: tuple[str, ...]
    training: tuple[tuple[str, tuple[str, ...]], ...]
    sure: tuple[str, ...]
    sure_recall: float
    alike: str = "uid"  # SQL over records: equal for records that are one person anyhow, which teach no u
    sample_rows: int = 900  # all pairs of the sample teach u: about 400,000
    veto: str = "false"  # SQL over pairs (g_* level numbers): never the same person, whatever the weight
    exclusive: tuple[str, ...] = ()  # columns of records of which a person has one value
    average: float | None = None  # bits: groups merge by the mean weight of their pairs, at least this
    spread: tuple[str, float] | None = None  # SQL over records, and how far its values may lie apart
    weak: tuple[str, float] | None = None  # SQL over pairs: links that want the spread's values this close
    prefix: str = "P"  # of the entities' names

    def columns(self) -> list[str]:
        """Columns of ``records`` that the comparisons and rules read."""
        texts = [level.sql for c in self.comparisons for level in c.levels]
        texts += [c.missing for c in self.comparisons]
        compared = {name for text in texts for name in re.findall(r"\b(\w+)_[lr]\b", text)}
        rules = [*self.blocking, *self.sure, *(rule for rule, _ in self.training)]
        blocked = {name for rule in rules for name in re.findall(r"\b[lr]\.(\w+)\b", rule)}
        terms = {level.term for c in self.comparisons for level in c.levels if level.term}
        return sorted(compared | blocked | terms | {"uid", "source"})

    def settings(self, *, between: bool = False) -> dict[str, Any]:
        """As Splink wants it; ``between`` looks at no pair inside one source."""
        other = " AND l.source <> r.source" if between else ""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "uid",
            "comparisons": [comparison.as_dict() for comparison in self.comparisons],
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": rule + other, "sql_dialect": "duckdb"} for rule in self.blocking
            ],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
            "probability_two_random_records_match": 1e-5,
            "em_convergence": 1e-3,
            "max_iterations": 12,
        }
