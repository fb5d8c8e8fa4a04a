"""Point and address to grid on a day; buildings in bulk; the map's layers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.gridfiles import COMMUNITY, OTHER, grid_file
from tests.engine.tilings import LAT, LON, STEP_LAT, STEP_LON, cells_of, lattice, tilings
from tests.territory.conftest import FROM
from wangge.kernel.problems import BadInput, Refused
from wangge.territory import actions, queries
from wangge.territory.actions.buildings import relocate_all
from wangge.territory.models import Building
from wangge.territory.states import BuildingKind, Datum, Level, Precision
from wangge.territory.types import BuildingRow
from wangge_engine.datums.coordinates import from_wgs84
from wangge_engine.geometry.locating import GridIndex

UNIT = int(COMMUNITY + "001")


@settings(max_examples=25, deadline=None)
@given(tilings(), st.integers(0, 1000))
def test_the_index_agrees_with_asking_every_polygon(cells, seed):
    rng = np.random.default_rng(seed)
    units = [int(cell.code) for cell in cells]
    index = GridIndex(units, [cell.geometry for cell in cells])
    vertices = shapely.get_coordinates([cell.geometry for cell in cells])
    lon = np.r_[rng.uniform(LON - 0.003, LON + 6 * STEP_LON, 300), vertices[:, 0], np.nan]
    lat = np.r_[rng.uniform(LAT - 0.003, LAT + 6 * STEP_LAT, 300), vertices[:, 1], 39.0]
    naive = [
        min(
            (
                unit
                for unit, cell in zip(units, cells, strict=True)
                if shapely.intersects_xy(cell.geometry, x, y)
            ),
            default=0,
        )
        for x, y in zip(lon, lat, strict=True)
    ]
    assert index.units(lon, lat).tolist() == naive


def test_an_empty_territory_has_no_grid_anywhere():
    assert GridIndex([], []).units([LON, 0.0], [LAT, 0.0]).tolist() == [0, 0]


@pytest.fixture
def drawn(steward):
    """Two communities of two grids each, from west to east."""
    shapes = lattice(4, 1, 2)
    cells = [
        *cells_of({key: shapes[key] for key in [(0, 0), (1, 0)]}),
        *cells_of({key: shapes[key] for key in [(2, 0), (3, 0)]}, OTHER),
    ]
    name, body = grid_file([replace(cell, row=n) for n, cell in enumerate(cells, 1)])
    assert actions.import_grids(steward, file_name=name, body=body, valid_from=FROM).blocking == 0
    return cells


def middle(cell):
    point = shapely.point_on_surface(cell.geometry)
    return point.x, point.y


def row(ref, cell, estate="嘉春园", no="12号楼", **more):
    lon, lat = middle(cell)
    return BuildingRow(ref, estate=estate, building_no=no, lon=lon, lat=lat, **more)


def test_a_point_has_its_grid_and_the_names_above(steward, drawn):
    lon, lat = middle(drawn[0])
    place = queries.locate(steward, lon=lon, lat=lat)
    assert (place.precision, place.unit_no) == (Precision.POINT, UNIT)
    assert (place.grid_name, place.community_name, place.street_name) == (
        "第一网格",
        "华亭里社区居委会",
        "张贵庄街道",
    )
    gcj = from_wgs84(lon, lat, Datum.GCJ02)
    same = queries.locate(steward, lon=float(gcj.lon), lat=float(gcj.lat), datum=Datum.GCJ02)
    assert same.unit_no == UNIT
    assert queries.locate(steward, lon=LON - 1, lat=LAT).precision is Precision.NONE


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (39.1, 117.3, "coordinates_swapped"),
        (2.3, 48.8, "coordinates_outside"),
        (5e5, 4e6, "coordinates_projected"),
    ],
)
def test_impossible_coordinates_are_refused(steward, lon, lat, code):
    with pytest.raises(BadInput, match=code):
        queries.locate(steward, lon=lon, lat=lat)
    with pytest.raises(BadInput, match="place_missing"):
        queries.locate(steward, address=" ")


def test_many_points_at_once_on_a_day(steward, drawn):
    points = np.array([middle(cell) for cell in drawn])
    found = queries.units_of_points(steward, lon=points[:, 0], lat=points[:, 1])
    assert found.unit_nos.tolist() == [int(cell.code) for cell in drawn]
    before = queries.units_of_points(steward, lon=points[:, 0], lat=points[:, 1], on=date(2025, 1, 1))
    assert before.unit_nos.tolist() == [0, 0, 0, 0]
    assert before.stamp != found.stamp
    assert queries.map_stamp(steward) == found.stamp
    with pytest.raises(BadInput, match="lengths_differ"):
        queries.units_of_points(steward, lon=[1.0, 2.0], lat=[1.0])


def test_buildings_come_in_once_and_lie_in_their_grids(steward, drawn):
    rows = [
        row("b1", drawn[0], households=60),
        row("b2", drawn[1], no="13"),
        BuildingRow("b3", estate="无坐标里", building_no="1", community=OTHER),
        BuildingRow("b4", estate="颠倒里", building_no="1", lon=LAT, lat=LON),
        row("b5", drawn[2], estate="", no="", address="先锋路8号东丽小学", kind=BuildingKind.SCHOOL),
    ]
    first = actions.import_buildings(steward, rows=rows, division="120110")
    assert (first.added, first.changed, first.unchanged, first.located) == (5, 0, 0, 3)
    assert [(one.row, one.record_ref, one.code) for one in first.faults] == [(4, "b4", "coordinates_swapped")]
    assert first.faults[0].zh
    again = actions.import_buildings(steward, rows=rows, division="120110")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)
    more = actions.import_buildings(steward, rows=[replace(rows[0], households=61)], division="120110")
    assert (more.added, more.changed) == (0, 1)
    units = {one.record_ref: one.unit_no for one in queries.buildings(steward).rows}
    assert units == {
        "b1": UNIT,
        "b2": UNIT + 1,
        "b3": int(OTHER) * 1000,
        "b4": 120110000000000,
        "b5": int(drawn[2].code),
    }
    pages, after = [], None
    while True:
        page = queries.buildings(steward, size=2, after=after)
        pages += [one.record_ref for one in page.rows]
        after = page.next
        if not page.more:
            break
    assert pages == ["b4", "b1", "b2", "b3", "b5"]
    keys = queries.building_keys(steward)
    assert dict(zip(keys.keys, keys.unit_nos.tolist(), strict=True))["嘉春园|12"] == UNIT


def test_a_second_record_with_bad_coordinates_follows_the_first(steward, drawn):
    rows = [row("b1", drawn[0]), replace(row("b2", drawn[0]), lon=0.0, lat=0.0)]
    done = actions.import_buildings(steward, rows=rows, division="120110")
    assert [one.code for one in done.faults] == ["coordinates_missing"]
    assert {one.unit_no for one in queries.buildings(steward).rows} == {UNIT}
    later = replace(row("b3", drawn[0]), lon=None, lat=None)
    assert actions.import_buildings(steward, rows=[later], division="120110").faults == ()
    assert {one.unit_no for one in queries.buildings(steward).rows} == {UNIT}
    keys = queries.building_keys(steward)
    assert list(zip(keys.keys, keys.unit_nos.tolist(), strict=True)) == [("嘉春园|12", UNIT)]


def test_buildings_elsewhere_are_named_and_others_records_left_alone(steward, drawn, access_for):
    neighbour = access_for("data_steward", purpose="territory_management", scope=OTHER)
    with pytest.raises(Refused, match="outside_territory"):
        actions.import_buildings(neighbour, rows=[row("b1", drawn[0])], division="120110")
    actions.import_buildings(steward, rows=[row("b1", drawn[0], households=9)], division="120110")
    mine = actions.import_buildings(
        neighbour, rows=[row("b1", drawn[0]), row("b2", drawn[1])], division=OTHER
    )
    assert (mine.added, mine.changed) == (1, 0)
    assert {one.code for one in mine.faults} == {"outside_division"}
    stored = {one.record_ref: (one.unit_no, one.households) for one in queries.buildings(steward).rows}
    assert stored == {"b1": (UNIT, 9), "b2": (int(OTHER) * 1000, None)}


def test_buildings_in_an_undeclared_datum_are_refused(steward, drawn):
    rows = [row(f"b{n}", cell) for n, cell in enumerate(drawn)]
    actions.import_buildings(steward, rows=rows, division="120110")
    shifted = [
        replace(one, lon=float(x), lat=float(y))
        for one in rows
        for x, y in [from_wgs84(one.lon, one.lat, Datum.GCJ02)]
    ]
    with pytest.raises(BadInput, match="wrong_datum") as caught:
        actions.import_buildings(steward, rows=shifted, division="120110")
    assert "GCJ-02" in caught.value.zh
    honest = actions.import_buildings(steward, rows=shifted, division="120110", declared_datum=Datum.GCJ02)
    assert honest.faults == ()
    for building, cell in zip(Building.objects.order_by("record_ref"), drawn, strict=True):
        assert (building.lon, building.lat) == pytest.approx(middle(cell), abs=1e-8)


ADDRESSES = [
    ("天津市东丽区张贵庄街道华亭里社区嘉春园12号楼3单元502室", Precision.BUILDING, UNIT),
    ("嘉春园12-3-502", Precision.BUILDING, UNIT),
    ("嘉春园小区13栋", Precision.BUILDING, UNIT + 1),
    (
        "嘉春园99号楼1单元101",
        Precision.COMMUNITY,
        int(COMMUNITY) * 1000,
    ),  # two grids: no finer than they share
    ("先锋路8号东丽小学", Precision.BUILDING, None),
    ("张贵庄街道先锋里社区", Precision.COMMUNITY, int(OTHER) * 1000),
    ("东丽区张贵庄街道", Precision.STREET, 120110001000000),
    ("不知何处", Precision.NONE, 0),
]


def test_addresses_are_told_as_finely_as_they_can_be(steward, drawn):
    rows = [
        row("b1", drawn[0]),
        row("b2", drawn[1], no="13"),
        row("b5", drawn[2], estate="", no="", address="先锋路8号东丽小学"),
    ]
    actions.import_buildings(steward, rows=rows, division="120110")
    texts = [text for text, _, _ in ADDRESSES]
    bulk = queries.units_of_addresses(steward, addresses=[*texts, texts[0]])
    for (text, precision, unit), got, how in zip(
        ADDRESSES, bulk.unit_nos.tolist(), bulk.precisions, strict=False
    ):
        expected = int(drawn[2].code) if unit is None else unit
        assert (text, how, got) == (text, precision, expected)
        place = queries.locate(steward, address=text)
        assert (place.precision, place.unit_no) == (precision, expected)
    assert bulk.unit_nos[-1] == bulk.unit_nos[0]
    home = queries.locate(steward, address=texts[0])
    assert (home.estate, home.building_no, home.grid_name) == ("嘉春园", "12号楼", "第一网格")
    assert (home.lon, home.lat) == pytest.approx(middle(drawn[0]))


def test_one_estate_name_in_two_communities_is_told_apart_by_the_community(steward, drawn):
    actions.import_buildings(steward, rows=[row("a", drawn[0]), row("b", drawn[2])], division="120110")
    for community, cell in (("华亭里社区", drawn[0]), ("先锋里社区", drawn[2])):
        found = queries.locate(steward, address=f"张贵庄街道{community}嘉春园12号楼1单元101")
        assert found.unit_no == int(cell.code)
    vague = queries.locate(steward, address="嘉春园12号楼1单元101")
    assert (vague.precision, vague.unit_no) == (Precision.STREET, 120110001000000)


def test_buildings_move_when_the_grids_are_drawn_anew(steward, drawn):
    actions.import_buildings(
        steward, rows=[row("b1", drawn[0]), row("b2", drawn[1], no="13")], division="120110"
    )
    merged = replace(drawn[0], geometry=shapely.union(drawn[0].geometry, drawn[1].geometry))
    name, body = grid_file([merged])
    report = actions.import_grids(steward, file_name=name, body=body, valid_from=date(2026, 7, 1))
    assert report.counts["buildings_moved"] == 1
    assert {one.unit_no for one in queries.buildings(steward).rows} == {UNIT}
    old = queries.locate(steward, address="嘉春园13号楼", on=date(2026, 6, 1))
    new = queries.locate(steward, address="嘉春园13号楼", on=date(2026, 7, 1))
    assert (old.unit_no, new.unit_no) == (UNIT + 1, UNIT)


def test_a_drawing_for_tomorrow_moves_the_buildings_when_the_day_has_come(steward, drawn):
    actions.import_buildings(steward, rows=[row("b2", drawn[1], no="13")], division="120110")
    merged = replace(drawn[0], geometry=shapely.union(drawn[0].geometry, drawn[1].geometry))
    name, body = grid_file([merged])
    report = actions.import_grids(steward, file_name=name, body=body, valid_from=date(2036, 7, 1))
    assert report.counts["buildings_moved"] == 0
    assert actions.relocate_buildings(steward) == 0
    assert relocate_all(date(2036, 7, 1)) == 1
    assert queries.buildings(steward).rows[0].unit_no == UNIT


def test_map_layers_fit_their_size_and_keep_shared_edges(steward, drawn):
    full = queries.map_grids(steward)
    shown = json.loads(full.body)["features"]
    assert [one["id"] for one in shown] == [int(cell.code) for cell in drawn]
    assert shown[0]["properties"]["name"] == "第一网格"
    assert (full.shown, full.count, full.simplified_m) == (4, 4, 0.0)
    assert queries.map_grids(steward).etag == full.etag
    west = middle(drawn[0])
    part = queries.map_grids(steward, bounds=(west[0] - 1e-5, west[1] - 1e-5, west[0] + 1e-5, west[1] + 1e-5))
    assert part.shown == 1
    assert part.etag != full.etag
    small = queries.map_grids(steward, max_bytes=700)
    assert len(small.body) <= 700
    assert small.shown < small.count == 4
    simple = json.loads(queries.map_grids(steward, simplify_m=30).body)["features"]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in simple]
    assert all(shape.is_valid for shape in shapes)
    overlap = sum(a.intersection(b).area for n, a in enumerate(shapes) for b in shapes[:n])
    assert overlap < 1e-12


def test_divisions_without_a_border_are_drawn_from_their_grids(steward, drawn):
    layer = json.loads(queries.map_divisions(steward, level=Level.COMMUNITY).body)["features"]
    assert [one["properties"]["code"] for one in layer] == [COMMUNITY, OTHER]
    outline = shapely.from_geojson(json.dumps(layer[0]["geometry"]))
    expected = shapely.union(drawn[0].geometry, drawn[1].geometry)
    assert shapely.hausdorff_distance(outline, expected) < 1e-5
    street = json.loads(queries.map_divisions(steward, level=Level.STREET).body)["features"]
    assert [one["properties"]["name"] for one in street] == ["张贵庄街道"]
