"""The meaning of a condition for one person, as slow and as plain as possible.

This is the reference: what `columns` computes for a whole district must agree with it, person by person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wangge.screening.rules.language import All, AnyOf, Compare, Comparison, Flag, Missing, Node, Not, Value


def holds(node: Node, facts: Mapping[str, Value | None], on: date) -> bool | None:
    """True, False, or None for unknown, on the day `on`."""
    match node:
        case Flag(fact):
            value = facts.get(fact)
            return None if value is None else bool(value)
        case Missing(fact):
            return facts.get(fact) is None
        case Not(inner):
            answer = holds(inner, facts, on)
            return None if answer is None else not answer
        case All(parts):
            answers = [holds(part, facts, on) for part in parts]
            return False if False in answers else None if None in answers else True
        case AnyOf(parts):
            answers = [holds(part, facts, on) for part in parts]
            return True if True in answers else None if None in answers else False
        case Compare():
            return _compared(node, facts.get(node.fact), on)


def _compared(  # noqa: PLR0911 -- one return a comparison
    node: Compare, value: Value | None, on: date
) -> bool | None:
    if value is None:
        return None
    measured: Value = value
    if node.days_since:
        if not isinstance(value, date) or value > on:
            return None
        measured = (on - value).days
    first = node.constants[0]
    match node.comparison:
        case Comparison.EQ:
            return measured == first
        case Comparison.NE:
            return measured != first
        case Comparison.LT:
            return measured < first  # type: ignore[operator]
        case Comparison.LE:
            return measured <= first  # type: ignore[operator]
        case Comparison.GT:
            return measured > first  # type: ignore[operator]
        case Comparison.GE:
            return measured >= first  # type: ignore[operator]
        case Comparison.IN:
            return measured in node.constants
