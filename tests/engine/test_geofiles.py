"""Files that cannot be read say so in both languages, with their name; nothing else comes out of them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from tests.engine.gridfiles import grid_file
from tests.engine.tilings import cells_of, lattice
from wangge_engine.datums.coordinates import Datum
from wangge_engine.frame.problems import Refused
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.reading import read_layer
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.grids.gridrows import understand
from wangge_engine.grids.schemes import load_schemes
from wangge_engine.topology.intake import take_in
from wangge_engine.topology.kinds import DefectKind

SCHEMES = load_schemes(Path(__file__).parents[2] / "contracts/territory/unit_code_schemes.toml")

CELLS = cells_of(lattice(2, 2, 1))


def zipped(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def shapefile_parts():
    _, body = grid_file(CELLS, GeoFormat.SHAPEFILE)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.geojson", b"", "file_empty"),
        ("a.geojson", b'{"type": "FeatureCollection",\n "features": [}', "json_broken"),
        ("a.geojson", b'{"hello": 1}', "geofile_unreadable"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "layer_empty"),
        ("a.geojson", b"\xff\xff\xff\xff", "text_undecodable"),
        ("a.gpkg", b"not a database", "geofile_unreadable"),
        ("a.zip", b"not a zip", "zip_broken"),
        ("a.zip", zipped({"readme.txt": b"x"}), "shapefile_count"),
        ("a.zip", zipped({"x.shp": b"x", "y.shp": b"y"}), "shapefile_count"),
        ("a.zip", zipped({"x.shp": b"x"}), "shapefile_incomplete"),
        ("a.zip", zipped({"x.shp": b"x", "x.shx": b"x", "x.dbf": b"x" * 40}), "geofile_unreadable"),
        ("a.zip", zipped({"x.shp": bytes(60_000_000)}), "zip_bomb"),
        ("a.shp", b"x", "shapefile_not_zipped"),
        ("a.xlsx", b"x", "format_unknown"),
    ],
)
def test_unreadable_files_are_named(name, body, code):
    with pytest.raises(Refused) as caught:
        read_layer(name, body)
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].place == name
    assert caught.value.problems[0].zh != caught.value.problems[0].en


def test_broken_json_says_where():
    with pytest.raises(Refused) as caught:
        read_layer("a.json", b'{"type": "FeatureCollection",\n "features": [}')
    assert "第 2 行" in caught.value.problems[0].zh


def test_a_geopackage_is_read_out_of_a_zip():
    name, body = grid_file(cells_of(lattice(2, 2, 3)), GeoFormat.GEOPACKAGE)
    layer = read_layer("网格.zip", zipped({f"城管/{name}": body, "__MACOSX/._grids.gpkg": b"x"}))
    assert layer.format is GeoFormat.GEOPACKAGE
    assert len(layer.geometries) == 4


def test_rubbish_beside_the_shapefile_is_passed_over():
    parts = shapefile_parts()
    body = zipped(
        {f"内层/{name}": content for name, content in parts.items()} | {"__MACOSX/._grids.shp": b"x"}
    )
    assert len(read_layer("a.zip", body).geometries) == 4


def test_a_geojson_in_gb18030_is_read_with_a_remark():
    _, body = grid_file(CELLS)
    layer = read_layer("a.geojson", body.decode().encode("gb18030"))
    assert layer.columns["name"][0] == "第一网格"
    assert any("GB18030" in en for _, en in layer.notes)


@pytest.mark.parametrize(
    ("epsg", "datum"), [(4548, Datum.CGCS2000), (4549, Datum.CGCS2000), (32650, Datum.WGS84)]
)
def test_projected_files_are_turned_into_degrees(epsg, datum):
    to = Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    flat = [
        shapely.transform(cell.geometry, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))
        for cell in CELLS
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"code": cell.code},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for cell, shape in zip(CELLS, flat, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    body = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()
    layer = read_layer("a.geojson", body)
    assert layer.datum is datum
    assert not layer.degrees
    for cell, shape in zip(CELLS, layer.geometries, strict=True):
        assert shapely.hausdorff_distance(cell.geometry, shape) < 1e-8
    assert any(f"{epsg}" in en or "CM" in en or "UTM" in en for _, en in layer.notes)


@pytest.mark.parametrize("format", list(GeoFormat))
def test_what_is_written_is_read_back(format):
    both = shapely.MultiPolygon([CELLS[0].geometry, CELLS[3].geometry])
    shapes = [both, CELLS[1].geometry, CELLS[2].geometry]
    columns = {
        "code": ["120110001005001", "2", "3"],
        "name": ["第一网格", "二", ""],
        "n": [1, 2, 3],
        "m": [1, None, 3],
    }
    name, media, body = write_layer(format, "layer", columns, shapes)
    layer = read_layer(name, body)
    assert media
    assert layer.format is format
    assert list(layer.columns["code"]) == columns["code"]
    assert [value or "" for value in layer.columns["name"]] == columns["name"]
    assert list(layer.columns["n"]) == [1, 2, 3]
    assert [None if value is None else int(value) for value in layer.columns["m"]] == [1, None, 3]
    for before, after in zip(shapes, layer.geometries, strict=True):
        assert shapely.hausdorff_distance(before, after) < 1e-8


def test_a_geometry_of_no_numbers_is_reported_not_stumbled_over():
    with np.errstate(invalid="ignore"):
        nowhere = shapely.Polygon([(117.3, 39.1), (np.nan, np.nan), (117.4, 39.2), (117.3, 39.1)])
    name, _, body = write_layer(
        GeoFormat.GEOPACKAGE, "grids", {"code": ["1", "2"]}, [nowhere, CELLS[0].geometry]
    )
    intake = take_in(name, body, Datum.WGS84)
    assert [(one.kind, one.rows) for one in intake.defects] == [(DefectKind.COORDINATES_MISSING, (1,))]
    rows, defects = understand(
        {"code": ["120110001005001", "120110001005002"], "name": ["a", "b"]},
        intake.geometries,
        SCHEMES["DB11-15"],
        {"code": "code", "name": "name"},
    )
    assert [row.row for row in rows] == [1, 2]
    assert defects == []
