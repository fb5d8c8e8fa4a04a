"""CertLogic (the logic of the EU's acceptance rules, 1.x): a small evaluator that reads nothing but its data.

Every expression is JSON; a result is JSON or an instant. Months and years run over as in the specification's own
implementation: 31 January plus one month is 3 March, 29 February plus one year is 1 March.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
INSTANT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:Z|([+-])(\d{1,2}):?(\d{2})?)?", re.ASCII
)
DEPTH = 64
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
OF_TIMES = {"before": "<", "after": ">", "not-after": "<=", "not-before": ">="}


class RuleError(Exception):
    """The expression is none, or meets data that it cannot be applied to."""


def is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def truth(value: Any) -> bool:
    """Truthy or falsy; an instant is neither and raises."""
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return bool(value)
    raise RuleError("neither true nor false")


def read_time(text: Any) -> datetime:
    """A date (its midnight in UTC) or an instant; without an offset it is UTC. Milliseconds are kept, finer cut."""
    if not isinstance(text, str):
        raise RuleError("a time must be a text")
    try:
        if day := DATE.fullmatch(text):
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        if found := INSTANT.fullmatch(text):
            parts = [int(part) for part in found.groups()[:6]]
            micro = int((found[7] or ".0")[1:4].ljust(3, "0")) * 1000
            local = datetime(*parts[:6], micro, tzinfo=UTC)  # type: ignore[misc, arg-type]
            away = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
            return local + away if found[8] == "-" else local - away
    except (ValueError, OverflowError) as error:
        raise RuleError("no such time") from error
    raise RuleError("not a date or an instant")


def plus_time(time: datetime, amount: int, unit: str) -> datetime:
    try:
        if unit == "day":
            return time + timedelta(days=amount)
        if unit == "hour":
            return time + timedelta(hours=amount)
        months = time.year * 12 + time.month - 1 + (amount if unit == "month" else amount * 12)
        first = time.replace(year=months // 12, month=months % 12 + 1, day=1)
        return first + timedelta(days=time.day - 1)
    except (ValueError, OverflowError) as error:
        raise RuleError("the time is out of range") from error


def access(data: Any, path: str) -> Any:
    """What stands at a path like `payload.v.0.dt`; missing is None."""
    if path == "":
        return data
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list):
            data = data[int(part)] if part.isdecimal() and int(part) < len(data) else None
        else:
            return None
    return data


def extract_from_uvci(uvci: str | None, index: int) -> str | None:
    """The fragment of a vaccination certificate's id, counted from 0 after the optional `URN:UVCI:`."""
    if uvci is None or index < 0:
        return None
    parts = re.split(r"[/#:]", uvci.removeprefix("URN:UVCI:"))
    return parts[index] if index < len(parts) else None


def evaluate(rule: Any, data: Any, depth: int = 0) -> Any:
    """The value of an expression; raises :class:`RuleError` for one that is malformed or too deep."""
    if depth > DEPTH:
        raise RuleError("too deep")
    if isinstance(rule, (str, bool)) or is_int(rule):
        return rule
    if isinstance(rule, list):
        return [evaluate(item, data, depth + 1) for item in rule]
    if not isinstance(rule, Mapping) or len(rule) != 1:
        raise RuleError("not an expression")
    operator, values = next(iter(rule.items()))
    if operator == "var":
        if not isinstance(values, str):
            raise RuleError("var takes a path")
        return access(data, values)
    if not isinstance(values, list) or not values:
        raise RuleError("an operation takes a list of values")
    apply = OPERATIONS.get(operator)
    if apply is None:
        raise RuleError(f"no operation {str(operator)[:20]}")
    return apply(operator, values, data, depth + 1)


def _count(values: Sequence[Any], low: int, high: int) -> None:
    if not low <= len(values) <= high:
        raise RuleError("wrong number of operands")


def _if(_: str, values: list[Any], data: Any, depth: int) -> Any:
    _count(values, 3, 3)
    return evaluate(values[1 if truth(evaluate(values[0], data, depth)) else 2], data, depth)


def _and(_: str, values: list[Any], data: Any, depth: int) -> Any:
    _count(values, 2, len(values))
    result: Any = True
    for value in values:
        result = evaluate(value, data, depth)
        if not truth(result):
            return result
    return result


def _not(_: str, values: list[Any], data: Any, depth: int) -> Any:
    return not truth(evaluate(values[0], data, depth))


def same(left: Any, right: Any) -> bool:
    """Identity of plain values, as `===`: true is not 1."""
    return type(left) is type(right) and not isinstance(left, (list, dict)) and bool(left == right)


def _same(_: str, values: list[Any], data: Any, depth: int) -> bool:
    _count(values, 2, 2)
    return same(evaluate(values[0], data, depth), evaluate(values[1], data, depth))


def _in(_: str, values: list[Any], data: Any, depth: int) -> bool:
    _count(values, 2, 2)
    wanted, among = evaluate(values[0], data, depth), evaluate(values[1], data, depth)
    if not isinstance(among, list):
        raise RuleError("in takes a list on its right")
    return any(same(wanted, item) for item in among)


def _plus(_: str, values: list[Any], data: Any, depth: int) -> int:
    _count(values, 2, 2)
    left, right = evaluate(values[0], data, depth), evaluate(values[1], data, depth)
    if not (is_int(left) and is_int(right)):
        raise RuleError("+ takes whole numbers")
    return int(left + right)


def _compare(operator: str, values: list[Any], data: Any, depth: int) -> bool:
    _count(values, 2, 3)
    found = [evaluate(value, data, depth) for value in values]
    if operator in OF_TIMES:
        fits, operator = all(isinstance(value, datetime) for value in found), OF_TIMES[operator]
    else:
        fits = all(is_int(value) for value in found)
    if not fits:
        raise RuleError("operands of a comparison must be of its kind")
    holds = COMPARISONS[operator]
    return all(holds(left, right) for left, right in pairwise(found))


def _plus_time(_: str, values: list[Any], data: Any, depth: int) -> datetime:
    _count(values, 3, 3)
    amount, unit = values[1], values[2]
    if not is_int(amount) or unit not in ("year", "month", "day", "hour"):
        raise RuleError("plusTime takes a whole number and a unit")
    return plus_time(read_time(evaluate(values[0], data, depth)), amount, unit)


def _reduce(_: str, values: list[Any], data: Any, depth: int) -> Any:
    _count(values, 3, 3)
    among = evaluate(values[0], data, depth)
    result = evaluate(values[2], data, depth)
    if among is None:
        return result
    if not isinstance(among, list):
        raise RuleError("reduce takes a list")
    for item in among:
        result = evaluate(values[1], {"accumulator": result, "current": item}, depth)
    return result


def _uvci(_: str, values: list[Any], data: Any, depth: int) -> str | None:
    _count(values, 2, 2)
    uvci = evaluate(values[0], data, depth)
    if not (uvci is None or isinstance(uvci, str)) or not is_int(values[1]):
        raise RuleError("extractFromUVCI takes a text and a number")
    return extract_from_uvci(uvci, values[1])


OPERATIONS: dict[str, Callable[[str, list[Any], Any, int], Any]] = {
    "if": _if,
    "and": _and,
    "!": _not,
    "===": _same,
    "in": _in,
    "+": _plus,
    "plusTime": _plus_time,
    "reduce": _reduce,
    "extractFromUVCI": _uvci,
    **dict.fromkeys((*COMPARISONS, *OF_TIMES), _compare),
}
