"""Laws of the division: exact cover, contiguity, nesting, determinism, never worse than its start, stable codes."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations_with_replacement, permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.divide_land import land_of, lattice
from wangge_engine.divide.across import least_across
from wangge_engine.divide.atoms import contract, gather
from wangge_engine.divide.columns import connected_sets, priced
from wangge_engine.divide.numbering import (
    CodeBook,
    chinese,
    code_of,
    name_of,
    numbered,
    reading_order,
    split_code,
)
from wangge_engine.divide.plan import Plan, divide, price_of
from wangge_engine.divide.pockets import pockets
from wangge_engine.divide.prices import EstateBook, outside_of
from wangge_engine.divide.ranges import ranges_of
from wangge_engine.divide.replan import moved, replan
from wangge_engine.divide.report import grid_rows, summary
from wangge_engine.divide.search import improve, least_outside
from wangge_engine.divide.shift import Wish, shifted
from wangge_engine.divide.start import first_plan
from wangge_engine.divide.stay import least_moved
from wangge_engine.divide.territory import (
    EXCLUSIVE,
    RESIDENTIAL,
    Rule,
    Territory,
    components,
    host_open_land,
    regions_of,
    sums,
)
from wangge_engine.divide.whole import cut_estates
from wangge_engine.divide.work import Work
from wangge_engine.frame.problems import Refused

RULE = Rule()
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def planned(land: Territory, seed: int = 1) -> Plan:
    return divide(land, RULE, seed=seed, seconds=600, processes=1, say=lambda _: None)


def broken_laws(land: Territory, plan: Plan) -> list[str]:
    """What a plan must never be, found without the code that made it."""
    found = []
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in land.pairs.tolist():
        if plan.grid[a] == plan.grid[b]:
            near[a].append(b)
            near[b].append(a)
    members: dict[int, list[int]] = defaultdict(list)
    for unit, grid in enumerate(plan.grid.tolist()):
        members[grid].append(unit)
    if sorted(members) != list(range(len(plan.kinds))):
        found.append("grids without units, or units without a grid")
    for grid, units in members.items():
        seen, front = {units[0]}, [units[0]]
        while front:
            fresh = [other for other in near[front.pop()] if other not in seen]
            seen |= set(fresh)
            front += fresh
        if len(seen) < len(units):
            found.append(f"grid {grid} is in pieces")
        if len({int(land.community[unit]) for unit in units}) > 1:
            found.append(f"grid {grid} crosses a community")
        exclusive = [unit for unit in units if land.kind[unit] == EXCLUSIVE]
        if exclusive and len(units) > 1:
            found.append(f"grid {grid} holds an exclusive unit and others")
    return found


@FEW
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 8), communities=st.integers(1, 3))
def test_every_unit_in_one_connected_grid_of_its_community(
    tmp_path: Path, seed: int, rows: int, communities: int
) -> None:
    land = land_of(tmp_path, lattice(rows, 9, seed, communities=communities, special=0.12))
    plan = planned(land)
    assert not broken_laws(land, plan)
    for region, outcome in zip(plan.regions, plan.outcomes, strict=True):
        start = first_plan(region, RULE, EstateBook.of(region, RULE), 1)
        assert price_of(region, outcome.label, RULE) <= price_of(region, start, RULE) + 1e-6
        assert outcome.outside >= least_outside(region, RULE) or not outcome.outside


def test_the_same_seed_gives_the_same_plan_on_one_core_and_on_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = land_of(tmp_path, lattice(7, 12, 5, communities=3))
    one, two = planned(land, 3), planned(land, 3)
    monkeypatch.setattr("wangge_engine.divide.plan._WORTH_A_PROCESS", 10)
    both = divide(land, RULE, seed=3, seconds=600, processes=2, say=lambda _: None)
    assert one.grid.tolist() == two.grid.tolist() == both.grid.tolist()


def test_without_time_the_first_plan_stands_and_says_so(tmp_path: Path) -> None:
    land = land_of(tmp_path, lattice(6, 8, 4))
    plan = divide(land, RULE, seed=1, seconds=0.0, processes=1, say=lambda _: None)
    assert plan.cut_short
    assert not broken_laws(land, plan)
    assert all(outcome.price == outcome.before for outcome in plan.outcomes)


def test_a_plan_that_whole_estates_make_up_cuts_none(tmp_path: Path) -> None:
    graph = lattice(4, 12, 1, special=0.0)
    for node in graph["nodes"]:
        row, column = (int(part) for part in node["id"][1:].split("-"))
        node |= {"weight": 50, "keep": f"e{row // 2}-{column // 3}"}
    land = land_of(tmp_path, graph)
    plan = planned(land)
    book = numbered(land, plan, CodeBook(), {})
    rows = grid_rows(land, plan, book, ["" for _ in book], RULE)
    body = summary(land, plan, rows, RULE)
    assert body["within_tolerance"] == 1.0
    assert body["estates"]["small_cut"] == 0
    assert {row["weight"] for row in rows} == {300}
    assert body["compactness"] == pytest.approx(np.pi * 4 * 9600 / 400**2, abs=1e-3)


def test_connected_sets_are_all_met_once(tmp_path: Path) -> None:
    land = land_of(tmp_path, lattice(3, 4, 2, special=0.0))
    region = regions_of(land, host_open_land(land), RULE)[0]
    book = EstateBook.of(region, RULE)
    atoms = gather(region, np.arange(region.size), book)
    masks, complete = connected_sets(atoms, 0.0, 1e9, 10**6)
    near = [int(one) for one in atoms.near]

    def hangs_together(mask: int) -> bool:
        seen = mask & -mask
        while True:
            grown = seen
            for atom in range(atoms.count):
                if seen >> atom & 1:
                    grown |= near[atom] & mask
            if grown == seen:
                return seen == mask
            seen = grown

    assert complete
    assert sorted(masks.tolist()) == [mask for mask in range(1, 1 << atoms.count) if hangs_together(mask)]
    whole = int(np.argmax(masks))
    assert priced(masks, atoms, RULE)[whole] == pytest.approx(
        price_of(region, np.zeros(region.size, dtype=np.int64), RULE), rel=1e-4
    )
    joined = contract(region, book, whole=region.estate >= 0, tiny=0.0, most=330.0)
    assert len(np.unique(joined)) < region.size


def test_open_land_follows_its_estate_and_never_an_exclusive_unit(tmp_path: Path) -> None:
    graph = lattice(1, 6, 1, special=0.0)
    for node, kind, keep in zip(
        graph["nodes"],
        ("residential", "open", "residential", "exclusive", "open", "open"),
        ("a", "b", "b", "", "", ""),
        strict=True,
    ):
        node |= {"kind": kind, "keep": keep, "weight": 300 if kind == "residential" else 0}
    land = land_of(tmp_path, graph)
    plan = planned(land)
    assert plan.grid[1] == plan.grid[2] != plan.grid[0]
    assert plan.grid[4] == plan.grid[5]
    assert Counter(plan.kinds.tolist()) == {0: 2, 1: 1, 2: 1}


def test_islands_of_a_community_in_pieces_join_the_nearest_grid(tmp_path: Path) -> None:
    graph = lattice(2, 6, 1, special=0.0)
    graph["nodes"].append(
        graph["nodes"][0] | {"id": "island", "weight": 20, "x": 900.0, "y": 0.0, "keep": ""}
    )
    for node in graph["nodes"]:
        node["weight"] = 20 if node["id"] == "island" else 50
    land = land_of(tmp_path, graph)
    plan = planned(land)
    assert plan.grid[-1] == plan.grid[land.ids.index("u0-5")]


def test_a_barrier_is_crossed_only_where_a_side_cannot_stand_alone(tmp_path: Path) -> None:
    graph = lattice(2, 6, 1, special=0.0)
    for node in graph["nodes"]:
        node["weight"] = 100
    for edge in graph["edges"]:
        edge[3] = edge[0][1] != edge[1][1]
    land = land_of(tmp_path, graph)
    plan = planned(land)
    rows = grid_rows(land, plan, ["120110001001001"] * 9, [""] * 9, RULE)
    assert not any(row["barriers_crossed"] for row in rows)
    thin = replace(land, weight=np.where(np.arange(len(land.ids)) < 6, 10.0, 100.0))
    plan = planned(thin)
    assert plan.grid[0] in plan.grid[6:]


# --- re-planning -----------------------------------------------------------------------------------------------


def codes_of(land: Territory, plan: Plan, book: CodeBook, kept: dict[int, str]) -> list[str]:
    codes = numbered(land, plan, book, kept)
    return [codes[grid] for grid in plan.grid.tolist()]


@FEW
@given(seed=st.integers(0, 10_000), changes=st.integers(0, 4))
def test_a_new_plan_changes_little_and_keeps_its_codes(tmp_path: Path, seed: int, changes: int) -> None:
    graph = lattice(5, 8, seed, communities=2)
    land = land_of(tmp_path, graph)
    old = codes_of(land, planned(land), book := CodeBook(), {})
    rng = np.random.default_rng(seed)
    homes = np.flatnonzero(land.kind == RESIDENTIAL)
    weight = land.weight.copy()
    weight[rng.choice(homes, changes, replace=False)] *= 1.6
    after = replace(land, weight=weight)
    weighed: Counter[str] = Counter()
    for code, weight_of in zip(old, land.weight.tolist(), strict=True):
        weighed[code] += weight_of  # type: ignore[assignment]
    plan, kept = replan(after, list(old), RULE, weighed=weighed, prove=True)
    new = codes_of(after, plan, book, kept)
    assert not broken_laws(after, plan)
    assert len(set(kept.values())) == len(kept)
    if not changes:
        assert new == old
    heaviest: dict[str, Counter[str]] = defaultdict(Counter)
    for before, now, weight_of in zip(old, new, after.weight.tolist(), strict=True):
        heaviest[now][before] += weight_of  # type: ignore[assignment]
    for now, befores in heaviest.items():
        if now in set(old) and sum(befores.values()):
            assert now in befores  # a code that goes on keeps households it had
    assert sum(moved(after, list(old), new).values()) <= 0.6 * float(after.weight.sum())


def test_a_new_building_joins_a_neighbour_and_locked_grids_stay(tmp_path: Path) -> None:
    graph = lattice(4, 9, 1, special=0.0)
    for node in graph["nodes"]:
        row, column = (int(part) for part in node["id"][1:].split("-"))
        node |= {"weight": 20 if (row + column) % 2 else 80, "keep": f"e{row // 2}-{column // 3}"}
    land = land_of(tmp_path, graph)
    book = CodeBook()
    old = codes_of(land, planned(land), book, {})
    grown = replace(land, weight=np.where(np.array(land.ids) == "u0-1", 80.0, land.weight))
    before: list[str | None] = list(old)
    before[land.ids.index("u3-8")] = None
    plan, kept = replan(grown, before, RULE)
    new = codes_of(grown, plan, book, kept)
    assert new[land.ids.index("u3-8")] == old[land.ids.index("u3-8")]
    assert 0 < sum(moved(grown, before, new).values()) <= 150
    lock = frozenset({old[0]})
    plan, kept = replan(grown, before, RULE, locked=lock)
    still = codes_of(grown, plan, CodeBook(), kept)
    assert [code in lock for code in still] == [code in lock for code in old]


def test_a_dragged_building_stays_where_it_was_put_and_the_rest_rebalances(tmp_path: Path) -> None:
    land = land_of(tmp_path, lattice(5, 9, 7, mean=45.0, special=0.0))
    book = CodeBook()
    old = codes_of(land, planned(land), book, {})
    borders = [(a, b) for a, b in land.pairs.tolist() if old[a] != old[b]]
    assert len(borders) > 10
    moves = []
    for unit, beside in borders[::6]:
        before: list[str | None] = list(old)
        before[unit] = old[beside]
        plan, kept = replan(land, before, RULE, pinned=frozenset((land.ids[unit],)))
        new = codes_of(land, plan, book, kept)
        assert not broken_laws(land, plan)
        assert new[unit] == old[beside]
        weight = sums(plan.grid, land.weight)
        assert not outside_of(weight, RULE).any() or moved(land, before, new)
        moves.append(sum(a != b for a, b in zip(before, new, strict=True)))
    assert any(moves), "somewhere the rest had to rebalance"
    assert max(moves) < len(old) / 2


def test_retired_codes_are_not_used_again(tmp_path: Path) -> None:
    land = land_of(tmp_path, lattice(2, 6, 3, special=0.0))
    plan = planned(land)
    book = CodeBook({"120110001001": 7}, {"120110001001007"})
    codes = numbered(land, plan, book, {})
    assert min(split_code(code)[1] for code in codes) == 8
    book.write(tmp_path / "plan.codes.json")
    assert CodeBook.read(tmp_path / "plan.csv") == book


# --- numbers and names -----------------------------------------------------------------------------------------


def test_grids_are_numbered_west_to_east_and_north_to_south() -> None:
    x, y = np.array([0.0, 10.0, 0.0, 10.0]), np.array([0.0, 0.0, 10.0, 10.0])
    assert reading_order(x, y, list("abcd")) == [2, 3, 0, 1]
    assert reading_order(np.full(2, np.nan), np.zeros(2), ["b", "a"]) == [1, 0]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (999, "九百九十九"),
    ],
)
def test_numbers_are_written_as_people_say_them(number: int, text: str) -> None:
    assert chinese(number) == text


@given(community=st.sampled_from(["120110001001", "华亭里", "S-1"]), number=st.integers(1, 999))
def test_codes_come_apart_as_they_were_made(community: str, number: int) -> None:
    code = code_of(community, number)
    assert split_code(code) == (community, number)
    assert name_of(code, EXCLUSIVE) == f"第{chinese(number)}专属网格"


def test_a_community_has_at_most_999_codes() -> None:
    with pytest.raises(Refused, match="too_many_grids"):
        code_of("120110001001", 1000)


def test_bounds_from_weights_alone(tmp_path: Path) -> None:
    graph: dict[str, Any] = lattice(1, 3, 1, special=0.0)
    for node, weight in zip(graph["nodes"], (400, 300, 100), strict=True):
        node["weight"] = weight
    land = land_of(tmp_path, graph)
    region = regions_of(land, host_open_land(land), RULE)[0]
    assert least_outside(region, RULE) == 2  # 100 is no grid and goes with 300
    assert least_outside(replace(region, weight=np.array([300.0, 300.0, 10.0])), RULE) == 0
    # 250 makes up no grid with 300 or 90; each of two times 230 is more than half of what can be borne
    assert least_outside(replace(region, weight=np.array([300.0, 250.0, 90.0])), RULE) == 1
    assert least_outside(replace(region, weight=np.array([230.0, 230.0, 20.0])), RULE) == 2


def every_plan(size: int) -> list[list[int]]:
    """Every way to label positions 0, 1, 2 ... as parts, each once."""
    plans = [[0]]
    for _ in range(size - 1):
        plans = [[*plan, label] for plan in plans for label in range(max(plan) + 2)]
    return plans


@pytest.mark.parametrize(
    ("seed", "mean", "rows"),
    [(1, 90.0, 2), (2, 130.0, 2), (3, 180.0, 2), (4, 110.0, 2), (5, 75.0, 2), (6, 110.0, 1), (7, 90.0, 1), (8, 60.0, 1)],
)  # fmt: skip
def test_what_is_proven_holds_against_every_plan_there_is(
    tmp_path: Path, seed: int, mean: float, rows: int
) -> None:
    land = land_of(tmp_path, lattice(rows, 8 // rows, seed, mean=mean, special=0.0))
    region = max(regions_of(land, host_open_land(land), RULE), key=lambda part: part.size)
    book = EstateBook.of(region, RULE)
    best = np.inf
    bearable: list[tuple[int, int]] = []
    crossing: list[int] = []
    cut = replace(region, soft=np.arange(len(region.pairs)) % 3 == 0)
    for plan in every_plan(region.size):
        label = np.array(plan)
        inside = region.pairs[label[region.pairs[:, 0]] == label[region.pairs[:, 1]]]
        if len(np.unique(components(region.size, inside))) == max(plan) + 1:
            weight = sums(label, region.weight)
            best = min(best, price_of(region, label, RULE))
            if (np.abs(weight / RULE.target - 1) <= RULE.slack).all():
                bearable.append((int(outside_of(weight, RULE).sum()), len(cut_estates(region, label, book))))
                ends = label[cut.pairs[cut.soft]]
                crossing.append(len(np.unique(ends[ends[:, 0] == ends[:, 1]])))
    outcome = improve(region, first_plan(region, RULE, book, 1), RULE, book, Work())
    assert outcome.price >= best - 1e-6
    assert not outcome.proven or outcome.price <= best + 1e-2
    assert outcome.outside or outcome.price <= best + 1e-2, "small enough to be searched whole"
    assert bool(bearable) != bool(outcome.least_beyond), "small enough to be proven"
    if bearable:
        assert least_across(cut, RULE) <= min(crossing)
        assert outcome.least_outside <= min(outside for outside, _ in bearable)
        as_balanced = [cut for outside, cut in bearable if outside <= outcome.outside]
        assert outcome.least_cut == min(as_balanced), "small enough to be proven"


def test_what_one_unit_cuts_off_and_is_no_grid_goes_with_it() -> None:
    #  0 - 1 - 2 - 3 with 4 beside 1 and 2; 5 hangs from 3
    pairs = np.array([[0, 1], [1, 2], [2, 3], [1, 4], [2, 4], [3, 5]])
    weight = np.array([50.0, 100.0, 100.0, 100.0, 100.0, 90.0])
    light = {tuple(sorted(pair)) for pair in pockets(6, pairs, weight, 225.0).tolist()}
    assert light == {(0, 1), (2, 3), (2, 5), (3, 5)}
    assert not len(pockets(6, pairs, weight, 50.0))


@pytest.mark.parametrize(("total", "outside"), [(981.0, 0), (1044.0, 1), (600.0, 2), (2261.0, 0)])
def test_a_grid_weighs_what_the_others_leave(total: float, outside: int) -> None:
    ranges = ranges_of(total, RULE, outside)
    steps = np.arange(225.0, 375.5, 3.0)
    found: set[float] = set()
    for grids in range(1, 5):
        for some in combinations_with_replacement(steps.tolist(), grids - 1):
            last = total - sum(some)
            every = np.array([*some, last])
            if 225 <= last <= 375 and int(outside_of(every, RULE).sum()) == outside:
                found |= set(every.tolist())
        if grids == 3 and found:
            break
    weights = np.array(sorted(found))
    assert len(weights) or total > 2000
    assert ranges.hold(weights, RULE).all()
    assert not ranges.hold(np.array([ranges.low - 1.0, ranges.high + 1.0]), RULE).any()


def test_the_fewest_households_move_and_grids_hang_together(tmp_path: Path) -> None:
    graph: dict[str, Any] = lattice(1, 6, 1, special=0.0)
    for node, weight in zip(graph["nodes"], (20, 270, 50, 100, 100, 80), strict=True):
        node["weight"] = weight
    land = land_of(tmp_path, graph)
    region = regions_of(land, host_open_land(land), RULE)[0]
    label = np.array([0, 0, 0, 1, 1, 1])  # 340 and 280; the 20 at the far end cannot leave over the 270
    moves = np.where(label[:, None] == np.arange(2), 0.0, region.weight[:, None])
    free = Wish(moves, np.zeros(6, dtype=bool), np.zeros(2, dtype=bool), 200.0)
    found = shifted(region, label, RULE, free)
    assert found is not None and found.tolist() == [0, 0, 1, 1, 1, 1]
    for bound in (
        replace(free, fixed=np.arange(6) == 2),
        replace(free, outside=40.0),
        replace(free, alone=np.array([True, False])),
    ):
        stays = shifted(region, label, RULE, bound)
        assert stays is not None and stays.tolist() == label.tolist()


@pytest.mark.parametrize(("seed", "mean", "rows"), [(1, 90.0, 2), (3, 180.0, 2), (5, 75.0, 2)])
def test_no_plan_as_balanced_moves_fewer_than_what_is_proven(
    tmp_path: Path, seed: int, mean: float, rows: int
) -> None:
    land = land_of(tmp_path, lattice(rows, 8 // rows, seed, mean=mean, special=0.0))
    region = max(regions_of(land, host_open_land(land), RULE), key=lambda part: part.size)
    was = first_plan(region, RULE, EstateBook.of(region, RULE), 1)
    after = replace(region, weight=np.round(region.weight * np.where(np.arange(region.size) % 3, 1.0, 1.7)))
    codes = range(int(was.max()) + 1)
    best: dict[tuple[int, bool], float] = {}
    for plan in every_plan(region.size):
        label = np.array(plan)
        inside = region.pairs[label[region.pairs[:, 0]] == label[region.pairs[:, 1]]]
        if len(np.unique(components(region.size, inside))) == max(plan) + 1:
            stays = np.zeros((len(codes), max(max(plan) + 1, len(codes))))
            np.add.at(stays, (was, label), after.weight)
            most = max(
                sum(stays[code, one[code]] for code in codes)
                for one in permutations(range(stays.shape[1]), len(codes))
            )
            weight = sums(label, after.weight)
            key = (
                int(outside_of(weight, RULE).sum()),
                bool((np.abs(weight / RULE.target - 1) <= RULE.slack).all()),
            )
            best[key] = min(best.get(key, np.inf), float(after.weight.sum() - most))
    told = []
    for outside, bearable in product(range(max(best)[0] + 1), (False, True)):
        as_good = [moves for (out, borne), moves in best.items() if out <= outside and borne >= bearable]
        least = least_moved(after, was, RULE, outside, bearable=bearable)
        assert least.moved <= min(as_good, default=np.inf)
        assert least.code is None or least.moved == min(as_good)
        told.append(least.code is not None)
    assert any(told), "small enough to be proven"


def test_what_barriers_cut_off_must_go_across_them(tmp_path: Path) -> None:
    graph = lattice(1, 6, 1, special=0.0)
    for node, weight in zip(graph["nodes"], (50, 300, 200, 200, 40, 60), strict=True):
        node["weight"] = weight
    land = land_of(tmp_path, graph)
    region = regions_of(land, host_open_land(land), RULE)[0]
    assert least_across(region, RULE) == 0
    apart = lambda *places: replace(region, soft=np.isin(region.pairs.min(axis=1), places))  # noqa: E731
    assert least_across(apart(0, 3), RULE) == 1  # 50 and 100 are no grids and fit into one that can be borne
    assert least_across(apart(0, 1, 2, 3), RULE) == 2  # 50, 200, 200 and 100 fill more than one
