"""Weights of a few pairs in plain Python: the database takes longer to plan such a question than to answer it.

The model's conditions are compiled from their SQL, so that there is one text of them. A condition with a word that is
not known here is not compiled, and the database is asked, as for many pairs. A test holds both to the same weights.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import sqlglot
from sqlglot import exp

from wangge_engine.link.model import Model
from wangge_engine.link.score import KEEP_WEIGHT

Row = Mapping[str, Any]
Asked = Callable[[Row], Any]  # None: unknown, as in SQL


class Unknown(Exception):
    """An expression that is not known here."""


class Few:
    """The model of a kept linkage, for a few pairs at a time."""

    def __init__(self, model: Model, settings: Mapping[str, Any]) -> None:
        self._comparisons = [_comparison(comparison) for comparison in settings["comparisons"]]
        self._veto = compiled(model.veto)
        prior = settings["probability_two_random_records_match"]
        self._prior = math.log2(prior / (1 - prior))

    def weigh(self, left: Row, right: Row) -> dict[str, Any] | None:
        """The row of ``pairs`` and whether it is vetoed; None for a pair that weighs next to nothing."""
        pair = {f"{name}_l": value for name, value in left.items()}
        pair |= {f"{name}_r": value for name, value in right.items()}
        found: dict[str, Any] = {}
        total = self._prior
        for name, level, bits in (comparison(pair) for comparison in self._comparisons):
            found[f"g_{name}"], found[f"w_{name}"] = level, float(np.float32(bits))
            total += bits
        if total < KEEP_WEIGHT:
            return None
        found["weight"] = float(np.float32(round(total, 3)))
        found["probability"] = float(np.float32(1 / (1 + 2.0 ** -max(min(total, 1000.0), -1000.0))))
        found["vetoed"] = self._veto(found) is True
        return found


def _comparison(comparison: Mapping[str, Any]) -> Callable[[Row], tuple[str, int, float]]:
    name = comparison["output_column_name"]
    missing = [
        compiled(x["sql_condition"]) for x in comparison["comparison_levels"] if x.get("is_null_level")
    ]
    told = [x for x in comparison["comparison_levels"] if not x.get("is_null_level")]
    levels = []
    for place, level in enumerate(told):
        otherwise = level["sql_condition"] == "ELSE"
        asked = None if otherwise else compiled(level["sql_condition"])
        bits = math.log2(level["m_probability"] / level["u_probability"])
        term = None if otherwise else level.get("tf_adjustment_column")
        levels.append((asked, len(told) - 1 - place, bits, term, math.log2(level["u_probability"])))

    def find(pair: Row) -> tuple[str, int, float]:
        if any(asked(pair) is True for asked in missing):
            return name, -1, 0.0
        for asked, number, bits, term, usual in levels:
            if asked is None or asked(pair) is True:
                shares = (
                    [s for s in (pair[f"tf_{term}_l"], pair[f"tf_{term}_r"]) if s is not None] if term else []
                )
                return name, number, bits + (usual - math.log2(max(shares)) if shares else 0.0)
        raise Unknown(name)  # the last level is ELSE

    return find


def compiled(condition: str) -> Asked:
    """A condition in the database's SQL as a function of a pair: a row of ``x_l`` and ``x_r`` for each column x."""
    return _compile(sqlglot.parse_one(condition, read="duckdb"))


def _compile(node: exp.Expr) -> Asked:
    if isinstance(node, exp.Paren):
        return _compile(node.this)
    return _value(node) or _logical(node) or _compared(node) or _called(node)


def _value(node: exp.Expr) -> Asked | None:
    if isinstance(node, exp.Column):
        name = f"{node.name}_{node.table}" if node.table else node.name
        return lambda row: row[name]
    value: Any = None
    if isinstance(node, exp.Neg):
        return _strict(operator.neg, node.this)
    if isinstance(node, exp.Literal):
        value = node.this if node.is_string else float(node.this)
    elif isinstance(node, exp.Boolean):
        value = node.this
    elif not isinstance(node, exp.Null):
        return None
    return lambda row: value


def _logical(node: exp.Expr) -> Asked | None:
    if isinstance(node, exp.And | exp.Or):
        parts = [_compile(part) for part in node.flatten()]
        end: bool = isinstance(node, exp.Or)  # what settles it

        def all_or_any(row: Row) -> bool | None:
            unknown = False
            for part in parts:
                value = part(row)
                if value is end:
                    return bool(end)
                unknown = unknown or value is None
            return None if unknown else not end

        return all_or_any
    if isinstance(node, exp.Not):
        return _strict(lambda x: not x, node.this)
    if isinstance(node, exp.Is):
        one, other = _compile(node.this), _compile(node.expression)
        return lambda row: one(row) is other(row)
    if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
        return _pair(node, operator.eq if isinstance(node, exp.NullSafeEQ) else operator.ne)
    return None


