"""A new plan with the least change: only around grids that broke, and every household that moves has its price.

Columns are pairs of a connected set of atoms and the old grid whose code it would keep; each code can be kept once,
so it is one more element of the exact cover. What moves is what lies in a grid with another code than before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from wangge_engine.divide.atoms import Atoms, contract, gather
from wangge_engine.divide.columns import Columns, bits, connected_sets, priced, sets_around
from wangge_engine.divide.cover import Nothing, best_cover
from wangge_engine.divide.plan import Plan, assemble
from wangge_engine.divide.prices import OUTSIDE, UNBEARABLE, EstateBook, compacted, figures_of, outside_of
from wangge_engine.divide.search import Outcome, least_outside
from wangge_engine.divide.shift import Wish, shifted
from wangge_engine.divide.start import first_plan
from wangge_engine.divide.stay import least_moved
from wangge_engine.divide.territory import (
    RESIDENTIAL,
    Floats,
    Ints,
    Region,
    Rule,
    Territory,
    components,
    cut_out,
    host_open_land,
    regions_of,
    sums,
)
from wangge_engine.divide.windows import around

_MOVE = 60.0  # price of moving a whole grid of target weight; a grid outside the tolerance costs more
_TASTE = 0.1  # of the usual price of shape, cuts and small deviations: nobody moves for beauty
_LOCKED = 3
_GRIDS = (3, 6)
_CAP = 6_000
_MOST = 44
_PINNED = 1_000.0


@dataclass
class _State:
    """A region under change: label of each position, the old code (number) each label keeps, -1 for none."""

    label: Ints
    keeps: list[int]


def replan(
    land: Territory,
    old: list[str | None],
    rule: Rule,
    *,
    locked: frozenset[str] = frozenset(),
    pinned: frozenset[str] = frozenset(),
    weighed: Mapping[str, float] | None = None,
    seed: int = 1,
    prove: bool = False,
) -> tuple[Plan, dict[int, str]]:
    """The plan, and the old code that each of its grids keeps.

    ``old`` is each unit's code before, None for new units. Grids in ``locked`` stay as they are; units in ``pinned``
    stay in the grid ``old`` gives them (a person has put them there). ``weighed`` is what each old grid weighed
    then: one that was outside the tolerance already and weighs the same is left alone. ``prove``: reckon how few
    households must move (``Outcome.least_moved``), which may find a plan that moves fewer.
    """
    codes = sorted({code for code in old if code is not None})
    number = {code: index for index, code in enumerate(codes)}
    was = np.array([-1 if code is None else number[code] for code in old], dtype=np.int64)
    held = np.array([code is not None and code in locked for code in old], dtype=bool)
    shut = replace(land, kind=np.where(held, _LOCKED, land.kind))
    host = host_open_land(shut)
    regions = regions_of(shut, host, rule)
    stays = land.weight * np.where([unit in pinned for unit in land.ids], _PINNED, 1.0)
    owner = _owners(regions, was, land.weight)
    outcomes, keeps = [], []
    for index, region in enumerate(regions):
        mine = was[region.units]
        mine = np.where([code >= 0 and owner.get(code, index) != index for code in mine.tolist()], -1, mine)
        same = {number[code]: weight for code, weight in (weighed or {}).items() if code in number}
        outcome, kept = _settled(region, mine, stays[region.units], same, rule, seed, prove)
        outcomes.append(outcome)
        keeps += kept
    plan = assemble(shut, host, regions, outcomes)
    return _with_kept(land, plan, was, held, keeps, codes)


def _owners(regions: list[Region], was: Ints, weight: Floats) -> dict[int, int]:
    """The region where most of an old grid lies."""
    mass: Counter[tuple[int, int]] = Counter()
    for index, region in enumerate(regions):
        for unit in region.units.tolist():
            if was[unit] >= 0:
                mass[int(was[unit]), index] += float(weight[unit]) + 1e-6  # type: ignore[assignment]
    best: dict[int, int] = {}
    for (code, index), _ in sorted(mass.items(), key=lambda item: (item[1], -item[0][1])):
        best[code] = index
    return best


def _with_kept(  # noqa: PLR0917 -- one thing each, of its own type
    land: Territory, plan: Plan, was: Ints, held: Ints, keeps: list[int], codes: list[str]
) -> tuple[Plan, dict[int, str]]:
    """The plan with its locked grids put back, and codes for exclusive and open grids that had one."""
    kept = {grid: codes[code] for grid, code in enumerate(keeps) if code >= 0}
    used = set(kept.values())
    grid, kinds, communities = plan.grid.copy(), plan.kinds.tolist(), plan.communities.tolist()
    for code in np.unique(was[held]).tolist():
        members = np.flatnonzero(held & (was == code))
        grid[members] = len(kinds)
        kept[len(kinds)] = codes[code]
        used.add(codes[code])
        kinds.append(int(land.kind[members].min()))
        communities.append(int(land.community[members[0]]))
    for one in range(len(keeps), len(plan.kinds)):
        before = Counter(was[(grid == one) & (was >= 0)].tolist())
        free = [code for code, _ in before.most_common() if codes[code] not in used]
        if free:
            kept[one] = codes[free[0]]
            used.add(codes[free[0]])
    done = replace(
        plan,
        grid=grid,
        kinds=np.array(kinds, dtype=np.int64),
        communities=np.array(communities, dtype=np.int64),
    )
    return done, kept


def _settled(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, was: Ints, stays: Floats, weighed: Mapping[int, float], rule: Rule, seed: int, prove: bool
) -> tuple[Outcome, list[int]]:
    """One region: the old grids with what is new attached, then the broken ones mended."""
    book = EstateBook.of(region, rule)
    start = state = _carried(region, was, rule, book, seed)
    before = float(figures_of(region, state.label, book).prices(rule).sum())
    for most in _GRIDS:
        bad = outside_of(sums(state.label, region.weight), rule)
        for unit in [int(np.flatnonzero(state.label == one)[0]) for one in np.flatnonzero(bad).tolist()]:
            one = int(state.label[unit])
            weight = float(region.weight[state.label == one].sum())
            unchanged = abs(weighed.get(state.keeps[one], np.inf) - weight) < 1e-6
            if unchanged or abs(weight / rule.target - 1.0) <= rule.tolerance + 1e-9:
                continue
            state = _mended(region, state, around(region, state.label, one, most), was, stays, rule, book)
    state = _cheaper(region, start, state, was, stays, weighed, rule, book)
    must = 0.0
    if prove:
        state, must = _fewest(region, state, was, stays, rule, book)
    figures = figures_of(region, state.label, book)
    price = float(figures.prices(rule).sum())
    outside = int(outside_of(figures.weight, rule).sum())
    least = least_outside(region, rule) if outside else 0
    return Outcome(state.label, before, price, False, outside, least, least_moved=must), state.keeps


def _fewest(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, state: _State, was: Ints, stays: Floats, rule: Rule, book: EstateBook
) -> tuple[_State, float]:
    """How many households must move, and the plan that moves no more where one was found and costs less."""
    if not ((was >= 0) & (was != np.array(state.keeps)[state.label])).any():
        return state, 0.0
    weight = sums(state.label, region.weight)
    bearable = bool((np.abs(weight / rule.target - 1.0) <= rule.slack + 1e-9).all())
    outside = int(outside_of(weight, rule).sum())
    least = least_moved(region, was, rule, outside, bearable=bearable)
    if least.code is None:
        return state, least.moved
    codes, label = np.unique(least.code, return_inverse=True)
    other = _State(label.reshape(-1), codes.tolist())
    return min(state, other, key=lambda one: _cost(region, one, was, stays, rule, book)), least.moved


def _cheaper(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region,
    start: _State,
    mended: _State,
    was: Ints,
    stays: Floats,
    weighed: Mapping[int, float],
    rule: Rule,
    book: EstateBook,
) -> _State:
    """What was mended window by window, or the fewest moves between the old grids where that costs less."""
    keeps = np.array(start.keeps)
    weight = sums(start.label, region.weight, len(keeps))
    same = np.array(
        [
            abs(weighed.get(code, np.inf) - now) < 1e-6
            for code, now in zip(start.keeps, weight.tolist(), strict=True)
        ]
    )
    bad = outside_of(weight, rule)
    if not (bad & ~same).any():
        return mended
    known = was[:, None] >= 0
    moves = np.where(known & (was[:, None] != keeps[None, :]), stays[:, None], 0.0)
    wish = Wish(moves, stays > region.weight, bad & same, OUTSIDE / _MOVE * rule.target)
    label = shifted(region, start.label, rule, wish)
    if label is None:
        return mended
    other = _State(label, start.keeps)
    return min(mended, other, key=lambda one: _cost(region, one, was, stays, rule, book))


def _cost(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, state: _State, was: Ints, stays: Floats, rule: Rule, book: EstateBook
) -> float:
    """The price of a plan with its moves."""
    apart = (was >= 0) & (was != np.array(state.keeps)[state.label])
    shape = float(figures_of(region, state.label, book).prices(rule, _TASTE).sum())
    return shape + _MOVE / rule.target * float(stays[apart].sum())


def _carried(region: Region, was: Ints, rule: Rule, book: EstateBook, seed: int) -> _State:
    """Every old grid's largest piece stays; loose pieces and new units join a neighbour, or begin anew."""
    label = np.full(region.size, -1, dtype=np.int64)
    keeps: list[int] = []
    a, b = region.pairs.T if len(region.pairs) else (np.zeros(0, int), np.zeros(0, int))
    piece = components(region.size, region.pairs[(was[a] == was[b]) & (was[a] >= 0)])
    weight = sums(piece, region.weight + 1e-6, region.size)
    for code in np.unique(was[was >= 0]).tolist():
        pieces = np.unique(piece[was == code])
        label[piece == pieces[int(np.argmax(weight[pieces]))]] = len(keeps)
        keeps.append(code)
    near: list[list[tuple[int, float]]] = [[] for _ in range(region.size)]
    for one, two, metres, soft in zip(
        a.tolist(), b.tolist(), region.metres.tolist(), region.soft.tolist(), strict=True
    ):
        near[one].append((two, metres * (0.01 if soft else 1.0)))
        near[two].append((one, metres * (0.01 if soft else 1.0)))
    total = np.bincount(label[label >= 0], weights=region.weight[label >= 0], minlength=len(keeps)).tolist()
    loose = np.flatnonzero(label < 0).tolist()
    while loose:
        options = [
            (
                region.estate[unit] >= 0 and region.estate[other] == region.estate[unit],
                -total[label[other]],
                metres,
                -unit,
                unit,
                int(label[other]),
            )
            for unit in loose
            for other, metres in near[unit]
            if label[other] >= 0
        ]  # fmt: skip
        if not options:
            break
        *_, unit, grid = max(options)
        label[unit] = grid
        total[grid] += float(region.weight[unit])
        loose.remove(unit)
    if loose:
        part = cut_out(region, np.array(loose, dtype=np.int64))
        fresh = first_plan(part, rule, EstateBook.of(part, rule), seed)
        label[loose] = len(keeps) + fresh
        keeps += [-1] * (int(fresh.max()) + 1)
    return _State(label, keeps)


