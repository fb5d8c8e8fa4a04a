"""Divisions as they stood on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Value, When

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound
from wangge.kernel.units import Interval
from wangge.territory.analysis import CodeFault, normal_code
from wangge.territory.standing import day_of, divisions_on
from wangge.territory.states import Level
from wangge.territory.types import DivisionView

_FIELDS = ("code", "level", "name", "parent", "lo", "hi", "valid_from", "valid_to", "source", "bordered")
_BORDERED = Case(When(border=None, then=Value(False)), default=Value(True), output_field=BooleanField())


def full_code(text: str) -> str:
    """A code in 12 digits. Raises BadInput saying what is wrong with it."""
    code = normal_code(text)
    if isinstance(code, CodeFault):
        raise BadInput(code=code.code, zh=code.zh, en=code.en, place="code")
    return code


@door(reads="territory")
def divisions(
    access: Access, *, parent: str | None = None, level: Level | None = None, on: date | None = None
) -> tuple[DivisionView, ...]:
    """Divisions that held on a day (default: today), by code: those right below `parent`, or of a level."""
    rows = divisions_on(day_of(access, on)).annotate(bordered=_BORDERED)
    if parent is not None:
        rows = rows.filter(parent=full_code(parent))
    if level is not None:
        rows = rows.filter(level=level)
    return tuple(_view(row) for row in rows.values_list(*_FIELDS))


@door(reads="territory")
def division(access: Access, *, code: str, on: date | None = None) -> DivisionView:
    """One division as it held on a day. Raises NotFound when it did not stand then."""
    day = day_of(access, on)
    row = (
        divisions_on(day)
        .filter(code=full_code(code))
        .annotate(bordered=_BORDERED)
        .values_list(*_FIELDS)
        .first()
    )
    if row is None:
        raise NotFound(
            code="division_unknown",
            zh=f"{day} 没有区划 {code}。",
            en=f"There is no division {code} on {day}.",
            place=code,
        )
    return _view(row)


def _view(row: tuple[Any, ...]) -> DivisionView:
    code, level, name, parent, lo, hi, valid_from, valid_to, source, bordered = row
    return DivisionView(
        code, Level(level), name, parent, Interval(lo, hi), valid_from, valid_to, source, bool(bordered)
    )
