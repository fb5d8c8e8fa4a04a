"""Which of several told values survives, and why, in words. Version 1, the same rule as the engine's `golden`.

Order: quality, authority of the source for this field, sources that agree, date, then source and record id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

RULE = "survivorship-1"
DEFAULT_RANK = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that one record told; `quality` is higher for a value that can be checked."""

    value: str
    source: str
    record_id: str
    as_of: str = ""
    quality: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    best: Candidate
    agreeing: int
    different: int
    why: str


@lru_cache(maxsize=1)
def authority() -> dict[tuple[str, str], int]:
    """Rank of (field, source)."""
    book = tomllib.loads((Path(__file__).parent / "authority.toml").read_text("utf-8"))
    return {
        (field, source): rank
        for field, ranks in book.items()
        if isinstance(ranks, dict)
        for source, rank in ranks.items()
    }


def rank_of(field: str, source: str) -> int:
    return authority().get((field, source), DEFAULT_RANK)


def choose(field: str, candidates: Sequence[Candidate]) -> Choice | None:
    """The surviving candidate of a field, or None when nothing was told."""
    if not candidates:
        return None
    sources: dict[str, set[str]] = {}
    for candidate in candidates:
        sources.setdefault(candidate.value, set()).add(candidate.source)

    def key(c: Candidate) -> tuple[int, int, int, str, str, str]:
        return (c.quality, rank_of(field, c.source), len(sources[c.value]), c.as_of, c.source, c.record_id)

    ordered = sorted(candidates, key=key, reverse=True)
    best = ordered[0]
    return Choice(best, len(sources[best.value]), len(sources), _why(field, best, ordered, sources))


def _why(field: str, best: Candidate, ordered: Sequence[Candidate], sources: dict[str, set[str]]) -> str:
    """The first point of the rule that decided, as a code the screens put into words."""
    rivals = [c for c in ordered if c.value != best.value]
    if not rivals:
        return "all_agree" if len(sources[best.value]) > 1 else "only_source"
    rival = rivals[0]
    if best.quality != rival.quality:
        return "better_quality"
    if rank_of(field, best.source) != rank_of(field, rival.source):
        return "more_authority"
    if len(sources[best.value]) != len(sources[rival.value]):
        return "more_sources_agree"
    if best.as_of != rival.as_of:
        return "more_recent"
    return "fixed_order"


def authority_rows(sources: Iterable[str]) -> list[tuple[str, str, int]]:
    """(field, source, rank) for the engine, for every field and source that has a rank of its own."""
    known = set(sources)
    return [(field, source, rank) for (field, source), rank in sorted(authority().items()) if source in known]
