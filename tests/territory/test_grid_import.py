"""Grids through the door: taken whole or refused whole, versioned, with a report that is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from tests.engine.gridfiles import CHINESE_HEADERS, COMMUNITY, OTHER, STREET, chinese_shapefile, grid_file
from tests.engine.tilings import LAT, LON, STEP_LAT, STEP_LON, cells_of, lattice
from tests.territory.conftest import FROM
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.territory import actions, queries
from wangge.territory.models import GridImport
from wangge.territory.states import Datum, DefectKind, GeoFormat, GridKind, ImportState
from wangge.territory.types import GridChange
from wangge_engine.datums.coordinates import from_wgs84
from wangge_engine.geometry.measures import total_area_m2


def tiles(columns=3, rows=3, seed=1):
    return cells_of(lattice(columns, rows, seed))


def take(access, cells, day=FROM, **kwargs):
    options = {
        key: kwargs.pop(key) for key in ("format", "names", "kinds", "households", "headers") if key in kwargs
    }
    name, body = grid_file(cells, **options)
    return actions.import_grids(access, file_name=name, body=body, valid_from=day, **kwargs)


def moved(cells, datum):
    return [
        replace(
            cell,
            geometry=shapely.transform(
                cell.geometry, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum))
            ),
        )
        for cell in cells
    ]


@pytest.mark.parametrize("format", list(GeoFormat))
def test_every_format_comes_in_and_goes_out_again(steward, format):
    cells = tiles()
    report = take(steward, cells, format=format, kinds=["exclusive", *["base"] * 8])
    assert report.state is ImportState.IMPORTED
    assert report.counts["added"] == 9
    assert report.blocking == 0
    assert report.covered_m2 == pytest.approx(total_area_m2([cell.geometry for cell in cells]), rel=1e-6)
    stored = queries.grids(steward).rows
    assert [one.code for one in stored] == [cell.code for cell in cells]
    assert stored[0].kind is GridKind.EXCLUSIVE
    assert stored[1].name == "第二网格"
    assert stored[1].community_name == "华亭里社区居委会"
    assert stored[1].street_name == "张贵庄街道"
    out = queries.export_grids(steward, format=format)
    again = actions.import_grids(steward, file_name=out.name, body=out.body, valid_from=date(2026, 6, 1))
    assert again.state is ImportState.UNCHANGED
    assert again.counts["unchanged"] == 9


def test_a_file_can_be_checked_without_taking_it_in(steward):
    assert take(steward, tiles(), check_only=True).state is ImportState.CHECKED
    assert take(steward, tiles()[:4] + tiles()[5:], check_only=True).state is ImportState.REFUSED
    assert queries.grids(steward).rows == ()
    assert len(queries.import_reports(steward).rows) == 2


def test_the_same_file_again_changes_nothing(steward):
    take(steward, tiles())
    again = take(steward, tiles(), day=date(2026, 5, 1))
    assert again.state is ImportState.UNCHANGED
    assert len(queries.grid_history(steward, unit_no=int(COMMUNITY + "001"))) == 1


@pytest.mark.parametrize("format", [GeoFormat.GEOJSON, GeoFormat.GEOPACKAGE])
def test_chinese_headers_are_recognised(steward, format):
    report = take(steward, tiles(), headers=CHINESE_HEADERS, format=format, kinds=["基础网格"] * 9)
    assert report.state is ImportState.IMPORTED
    first = queries.grids(steward).rows[0]
    assert (first.name, first.households) == ("第一网格", 300)


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [
        ("gbk", "GBK"),
        ("gbk", "936"),
        ("gbk", None),
        ("gbk", "ISO-8859-1"),
        ("gbk", "UTF-8"),
        ("gb18030", "GB18030"),
        ("utf-8", "UTF-8"),
        ("utf-8", None),
        ("utf-8", "ISO-8859-1"),
    ],
)
def test_shapefiles_in_every_encoding_whatever_they_declare(steward, encoding, cpg):
    name, body = chinese_shapefile(tiles(), encoding, cpg)
    report = actions.import_grids(steward, file_name=name, body=body, valid_from=FROM)
    assert report.state is ImportState.IMPORTED
    assert [one.name for one in queries.grids(steward).rows][:2] == ["第一网格", "第二网格"]
    wrong = (
        cpg is not None
        and encoding not in ("gb18030",)
        and cpg not in ("GBK", "936")
        and cpg != encoding.upper()
    )
    assert any(".cpg" in zh for zh, _ in report.notes) is wrong


def test_unrecognised_headers_are_named_and_can_be_mapped(steward):
    with pytest.raises(BadInput) as caught:
        take(steward, tiles(), headers={"code": "wgbm"})
    assert caught.value.code == "column_missing"
    assert "wgbm" in caught.value.zh
    assert take(steward, tiles(), headers={"code": "wgbm"}, columns={"code": "wgbm"}).counts["added"] == 9
    with pytest.raises(BadInput, match="column_unknown"):
        take(steward, tiles(), columns={"code": "nope"})


def test_an_overlap_refuses_the_whole_file_and_the_report_is_kept(steward):
    cells = tiles()
    grown = replace(cells[4], geometry=cells[4].geometry.buffer(0.0002, join_style="mitre"))
    report = take(steward, [*cells[:4], grown, *cells[5:]])
    assert report.state is ImportState.REFUSED
    assert report.blocking >= 4
    assert queries.grids(steward).rows == ()
    kept = queries.import_report(steward, id=report.id)
    assert kept == report
    overlap = next(one for one in kept.defects if one.kind is DefectKind.OVERLAP)
    assert grown.code in overlap.codes
    assert overlap.area_m2 > 100
    assert overlap.lon is not None
    assert "平方米" in overlap.zh
    assert "m2" in overlap.en
    listed = queries.import_reports(steward).rows
    assert [one.id for one in listed] == [report.id]
    assert listed[0].blocking == report.blocking
    points = json.loads(queries.map_defects(steward, id=report.id).body)["features"]
    assert len(points) == report.blocking + report.warnings - report.defect_counts.get(
        "empty_community", 0
    ) - (report.defect_counts.get("datum_unverified", 0))


def test_a_new_drawing_ends_the_old_one_and_each_day_has_its_own(steward):
    cells = tiles()
    take(steward, cells)
    merged = replace(cells[0], geometry=shapely.union(cells[0].geometry, cells[1].geometry))
    report = take(steward, [merged, *cells[2:]], day=date(2026, 7, 1))
    assert report.counts | {"changed": 1, "ended": 1, "unchanged": 7, "added": 0} == report.counts
    first, second = (int(cells[index].code) for index in (0, 1))
    assert [one.valid_to for one in queries.grid_history(steward, unit_no=first)] == [date(2026, 7, 1), None]
    point = shapely.point_on_surface(cells[1].geometry)
    assert queries.locate(steward, lon=point.x, lat=point.y, on=date(2026, 6, 30)).unit_no == second
    assert queries.locate(steward, lon=point.x, lat=point.y, on=date(2026, 7, 1)).unit_no == first
    assert queries.locate(steward, lon=point.x, lat=point.y, on=date(2025, 12, 31)).unit_no == 0
    with pytest.raises(NotFound):
        queries.grid(steward, unit_no=second, on=date(2026, 7, 1))


def test_the_file_speaks_for_the_communities_it_names_only(steward):
    shapes = lattice(4, 1, 2)
    mine = cells_of({key: shapes[key] for key in [(0, 0), (1, 0)]})
    theirs = cells_of({key: shapes[key] for key in [(2, 0), (3, 0)]}, OTHER)
    take(steward, mine)
    take(steward, theirs)
    assert len(queries.grids(steward).rows) == 4
    onto = [theirs[0], replace(theirs[1], geometry=mine[1].geometry)]
    report = take(steward, onto, day=date(2026, 3, 1))
    assert report.state is ImportState.REFUSED
    assert {frozenset(one.codes) for one in report.defects if one.kind is DefectKind.OVERLAP} == {
        frozenset({mine[1].code, theirs[1].code})
    }


def test_a_mistake_corrected_on_the_same_day_is_withdrawn_but_kept(steward):
    cells = tiles()
    take(steward, cells)
    take(steward, cells, names=["甲网格", *[f"第{n}网格" for n in range(2, 10)]])
    versions = queries.grid_history(steward, unit_no=int(cells[0].code))
    assert sorted((one.name, one.valid_to) for one in versions if one.valid_to) == [("第一网格", FROM)]
    assert queries.grid(steward, unit_no=int(cells[0].code), on=FROM).name == "甲网格"


def test_an_earlier_day_cannot_rewrite(steward):
    take(steward, tiles())
    take(steward, tiles(), day=date(2026, 7, 1), names=["新网格"] * 9)
    with pytest.raises(Conflict, match="later_version_stands"):
        take(steward, tiles(), day=date(2026, 3, 1), names=["旧网格"] * 9)


def test_slivers_block_until_mending_is_asked_for(steward):
    shift = 0.4 / (111_319.5 * np.cos(np.radians(LAT)))
    left = shapely.box(LON, LAT, LON + STEP_LON, LAT + STEP_LAT)
    right = shapely.box(LON + STEP_LON + shift, LAT, LON + 2 * STEP_LON, LAT + STEP_LAT)
    cells = cells_of({0: left, 1: right})
    refused = take(steward, cells)
    assert refused.state is ImportState.REFUSED
    assert refused.defect_counts[DefectKind.SLIVER_GAP] == 1
    mended = take(steward, cells, mend=True)
    assert mended.state is ImportState.IMPORTED
    assert mended.counts["mended"] == 1
    assert [one.mended for one in mended.defects if one.kind is DefectKind.SLIVER_GAP] == [True]
    inside_slit = queries.locate(steward, lon=LON + STEP_LON + shift / 2, lat=LAT + STEP_LAT / 2, on=FROM)
    assert inside_slit.unit_no in {int(cell.code) for cell in cells}


@pytest.mark.parametrize("truth", [Datum.GCJ02, Datum.BD09])
def test_undeclared_offset_is_refused_against_the_standing_grids(steward, truth):
    cells = tiles(6, 6)
    take(steward, cells)
    report = take(steward, moved(cells, truth), day=date(2026, 7, 1))
    assert report.state is ImportState.REFUSED
    wrong = next(one for one in report.defects if one.kind is DefectKind.WRONG_DATUM)
    assert truth in wrong.zh
    assert truth in wrong.en
    honest = take(steward, moved(cells, truth), day=date(2026, 7, 1), declared_datum=truth)
    assert honest.state is ImportState.UNCHANGED


def test_undeclared_offset_is_refused_against_known_borders(steward):
    cells = tiles(6, 6)
    border = replace(cells[0], code=STREET, geometry=shapely.union_all([cell.geometry for cell in cells]))
    name, body = grid_file([border])
    assert actions.import_borders(steward, file_name=name, body=body).counts["added"] == 1
    report = take(steward, moved(cells, Datum.GCJ02))
    assert DefectKind.WRONG_DATUM in {one.kind for one in report.defects}
    assert take(steward, cells).state is ImportState.IMPORTED


def test_without_known_ground_the_datum_is_said_to_be_unverified(steward):
    report = take(steward, moved(tiles(), Datum.GCJ02))
    assert report.state is ImportState.IMPORTED
    assert report.defect_counts[DefectKind.DATUM_UNVERIFIED] == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda xy: xy[:, ::-1], DefectKind.COORDINATES_SWAPPED),
        (lambda xy: xy - (117, 0), DefectKind.COORDINATES_OUTSIDE),
        (lambda xy: xy * 111_000, DefectKind.COORDINATES_PROJECTED),
        (lambda xy: xy * 0, DefectKind.COORDINATES_MISSING),
    ],
)
def test_coordinates_that_cannot_be_are_refused_with_their_rows(steward, change, kind):
    cells = [replace(cell, geometry=shapely.transform(cell.geometry, change)) for cell in tiles()]
    # written by hand: a correct writer would not let these out
    features = [
        {
            "type": "Feature",
            "properties": {"code": cell.code, "name": "网格"},
            "geometry": json.loads(shapely.to_geojson(cell.geometry)),
        }
        for cell in cells
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    report = actions.import_grids(steward, file_name="x.geojson", body=body, valid_from=FROM)
    assert report.state is ImportState.REFUSED
    found = next(one for one in report.defects if one.kind is kind)
    assert found.rows == tuple(range(1, 10))


def test_attributes_are_checked_row_by_row(steward):
    cells = tiles(3, 1)
    cells = [cells[0], replace(cells[1], code="12011000100500"), replace(cells[2], code="120110099001001")]
    report = take(
        steward,
        cells,
        names=["华亭里社区第一网格", "", "第三网格"],
        kinds=["base", "wrong", "base"],
        households=[1, -4, 2],
    )
    assert report.state is ImportState.REFUSED
    by_kind = {}
    for one in report.defects:
        by_kind.setdefault(one.kind, []).append(one.rows)
    assert by_kind[DefectKind.BAD_CODE] == [(2,)]
    assert sorted(by_kind[DefectKind.BAD_ATTRIBUTE]) == [(2,), (2,), (2,)]
    assert by_kind[DefectKind.UNKNOWN_COMMUNITY] == [(3,)]
    assert by_kind[DefectKind.NAME_EMBEDS_PARENT] == [(1,)]
    assert DefectKind.EMPTY_COMMUNITY in by_kind


def test_a_grid_is_changed_by_hand_from_a_day_on(steward):
    take(steward, tiles())
    unit = int(COMMUNITY + "001")
    assert (
        actions.change_grid(
            steward, unit_no=unit, change=GridChange(households=320), valid_from=date(2026, 4, 1)
        )
        == 2
    )
    assert queries.grid(steward, unit_no=unit, on=date(2026, 3, 31)).households == 300
    assert queries.grid(steward, unit_no=unit, on=date(2026, 4, 1)).households == 320
    same = GridChange(households=320)
    assert actions.change_grid(steward, unit_no=unit, change=same, valid_from=date(2026, 5, 1)) == 2
    for change, code in [
        (GridChange(name="华亭里第一网格"), "name_embeds_parent"),
        (GridChange(name=" "), "grid_name_missing"),
        (GridChange(households=-1), "households_negative"),
        (GridChange(kind=GridKind.EXCLUSIVE), "kind_mismatch"),
    ]:
        with pytest.raises(BadInput, match=code):
            actions.change_grid(steward, unit_no=unit, change=change, valid_from=date(2026, 5, 1))
    with pytest.raises(NotFound):
        actions.change_grid(steward, unit_no=5, change=same)


def test_grid_workers_read_the_map_but_do_not_redraw_it(steward, access_for):
    take(steward, tiles())
    worker = access_for("grid_worker", purpose="community_service", scope=COMMUNITY + "003")
    assert [one.unit_no for one in queries.grids(worker).rows] == [int(COMMUNITY + "003")]
    assert len(queries.grids(worker, under=COMMUNITY).rows) == 9
    with pytest.raises(Refused):
        take(worker, tiles())
    with pytest.raises(Refused):
        queries.export_grids(worker, format=GeoFormat.GEOJSON)


def test_a_steward_redraws_only_within_their_own_territory(steward, access_for):
    neighbour = access_for("data_steward", purpose="territory_management", scope=OTHER)
    with pytest.raises(Refused) as caught:
        take(neighbour, tiles())
    assert (caught.value.code, caught.value.place) == ("outside_territory", COMMUNITY)
    take(steward, tiles())
    with pytest.raises(Refused, match="outside_territory"):
        actions.change_grid(neighbour, unit_no=int(COMMUNITY + "001"), change=GridChange(households=1))
    border = replace(tiles()[0], code=COMMUNITY)
    name, body = grid_file([border])
    with pytest.raises(Refused, match="outside_territory"):
        actions.import_borders(neighbour, file_name=name, body=body)
    with pytest.raises(Refused, match="outside_territory"):
        actions.end_division(neighbour, code=COMMUNITY, last_day=date(2026, 5, 1))
    assert (
        take(
            neighbour,
            [
                replace(
                    cell,
                    code=OTHER + cell.code[12:],
                    community=OTHER,
                    geometry=shapely.transform(cell.geometry, lambda xy: xy + np.array([0.1, 0.0])),
                )
                for cell in tiles()
            ],
        ).state
        is ImportState.IMPORTED
    )


def test_pages_follow_on(steward):
    take(steward, tiles())
    first = queries.grids(steward, size=4)
    second = queries.grids(steward, size=4, after=first.next)
    third = queries.grids(steward, size=4, after=second.next)
    codes = [one.code for page in (first, second, third) for one in page.rows]
    assert codes == [cell.code for cell in tiles()]
    assert not third.more
    assert queries.grids(steward, kind=GridKind.EXCLUSIVE).rows == ()


def test_the_second_scheme(steward):
    cells = [replace(cell, code=f"010100{cell.code[:12]}{cell.code[13:]}") for cell in tiles()]
    report = take(steward, cells, scheme="CJT349-20")
    assert report.state is ImportState.IMPORTED
    first = queries.grids(steward).rows[0]
    assert (first.code, first.unit_no) == (cells[0].code, int(COMMUNITY + "001"))
    with pytest.raises(BadInput, match="scheme_unknown"):
        take(steward, cells, scheme="none")


def test_borders_complete_a_division_and_hold_its_grids_in(steward):
    cells = tiles()
    border = replace(
        cells[0], code=COMMUNITY, geometry=shapely.union_all([cell.geometry for cell in cells[:-1]])
    )
    name, body = grid_file([border])
    assert actions.import_borders(steward, file_name=name, body=body, valid_from=FROM).counts["added"] == 1
    assert actions.import_borders(steward, file_name=name, body=body).state is ImportState.UNCHANGED
    outside = take(steward, cells)
    assert [one.codes for one in outside.defects if one.kind is DefectKind.OUTSIDE_COMMUNITY] == [
        (cells[-1].code,)
    ]
    blank = take(steward, cells[1:-1])
    assert DefectKind.GAP in {one.kind for one in blank.defects}
    assert take(steward, cells[:-1]).state is ImportState.IMPORTED
    stranger = replace(border, code="120110099001")
    name, body = grid_file([stranger])
    assert actions.import_borders(steward, file_name=name, body=body).state is ImportState.REFUSED


def test_shapes_the_geometry_engine_gives_up_on_are_said_so(steward, monkeypatch):
    def give_up(*args, **kwargs):
        raise shapely.errors.GEOSException("side location conflict")

    monkeypatch.setattr("wangge_engine.grids.judging.check_topology", give_up)
    with pytest.raises(BadInput, match="geometry_unworkable"):
        take(steward, tiles())
    assert queries.grids(steward).rows == ()


def test_a_held_file_is_judged_anew_when_taken_in(steward):
    looked = take(steward, tiles(), check_only=True, hold=True)
    assert (looked.state, looked.held) == (ImportState.CHECKED, True)
    assert queries.import_report(steward, id=looked.id).held
    actions.end_division(steward, code=COMMUNITY, last_day=FROM - timedelta(days=1))
    refused = actions.accept_grids(steward, id=looked.id)
    assert refused.state is ImportState.REFUSED
    assert queries.grids(steward).rows == ()
    with pytest.raises(Conflict, match="file_not_held"):
        actions.accept_grids(steward, id=looked.id)


def test_a_held_file_is_taken_in_as_it_was_sent(steward):
    name, body = grid_file(tiles(), headers=CHINESE_HEADERS | {"name": "称呼"})
    looked = actions.import_grids(
        steward,
        file_name=name,
        body=body,
        valid_from=FROM,
        columns={"name": "称呼"},
        check_only=True,
        hold=True,
    )
    taken = actions.accept_grids(steward, id=looked.id)
    assert (taken.state, taken.valid_from) == (ImportState.IMPORTED, FROM)
    assert len(queries.grids(steward, on=FROM).rows) == len(tiles())


def test_a_refused_file_is_not_held_and_a_held_one_is_let_go_of_in_time(steward):
    assert not take(steward, tiles()[:4] + tiles()[5:], check_only=True, hold=True).held
    old = take(steward, tiles(), check_only=True, hold=True)
    assert old.held
    GridImport.objects.filter(id=old.id).update(at=steward.at - timedelta(days=31))
    new = take(steward, tiles(), check_only=True, hold=True)
    assert not queries.import_report(steward, id=old.id).held
    actions.discard_grids(steward, id=new.id)
    assert not queries.import_report(steward, id=new.id).held