def _mended(  # noqa: PLR0917 -- one thing each, of its own type
    region: Region, state: _State, grids: list[int], was: Ints, stays: Floats, rule: Rule, book: EstateBook
) -> _State:
    inside = np.flatnonzero(np.isin(state.label, grids))
    part = cut_out(region, inside)
    own, before, mass = state.label[inside], was[inside], stays[inside]
    codes = [state.keeps[grid] for grid in grids if state.keeps[grid] >= 0]
    for deep in (False, True):
        atoms = _atoms(part, own, book, rule, deep)
        if atoms is None or atoms.count + len(codes) > 64:
            continue
        held = np.zeros((atoms.count, len(codes) + 1))
        known = before >= 0
        at = np.array([codes.index(code) if code in codes else len(codes) for code in before.tolist()])
        np.add.at(held, (atoms.label[known], at[known]), mass[known])
        below = _paid(part, own, [state.keeps[one] for one in grids], grids, codes, held, atoms, rule, book)
        found = _kept_cover(atoms, held, codes, rule, below)
        if found is None:
            continue
        fresh, owners = found
        label, keeps = state.label.copy(), list(state.keeps)
        label[inside] = len(keeps) + fresh[atoms.label]
        keeps += owners
        order = compacted(label)
        named = [-1] * (int(order.max()) + 1)
        for old, new in zip(label.tolist(), order.tolist(), strict=True):
            named[new] = keeps[old]
        return _State(order, named)
    return state


