"""The space-time permutation scan against brute force, New York's sample, and bad input."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine import reference_scan as by_hand
from tests.needs import shared_data_folder
from wangge_engine.frame.cli import main
from wangge_engine.scan.intake import Cases, Places
from wangge_engine.scan.scanning import Scan
from wangge_engine.scan.zones import zones_of


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def written(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])
    return path


@pytest.mark.shared_data
def test_new_york_fever(tmp_path, capsys):
    folder, out = shared_data_folder() / "surveillance", tmp_path / "clusters.csv"
    files = [
        "--cases",
        str(folder / "NYCfever.cas"),
        "--places",
        str(folder / "NYCfever.geo"),
        "--out",
        str(out),
    ]
    more = ["--max-radius-km", "3", "--max-days", "7", "--replicates", "199", "--json"]
    assert main(["scan", *files, *more, "--plot", str(tmp_path / "map.png")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["zones"], report["cases"], report["places"], report["days"]) == (1261, 194, 192, 24)
    best = rows_of(out)[0]
    assert float(best["llr"]) == pytest.approx(3.845418, abs=5e-7)
    assert (best["centre"], best["places"], best["observed"]) == ("11418", "9", "4")
    assert (best["from"], best["to"]) == ("2001-11-22", "2001-11-24")
    assert float(best["expected"]) == pytest.approx(0.6701, abs=5e-5)
    assert 0.1 < float(best["p"]) < 0.35
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"


@st.composite
def towns(draw):
    spots = draw(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=6, unique=True)
    )
    places = {f"p{i}": (39 + x / 50, 117 + y / 40) for i, (x, y) in enumerate(spots)}
    cases = draw(
        st.lists(st.tuples(st.sampled_from(sorted(places)), st.integers(0, 7)), min_size=2, max_size=24)
    )
    return places, cases


@settings(max_examples=40, deadline=None)
@given(towns(), st.sampled_from([None, 0.0, 3.0, 50.0]), st.integers(1, 8), st.booleans())
def test_the_best_cylinder_is_what_brute_force_finds(town, radius, max_days, prospective):
    spots, cases = town
    ids = list(spots)
    places = Places(ids, *(np.array(column) for column in zip(*spots.values(), strict=True)))
    day = np.array([day for _, day in cases])
    told = Cases(np.array([ids.index(place) for place, _ in cases]), day)
    counts = np.bincount(told.place, minlength=len(ids))
    zones = zones_of(places, counts, max_radius_km=radius, earth_radius_km=6367.0)
    days = int(np.ptp(day)) + 1
    scan = Scan(
        told,
        zones,
        places=len(ids),
        last=int(day.max()),
        days=days,
        max_days=min(max_days, days),
        prospective=prospective,
    )
    found = scan.clusters(3)
    expected = by_hand.best(spots, cases, radius, max_days, prospective=prospective)
    assert (found[0].ratio if found else 0.0) == pytest.approx(expected, abs=1e-9)
    groups = [set(zones.of(one.zone).tolist()) for one in found]
    assert sum(map(len, groups)) == len(set().union(*groups)), "clusters share no place"
    shuffled = scan.best_of_shuffles(20, 1)
    assert (shuffled >= 0).all()
    if len(set(day.tolist())) == 1 and found:
        assert shuffled == pytest.approx(found[0].ratio)


def test_shuffles_count_what_a_shuffle_by_hand_counts():
    random = np.random.default_rng(2)
    spots = {f"p{i}": (39 + i / 90, 117.0) for i in range(5)}
    ids = list(spots)
    places = Places(ids, *(np.array(column) for column in zip(*spots.values(), strict=True)))
    cases = [(f"p{random.integers(5)}", int(random.integers(6))) for _ in range(20)]
    told = Cases(np.array([int(p[1]) for p, _ in cases]), np.array([d for _, d in cases]))
    zones = zones_of(places, np.bincount(told.place, minlength=5), max_radius_km=2, earth_radius_km=6367.0)
    scan = Scan(told, zones, places=5, last=5, days=6, max_days=3, prospective=False)
    shuffles = np.random.default_rng(9).permuted(np.broadcast_to(scan.day, (6, 20)), axis=1)
    expected = [
        by_hand.best(
            spots, [(p, int(d)) for (p, _), d in zip(cases, days, strict=True)], 2, 3, prospective=False
        )
        for days in shuffles
    ]
    assert scan.best_of_shuffles(6, 9) == pytest.approx(expected)


PLACES = [["a", 39.0, 117.0], ["b", 39.01, 117.0], ["c", 39.5, 117.5]]


def scanned(tmp_path, cases, places=PLACES, more=()):
    files = [
        "--cases", str(written(tmp_path / "c.csv", "place_id,date,count", cases)),
        "--places", str(written(tmp_path / "g.csv", "place_id,lat,lon", places)),
    ]  # fmt: skip
    return main(["scan", *files, "--out", str(tmp_path / "o.csv"), "--quiet", "--replicates", "9", *more])


def days(*told):
    return [[place, date(2026, 11, 1) + timedelta(days=day), count] for place, day, count in told]


def test_bad_rows_are_named(tmp_path, capsys):
    cases = [
        *days(("a", 0, 2), ("b", 5, 3), ("x", 1, 1), ("a", 2, -1), ("a", 2, "1.5")),
        ["a", "soon", 1],
        ["", "", 1],
    ]
    assert scanned(tmp_path, cases, [*PLACES, ["a", 1, 1], ["d", 99, 1]], ["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rejects"] == {
        "bad_coordinates": 1, "bad_count": 2, "bad_date": 1, "no_place": 1, "repeated_place": 1, "unknown_place": 1,
    }  # fmt: skip
    (tmp_path / "o.csv").unlink()
    assert scanned(tmp_path, cases, more=["--strict"]) == 2
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("cases", "more", "code"),
    [
        (days(("a", 0, 1)), [], "too_few_cases"),
        (days(("a", 0, 9)), [], "period_too_short"),
        (days(("a", 0, 2), ("b", 3, 1)), ["--max-days", "0"], "bad_parameter"),
        (days(("a", 0, 2), ("b", 3, 1)), ["--from", "2026-12-01", "--to", "2026-11-01"], "bad_parameter"),
    ],
)
def test_what_cannot_be_scanned_is_refused(tmp_path, capsys, cases, more, code):
    assert scanned(tmp_path, cases, more=more) == 2
    assert code in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


def test_no_cluster_is_an_empty_table(tmp_path):
    assert scanned(tmp_path, days(("a", 0, 3), ("b", 4, 3), ("c", 6, 1))) == 0
    assert rows_of(tmp_path / "o.csv") == [] or all(float(r["llr"]) > 0 for r in rows_of(tmp_path / "o.csv"))
