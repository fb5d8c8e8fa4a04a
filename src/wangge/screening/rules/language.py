"""The rule language: comparisons on named facts, joined by and, or, not. Small enough to read to a resident.

    age >= 80 and lives_alone and (missing(last_visit_on) or days_since(last_visit_on) > 7)

A fact may be missing, so a condition is true, false or unknown (Kleene's strong three-valued logic), and only
what is true counts: nobody is graded on what is not known, unless the rule asks for just that with missing().
`days_since(d)` is whole days from d to the day of evaluation; a day still to come is unknown, as it cannot have
happened yet. The text is parsed once into the nodes below; `naive` and `columns` give them meaning.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wangge.kernel.problems import BadInput


class FactKind(StrEnum):
    """The type of a fact's value."""

    FLAG = "flag"
    NUMBER = "number"
    DATE = "date"
    WORD = "word"


Value = bool | int | float | date | str
Constant = int | float | date | str


class Comparison(StrEnum):
    """The comparisons the language knows."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    IN = "in"


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes/no fact taken as a condition."""

    fact: str


@dataclass(frozen=True, slots=True)
class Missing:
    """True when the fact is not known; never unknown itself."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact, or the days since a date fact, against a constant (several constants for `in`)."""

    fact: str
    comparison: Comparison
    constants: tuple[Constant, ...]
    days_since: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The other way round; unknown stays unknown."""

    inner: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Node, ...]


Node = Flag | Missing | Compare | Not | All | AnyOf

_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: Comparison.EQ,
    ast.NotEq: Comparison.NE,
    ast.Lt: Comparison.LT,
    ast.LtE: Comparison.LE,
    ast.Gt: Comparison.GT,
    ast.GtE: Comparison.GE,
    ast.In: Comparison.IN,
}
_ORDERED = frozenset({Comparison.LT, Comparison.LE, Comparison.GT, Comparison.GE})


def facts_in(node: Node) -> tuple[str, ...]:
    """Names of the facts a condition reads, in order of first use."""
    match node:
        case Flag(fact) | Missing(fact) | Compare(fact=fact):
            return (fact,)
        case Not(inner):
            return facts_in(inner)
        case All(parts) | AnyOf(parts):
            return tuple(dict.fromkeys(name for part in parts for name in facts_in(part)))


def parse(text: str, facts: Mapping[str, FactKind], *, place: str = "") -> Node:
    """The condition that `text` says. Raises BadInput naming what cannot be understood and where it stands."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise _trouble(
            "rule_not_readable",
            f"规则条件“{text.strip()}”在第 {error.offset or 0} 个字符处无法读懂。",
            f'The rule condition "{text.strip()}" cannot be read at character {error.offset or 0}.',
            place,
        ) from error
    return _Reader(facts, place, text.strip()).node(tree.body)


def _trouble(code: str, zh: str, en: str, place: str) -> BadInput:
    return BadInput(code=code, zh=zh, en=en, place=place)


@dataclass(frozen=True, slots=True)
class _Reader:
    facts: Mapping[str, FactKind]
    place: str
    text: str

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.BoolOp(op=ast.And(), values=values):
                return All(tuple(self.node(value) for value in values))
            case ast.BoolOp(op=ast.Or(), values=values):
                return AnyOf(tuple(self.node(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.node(operand))
            case ast.Name(id=name):
                self._kind(name, FactKind.FLAG)
                return Flag(name)
            case ast.Call(func=ast.Name(id="missing"), args=[ast.Name(id=name)], keywords=[]):
                self._known(name)
                return Missing(name)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return self._compare(left, _COMPARISONS[type(op)], right)
        raise self._not_understood(tree)

    def _compare(self, left: ast.expr, comparison: Comparison, right: ast.expr) -> Compare:
        match left:
            case ast.Name(id=name):
                kind, days_since = self._known(name), False
            case ast.Call(func=ast.Name(id="days_since"), args=[ast.Name(id=name)], keywords=[]):
                self._kind(name, FactKind.DATE)
                kind, days_since = FactKind.NUMBER, True
            case _:
                raise self._not_understood(left)
        parts = right.elts if isinstance(right, ast.Tuple) and comparison is Comparison.IN else [right]
        constants = tuple(self._constant(part, kind) for part in parts)
        if kind is FactKind.FLAG or (kind is FactKind.WORD and comparison in _ORDERED):
            raise self._not_understood(left)
        return Compare(name, comparison, constants, days_since)

    def _constant(self, tree: ast.expr, kind: FactKind) -> Constant:
        value = tree.value if isinstance(tree, ast.Constant) else None
        if kind is FactKind.NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if kind is FactKind.WORD and isinstance(value, str):
            return value
        if kind is FactKind.DATE and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise self._not_understood(tree) from error
        raise self._not_understood(tree)

    def _known(self, name: str) -> FactKind:
        if name not in self.facts:
            raise _trouble(
                "fact_unknown",
                f"事实“{name}”不在事实目录中；规则只能读取目录中的事实。",
                f'The fact "{name}" is not in the catalogue; a rule may read catalogued facts only.',
                self.place,
            )
        return self.facts[name]

    def _kind(self, name: str, wanted: FactKind) -> None:
        if self._known(name) is not wanted:
            raise _trouble(
                "fact_of_wrong_kind",
                f"事实“{name}”的类型是 {self.facts[name]}，此处需要 {wanted}。",
                f'The fact "{name}" is a {self.facts[name]}; a {wanted} is needed here.',
                self.place,
            )

    def _not_understood(self, tree: ast.expr) -> BadInput:
        piece = ast.get_source_segment(self.text, tree) or self.text
        return _trouble(
            "rule_not_readable",
            f"规则条件中的“{piece}”不在规则语言之内；只能用事实与常数的比较、and、or、not、missing()、days_since()。",
            f'"{piece}" is outside the rule language: facts compared with constants, and, or, not, missing(), '
            "days_since().",
            self.place,
        )
