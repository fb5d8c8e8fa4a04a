"""The demo's district as it comes, and a real street network, through the same checks."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from datetime import date

import pytest
import shapely

from demo.chance import stream
from demo.district import generate
from demo.scales import SCALES, communities_of
from demo.tiling import lay_out
from wangge.territory import actions, queries
from wangge.territory.states import Datum, DefectKind, ImportState, Precision
from wangge.territory.types import BuildingRow
from wangge_engine.geometry.measures import LocalFrame, area_m2
from wangge_engine.topology.checking import Cell, check_topology

DAY = date(2026, 1, 1)


def test_the_district_of_1147_grids_has_no_defect_and_its_borders_agree():
    scale = SCALES["district"]
    tiling = lay_out(stream(1, "tiling"), scale, communities_of(scale))
    cells = [
        Cell(grid.code, grid.community.code, tiling.polygon(grid.rect), row)
        for row, grid in enumerate(tiling.grids, 1)
    ]
    borders = {community.code: tiling.polygon(rect) for community, rect in tiling.communities}
    report = check_topology(cells, borders=borders)
    assert len(cells) == 1147
    assert report.defects == ()
    assert report.covered_m2 == pytest.approx(sum(area_m2(cell.geometry) for cell in cells), rel=1e-9)


@pytest.mark.slow
def test_the_demo_village_goes_through_the_doors(tmp_path, system_access, db):
    generate("village", 1, tmp_path)
    access = system_access("territory_management")
    actions.import_reference_divisions(access, districts=["120110"])
    for name in ("streets", "communities"):
        path = tmp_path / "territory" / f"{name}.geojson"
        report = actions.import_borders(access, file_name=path.name, body=path.read_bytes(), valid_from=DAY)
        assert (report.state, report.blocking) == (ImportState.IMPORTED, 0)
    moved = (tmp_path / "samples" / "坐标为GCJ02.geojson").read_bytes()
    refused = actions.import_grids(access, file_name="gcj.geojson", body=moved, valid_from=DAY)
    assert refused.state is ImportState.REFUSED
    assert DefectKind.WRONG_DATUM in refused.defect_counts
    body = (tmp_path / "territory" / "grids.geojson").read_bytes()
    report = actions.import_grids(access, file_name="grids.geojson", body=body, valid_from=DAY)
    assert (report.state, report.counts["added"], report.blocking) == (ImportState.IMPORTED, 6, 0)
    declared = actions.import_grids(
        access, file_name="gcj.geojson", body=moved, valid_from=DAY, declared_datum=Datum.GCJ02
    )
    assert declared.blocking == 0

    path = next((tmp_path / "departments").glob("规划*.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    rows = [
        BuildingRow(
            f"planning:{record['建筑编号']}",
            estate=record["小区或单位名称"],
            building_no=record["楼栋号"],
            address=record["地址"],
            lon=float(record["经度"]),
            lat=float(record["纬度"]),
        )
        for record in records
        if record["经度"] and record["纬度"]
    ]
    done = actions.import_buildings(access, rows=rows, division="120110")
    assert done.added == len(rows) > 30
    assert done.located + len(done.faults) == len(rows)
    assert {one.code for one in done.faults} == {
        "coordinates_swapped",
        "coordinates_missing",
        "coordinates_outside",
    }

    # where the truth says each dwelling lies, and where its written address leads
    with (tmp_path / "truth" / "dwellings.csv").open(encoding="utf-8", newline="") as file:
        dwellings = list(csv.DictReader(file))
    found = queries.units_of_addresses(access, addresses=[one["address"] for one in dwellings])
    fine = {Precision.BUILDING, Precision.ESTATE}
    right = sum(
        how in fine and str(unit) == one["grid_code"]
        for one, unit, how in zip(dwellings, found.unit_nos.tolist(), found.precisions, strict=True)
    )
    assert right == len(dwellings)


@pytest.mark.shared_data
def test_a_real_street_network_divided_into_blocks(shared_data):
    """Futian's parcels: its communities as grids; what the check finds is what the geometry itself says."""
    data = json.loads(gzip.decompress((shared_data / "territory" / "futian.json.gz").read_bytes()))
    parts = defaultdict(list)
    for node, ring in zip(data["nodes"], data["geom"], strict=True):
        parts[node["comm"]].append(shapely.Polygon(ring))
    frame = LocalFrame(102_800.0, 110_750.0)  # metres in a degree at 22.5 N
    shapes = {
        community: frame.degrees(shapely.set_precision(shapely.union_all(shapes), 0.01))
        for community, shapes in parts.items()
    }
    cells = [
        Cell(f"440304001{number:03d}001", f"440304001{number:03d}", shape, number)
        for number, shape in enumerate(shapes.values(), 1)
    ]
    report = check_topology(cells)
    twice = sum(one.area_m2 for one in report.defects if "overlap" in one.kind)
    total = sum(area_m2(cell.geometry) for cell in cells)
    assert report.covered_m2 + twice + report.ignored_m2 == pytest.approx(total, rel=1e-4)
    union = shapely.union_all(list(shapes.values()))
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    gaps = [one for one in report.defects if "gap" in one.kind]
    for hole in holes:
        if area_m2(hole) > 50:
            assert any(hole.covers(shapely.Point(one.lon, one.lat)) for one in gaps)
    lost = cells[len(cells) // 2]
    rest = [cell for cell in cells if cell is not lost]
    after = check_topology(rest, formerly=union)
    blank = sum(one.area_m2 for one in after.defects if "gap" in one.kind) - sum(one.area_m2 for one in gaps)
    assert blank == pytest.approx(area_m2(lost.geometry), rel=0.02)
