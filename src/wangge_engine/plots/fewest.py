"""After a plot was moved by hand: the fewest households that must follow, so that no grid is worse off than before.

A search over single moves, cheapest first (A*): the heaviest trouble is taken up, a home at the edge of that grid
leaves it or one beside it joins it, until every grid is within the tolerance or no farther from the target than it
was. Nobody moves twice, grids keep hanging together, nothing joins across a barrier. Half of what is too much is a
bound from below on what must still move, so the first plan that is whole is the cheapest of all the search can reach,
but where a dearer beginning would have united a cut estate, which counts as a gain.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.territory import EXCLUSIVE, RESIDENTIAL, Rule, Territory

_CUT = 0.05  # of the target: what a newly cut estate costs beside the households that move
_DEEP = 6  # moves; who must move more is better served by a new division
_TRIES = 900  # states looked at; a second at most
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class _Ground:
    """What stays the same while moves are tried."""

    weight: list[float]
    estate: list[int]
    home: list[bool]
    free: list[bool]  # a home that nobody has put where it is
    near: list[list[int]]  # over any border, exclusive units left out
    open_near: list[list[int]]  # over borders that are no barrier
    shut: frozenset[str]
    was: dict[str, float]
    rule: Rule

    def too_much(self, code: str, weight: float) -> float:
        """Households by which a grid is worse than it may be: beyond the tolerance, and beyond what it was."""
        target = self.rule.target
        off = abs(weight / target - 1.0)
        before = abs(self.was.get(code, target) / target - 1.0)
        return max(0.0, off - max(before, self.rule.tolerance) - _HAIR) * target


State = tuple[tuple[int, str], ...]


def fewest(
    land: Territory,
    now: Sequence[str],
    wanted: Sequence[str],
    rule: Rule,
    *,
    shut: frozenset[str],
    held: Set[str],
) -> list[str] | None:
    """The grid of each plot after the fewest further moves; None where the search found no way.

    ``now``: before the move by hand; ``wanted``: after it. Grids in ``shut`` and plots in ``held`` do not change.
    """
    ground = _ground(land, now, rule, shut, held)
    weight: dict[str, float] = defaultdict(float)
    members: dict[str, set[int]] = defaultdict(set)
    for unit, code in enumerate(wanted):
        weight[code] += ground.weight[unit]
        members[code].add(unit)
    queue: list[tuple[float, int, float, State]] = [(_bound(ground, weight), 0, 0.0, ())]
    seen: set[State] = {()}
    number = 0
    for _ in range(_TRIES):
        if not queue:
            return None
        _, _, paid, state = heapq.heappop(queue)
        at, load, inside = _applied(ground, wanted, weight, members, state)
        trouble = [(ground.too_much(code, load[code]), code) for code in sorted(load)]
        worst, code = max(trouble, key=lambda one: (one[0], one[1]))
        if worst <= 0.0:
            return at
        if len(state) == _DEEP:
            continue
        moved = {unit for unit, _ in state}
        heavy = load[code] > rule.target
        for unit, to in (_leaving if heavy else _joining)(ground, at, inside, code):
            if unit in moved:
                continue
            after: State = tuple(sorted((*state, (unit, to))))
            if after in seen:
                continue
            seen.add(after)
            cost = paid + ground.weight[unit] + _cut(ground, at, inside, unit, to)
            bound = _bound(ground, _loaded(ground, load, at[unit], to, unit))
            number += 1
            heapq.heappush(queue, (cost + bound, number, cost, after))
    return None


def _ground(land: Territory, now: Sequence[str], rule: Rule, shut: frozenset[str], held: Set[str]) -> _Ground:
    count = len(land.ids)
    near: list[list[int]] = [[] for _ in range(count)]
    open_near: list[list[int]] = [[] for _ in range(count)]
    for (a, b), barrier in zip(land.pairs.tolist(), land.barrier.tolist(), strict=True):
        if land.kind[a] == EXCLUSIVE or land.kind[b] == EXCLUSIVE:
            continue
        near[a].append(b)
        near[b].append(a)
        if not barrier:
            open_near[a].append(b)
            open_near[b].append(a)
    weight = land.weight.tolist()
    was: dict[str, float] = defaultdict(float)
    for code, one in zip(now, weight, strict=True):
        was[code] += one
    home = (land.kind == RESIDENTIAL).tolist()
    free = [homes and unit not in held for homes, unit in zip(home, land.ids, strict=True)]
    apart = frozenset(code for code, kind in zip(now, land.kind.tolist(), strict=True) if kind == EXCLUSIVE)
    bare = frozenset(now) - {code for code, homes in zip(now, home, strict=True) if homes}
    return _Ground(
        weight,
        land.estate.tolist(),
        home,
        free,
        near,
        open_near,
        shut | apart | bare,
        dict(was),
        rule,
    )


def _bound(ground: _Ground, load: dict[str, float]) -> float:
    return sum(ground.too_much(code, one) for code, one in load.items() if code not in ground.shut) / 2.0


def _loaded(ground: _Ground, load: dict[str, float], source: str, to: str, unit: int) -> dict[str, float]:
    return {
        **load,
        source: load[source] - ground.weight[unit],
        to: load[to] + ground.weight[unit],
    }


def _applied(
    ground: _Ground,
    wanted: Sequence[str],
    weight: dict[str, float],
    members: dict[str, set[int]],
    state: State,
) -> tuple[list[str], dict[str, float], dict[str, set[int]]]:
    at = list(wanted)
    load = {code: one for code, one in weight.items() if code not in ground.shut}
    inside = dict(members)
    for unit, to in state:
        source = at[unit]
        inside[source] = inside[source] - {unit}
        inside[to] = inside[to] | {unit}
        load = _loaded(ground, load, source, to, unit)
        at[unit] = to
    return at, load, inside


def _leaving(ground: _Ground, at: list[str], inside: dict[str, set[int]], code: str) -> list[tuple[int, str]]:
    """Moves that lighten a grid."""
    return [
        (unit, to)
        for unit in sorted(inside[code])
        if ground.free[unit] and _hangs(ground, inside[code], unit)
        for to in sorted({at[other] for other in ground.open_near[unit]} - {code} - ground.shut)
    ]


def _joining(ground: _Ground, at: list[str], inside: dict[str, set[int]], code: str) -> list[tuple[int, str]]:
    """Moves that fill a grid."""
    edge = {other for unit in inside[code] for other in ground.open_near[unit] if at[other] != code}
    return [
        (unit, code)
        for unit in sorted(edge)
        if ground.free[unit] and at[unit] not in ground.shut and _hangs(ground, inside[at[unit]], unit)
    ]


def _hangs(ground: _Ground, inside: set[int], unit: int) -> bool:
    """Whether a grid without the unit still hangs together, where it did, and still has a home."""
    rest = inside - {unit}
    if not any(ground.home[one] for one in rest):
        return False
    around = [other for other in ground.near[unit] if other in rest]
    if len(around) < 2:
        return True
    seen, front = {around[0]}, [around[0]]
    while front:
        for other in ground.near[front.pop()]:
            if other in rest and other not in seen:
                seen.add(other)
                front.append(other)
    return all(one in seen for one in around)


def _cut(ground: _Ground, at: list[str], inside: dict[str, set[int]], unit: int, to: str) -> float:
    estate = ground.estate[unit]
    if estate < 0:
        return 0.0
    stays = any(ground.estate[one] == estate for one in inside[at[unit]] if one != unit)
    there = any(ground.estate[one] == estate for one in inside[to])
    return _CUT * ground.rule.target * (stays - there)


def worse(now: Sequence[str], after: Sequence[str], weight: Sequence[float], rule: Rule) -> int:
    """How many grids are outside the tolerance and farther from the target than before."""
    before, load = (
        {code: float(sum(np.array(weight)[[one == code for one in codes]])) for code in set(codes)}
        for codes in (now, after)
    )
    target = rule.target
    return sum(
        abs(one / target - 1.0) > max(rule.tolerance, abs(before.get(code, target) / target - 1.0)) + _HAIR
        for code, one in load.items()
    )
