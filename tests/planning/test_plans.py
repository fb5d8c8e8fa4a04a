"""A plan from the ask to the published version: drawn, moved by hand, locked, taken back, published."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from django.utils import timezone

from tests.engine.gridfiles import COMMUNITY, OTHER
from tests.landscape.lines import feature
from tests.planning.ground import TARGET, draw, drawn
from wangge.flows import jobs
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.landscape import actions as landscape
from wangge.planning import actions, queries
from wangge.planning.states import Approach, PlanState
from wangge.territory import actions as territory
from wangge.territory import queries as ground
from wangge.territory.states import ImportState
from wangge.territory.types import GridChange


@pytest.fixture
def system(system_access: Any) -> Any:
    return system_access("territory_management")


@pytest.fixture
def plan(steward: Any, system: Any) -> Any:
    """A plan of least change for two communities, ready."""
    draw(steward)
    asked = actions.draft_plan(steward, under="120110001", target=TARGET)
    drawn(system, asked)
    return asked


def codes_of(access: Any, plan: Any) -> dict[str, str]:
    return {
        plot.name: plot.code
        for grid in queries.plan_grids(access, plan=plan)
        for plot in queries.plan_plots(access, plan=plan, code=grid.code)
    }


def first_move(access: Any, plan: Any) -> Any:
    """A building at the edge of its grid with somewhere to go."""
    return next(
        plot
        for grid in queries.plan_grids(access, plan=plan, community=COMMUNITY)
        for plot in queries.plan_plots(access, plan=plan, code=grid.code)
        if plot.options
    )


def test_a_plan_is_drawn_with_least_change_and_says_what_it_is(plan: Any, steward: Any) -> None:
    view = queries.grid_plan(steward, plan=plan)
    assert view.state is PlanState.READY
    assert (view.communities, view.drawn) == (2, 2)
    told = view.figures
    assert told.households == sum(b.households or 0 for b in ground.buildings(steward, size=500).rows)
    assert told.grids - told.within >= told.least_outside
    flows = queries.plan_flows(steward, plan=plan)
    assert sum(flow.households for flow in flows) == told.moved < told.settled
    assert all(flow.before[:12] == flow.after[:12] for flow in flows), "no household leaves its community"
    before = {grid.code for grid in ground.grids(steward).rows}
    kept = {grid.code for grid in queries.plan_grids(steward, plan=plan)}
    assert before - kept == set(told.retired_codes)
    assert kept - before == set(told.new_codes)
    grids = queries.plan_grids(steward, plan=plan)
    off = [abs(grid.deviation) for grid in grids if grid.deviation is not None]
    assert off == sorted(off, reverse=True)
    assert all(grid.why for grid in grids if not grid.within)


def test_a_building_goes_where_a_person_puts_it_and_the_rest_follows(plan: Any, steward: Any) -> None:
    before = codes_of(steward, plan)
    outside = sum(not grid.within for grid in queries.plan_grids(steward, plan=plan))
    one = first_move(steward, plan)
    step = actions.move_plot(steward, plan=plan, plot=one.id, to=one.options[0])
    after = codes_of(steward, plan)
    assert after[one.name] == one.options[0]
    assert step.plots == sum(after[name] != before[name] for name in before)
    assert sum(not grid.within for grid in queries.plan_grids(steward, plan=plan)) <= outside + 1
    back = actions.undo_step(steward, plan=plan)
    assert back.undone
    assert codes_of(steward, plan) == before
    assert queries.grid_plan(steward, plan=plan).undo is None
    with pytest.raises(Conflict):
        actions.undo_step(steward, plan=plan)
    alone = actions.move_plot(steward, plan=plan, plot=one.id, to=one.options[0], balance=False)
    assert alone.plots == 1
    assert {name for name, code in codes_of(steward, plan).items() if code != before[name]} == {one.name}


def test_a_move_is_weighed_before_it_is_made(plan: Any, steward: Any) -> None:
    before = codes_of(steward, plan)
    tried = [
        queries.move_choices(steward, plan=plan, plot=plot.id, to=plot.options[0])
        for grid in queries.plan_grids(steward, plan=plan, community=COMMUNITY)
        for plot in queries.plan_plots(steward, plan=plan, code=grid.code)
        if plot.options
    ]
    assert codes_of(steward, plan) == before, "asking changes nothing"
    asked = next(one for one in tried if one.balanced)
    assert not asked.harmless
    assert asked.balanced is not None
    assert asked.balanced.outside <= asked.alone.outside
    assert all(one.balanced is None for one in tried if one.harmless), "no question where none is needed"
    alone = {grid.code: grid.after - grid.before for grid in asked.alone.grids}
    assert alone == {asked.source: -asked.households, asked.to: asked.households}
    step = actions.move_plot(steward, plan=plan, plot=asked.plot, to=asked.to, seen=asked.seen)
    assert (step.plots, step.households) == (
        len(asked.balanced.moves) + 1,
        asked.balanced.households + asked.households,
    )
    told = {grid.code: grid.households for grid in queries.plan_grids(steward, plan=plan)}
    assert all(told[grid.code] == grid.after for grid in asked.balanced.grids)
    actions.undo_step(steward, plan=plan)
    with pytest.raises(Conflict, match="plan_changed_meanwhile"):
        actions.move_plot(steward, plan=plan, plot=asked.plot, to=asked.to, seen=asked.seen)


def test_a_plan_keeps_to_a_road(steward: Any, system: Any) -> None:
    draw(steward)
    (told,) = ground.community_grounds(steward, under=COMMUNITY)
    whole = shapely.union_all([shapely.from_wkb(one.shape) for one in told.grids])
    west, south, east, north = whole.bounds
    road = shapely.LineString([((west + east) / 2, south - 0.001), ((west + east) / 2 + 1e-4, north + 0.001)])
    file = json.dumps({"type": "FeatureCollection", "features": [feature(road, name="津塘路")]}).encode()
    landscape.import_barriers(steward, file_name="roads.geojson", body=file, division="120110")
    plan = actions.draft_plan(steward, under=COMMUNITY, approach=Approach.AFRESH, target=TARGET)
    drawn(system, plan)
    from wangge.planning.models import PlanGrid, PlanPlot

    plots = [shapely.from_wkb(bytes(one.shape)) for one in PlanPlot.objects.filter(plan=plan)]
    assert not any(shapely.crosses(road, shape.buffer(-1e-7)) for shape in plots), "plots end at the road"
    crossed = [one.code for one in PlanGrid.objects.filter(plan=plan) if road.crosses(
        shapely.from_wkb(bytes(one.shape)).buffer(-1e-7)
    )]  # fmt: skip
    assert len(crossed) <= 1, "one grid may reach across where one side alone makes no whole number of grids"


def test_a_building_cannot_jump_nor_pass_a_lock(plan: Any, steward: Any) -> None:
    one = first_move(steward, plan)
    with pytest.raises(BadInput, match="not_beside"):
        actions.move_plot(steward, plan=plan, plot=one.id, to=f"{OTHER}001")
    actions.lock_grid(steward, plan=plan, code=one.options[0], locked=True)
    with pytest.raises(BadInput, match="grid_locked"):
        actions.move_plot(steward, plan=plan, plot=one.id, to=one.options[0])
    shut = {plot.name for plot in queries.plan_plots(steward, plan=plan, code=one.options[0])}
    others = [plot for plot in queries.plan_plots(steward, plan=plan, code=one.code) if plot.options]
    assert all(one.options[0] not in plot.options for plot in others)
    plot = others[0]
    actions.move_plot(steward, plan=plan, plot=plot.id, to=plot.options[0])
    assert {plot.name for plot in queries.plan_plots(steward, plan=plan, code=one.options[0])} == shut
    with pytest.raises(Conflict):
        actions.lock_grid(steward, plan=plan, code=one.options[0], locked=True)


def test_published_it_holds_from_its_day_and_codes_never_come_again(
    plan: Any, steward: Any, system: Any
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    before = {grid.code: grid for grid in ground.grids(steward, on=day).rows}
    codes = codes_of(steward, plan)
    untouched = {
        g.code for g in queries.plan_grids(steward, plan=plan) if not g.came and not g.went and g.standing
    }
    report = actions.publish_plan(steward, plan=plan, valid_from=day)
    assert report.state is ImportState.IMPORTED, report.defects
    assert report.blocking == 0
    view = queries.grid_plan(steward, plan=plan)
    assert (view.state, view.valid_from, view.grid_import) == (PlanState.PUBLISHED, day, report.id)
    after = {grid.code: grid for grid in ground.grids(steward, on=day).rows}
    assert {grid.code for grid in ground.grids(steward, on=day - timedelta(days=1)).rows} == set(before)
    assert set(after) == {code for code in codes.values() if code[:12] == COMMUNITY} | {
        code for code in before if code[:12] == OTHER
    }
    assert sum(grid.area_m2 for grid in after.values()) == pytest.approx(
        sum(grid.area_m2 for grid in before.values()), rel=1e-9
    )
    assert all(after[code].valid_from == before[code].valid_from for code in untouched), (
        "nothing new said of them"
    )
    with pytest.raises(Conflict):
        actions.move_plot(steward, plan=plan, plot=1, to=COMMUNITY + "001")
    # a grid that ended gives its number to nobody
    highest = max(int(code[-3:]) for code in {*before, *after} if code[:12] == COMMUNITY)
    (told,) = ground.community_grounds(steward, under=COMMUNITY, on=day)
    assert told.highest == highest


def test_a_plan_drawn_afresh_keeps_recognisable_codes_and_tiles_the_ground(steward: Any, system: Any) -> None:
    draw(steward)
    plan = actions.draft_plan(steward, under=COMMUNITY, approach=Approach.AFRESH, target=TARGET)
    drawn(system, plan)
    (told,) = ground.community_grounds(steward, under=COMMUNITY)
    from wangge.planning.models import PlanGrid

    shapes = [shapely.from_wkb(bytes(one.shape)) for one in PlanGrid.objects.filter(plan=plan)]
    whole = shapely.union_all([shapely.from_wkb(one.shape) for one in told.grids])
    assert shapely.union_all(shapes).symmetric_difference(whole).area < 1e-14
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)
    codes = {grid.code for grid in queries.plan_grids(steward, plan=plan)}
    assert len(codes & {grid.code for grid in told.grids}) >= 3
    report = actions.publish_plan(steward, plan=plan, valid_from=timezone.localdate())
    assert report.state is ImportState.IMPORTED, report.defects


def test_a_code_that_ended_is_never_given_again(steward: Any, system: Any) -> None:
    draw(steward)
    ended: set[str] = set()
    for days, target in ((0, 2 * TARGET), (1, TARGET)):
        plan = actions.draft_plan(steward, under=COMMUNITY, approach=Approach.AFRESH, target=target)
        if days:  # the plan is drawn on what holds today, and published for tomorrow
            assert {g.code for g in ground.grids(steward, under=COMMUNITY).rows}.isdisjoint(ended)
        drawn(system, plan)
        told = queries.grid_plan(steward, plan=plan).figures
        day = timezone.localdate() + timedelta(days=days)
        report = actions.publish_plan(steward, plan=plan, valid_from=day)
        assert report.state is ImportState.IMPORTED, report.defects
        now = {g.code for g in ground.grids(steward, under=COMMUNITY, on=day).rows}
        assert set(told.new_codes) <= now
        assert now.isdisjoint(told.retired_codes)
        if not days:
            ended = set(told.retired_codes)
            assert len(ended) == 2, "four grids became two"
        else:
            assert told.new_codes
            assert now.isdisjoint(ended)
            assert min(told.new_codes) > f"{COMMUNITY}004"


def test_the_ground_must_be_what_the_plan_was_drawn_on(plan: Any, steward: Any) -> None:
    territory.change_grid(steward, unit_no=int(COMMUNITY + "002"), change=GridChange(name="另一名"))
    with pytest.raises(Conflict, match="ground_has_changed"):
        actions.publish_plan(steward, plan=plan, valid_from=timezone.localdate())
    with pytest.raises(BadInput, match="day_has_passed"):
        actions.publish_plan(steward, plan=plan, valid_from=date(2026, 1, 2))


def test_a_plan_is_asked_for_by_the_book(steward: Any, access_for: Any, system: Any) -> None:
    draw(steward)
    for bad in ({"under": "12"}, {"under": COMMUNITY, "target": 0.0}, {"under": COMMUNITY, "tolerance": 0.9}):
        with pytest.raises(BadInput):
            actions.draft_plan(steward, **bad)  # type: ignore[arg-type]
    elsewhere = access_for("data_steward", purpose="territory_management", scope="120101")
    with pytest.raises(Refused):
        actions.draft_plan(elsewhere, under=COMMUNITY)
    worker = access_for("grid_worker", purpose="community_service")
    with pytest.raises(Refused):
        queries.grid_plans(worker)
    asked = actions.draft_plan(steward, under=COMMUNITY)
    with pytest.raises(NotFound):
        queries.grid_plan(elsewhere, plan=asked)
    actions.discard_plan(steward, plan=asked)
    assert not actions.begin_plan(system, plan=asked), "what was let go of is not drawn"
    with pytest.raises(Conflict):
        actions.discard_plan(steward, plan=asked)


def test_a_plan_whose_process_died_goes_on_and_a_discarded_one_stops(
    steward: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(steward)
    plan = actions.draft_plan(steward, under="120110001", target=TARGET)
    assert actions.begin_plan(system, plan=plan)
    assert actions.draw_next(system, plan=plan)
    half = queries.grid_plan(steward, plan=plan)
    assert (half.drawn, half.communities) == (1, 2)
    assert half.seconds_left is not None
    assert actions.standing_still(system) == ()
    later = timezone.now() + timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        assert actions.standing_still(system) == (plan,)
    actions.discard_plan(steward, plan=plan)
    assert not actions.draw_next(system, plan=plan)
    assert actions.sweep_plots(system) > 0
    assert queries.grid_plans(steward).rows[0].state is PlanState.DISCARDED


def test_the_background_draws_what_was_asked_and_says_when_it_cannot(
    steward: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(steward)
    told = {"under": COMMUNITY, "approach": Approach.LEAST_CHANGE, "target": TARGET, "tolerance": 0.1}
    plan = jobs.ask_for_plan(steward, **told)  # type: ignore[arg-type]
    jobs.draw_plan(plan=str(plan))
    assert queries.grid_plan(steward, plan=plan).state is PlanState.READY
    assert jobs.go_on_drawing(timestamp=0) == 0
    broken = jobs.ask_for_plan(steward, **told)  # type: ignore[arg-type]

    def fails(*_: Any, **__: Any) -> bool:
        raise RuntimeError("120110 张三")

    monkeypatch.setattr(jobs.planning, "draw_next", fails)
    with pytest.raises(RuntimeError):
        jobs.draw_plan(plan=str(broken))
    view = queries.grid_plan(steward, plan=broken)
    assert (view.state, view.fault) == (PlanState.FAILED, "RuntimeError"), "the fault's words stay in the log"
    actions.discard_plan(steward, plan=broken)
