"""Lines that part the ground and fixtures: in by file and list, out to the map; what is not a line is counted."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
import shapely

from tests.engine.gridfiles import COMMUNITY
from tests.landscape.lines import feature, file_of
from tests.planning.ground import draw
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.landscape import actions, queries
from wangge.landscape.states import BarrierKind, kind_of
from wangge.landscape.types import AssetRow
from wangge.territory import queries as ground

ROAD = shapely.LineString([(117.3, 39.1), (117.31, 39.1)])
LAKE = shapely.box(117.302, 39.101, 117.304, 39.102)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("津塘公路", BarrierKind.ROAD), ("月牙河", BarrierKind.RIVER), ("京津城际铁路", BarrierKind.RAILWAY),
        ("railway", BarrierKind.RAILWAY), ("secondary_link", BarrierKind.ROAD), ("围墙", BarrierKind.WALL),
        ("", None), ("??", None),
    ],
)  # fmt: skip
def test_a_line_says_what_it_is(word: str, kind: BarrierKind | None) -> None:
    assert kind_of(word) is kind


def test_lines_come_in_by_file_and_go_by_file(steward: Any, access_for: Any) -> None:
    body = file_of(
        feature(ROAD, fclass="primary", name="津塘路"),
        feature(LAKE, fclass="water", name="东丽湖"),
        feature(shapely.Point(117.3, 39.1), name="不是线"),
    )
    told = actions.import_barriers(steward, file_name="osm.geojson", body=body, division="120110")
    assert (told.lines, told.left_out) == (2, 1)
    assert dict(told.kinds) == {BarrierKind.ROAD: 1, BarrierKind.RIVER: 1}
    assert told.km == pytest.approx(1.43, abs=0.03)
    shown = json.loads(queries.map_barriers(steward))["features"]
    assert [(f["properties"]["kind"], f["properties"]["name"]) for f in shown] == [
        ("road", "津塘路"),
        ("river", "东丽湖"),
    ]
    near = queries.barriers(steward, under=COMMUNITY, bounds=(117.3015, 39.1005, 117.32, 39.2))
    assert [line.name for line in near] == ["东丽湖"]
    again = actions.import_barriers(
        steward,
        file_name="osm.geojson",
        body=file_of(feature(ROAD)),
        division="120110",
        kind=BarrierKind.WALL,
    )
    (held,) = queries.barrier_files(steward)
    assert (held.id, held.kinds) == (again.id, ((BarrierKind.WALL, 1),)), (
        "the same name takes the former's place"
    )
    elsewhere = access_for("data_steward", purpose="territory_management", scope="120101")
    assert queries.barrier_files(elsewhere) == ()
    with pytest.raises(Refused):
        actions.import_barriers(elsewhere, file_name="a.geojson", body=body, division="120110")
    with pytest.raises(NotFound):
        actions.remove_barriers(elsewhere, file=held.id)
    assert actions.remove_barriers(steward, file=held.id) == 1
    assert json.loads(queries.map_barriers(steward))["features"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json_broken"),
        (file_of(feature(shapely.Point(117.3, 39.1))), "file_without_lines"),
        (file_of(feature(shapely.LineString([(39.1, 117.3), (39.2, 117.3)]))), "coordinates_swapped"),
    ],
)
def test_a_file_without_lines_is_refused(steward: Any, body: bytes, code: str) -> None:
    with pytest.raises(BadInput, match=code):
        actions.import_barriers(steward, file_name="x.geojson", body=body, division="120110")
    assert queries.barrier_files(steward) == ()


def test_fixtures_stand_in_their_grid_and_leave_with_their_list(steward: Any, access_for: Any) -> None:
    draw(steward)
    grid = ground.grids(steward, under=COMMUNITY).rows[0]
    west, south, east, north = grid.bounds
    rows = [
        AssetRow("park/1", kind="路灯", owner="城管委", lon=(west + east) / 2, lat=(south + north) / 2,
                 recorded_on=date(2026, 3, 1)),
        AssetRow("park/2", kind="路灯", lon=None, lat=None),
        AssetRow("park/3", kind="井盖", lon=39.1, lat=117.3),
    ]  # fmt: skip
    told = actions.import_assets(steward, source="park", rows=rows, division="120110")
    assert (told.added, told.located, told.misplaced) == (3, 1, 1)
    assert actions.import_assets(steward, source="park", rows=rows, division="120110").unchanged == 3
    kinds = {one.kind: (one.count, one.unplaced) for one in queries.asset_kinds(steward)}
    assert kinds == {"路灯": (2, 1), "井盖": (1, 1)}
    first = next(one for one in queries.assets(steward).rows if one.record == "1")
    assert (first.unit_no, first.source) == (grid.unit_no, "park")
    (shown,) = json.loads(queries.map_assets(steward))["features"]
    assert shown["properties"]["kind"] == "路灯"
    page = queries.assets(steward, size=2)
    assert page.more
    assert len(queries.assets(steward, size=2, after=page.next).rows) == 1
    worker = access_for("grid_worker", purpose="community_service", scope=f"{grid.unit_no}")
    assert [one.id for one in queries.assets(worker).rows] == [first.id], "who has one grid sees its fixtures"
    with pytest.raises(Refused):
        actions.import_assets(worker, source="park", rows=rows, division="120110")
    assert actions.import_assets(steward, source="park", rows=rows[:1], division="120110").gone == 2
    with pytest.raises(NotFound):
        queries.asset(access_for("data_steward", purpose="territory_management", scope="120101"), id=first.id)
