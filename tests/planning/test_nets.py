"""Two departments' nets: what differs is found and weighed, and a plan of the fewest changes is drawn from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.gridfiles import COMMUNITY
from tests.planning.ground import TARGET, draw, drawn
from tests.planning.nets import other_net
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.planning import actions, queries
from wangge.planning.states import NetSide, PairFate, PlanState
from wangge.planning.types import NetGiven
from wangge.territory import queries as ground


@pytest.fixture
def compared(steward: Any) -> Any:
    draw(steward)
    return actions.compare_nets(steward, under=COMMUNITY, b=other_net(steward))


def test_what_differs_is_weighed_by_the_households_that_live_there(steward: Any, compared: Any) -> None:
    view = queries.net_comparison(steward, comparison=compared)
    assert (view.row.grids_a, view.row.grids_b, view.row.standing, view.row.unit) == (
        4,
        4,
        True,
        "households",
    )
    assert view.relations_a == {"same": 2, "crossed": 1, "part": 1}
    (piece,) = queries.net_pairs(steward, comparison=compared).rows
    assert (piece.a, piece.b) == (f"{COMMUNITY}001", "PA-03")
    assert (piece.to_a, piece.to_b) == (f"{COMMUNITY}003", "PA-01")
    assert piece.weight == view.row.moves
    assert piece.weight + view.row.stays == sum(
        one.households or 0 for one in ground.buildings(steward, under=COMMUNITY, size=500).rows
    )
    assert 0 < view.row.share < 0.3
    assert view.defects_a == view.defects_b == {}
    assert len(json.loads(queries.net_areas(steward, comparison=compared, side=NetSide.B))["features"]) == 4
    (shown,) = json.loads(queries.net_changes(steward, comparison=compared))["features"]
    assert shown["properties"]["fate"] == "moves"
    assert [one.id for one in queries.net_comparisons(steward).rows] == [compared]


def test_a_plan_of_both_nets_moves_what_differs_and_nothing_else(
    steward: Any, system_access: Any, compared: Any
) -> None:
    (piece,) = queries.net_pairs(steward, comparison=compared).rows
    plan = actions.draft_from_nets(steward, comparison=compared, target=TARGET)
    drawn(system_access("territory_management"), plan)
    view = queries.grid_plan(steward, plan=plan)
    assert view.state is PlanState.READY
    assert view.figures.moved == piece.weight
    (flow,) = queries.plan_flows(steward, plan=plan)
    assert (flow.before, flow.after) == (piece.a, piece.to_a)
    assert view.figures.new_codes == view.figures.retired_codes == ()


def test_ground_of_one_net_alone_and_grids_without_partner(steward: Any, system_access: Any) -> None:
    draw(steward)
    lacking = actions.compare_nets(steward, under=COMMUNITY, b=other_net(steward, drop=1))
    view = queries.net_comparison(steward, comparison=lacking)
    assert view.relations_a["alone"] == 1
    assert view.only_a_m2 > 1_000
    only = queries.net_pairs(steward, comparison=lacking, fate=PairFate.ONLY_A).rows
    assert [one.b for one in only] == [""]
    both = actions.compare_nets(steward, under=COMMUNITY, a=other_net(steward, drop=1), b=other_net(steward))
    assert not queries.net_comparison(steward, comparison=both).row.standing
    with pytest.raises(Conflict, match="not_the_grids_in_force"):
        actions.draft_from_nets(steward, comparison=both)


def test_nets_are_compared_by_the_book(steward: Any, access_for: Any, compared: Any) -> None:
    with pytest.raises(BadInput, match="json_broken"):
        actions.compare_nets(steward, under=COMMUNITY, b=NetGiven("x.geojson", b"{"))
    elsewhere = access_for("data_steward", purpose="territory_management", scope="120101")
    with pytest.raises(Refused):
        actions.compare_nets(elsewhere, under=COMMUNITY, b=other_net(steward))
    with pytest.raises(NotFound):
        queries.net_comparison(elsewhere, comparison=compared)
    with pytest.raises(NotFound):
        actions.draft_from_nets(elsewhere, comparison=compared)
