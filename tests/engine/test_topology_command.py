"""``wangge engine topology`` on plain files: every planted defect is listed with its place and its size."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from tests.engine.gridfiles import COMMUNITY, OTHER, grid_file
from tests.engine.tilings import cells_of, lattice
from wangge_engine.datums.coordinates import wgs84_to_gcj02
from wangge_engine.frame.cli import main
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.reading import read_layer
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.geometry.measures import area_m2
from wangge_engine.topology.checking import Cell


@pytest.fixture
def check(tmp_path, capsys):
    """Runs the command over cells; returns (exit code, report or stderr, defects)."""

    def run(cells, *words, within=None, name="defects.csv"):
        file, body = grid_file(cells)
        (tmp_path / file).write_bytes(body)
        if within is not None:
            columns, shapes = within
            (tmp_path / "borders.geojson").write_bytes(
                write_layer(GeoFormat.GEOJSON, "borders", columns, shapes)[2]
            )
            words = (*words, "--within", str(tmp_path / "borders.geojson"))
        out = tmp_path / "out" / name
        given = ["topology", "--grids", str(tmp_path / file), "--out", str(out), "--json", "--quiet"]
        code = main([*given, *words])
        said = capsys.readouterr()
        if code or not name.endswith(".csv"):
            return code, json.loads(said.out) if said.out else said.err, out
        with out.open(encoding="utf-8", newline="") as listed:
            return code, json.loads(said.out), list(csv.DictReader(listed))

    return run


def union(cells):
    return shapely.union_all([cell.geometry for cell in cells])


def test_a_sound_tiling_has_nothing_that_blocks(check):
    cells = cells_of(lattice(3, 3, 1))
    code, report, defects = check(cells, within=({"code": [COMMUNITY]}, [union(cells)]))
    assert (code, report["sound"], report["grids"], report["blocking"]) == (0, True, 9, 0)
    assert defects == []
    assert report["covered_m2"] == pytest.approx(area_m2(union(cells)), abs=0.01)


def test_a_gap_an_overlap_and_a_doubled_code_are_listed_with_place_and_size(check):
    cells = cells_of(lattice(3, 3, 2))
    hole = cells.pop(4)  # the middle one
    low, high = cells[0], cells[1]
    laid_over = shapely.union(
        low.geometry, shapely.intersection(high.geometry.buffer(0), high.geometry.centroid.buffer(4e-4))
    )
    cells[0] = Cell(low.code, low.community, shapely.convex_hull(laid_over), low.row)
    cells[-1] = Cell(cells[-2].code, COMMUNITY, cells[-1].geometry, cells[-1].row)
    code, report, defects = check(cells)
    assert code == 0
    assert not report["sound"]
    kinds = {row["kind"] for row in defects}
    assert {"gap", "overlap", "duplicate_code"} <= kinds
    gaps = [row for row in defects if row["kind"] == "gap"]
    found = max(gaps, key=lambda row: float(row["area_m2"]))
    assert float(found["area_m2"]) <= area_m2(hole.geometry) + 1e-3
    assert hole.geometry.covers(shapely.Point(float(found["lon"]), float(found["lat"])))
    lapped = sum(float(row["area_m2"]) for row in defects if row["kind"] == "overlap")
    pairs = [(a, b) for n, a in enumerate(cells) for b in cells[n + 1 :]]
    shared = sum(area_m2(shapely.intersection(a.geometry, b.geometry)) for a, b in pairs)
    assert lapped == pytest.approx(shared, rel=1e-3)


def test_an_outline_without_codes_must_be_filled_and_not_left(check):
    cells = cells_of(lattice(3, 2, 3))
    outline = shapely.union(
        shapely.difference(union(cells), cells[0].geometry), shapely.box(117.4, 39.2, 117.401, 39.201)
    )
    _, report, defects = check(cells, within=({"label": ["东丽"]}, [outline]))
    found = {row["kind"]: float(row["area_m2"]) for row in defects}
    assert found["outside_community"] == pytest.approx(area_m2(cells[0].geometry), rel=1e-6)
    assert found["gap"] == pytest.approx(area_m2(shapely.box(117.4, 39.2, 117.401, 39.201)), rel=1e-6)
    assert report["defects"]["gap"] == 1


def test_an_orphan_is_a_grid_of_a_community_that_the_borders_do_not_know(check):
    cells = cells_of(lattice(2, 2, 4))
    border = ({"code": [OTHER], "name": ["先锋里社区居委会"]}, [union(cells)])
    _, report, _ = check(cells, within=border)
    assert report["defects"]["unknown_community"] == len(cells)
    assert report["defects"]["empty_community"] == 1


def test_the_wrong_datum_is_seen_against_the_borders(check):
    cells = cells_of(lattice(4, 4, 5))
    shifted = [
        Cell(
            c.code,
            c.community,
            shapely.transform(c.geometry, lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T))),
            c.row,
        )
        for c in cells
    ]
    border = ({"code": [COMMUNITY]}, [union(cells)])
    assert "wrong_datum" in check(shifted, within=border)[1]["defects"]
    declared = check(shifted, "--datum", "GCJ-02", within=border)[1]["defects"]
    assert not {"wrong_datum", "datum_unverified"} & declared.keys()


def test_slivers_are_closed_on_request_and_the_grids_written(check, tmp_path):
    cells = cells_of(lattice(2, 1, 6))
    thin = shapely.intersection(cells[0].geometry, shapely.buffer(cells[1].geometry, 4e-6))
    cells[1] = Cell(cells[1].code, COMMUNITY, shapely.union(cells[1].geometry, thin), cells[1].row)
    _, before, _ = check(cells)
    _, report, defects = check(cells, "--mended", str(tmp_path / "mended.gpkg"))
    assert before["defects"]["sliver_overlap"] == report["mended"] == 1
    assert report["sound"]
    assert [row["mended"] for row in defects if row["kind"] == "sliver_overlap"] == ["1"]
    layer = read_layer("mended.gpkg", (tmp_path / "mended.gpkg").read_bytes())
    assert list(layer.columns["code"]) == [cell.code for cell in cells]
    assert area_m2(shapely.intersection(*layer.geometries)) < 0.01


def test_rows_that_say_nothing_stand_in_the_rejects_and_strict_refuses_them(check, tmp_path):
    cells = cells_of(lattice(2, 2, 7))
    cells[2] = Cell("12011000100500", COMMUNITY, cells[2].geometry, cells[2].row)
    code, report, _ = check(cells)
    assert (code, report["rejected"]) == (0, {"bad_code": 1})
    with (tmp_path / "out" / "defects.rejects.csv").open(encoding="utf-8", newline="") as listed:
        (row,) = csv.DictReader(listed)
    assert (row["row"], row["column"], row["reason_code"]) == ("3", "code", "bad_code")
    code, said, out = check(cells, "--strict", name="strict.csv")
    assert code == 2
    assert "bad_code" in said
    assert not out.exists()


def test_a_table_and_a_layer_tell_the_same(check):
    cells = cells_of(lattice(3, 3, 8))
    del cells[4]
    _, _, listed = check(cells)
    _, _, layer = check(cells, name="defects.geojson")
    points = json.loads(layer.read_text(encoding="utf-8"))["features"]
    _, _, table = check(cells, name="defects.parquet")
    told = [row["zh"] for row in listed]
    assert told
    assert [point["properties"]["zh"] for point in points] == told
    assert pq.read_table(table)["zh"].to_pylist() == told
    assert (table.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize(
    "words",
    [
        ("--grids", "/nowhere/grids.geojson"),
        ("--within", "/nowhere/borders.geojson"),
        ("--out", "defects.xlsx"),
        ("--mended", "grids.kml"),
        ("--scheme", "none"),
        ("--column", "code=没有"),
        ("--datum", "Pulkovo"),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_nothing(check, words):
    cells = cells_of(lattice(2, 2, 9))
    code, said, out = check(cells, *words)
    assert code == 2
    assert said
    assert not out.exists()


def test_coordinates_far_away_are_refused_with_their_rows(check):
    cells = [
        Cell(c.code, c.community, shapely.transform(c.geometry, lambda xy: xy - (100, 0)), c.row)
        for c in cells_of(lattice(2, 1, 10))
    ]
    code, said, out = check(cells)
    assert code == 2
    assert "coordinates_outside" in said
    assert "2 rows" in said
    assert not out.exists()