def _atoms(part: Region, own: Ints, book: EstateBook, rule: Rule, deep: bool) -> Atoms | None:
    """Buildings at the edge of their grid one by one (``deep``: all of them), the inside of each grid together."""
    a, b = part.pairs.T if len(part.pairs) else (np.zeros(0, int), np.zeros(0, int))
    edge = np.full(part.size, deep)
    apart = own[a] != own[b]
    edge[a[apart]] = edge[b[apart]] = True
    core = (own[a] == own[b]) & ~edge[a] & ~edge[b]
    label = components(part.size, part.pairs[core])
    for tiny in (0.0, 0.03, 0.06, 0.1, 0.15, 0.25) if deep else (0.0,):
        if deep:
            label = contract(
                part, book, whole=np.zeros(part.size, bool), tiny=tiny * rule.target, most=0.3 * rule.target
            )
            label = np.unique(np.column_stack([label, own]), axis=0, return_inverse=True)[1].reshape(-1)
        if len(np.unique(label)) <= _MOST:
            return gather(part, label, book)
    return None


def _paid(  # noqa: PLR0917 -- one thing each, of its own type
    part: Region, own: Ints, keeps: list[int], grids: list[int], codes: list[int], held: Floats,
    atoms: Atoms, rule: Rule, book: EstateBook,
) -> float:  # fmt: skip
    """The price of the window as it is."""
    total = 0.0
    label = np.searchsorted(np.sort(grids), own)
    prices = figures_of(part, label, book).prices(rule, _TASTE)
    for place, grid in enumerate(sorted(grids)):
        inside = np.unique(atoms.label[own == grid])
        held_here = held[inside].sum(0)
        code = keeps[grids.index(grid)]
        stay = held_here[codes.index(code)] if code >= 0 else 0.0
        total += float(prices[place]) + _MOVE / rule.target * float(held_here.sum() - stay)
    return total