def _pair(node: exp.Expr, compare: Callable[[Any, Any], bool]) -> Asked:
    one, other = _compile(node.this), _compile(node.expression)
    return lambda row: compare(one(row), other(row))


_COMPARED: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.Sub: operator.sub,
    exp.Add: operator.add,
}


def _compared(node: exp.Expr) -> Asked | None:
    if node.args.get("negate"):
        raise Unknown(node.sql(dialect="duckdb"))
    compare = _COMPARED.get(type(node))
    if compare is not None:
        return _strict(compare, node.this, node.expression)
    if isinstance(node, exp.Between):
        return _strict(lambda x, low, high: low <= x <= high, node.this, node.args["low"], node.args["high"])
    if isinstance(node, exp.In) and node.expressions:
        return _strict(lambda x, *values: x in values, node.this, *node.expressions)
    return None


def _called(node: exp.Expr) -> Asked:
    """Functions, by the name that the database has for them: without a value where an argument has none."""
    if isinstance(node, exp.Least | exp.Greatest):
        parts = [_compile(part) for part in (node.this, *node.expressions)]
        choose = min if isinstance(node, exp.Least) else max

        def most(row: Row) -> Any:
            values = [value for part in parts if (value := part(row)) is not None]
            return choose(values) if values else None

        return most
    if (
        isinstance(node, exp.Bracket)
        and len(node.expressions) == 1
        and isinstance(node.expressions[0], exp.Slice)
    ):
        cut = node.expressions[0]
        return _strict(
            lambda text, low, high: text[int(low) - 1 : int(high)], node.this, cut.this, cut.expression
        )
    if isinstance(node, exp.Cast) and node.to.is_type("date", "int", "bigint"):
        return _strict(date.fromisoformat if node.to.is_type("date") else int, node.this)
    if isinstance(node, exp.DateDiff) and str(node.args.get("unit", "day")).lower() == "day":
        return _strict(lambda end, start: (end - start).days, node.this, node.expression)
    if isinstance(node, exp.Split) and node.expression.this == "":
        return _strict(list, node.this)
    written = node.sql(dialect="duckdb")
    call = _CALLS.get(written.partition("(")[0].lower())
    if call is None:
        raise Unknown(written)
    function, arguments = call
    return _strict(function, *arguments(node))


def _strict(function: Callable[..., Any], *nodes: Any) -> Asked:
    parts = [_compile(node) for node in nodes]

    def call(row: Row) -> Any:
        values = []
        for part in parts:
            value = part(row)
            if value is None:
                return None
            values.append(value)
        return function(*values)

    return call


def levenshtein(one: str, other: str) -> int:
    """Insertions, deletions and substitutions of bytes, as the database counts them."""
    a, b = one.encode(), other.encode()
    line = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, line[0] = line[0], i
        for j, y in enumerate(b, 1):
            corner, line[j] = line[j], min(line[j] + 1, line[j - 1] + 1, corner + (x != y))
    return line[-1]


def damerau_levenshtein(one: str, other: str) -> int:
    """As ``levenshtein``, and neighbours changing places count one, whatever stood between them."""
    a, b = one.encode(), other.encode()
    far = len(a) + len(b)
    last: dict[int, int] = {}
    cost = [[far] * (len(b) + 2) for _ in range(len(a) + 2)]
    for i in range(len(a) + 1):
        cost[i + 1][1] = i
    for j in range(len(b) + 1):
        cost[1][j + 1] = j
    for i, x in enumerate(a, 1):
        matched = 0
        for j, y in enumerate(b, 1):
            row, column = last.get(y, 0), matched
            if x == y:
                matched = j
            cost[i + 1][j + 1] = min(
                cost[i][j] + (x != y),
                cost[i + 1][j] + 1,
                cost[i][j + 1] + 1,
                cost[row][column] + (i - row - 1) + 1 + (j - column - 1),
            )
        last[x] = i
    return cost[-1][-1]


def _two(node: exp.Expr) -> tuple[Any, ...]:
    return (node.this, node.expression)


_CALLS: dict[str, tuple[Callable[..., Any], Callable[[exp.Expr], tuple[Any, ...]]]] = {
    "length": (len, lambda node: (node.this,)),
    "abs": (abs, lambda node: (node.this,)),
    "starts_with": (str.startswith, _two),
    "list_sort": (sorted, lambda node: (node.this,)),
    "levenshtein": (levenshtein, _two),
    "damerau_levenshtein": (damerau_levenshtein, lambda node: tuple(node.expressions)),
}
