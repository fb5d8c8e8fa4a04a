"""Sizes on the ellipsoid, against pyproj's geodesic area of densified rings."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from wangge_engine.geometry.measures import LocalFrame, area_m2


@settings(max_examples=30, deadline=None)
@given(st.floats(75, 134), st.floats(5, 52), st.floats(0.0005, 0.3), st.integers(3, 9), st.integers(0, 999))
def test_area_agrees_with_geodesics_on_dense_rings(lon, lat, radius, corners, seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = rng.uniform(0.3, 1.0, corners) * radius
    ring = np.c_[lon + reach * np.cos(angles), lat + reach * np.sin(angles)]
    polygon = shapely.make_valid(shapely.Polygon(ring))
    dense = shapely.segmentize(polygon, radius / 200)
    oracle = sum(
        abs(Geod(ellps="WGS84").geometry_area_perimeter(part)[0])
        for part in shapely.get_parts(dense)
        if part.geom_type == "Polygon"
    )
    assert area_m2(polygon) == pytest.approx(oracle, rel=1e-5, abs=0.01)


def test_a_hole_is_taken_off_and_lines_have_no_area():
    outer, inner = shapely.box(117.0, 39.0, 117.1, 39.1), shapely.box(117.04, 39.04, 117.05, 39.05)
    assert area_m2(shapely.difference(outer, inner)) == pytest.approx(area_m2(outer) - area_m2(inner))
    assert area_m2(shapely.LineString([(117, 39), (118, 39)])) == 0


@pytest.mark.parametrize("width", [0.3, 1.0, 4.0])
def test_width_of_a_strip(width):
    frame = LocalFrame.around([shapely.Point(117.3, 39.1).buffer(0.01)])
    strip = frame.degrees(shapely.affinity.rotate(shapely.box(0, 0, 500, width), 30))
    assert frame.mean_width_m(strip) == pytest.approx(width, rel=0.02)
    assert frame.narrower_than(strip, width * 1.01)
    assert not frame.narrower_than(strip, width * 0.97)
