"""Whatever is drawn, the checks say something about it and do not stumble: rings without area, holes without
points, lines that fall back on themselves (one such ring kills the process in GEOS's own noding)."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.tilings import LAT, LON
from wangge_engine.datums.coordinates import Datum
from wangge_engine.datums.verdicts import judge_areas
from wangge_engine.geometry.measures import repaired
from wangge_engine.topology.checking import Cell, check_topology
from wangge_engine.topology.intake import take_in
from wangge_engine.topology.kinds import DefectKind
from wangge_engine.topology.mending import mend_slivers

# few places, so that points, edges and whole rings coincide often
points = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda p: [LON + p[0] * 5e-4, LAT + p[1] * 5e-4])
rings = st.lists(points, max_size=7).map(lambda ring: ring + ring[:1])
shells = st.lists(rings, max_size=3)
shapes = st.one_of(
    st.none(),
    st.builds(lambda rings: {"type": "Polygon", "coordinates": rings}, shells),
    st.builds(lambda parts: {"type": "MultiPolygon", "coordinates": parts}, st.lists(shells, max_size=3)),
    st.builds(
        lambda line: {"type": "LineString", "coordinates": line}, st.lists(points, min_size=2, max_size=4)
    ),
    st.builds(lambda point: {"type": "Point", "coordinates": point}, points),
)


def judged(drawn):
    features = [{"type": "Feature", "properties": {"code": "x"}, "geometry": shape} for shape in drawn]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    taken = take_in("a.geojson", body, Datum.WGS84)
    cells = [Cell(str(row), "c", shape, row) for row, shape in enumerate(taken.geometries, 1)]
    return cells, check_topology(cells)


@settings(max_examples=150, deadline=None)
@given(st.lists(shapes, min_size=1, max_size=5))
def test_anything_drawn_is_judged(drawn):
    cells, report = judged(drawn)
    assert math.isfinite(report.covered_m2)
    named = {code for one in report.defects for code in one.codes}
    for cell in cells:
        sound = cell.geometry is not None and not cell.geometry.is_empty and cell.geometry.is_valid
        assert sound or cell.code in named
    for one in report.defects:
        assert one.area_m2 >= 0
        assert one.lon is None or (math.isfinite(one.lon) and math.isfinite(one.lat))
    if not any(one.kind is DefectKind.SELF_INTERSECTION for one in report.defects):
        usable = [cell for cell in cells if cell.geometry is not None and not cell.geometry.is_empty]
        mended, _ = mend_slivers(usable, check_topology(usable))
        assert len(mended) == len(usable)
    known = {cell.code: repaired(cell.geometry) for cell in cells if cell.geometry is not None}
    assert all(0 <= fit <= 1 + 1e-9 for fit in judge_areas(Datum.WGS84, known, known).fits.values())


@pytest.mark.parametrize(
    "rings",
    [
        [[[117.3, 39.1], [117.3, 39.1], [117.3, 39.1], [117.3, 39.1]]],
        [[[117.3, 39.1], [117.31, 39.1], [117.3, 39.1], [117.3, 39.1]]],
        [[[117.3, 39.1], [117.3, 39.11], [117.31, 39.1], [117.3, 39.1]], []],
        [[[117.3, 39.1], [117.31, 39.1], [117.305, 39.11], [117.3, 39.1]], [[117.3, 39.1]] * 4],
    ],
)
def test_rings_without_an_inside(rings):
    _, report = judged([{"type": "Polygon", "coordinates": rings}])
    assert math.isfinite(report.covered_m2)
