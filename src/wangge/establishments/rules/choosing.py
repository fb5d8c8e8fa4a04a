"""Which of several told values of an organisation stands, and why.

A record with a valid code comes before one without, then the source that registers organisations, then the newest list;
of the records in that order the first that tells a field is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.establishments.types import ListedRecord

# Who registers organisations knows them first: 9 first, 1 last, 0 where nothing is said.
RANKS = {"market_supervision": 9, "tax": 7, "human_resources": 6, "property": 3}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a field that stands, the record that told it, and the point that decided."""

    value: str
    by: ListedRecord
    why: str
    agreeing: int
    different: int


def same(a: str, b: str) -> bool:
    """Whether two told values are one but for case and blanks."""
    return "".join(a.split()).casefold() == "".join(b.split()).casefold()


def choose(records: Sequence[ListedRecord], field: str, code: str) -> Chosen | None:
    """The surviving value of a field; `records` stand in the order in which they are believed."""
    told = [r for r in records if r.told.get(field)]
    if not told:
        return None
    best = told[0]
    value = code if field == "credit_code" and code else best.told[field]
    values = {"".join(r.told[field].split()).casefold() for r in told}
    agreeing = len({r.source for r in told if same(r.told[field], value)})
    return Chosen(value, best, _why(told, code), max(agreeing, 1), len(values))


def _why(told: Sequence[ListedRecord], code: str) -> str:
    best = told[0]
    others = [r for r in told[1:] if r.source != best.source or r.record_id != best.record_id]
    if not others:
        return "only_source"
    rival = next((r for r in others if r.source != best.source), None)
    if rival is None:
        return "newest"
    if (
        code
        and same(best.told.get("credit_code", ""), code)
        and not same(rival.told.get("credit_code", ""), code)
    ):
        return "valid_code"
    return "authority" if RANKS.get(best.source, 0) != RANKS.get(rival.source, 0) else "newest"
