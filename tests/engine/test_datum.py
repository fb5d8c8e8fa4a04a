"""Undeclared GCJ-02 and BD-09 are seen against known ground; without known ground nothing is claimed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.tilings import LAT, LON, lattice
from wangge_engine.datums.coordinates import Datum, from_wgs84
from wangge_engine.datums.verdicts import DatumState, judge_areas, judge_membership, judge_points, moved


def shifted(shape, datum):
    return shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)))


def communities(seed=1, columns=6, rows=6):
    """Blocks of 2 x 2 quadrilaterals (600 m), by code."""
    shapes = lattice(columns, rows, seed)
    blocks: dict[str, list] = {}
    for (i, j), shape in shapes.items():
        blocks.setdefault(f"120110001{(i // 2) * 10 + j // 2 + 1:03d}", []).append(shape)
    return {code: shapely.union_all(parts) for code, parts in blocks.items()}


@pytest.mark.parametrize("truth", list(Datum))
@pytest.mark.parametrize("declared", list(Datum))
def test_every_pair_of_declared_and_true_datum(truth, declared):
    known = communities()
    given_ = {code: shifted(shape, truth) for code, shape in known.items()}
    verdict = judge_areas(declared, known, given_)
    same = {Datum.WGS84, Datum.CGCS2000}
    if truth is declared or {truth, declared} == same:
        assert verdict.state is DatumState.FITS
        assert verdict.offset_m == 0
    else:
        assert verdict.state is DatumState.CONTRADICTED
        assert verdict.best is (Datum.WGS84 if truth in same else truth)
        assert verdict.offset_m > 300


@settings(max_examples=20, deadline=None)
@given(st.floats(75, 134), st.floats(19, 52), st.integers(0, 99), st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_a_redrawn_district_border_is_enough(lon, lat, seed, truth):
    # a district of about 20 km, its border known only as a drawing of others: 100 m off at each vertex
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    reach = 0.1 * (1 + 0.3 * np.sin(3 * angles))
    ring = np.c_[lon + reach * np.cos(angles), lat + reach * np.sin(angles)]
    redrawn = ring + rng.normal(0, 0.0007, ring.shape)
    known = {"120110000000": shapely.Polygon(redrawn).buffer(0)}
    given_ = {"120110000000": shifted(shapely.Polygon(ring), truth)}
    offset_m = np.hypot(*(from_wgs84(lon, lat, truth) - np.array([lon, lat]))) * 111_000
    verdict = judge_areas(Datum.WGS84, known, given_)
    assert verdict.state is not DatumState.FITS
    if offset_m > 300:
        assert (verdict.state, verdict.best) == (DatumState.CONTRADICTED, truth)
    honest = judge_areas(Datum.WGS84, known, {"120110000000": shapely.Polygon(ring)})
    assert honest.state is not DatumState.CONTRADICTED


def test_one_corner_of_a_district_is_compared_by_its_own_size():
    whole = shapely.box(LON, LAT, LON + 0.2, LAT + 0.2)
    corner = shapely.box(
        LON + 0.17, LAT + 0.17, LON + 0.2, LAT + 0.2
    )  # GCJ-02 pushes it out to the north-east
    verdict = judge_areas(
        Datum.WGS84, {"120110000000": whole}, {"120110000000": shifted(corner, Datum.GCJ02)}
    )
    assert verdict.fits[Datum.GCJ02] > 0.99
    assert (verdict.state, verdict.best) == (DatumState.CONTRADICTED, Datum.GCJ02)


def test_nothing_known_nothing_claimed():
    known = communities()
    assert judge_areas(Datum.WGS84, {}, known).state is DatumState.UNVERIFIED
    middle = {"120110000000": shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1)}
    inside = {"120110000000": next(iter(known.values()))}
    assert judge_areas(Datum.WGS84, middle, inside).state is DatumState.UNVERIFIED
    far = {code: shapely.transform(shape, lambda xy: xy + 1) for code, shape in known.items()}
    assert judge_areas(Datum.WGS84, known, far).state is DatumState.UNVERIFIED


@pytest.mark.parametrize("truth", [Datum.GCJ02, Datum.BD09])
def test_buildings_against_their_known_places_and_their_communities(truth):
    areas = communities()
    rng = np.random.default_rng(3)
    codes = [code for code in areas for _ in range(5)]
    spots = [areas[code].centroid for code in codes]
    lon = np.array([spot.x for spot in spots]) + rng.normal(0, 1e-4, len(spots))
    lat = np.array([spot.y for spot in spots]) + rng.normal(0, 1e-4, len(spots))
    off = from_wgs84(lon, lat, truth)
    points = judge_points(Datum.WGS84, lon, lat, *off)
    assert (points.state, points.best) == (DatumState.CONTRADICTED, truth)
    within = judge_membership(Datum.WGS84, areas, codes, *off)
    assert (within.state, within.best) == (DatumState.CONTRADICTED, truth)
    assert judge_points(Datum.WGS84, lon, lat, lon, lat).state is DatumState.FITS
    assert judge_membership(Datum.WGS84, areas, codes, lon, lat).state is DatumState.FITS
    assert judge_membership(Datum.WGS84, {}, codes, lon, lat).state is DatumState.UNVERIFIED


def test_moving_back_is_exact():
    shape = next(iter(communities().values()))
    back = moved(shifted(shape, Datum.BD09), Datum.BD09)
    assert shapely.hausdorff_distance(shape, back) < 1e-9
