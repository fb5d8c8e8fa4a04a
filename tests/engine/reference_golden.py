"""The golden record's rule written a second time, naively: plain loops over plain rows, nothing shared but figures."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wangge.registry.rules.survivorship import Telling, choose
from wangge_engine.golden import parameters as p


@dataclass(frozen=True)
class Candidate:
    entity: str
    field: str
    source: str
    record: str
    value: str
    as_of: str
    verified: bool
    tier: int
    bonus: float
    band: int


Weights = dict[
    tuple[str, str, int], float
]  # (field, source or "" for verified, band) -> share of right values
Copies = dict[tuple[str, str], float]


def bits(field: str, share: float) -> float:
    held = min(max(share, 0.02), 0.995)
    return max(p.LEAST_BITS, round(math.log2(p.RIVALS[field] * held / (1 - held)), 3))


def keep(field: str, band: int) -> float:
    if field not in p.HALF_LIFE:
        return 1.0
    middle = {0: 0.5, 1: 2.0, 2: 5.5, 3: 12.0, 4: 3.0}[band]
    return 0.5 ** (middle / p.HALF_LIFE[field])


def believe(told: Sequence[Candidate], ranks: dict[tuple[str, str], int], seen: dict[tuple[str, str, int], list[float]]) -> Weights:  # fmt: skip
    weights: Weights = {}
    for field in p.FIELDS:
        for band in range(5):
            weights[field, "", band] = p.VERIFIED * keep(field, band)
        for source in {c.source for c in told if c.field == field}:
            mine = [c for c in told if c.field == field and c.source == source]
            ps = [x for (f, s, _), xs in seen.items() if (f, s) == (field, source) for x in xs]
            start = p.LEAST + (p.MOST - p.LEAST) * (ranks.get((field, source), 5) - 1) / 8
            whole = (p.BELIEF * start + sum(ps)) / (p.BELIEF + len(ps))
            mean = sum(keep(field, c.band) for c in mine) / len(mine)
            for band in {c.band for c in mine}:
                expected = min(0.995, whole * keep(field, band) / mean)
                own = seen.get((field, source, band), [])
                weights[field, source, band] = (p.BELIEF * expected + sum(own)) / (p.BELIEF + len(own))
    return weights


def believed(
    told: Sequence[Candidate], weights: Weights, copies: Copies
) -> dict[tuple[str, str, str], tuple[float, bool]]:
    """(entity, field, value) -> how sure, and whether it survives."""
    groups: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for c in told:
        groups[c.entity, c.field].append(c)
    found = {}
    for (entity, field), members in groups.items():
        tellings = [
            Telling(
                c.value, c.source, c.record, c.as_of, c.tier,
                max(round(p.LEAST_BITS * 1000),
                    half_away(1000 * (bits(field, weights[field, "" if c.verified else c.source, c.band]) + c.bonus))),
                c.verified,
            )
            for c in members
        ]  # fmt: skip
        choice = choose(tellings, copies, p.RIVALS[field])
        assert choice is not None
        for place, valued in enumerate(choice.values):
            found[entity, field, valued.value] = (valued.sure, place == 0)
    return found


def half_away(x: float) -> int:
    return math.floor(abs(x) + 0.5) * (1 if x >= 0 else -1)


def agree(told: Sequence[Candidate], shared: Sequence[Candidate], ranks: dict[tuple[str, str], int], copies: Copies) -> tuple[Weights, dict[tuple[str, str, str], tuple[float, bool]]]:  # fmt: skip
    hand = {source: source for pair in copies for source in pair}
    for a, b in copies:
        old, new = max(hand[a], hand[b]), min(hand[a], hand[b])
        hand = {s: new if h == old else h for s, h in hand.items()}
    heard: dict[tuple[str, str], set[str]] = defaultdict(set)
    for c in shared:
        heard[c.entity, c.field].add(hand.get(c.source, c.source))
    seen: dict[tuple[str, str, int], list[float]] = {}
    weights: Weights = {}
    sure: dict[tuple[str, str, str], tuple[float, bool]] = {}
    for _ in range(p.ROUNDS):
        weights = believe(told, ranks, seen)
        sure = believed(shared, weights, copies)
        seen = defaultdict(list)
        for c in shared:
            if c.tier > 0 and not c.verified and len(heard[c.entity, c.field]) > 1:
                seen[c.field, c.source, c.band].append(sure[c.entity, c.field, c.value][0])
    return weights, sure


def shared_errors(shared: Sequence[Candidate], sure: dict[tuple[str, str, str], tuple[float, bool]]) -> Copies:  # fmt: skip
    mine = [c for c in shared if c.field in p.FIXED and not c.verified]
    wrong: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    tells: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for c in mine:
        tells[c.source].add((c.entity, c.field))
        if sure[c.entity, c.field, c.value][0] < 0.2:
            wrong[c.source].add((c.entity, c.field, c.value))
    found: Copies = {}
    for a, fields_a in tells.items():
        for b, fields_b in tells.items():
            errors_a = {w for w in wrong[a] if w[:2] in fields_b}
            errors_b = {w for w in wrong[b] if w[:2] in fields_a}
            both = len(errors_a & errors_b)
            if a != b and both >= p.COPY_SHARED:
                share = max(both / (len(errors_a) + p.COPY_BELIEF), both / (len(errors_b) + p.COPY_BELIEF))
                if round(share, 3) >= p.COPY_AT_LEAST:
                    found[a, b] = round(share, 3)
    return found


def golden(told: Sequence[Candidate], ranks: dict[tuple[str, str], int]) -> tuple[Weights, Copies, dict[tuple[str, str, str], tuple[float, bool]]]:  # fmt: skip
    """Shares of right values, copies, and every value with how sure it is and whether it survives."""
    sources: dict[tuple[str, str], set[str]] = defaultdict(set)
    for c in told:
        sources[c.entity, c.field].add(c.source)
    shared = [c for c in told if len(sources[c.entity, c.field]) > 1]
    copies: Copies = {}
    weights, sure = agree(told, shared, ranks, copies)
    for _ in range(p.PASSES):
        found = shared_errors(shared, sure)
        if found == copies:
            break
        copies = found
        weights, sure = agree(told, shared, ranks, copies)
    return weights, copies, believed(told, weights, copies)
