"""`wangge engine divide` as it is run: files in and out, bad input named with its place, strict refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.engine.divide_land import collection, lattice, parcel, square, written
from wangge_engine.datums.coordinates import wgs84_to_gcj02
from wangge_engine.frame.cli import main


def ran(folder: Path, units: Path, *more: str, out: str = "plan.csv") -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    line = ["divide", "--units", str(units), "--out", str(folder / out), "--report", str(report), "--quiet"]
    code = main([*line, "--processes", "1", *more])
    return code, json.loads(report.read_bytes()) if report.exists() else {}


def plan_of(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["unit"]: row["grid"] for row in csv.DictReader(handle)}


def codes_told(report: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in report["problems"]}


def district(rows: int = 4, columns: int = 6) -> list[dict[str, Any]]:
    """24 parcels of 75 households: 1,800, six grids of 300."""
    return [parcel(f"p{row}-{column}", column, row) for row in range(rows) for column in range(columns)]


def test_a_graph_becomes_a_plan_a_report_and_a_map_and_a_second_plan_is_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = written(tmp_path, lattice(4, 8, 3, communities=2))
    code, report = ran(tmp_path, units, "--plot", str(tmp_path / "map.png"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["within_tolerance"] == report["within_tolerance"]
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    plan = plan_of(tmp_path / "plan.csv")
    assert len(plan) == report["units"] == 32
    assert all(len(grid) == 15 and grid.startswith("1201100010") for grid in plan.values())
    assert report["price"]["final"] <= report["price"]["first"]
    assert {row["grid"] for row in report["grids_list"]} == set(plan.values())
    assert all("why" in row for row in report["grids_list"] if row["within_tolerance"] is False)
    code, again = ran(tmp_path, units, "--previous", str(tmp_path / "plan.csv"), out="again.csv")
    assert code == 0
    assert again["moved"]["retired_codes"] == [] or again["moved"]["share"] > 0


def test_polygons_come_out_dissolved_and_tile_what_came_in(tmp_path: Path) -> None:
    barriers = written(
        tmp_path,
        collection(
            [
                {
                    "type": "Feature",
                    "properties": {},
                    "geometry": {"type": "LineString", "coordinates": [[117.29, 39.0009], [117.31, 39.0009]]},
                }
            ]
        ),
        "river.geojson",
    )
    units = written(tmp_path, collection(district()), "units.geojson")
    code, report = ran(tmp_path, units, "--barriers", str(barriers), out="plan.geojson")
    assert code == 0
    assert report["within_tolerance"] == 1.0
    assert report["grids_across_barrier"] == 0
    assert report["tiling"]["gap_m2"] == report["tiling"]["overlap_m2"] == 0
    layer = json.loads((tmp_path / "plan.geojson").read_bytes())
    assert {one["properties"]["code"] for one in layer["features"]} == set(
        plan_of(tmp_path / "plan.csv").values()
    )
    assert report["residential_grids"] == 6
    assert report["compactness"] > 0.6


def test_what_is_drawn_carelessly_is_mended_and_told_and_strict_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = district()
    features[0]["geometry"]["coordinates"] = square(0, 0, 1.004)  # a sliver over its neighbours
    features[5]["geometry"]["coordinates"] = square(4.5, 0, 1.5)  # far over its neighbours
    features.append(parcel("twin", 2, 2))  # the ground of another
    features[9]["properties"]["weight"] = -5
    features[10]["properties"]["weight"] = None
    features[11]["properties"]["weight"] = 700
    lon, lat = 117.3, 39.0
    bow = [[lon - 0.002, lat], [lon, lat + 0.001], [lon, lat], [lon - 0.002, lat + 0.001], [lon - 0.002, lat]]
    features.append(parcel("bow", 0, 0) | {"geometry": {"type": "Polygon", "coordinates": [bow]}})
    features.append(parcel("none", 0, 0) | {"geometry": None})
    features.append(parcel("alone", 30, 30, 20, within="120110001002"))
    units = written(tmp_path, collection(features), "units.geojson")
    code, report = ran(tmp_path, units)
    assert code == 0
    assert {
        "sliver", "overlap", "duplicate_parcel", "bad_weight", "self_intersection", "no_polygon",
        "large_building", "small_community",
    } <= codes_told(report)  # fmt: skip
    assert all(problem["place"] for problem in report["problems"])
    rejected = (tmp_path / "plan.rejects.csv").read_text(encoding="utf-8")
    assert "duplicate_parcel" in rejected
    assert report["tiling"]["overlap_m2"] == 0
    (tmp_path / "plan.csv").unlink()
    assert ran(tmp_path, units, "--strict")[0] == 2
    assert not (tmp_path / "plan.csv").exists()
    assert "self_intersection" in capsys.readouterr().err


def test_a_community_drawn_in_gcj02_is_moved_back(tmp_path: Path) -> None:
    features = district(20, 12)
    for one in features:
        ring = one["geometry"]["coordinates"][0]
        if int(one["properties"]["id"].split("-")[1]) < 4:
            one["properties"]["within"] = "120110001002"
            lon, lat = wgs84_to_gcj02([x for x, _ in ring], [y for _, y in ring])
            one["geometry"]["coordinates"] = [[[float(x), float(y)] for x, y in zip(lon, lat, strict=True)]]
    code, report = ran(tmp_path, written(tmp_path, collection(features), "units.geojson"), "--seconds", "1")
    assert code == 0
    assert "gcj02_among_wgs84" in codes_told(report)
    sheet = json.loads((tmp_path / "plan.geojson").read_bytes())
    ground = shapely.union_all(
        [shapely.from_geojson(json.dumps(one["geometry"])) for one in sheet["features"]]
    )
    assert ground.bounds == pytest.approx((117.3, 39.0, 117.3 + 12 * 0.00058, 39.0 + 20 * 0.00045), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda graph: graph["nodes"].append(graph["nodes"][0]), "bad_unit_id"),
        (lambda graph: graph["nodes"][0].pop("within"), "no_community"),
        (lambda graph: graph["edges"].append(["u0-0", "nowhere", 1, False]), "bad_edge"),
        (lambda graph: graph.pop("edges"), "bad_graph"),
        (lambda graph: graph["nodes"].clear(), "bad_graph"),
    ],
)
def test_graphs_that_cannot_be_understood_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, code: str
) -> None:
    graph = lattice(2, 3, 1)
    change(graph)
    assert ran(tmp_path, written(tmp_path, graph))[0] == 2
    assert f"({code})" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--lock", "120110001001001"), "lock_without_plan"),
        (("--target", "0"), "bad_rule"),
        (("--previous", "nowhere.csv"), "no_such_file"),
        (("--plot", "map.jpg"), "unknown_format"),
    ],
)
def test_wrong_usage_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: str
) -> None:
    assert ran(tmp_path, written(tmp_path, lattice(2, 3, 1)), *more)[0] == 2
    assert f"({code})" in capsys.readouterr().err


def test_a_plan_is_never_written_over_its_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units = written(tmp_path, collection(district(2, 3)), "plan.geojson")
    before = units.read_bytes()
    assert ran(tmp_path, units)[0] == 2
    assert "(out_is_input)" in capsys.readouterr().err
    assert units.read_bytes() == before


def test_degrees_among_metres_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features = [*district(2, 2), parcel("far", 0, 0)]
    features[-1]["geometry"]["coordinates"] = [
        [[39.0, 117.3], [39.001, 117.3], [39.001, 117.301], [39.0, 117.3]]
    ]
    assert ran(tmp_path, written(tmp_path, collection(features), "units.geojson"))[0] == 2
    assert "mixed_coordinates" in capsys.readouterr().err
