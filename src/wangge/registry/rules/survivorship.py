"""Which of several told values survives, and why, in words. The same rule as the engine's `golden`, plain.

Every telling brings bits (milli-bits here): how much likelier its value is right than a rival, as the engine learnt it
of that source, field and age. A source counts once for a value; a source known to share another's errors adds only
what it knows by itself. What a verified visit or a department's answer found stands above all told before it; a value
that cannot be right survives only where nothing better is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

RULE = "survivorship-2"
Copies = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Telling:
    """A value that one record told. `tier` 0: cannot be right; `mb`: milli-bits; `verified`: seen or answered."""

    value: str
    source: str
    record_id: str
    as_of: str = ""
    tier: int = 1
    mb: int = 3000
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Support:
    """What one source adds to a value; `copied` is the part left out because another stronger source has its errors."""

    telling: Telling
    gain: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Valued:
    """One value of a field with all that speaks for it. `sure`: how probable it is right, 0 to 1."""

    value: str
    level: int
    score: int
    sure: float
    support: tuple[Support, ...]

    @property
    def best(self) -> Telling:
        return self.support[0].telling


@dataclass(frozen=True, slots=True)
class Choice:
    """The values of a field, the surviving one first, and the point that decided (a code the screens put in words)."""

    values: tuple[Valued, ...]
    why: str

    @property
    def best(self) -> Valued:
        return self.values[0]


def choose(tellings: Sequence[Telling], copies: Copies, rivals: int) -> Choice | None:
    """Weigh the tellings of one field; None when nothing was told. `rivals`: wrong values about as likely as others."""
    if not tellings:
        return None
    anchor = max((t.as_of for t in tellings if t.verified and t.tier > 0), default=None)
    by_value: dict[str, list[Telling]] = {}
    for telling in tellings:
        by_value.setdefault(telling.value, []).append(telling)
    values = [_valued(value, told, anchor, copies) for value, told in by_value.items()]
    values.sort(key=lambda v: (v.level, v.score, *_strength(v.best), v.value), reverse=True)
    top = values[0].level
    odds = [2.0 ** (v.score / 1000) if v.level == top and top > 0 else 0.0 for v in values]
    rest = max(rivals + 1 - sum(v.level == top for v in values), 0)
    whole = sum(odds) + rest
    values = [
        Valued(v.value, v.level, v.score, o / whole if whole else 0.0, v.support)
        for v, o in zip(values, odds, strict=True)
    ]
    return Choice(tuple(values), _why(values))


def _strength(t: Telling) -> tuple[int, str, str, str]:
    return (t.mb, t.as_of, t.source, t.record_id)


def _level(t: Telling, anchor: str | None) -> int:
    above = anchor is not None and t.tier > 0 and ((t.verified and t.as_of == anchor) or t.as_of > anchor)
    return t.tier + int(above)


def _valued(value: str, told: Sequence[Telling], anchor: str | None, copies: Copies) -> Valued:
    strongest: dict[str, Telling] = {}
    for telling in told:
        held = strongest.get(telling.source)
        if held is None or (held.mb, held.as_of, held.record_id) < (
            telling.mb,
            telling.as_of,
            telling.record_id,
        ):
            strongest[telling.source] = telling
    support = []
    for telling in sorted(strongest.values(), key=_strength, reverse=True):
        stronger = [t.source for t in strongest.values() if (-t.mb, t.source) < (-telling.mb, telling.source)]
        left = prod(1 - copies.get((telling.source, other), 0.0) for other in stronger)
        support.append(Support(telling, round(telling.mb * left), left < 1))
    level = max(_level(t, anchor) for t in told)
    return Valued(value, level, sum(s.gain for s in support), 0.0, tuple(support))


def _why(values: Sequence[Valued]) -> str:
    best = values[0]
    if len(values) == 1:
        return "all_agree" if len(best.support) > 1 else "only_source"
    rival = values[1]
    if best.level != rival.level:
        return "seen_at_the_door" if best.level > 1 else "better_quality"
    if best.score == rival.score:
        return "fixed_order"
    if len(best.support) > len(rival.support):
        return "more_sources_agree"
    return "more_reliable"
