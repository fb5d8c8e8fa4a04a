"""Ground cut into plots, divided, and mended after somebody moved one."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.tilings import lattice
from wangge_engine.divide.territory import Rule
from wangge_engine.frame.problems import Refused
from wangge_engine.geometry.measures import LocalFrame
from wangge_engine.plots.dividing import divided, figures, mended, offered
from wangge_engine.plots.fewest import worse
from wangge_engine.plots.land import Plot, land_of, neighbours
from wangge_engine.plots.matching import kept_codes
from wangge_engine.plots.parcels import parcels

COMMUNITY = "120110001005"
ALPHA = Rule(target=120.0)


def spots(shape: Any, count: int, seed: int) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.bounds(shape).tolist()
    out: list[tuple[float, float]] = []
    while len(out) < count:
        at = (float(rng.uniform(west, east)), float(rng.uniform(south, north)))
        if shape.contains(shapely.Point(at)):
            out.append(at)
    return out


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 25), twins=st.integers(0, 3), bent=st.booleans())
def test_plots_tile_their_ground_and_hold_their_buildings(
    seed: int, count: int, twins: int, bent: bool
) -> None:
    shapes = list(lattice(2, 2, seed).values())
    ground = shapely.union_all(shapes[:3] if bent else shapes)  # three of four: an outline with a bend
    at = spots(ground, count, seed)
    at += at[:twins]
    (plots,) = parcels([ground], [at])
    assert len(plots) == len(at)
    assert shapely.union_all(plots).symmetric_difference(ground).area < 1e-14
    assert sum(plot.area for plot in plots) == pytest.approx(ground.area, rel=1e-9), "they do not overlap"
    assert all(plot.is_valid and not plot.is_empty for plot in plots)
    for place, plot in list(zip(at, plots, strict=True))[twins : count if twins else None]:
        assert plot.distance(shapely.Point(place)) < 1e-9
    corners = {tuple(xy) for xy in shapely.get_coordinates(ground).tolist()}
    assert corners <= {tuple(xy) for plot in plots for xy in shapely.get_coordinates(plot).tolist()}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), counts=st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_plots_on_both_sides_of_an_outline_share_its_vertices(seed: int, counts: list[int]) -> None:
    shapes = list(lattice(2, 2, seed).values())
    at = [spots(shape, count, seed + n) for n, (shape, count) in enumerate(zip(shapes, counts, strict=True))]
    plots = parcels(shapes, at)
    assert [len(some) for some in plots] == [max(1, count) for count in counts]
    every = [plot for some in plots for plot in some]
    assert shapely.coverage_is_valid(every), "no hair between plots, whatever ground they were cut from"
    together = shapely.union_all(every)
    assert together.geom_type == "Polygon"
    assert not together.interiors


def test_a_plot_is_what_lies_nearest_to_its_building() -> None:
    ground = shapely.union_all(list(lattice(2, 2, 3).values()))
    at = spots(ground, 12, 3)
    (plots,) = parcels([ground], [at])
    frame = LocalFrame.around([ground])
    flat = shapely.get_coordinates(frame.metres(shapely.points(at)))
    for probe in spots(ground, 200, 4):
        here = shapely.get_coordinates(frame.metres(shapely.Point(probe)))[0]
        apart = np.hypot(*(flat - here).T)
        owner = next(n for n, plot in enumerate(plots) if plot.distance(shapely.Point(probe)) < 1e-12)
        nearest, second = np.sort(apart)[:2]
        assert apart[owner] == pytest.approx(nearest, abs=0.01) or second - nearest < 0.01


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c"]), st.integers(0, 2), st.integers(0, 50)), max_size=12
    )
)
def test_codes_stay_where_the_most_weight_keeps_them(units: list[tuple[str | None, int, int]]) -> None:
    old, new = [before for before, _, _ in units], [now for _, now, _ in units]
    weight = [float(heavy) for *_, heavy in units]
    kept = kept_codes(old, new, weight, [0, 0, 0])
    assert len(set(kept.values())) == len(kept)

    def worth(given: dict[int, str]) -> float:
        return sum(w for o, n, w in zip(old, new, weight, strict=True) if o is not None and given.get(n) == o)

    best = max(
        worth({n: c for n, c in enumerate(order) if c})
        for order in permutations(["a", "b", "c", "", "", ""], 3)
    )
    assert worth(kept) == pytest.approx(best)


def community(seed: int = 1) -> tuple[list[Plot], list[str]]:
    """Four grids of eight buildings each, the first one too heavy."""
    rng = np.random.default_rng(seed)
    plots, old = [], []
    shapes = list(lattice(2, 2, seed).values())
    cells = parcels(shapes, [spots(shape, 8, seed + number) for number, shape in enumerate(shapes, start=1)])
    for number, some in enumerate(cells, start=1):
        for one, cell in enumerate(some):
            weight = float(rng.integers(12, 18)) * (1.4 if number == 1 else 1.0)
            plots.append(Plot(f"{number}-{one}", round(weight), f"e{number}-{one // 3}", "residential", cell))
            old.append(f"{COMMUNITY}{number:03d}")
    return plots, old


def test_least_change_mends_what_is_broken_and_leaves_the_rest() -> None:
    plots, old = community()
    before = figures(COMMUNITY, plots, ALPHA, now=old)
    after = divided(COMMUNITY, plots, ALPHA, old=old, afresh=False, highest=4)
    again = divided(COMMUNITY, plots, ALPHA, old=old, afresh=False, highest=4)
    assert after.codes == again.codes
    assert before.codes == old

    def outside(drawn: Any) -> int:
        return sum(not row["within_tolerance"] for row in drawn.grids.values())

    assert outside(after) < outside(before)
    moved = sum(p.weight for p, a, b in zip(plots, old, after.codes, strict=True) if a != b)
    assert 0 < moved < 0.4 * sum(plot.weight for plot in plots)
    assert {int(code[-3:]) for code in set(after.codes) - set(old)} <= {5, 6}, (
        "numbers go on from the highest"
    )


def test_a_moved_plot_stays_and_everything_hangs_together() -> None:
    plots, old = community()
    land = land_of(COMMUNITY, plots)
    near = neighbours(land)
    now = divided(COMMUNITY, plots, ALPHA, old=old, afresh=False, highest=4).codes
    tried = 0
    for number, plot in enumerate(plots):
        options = sorted({now[other] for other in near[number]} - {now[number]})
        if not options or tried == 3:
            continue
        tried += 1
        done = mended(COMMUNITY, plots, ALPHA, now=now, moves={plot.id: options[0]}, highest=9)
        assert done.codes[number] == options[0]
        assert all(row["pieces"] == 1 for row in done.grids.values())
        weight = Counter[str]()
        for one, code in zip(plots, done.codes, strict=True):
            weight[code] += int(one.weight)
        assert weight == {code: row["weight"] for code, row in done.grids.items()}
    assert tried


def test_what_cannot_be_moved_is_refused_with_its_place() -> None:
    plots, old = community()
    near = neighbours(land_of(COMMUNITY, plots))
    inner = next(n for n in range(len(plots)) if {old[o] for o in near[n]} == {old[n]})
    with pytest.raises(Refused, match="not_beside"):
        mended(COMMUNITY, plots, ALPHA, now=old, moves={plots[inner].id: f"{COMMUNITY}004"}, highest=4)
    edge = next(n for n in range(len(plots)) if {old[o] for o in near[n]} - {old[n]})
    to = sorted({old[o] for o in near[edge]} - {old[edge]})[0]
    with pytest.raises(Refused, match="grid_locked"):
        mended(
            COMMUNITY, plots, ALPHA, now=old, moves={plots[edge].id: to}, locked=frozenset([to]), highest=4
        )
    alone = [to if n != edge else f"{COMMUNITY}009" for n in range(len(plots))]
    with pytest.raises(Refused, match="last_home"):
        mended(COMMUNITY, plots, ALPHA, now=alone, moves={plots[edge].id: to}, highest=9)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(1, 60))
def test_what_follows_a_move_is_the_least_that_must(seed: int) -> None:
    """No single further move and no pair of them heals the plan with fewer households than what is offered."""
    plots, old = community(seed)
    land = land_of(COMMUNITY, plots)
    near = neighbours(land)
    weight = land.weight.tolist()
    edge = [n for n in range(len(plots)) if {old[o] for o in near[n]} - {old[n]}]
    one = edge[seed % len(edge)]
    to = sorted({old[o] for o in near[one]} - {old[one]})[0]
    offer = offered(COMMUNITY, plots, ALPHA, now=old, moves={plots[one].id: to}, highest=9)
    wanted = [to if n == one else code for n, code in enumerate(old)]
    assert offer.alone.codes == wanted
    assert (offer.balanced is None) <= (offer.best is offer.alone), (
        "where nothing follows, the move alone is what is offered"
    )
    trouble = worse(old, wanted, weight, ALPHA)
    after = offer.best.codes
    assert after[one] == to
    assert worse(old, after, weight, ALPHA) < trouble or after == wanted
    if worse(old, after, weight, ALPHA):
        return
    paid = sum(w for w, a, b in zip(weight, wanted, after, strict=True) if a != b)
    cut = 0.05 * ALPHA.target * len(plots)  # what keeping estates whole may cost at most
    singles = [
        (n, c) for n in range(len(plots)) if n != one for c in {wanted[o] for o in near[n]} - {wanted[n]}
    ]
    for some in [(), *((s,) for s in singles)]:
        tried = list(wanted)
        for n, code in some:
            tried[n] = code
        whole = all(row["pieces"] == 1 for row in figures(COMMUNITY, plots, ALPHA, now=tried).grids.values())
        if whole and not worse(old, tried, weight, ALPHA):
            assert paid <= sum(weight[n] for n, _ in some) + cut


def test_ground_beyond_a_road_goes_to_a_building_on_that_side() -> None:
    ground = shapely.box(117.3, 39.1, 117.31, 39.105)
    road = shapely.LineString([(117.304, 39.099), (117.304, 39.106)])
    at = [(117.3035, 39.1025), (117.309, 39.101), (117.309, 39.104)]  # the first stands right beside the road
    (plain,) = parcels([ground], [at])
    (cut,) = parcels([ground], [at], [road])
    beyond = shapely.box(117.304, 39.1, 117.31, 39.105)
    assert plain[0].intersection(beyond).area > 0.1 * ground.area
    assert cut[0].intersection(beyond).area < 1e-12
    assert shapely.union_all(cut).symmetric_difference(ground).area < 1e-14
    assert shapely.coverage_is_valid(cut)
    dead_end = shapely.LineString([(117.304, 39.1045), (117.304, 39.106)])
    (same,) = parcels([ground], [at], [dead_end])
    assert [plot.area for plot in same] == pytest.approx([plot.area for plot in plain])
    plots = [Plot(str(n), 120.0, "", "residential", shape) for n, shape in enumerate(cut)]
    land = land_of(COMMUNITY, plots, [road])
    pairs = list(zip(land.pairs.tolist(), land.barrier.tolist(), strict=True))
    assert pairs
    assert all(wall == (0 in pair) for pair, wall in pairs), "the road parts the first from the others"