def _kept_cover(
    atoms: Atoms, held: Floats, codes: list[int], rule: Rule, below: float
) -> tuple[Ints, list[int]] | None:
    """The cheapest division of a window: grid of each atom, and the code each grid keeps (-1: none)."""
    dear = np.zeros(0, dtype=np.int64)
    wide = _extended(atoms, len(codes))
    for room, outside in ((rule.tolerance, 0), (rule.slack, 1), (rule.slack, None)):
        low, high = rule.target * (1 - room), rule.target * (1 + room)
        masks, complete = connected_sets(atoms, low, high, _CAP)
        if len(dear):
            places = dear[dear < atoms.count]
            masks = np.unique(np.concatenate([masks, sets_around(atoms, places, 1.7 * rule.target)]))
        base = priced(masks, atoms, rule, _TASTE)
        overlap = bits(masks, atoms.count).astype(np.float64) @ held
        total = overlap.sum(1)
        sets, prices = [masks], [base + _MOVE / rule.target * total]
        for at in range(len(codes)):
            some = np.flatnonzero(overlap[:, at] > 0)
            sets.append(masks[some] | np.uint64(1 << (atoms.count + at)))
            prices.append(base[some] + _MOVE / rule.target * (total[some] - overlap[some, at]))
        sets.append(np.array([1 << (atoms.count + at) for at in range(len(codes))], dtype=np.uint64))
        prices.append(np.zeros(len(codes)))
        every, price = np.concatenate(sets), np.concatenate(prices)
        keep = (price < below) | (np.bitwise_count(every & np.uint64((1 << atoms.count) - 1)) == 1)
        most = min(below, UNBEARABLE) if room < rule.slack else below
        found = best_cover(Columns(every[keep], price[keep], complete), wide, most - 1e-6, rule, outside)
        if isinstance(found, Nothing):
            dear = found.dear
            continue
        label = np.empty(atoms.count, dtype=np.int64)
        owners: list[int] = []
        for mask in found.chosen.tolist():
            inside = [atom for atom in range(atoms.count) if mask >> atom & 1]
            if not inside:
                continue
            label[inside] = len(owners)
            kept = [code for at, code in enumerate(codes) if mask >> (atoms.count + at) & 1]
            owners.append(kept[0] if kept else -1)
        return label, owners
    return None


def _extended(atoms: Atoms, more: int) -> Atoms:
    """The atoms with an element of no weight for each code that can be kept."""
    return replace(
        atoms,
        weight=np.concatenate([atoms.weight, np.zeros(more)]),
        near=np.concatenate([atoms.near, np.zeros(more, dtype=np.uint64)]),
    )


def moved(land: Territory, old: list[str | None], new: list[str]) -> dict[int, float]:
    """The weight that changed its grid in each community: of units that were there before and are residential."""
    went: dict[int, float] = {}
    homes = (land.kind == RESIDENTIAL).tolist()
    for unit, (before, after) in enumerate(zip(old, new, strict=True)):
        if homes[unit] and before is not None and before != after:
            at = int(land.community[unit])
            went[at] = went.get(at, 0.0) + float(land.weight[unit])
    return went
