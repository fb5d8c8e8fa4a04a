"""Grids tile the territory: valid tilings have no defect, each planted defect is found with place and size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.gridfiles import COMMUNITY, OTHER
from tests.engine.tilings import LAT, LON, STEP_LAT, STEP_LON, cells_of, lattice, tilings
from wangge_engine.geometry.measures import area_m2, total_area_m2
from wangge_engine.topology.checking import Cell, check_topology
from wangge_engine.topology.kinds import DefectKind, Severity
from wangge_engine.topology.mending import mend_slivers


def kinds(report):
    return {found.kind for found in report.defects}


def only(report, kind):
    found = [one for one in report.defects if one.kind is kind]
    assert len(found) == 1, [one.en for one in report.defects]
    return found[0]


@settings(max_examples=40, deadline=None)
@given(tilings())
def test_a_tiling_has_no_defect_and_its_parts_add_up(cells):
    report = check_topology(cells)
    assert report.defects == ()
    assert report.covered_m2 == pytest.approx(total_area_m2([cell.geometry for cell in cells]), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(tilings(), st.integers(0, 10_000))
def test_a_removed_inner_grid_is_a_gap_of_its_size(cells, seed):
    union = shapely.union_all([cell.geometry for cell in cells])
    inner = [cell for cell in cells if not cell.geometry.intersects(union.boundary)]
    if not inner:
        return
    lost = inner[seed % len(inner)]
    gap = only(check_topology([cell for cell in cells if cell is not lost]), DefectKind.GAP)
    assert gap.severity is Severity.BLOCKING
    assert gap.area_m2 == pytest.approx(area_m2(lost.geometry), rel=1e-6)
    assert lost.geometry.contains(shapely.Point(gap.lon, gap.lat))
    assert gap.zh
    assert gap.en


@settings(max_examples=25, deadline=None)
@given(tilings(), st.integers(0, 10_000), st.floats(5.0, 60.0))
def test_a_grid_pushed_over_its_neighbours_overlaps_by_what_it_took(cells, seed, metres):
    index = seed % len(cells)
    grown = cells[index].geometry.buffer(metres / 111_000.0, join_style="mitre")
    others = [cell for position, cell in enumerate(cells) if position != index]
    expected = {
        (cells[index].code, other.code): area_m2(shapely.intersection(grown, other.geometry))
        for other in others
    }
    report = check_topology([*others, replace(cells[index], geometry=grown)])
    found: dict[tuple[str, str], float] = {}
    for one in report.defects:
        assert one.kind in (DefectKind.OVERLAP, DefectKind.SLIVER_OVERLAP)
        other = next(code for code in one.codes if code != cells[index].code)
        found[cells[index].code, other] = found.get((cells[index].code, other), 0.0) + one.area_m2
        assert grown.covers(shapely.Point(one.lon, one.lat))
    assert sum(found.values()) + report.ignored_m2 == pytest.approx(sum(expected.values()), rel=1e-6)
    for pair, size in found.items():
        assert size == pytest.approx(expected[pair], rel=1e-3, abs=0.5)


def strip(width_m):
    """Two grids side by side, the right one moved east by a width in metres."""
    shift = width_m / (111_319.5 * np.cos(np.radians(LAT)))
    left = shapely.box(LON, LAT, LON + STEP_LON, LAT + STEP_LAT)
    right = shapely.box(LON + STEP_LON + shift, LAT, LON + 2 * STEP_LON, LAT + STEP_LAT)
    top = shapely.box(LON, LAT + STEP_LAT, LON + 2 * STEP_LON, LAT + 2 * STEP_LAT)
    bottom = shapely.box(LON, LAT - STEP_LAT, LON + 2 * STEP_LON, LAT)
    return cells_of(dict(enumerate([left, right, top, bottom])))


HEIGHT_M = STEP_LAT * 111_032  # length of a degree of latitude at 39.1 N


@pytest.mark.parametrize(
    ("width", "kind"),
    [
        (3.0, DefectKind.GAP),
        (0.5, DefectKind.SLIVER_GAP),
        (-0.5, DefectKind.SLIVER_OVERLAP),
        (-3.0, DefectKind.OVERLAP),
    ],
)
def test_width_decides_between_sliver_and_defect(width, kind):
    found = only(check_topology(strip(width)), kind)
    assert found.area_m2 == pytest.approx(abs(width) * HEIGHT_M, rel=0.01)
    assert found.width_m == pytest.approx(abs(width), rel=0.02)
    assert found.severity is Severity.BLOCKING


def test_drawing_noise_is_counted_not_reported():
    report = check_topology(strip(0.01))
    assert report.defects == ()
    assert report.ignored == 1
    assert report.ignored_m2 == pytest.approx(0.01 * HEIGHT_M, rel=0.05)


def test_a_thin_gap_that_opens_to_the_outside_is_seen():
    cells = strip(0.4)[:2]
    found = only(check_topology(cells), DefectKind.SLIVER_GAP)
    assert found.area_m2 == pytest.approx(0.4 * HEIGHT_M, rel=0.02)
    assert set(found.codes) == {cells[0].code, cells[1].code}


def test_a_bow_tie_is_found_at_its_crossing():
    # crosses at the middle; the two triangles are of equal size
    tie = shapely.Polygon([(LON, LAT), (LON + 0.002, LAT + 0.002), (LON + 0.002, LAT), (LON, LAT + 0.002)])
    found = only(check_topology(cells_of({(0, 0): tie})), DefectKind.SELF_INTERSECTION)
    assert (found.lon, found.lat) == pytest.approx((LON + 0.001, LAT + 0.001))
    lobe = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT + 0.001), (LON, LAT + 0.002)])
    assert found.area_m2 == pytest.approx(area_m2(lobe), rel=1e-3)


def test_every_crossing_is_reported_not_only_the_first():
    zigzag = shapely.Polygon(
        [(0, 0), (1, 2), (2, 0), (3, 2), (4, 0), (4, 1), (0, 1)]  # the base line is cut four times
    )
    shape = shapely.transform(zigzag, lambda xy: xy * 0.001 + (LON, LAT))
    report = check_topology(cells_of({(0, 0): shape}))
    found = [one for one in report.defects if one.kind is DefectKind.SELF_INTERSECTION]
    assert [round((one.lon - LON) * 1000, 3) for one in sorted(found, key=lambda one: one.lon)] == [
        0.5,
        1.5,
        2.5,
        3.5,
    ]


def test_duplicate_code_names_both_rows():
    cells = cells_of(lattice(2, 1, 1))
    found = only(check_topology([cells[0], replace(cells[1], code=cells[0].code)]), DefectKind.DUPLICATE_CODE)
    assert found.rows == (1, 2)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (None, DefectKind.MISSING_GEOMETRY),
        (shapely.Polygon(), DefectKind.MISSING_GEOMETRY),
        (shapely.LineString([(LON, LAT), (LON, LAT + 1)]), DefectKind.NOT_POLYGON),
    ],
)
def test_what_is_no_polygon_is_said(shape, kind):
    cells = cells_of(lattice(2, 2, 2))
    report = check_topology([*cells, Cell("120110001005099", "120110001005", shape, 99)])
    assert only(report, kind).rows == (99,)


def test_an_exclusive_grid_fills_the_hole_cut_for_it():
    outer = shapely.box(LON, LAT, LON + STEP_LON, LAT + STEP_LAT)
    school = shapely.box(LON + 0.001, LAT + 0.001, LON + 0.002, LAT + 0.002)
    cells = cells_of({0: shapely.difference(outer, school), 1: school})
    assert check_topology(cells).defects == ()
    assert kinds(check_topology(cells[:1])) == {DefectKind.GAP}
    assert kinds(check_topology(cells_of({0: outer, 1: school}))) == {DefectKind.OVERLAP}


def test_pieces_of_one_grid_are_a_warning_with_place_and_size():
    shapes = lattice(3, 1, 3)
    both = shapely.MultiPolygon([shapes[0, 0], shapes[2, 0]])
    report = check_topology(cells_of({0: both, 1: shapes[1, 0]}))
    found = only(report, DefectKind.MULTIPART)
    assert found.severity is Severity.WARNING
    assert found.area_m2 == pytest.approx(min(area_m2(shapes[0, 0]), area_m2(shapes[2, 0])), rel=1e-6)


def test_outside_the_known_border_and_blank_within_it():
    cells = cells_of(lattice(3, 3, 4))
    border = shapely.union_all([cell.geometry for cell in cells[1:]])
    beyond = only(check_topology(cells, borders={cells[0].community: border}), DefectKind.OUTSIDE_COMMUNITY)
    assert beyond.area_m2 == pytest.approx(area_m2(cells[0].geometry), rel=1e-6)
    blank = only(
        check_topology(
            cells[:-1], borders={cells[0].community: shapely.union_all([c.geometry for c in cells])}
        ),
        DefectKind.GAP,
    )
    assert blank.area_m2 == pytest.approx(area_m2(cells[-1].geometry), rel=1e-6)


def test_ground_given_up_by_the_replaced_grids_is_a_gap():
    cells = cells_of(lattice(3, 3, 5))
    formerly = shapely.union_all([cell.geometry for cell in cells])
    assert check_topology(cells, formerly=formerly).defects == ()
    assert only(check_topology(cells[:-1], formerly=formerly), DefectKind.GAP).area_m2 == pytest.approx(
        area_m2(cells[-1].geometry), rel=1e-6
    )


def test_a_grid_away_from_its_community_is_pointed_at():
    shapes = lattice(4, 1, 6)
    cells = cells_of(shapes)
    other = "120110001006"
    stray = [
        cells[0],
        cells[1],
        replace(cells[2], community=other, code=f"{other}001"),
        replace(cells[3], community=cells[0].community),
    ]
    found = [one for one in check_topology(stray).defects if one.kind is DefectKind.DETACHED]
    assert [one.codes for one in found] == [(cells[3].code,)]


def test_only_defects_of_the_file_are_reported():
    cells = cells_of(lattice(4, 1, 7))
    standing_overlap = [replace(cells[0], row=0), replace(cells[1], geometry=cells[0].geometry, row=0)]
    report = check_topology([*standing_overlap, cells[3]])
    assert report.defects == ()
    onto = check_topology([replace(cells[0], row=0), replace(cells[1], geometry=cells[0].geometry)])
    assert only(onto, DefectKind.OVERLAP).rows == (2,)


@pytest.mark.parametrize("width", [0.5, -0.5, 0.2, -0.9])
def test_mended_slivers_leave_a_tiling(width):
    cells = strip(width)
    before = check_topology(cells)
    mended, closed = mend_slivers(cells, before)
    assert [one.mended for one in closed] == [True]
    assert all(one.severity is Severity.WARNING for one in closed)
    after = check_topology(mended)
    assert after.defects == ()
    assert total_area_m2([cell.geometry for cell in mended]) == pytest.approx(after.covered_m2, rel=1e-8)


def test_mending_leaves_wide_defects_and_standing_grids_alone():
    wide = strip(5.0)
    assert mend_slivers(wide, check_topology(wide)) == (wide, [])
    cells = strip(-0.5)
    beside = [replace(cells[0], row=0), *cells[1:]]
    mended, _ = mend_slivers(beside, check_topology(beside))
    assert mended[0].geometry.equals(cells[0].geometry)
    assert check_topology(mended).defects == ()


def test_a_border_that_is_filled_to_the_last_corner_is_no_gap():
    told = json.loads((Path(__file__).parent / "data" / "border_taken_for_blank.json").read_text())
    border = shapely.from_wkb(told["border"])
    grids = [shapely.from_wkb(one) for one in told["cells"]]
    cells = [
        Cell(
            f"{COMMUNITY if shape.representative_point().within(border) else OTHER}{n:03d}",
            COMMUNITY,
            shape,
            n,
        )
        for n, shape in enumerate(grids, 1)
    ]
    inside = [cell for cell in cells if cell.code.startswith(COMMUNITY)]
    assert sum(cell.geometry.area for cell in inside) == pytest.approx(border.area, rel=1e-9)
    lost = shapely.difference(border, shapely.union_all(grids))
    assert lost.area == pytest.approx(border.area), "where the overlay has learnt it, the detour can go"
    report = check_topology([*inside], borders={COMMUNITY: border})
    assert report.defects == ()
    around = [replace(cell, row=0) for cell in cells if cell not in inside]
    kinds = {one.kind for one in check_topology([*inside, *around], borders={COMMUNITY: border}).defects}
    assert DefectKind.GAP not in kinds
    lacking = check_topology([*inside[1:], *around], borders={COMMUNITY: border})
    (gap,) = [one for one in lacking.defects if one.kind is DefectKind.GAP]
    assert gap.area_m2 == pytest.approx(area_m2(inside[0].geometry), rel=1e-6)
