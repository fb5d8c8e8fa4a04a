"""``wangge engine crosswalk``: pairs, relations, conflicts, and the fewest changes against every possible matching."""

from __future__ import annotations

import csv
import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.tilings import lattice
from wangge_engine.crosswalk.agreement import Relation, fewest_changes, heaviest_matching, relations
from wangge_engine.crosswalk.nets import Net
from wangge_engine.crosswalk.overlay import OPEN, Pair, of_polygons
from wangge_engine.datums.coordinates import Datum, wgs84_to_gcj02
from wangge_engine.frame.cli import main
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.geometry.measures import area_m2


def net_of(shapes: list[Any], letter: str, households: list[float] | None = None) -> Net:
    codes = [f"{letter}{number:02d}" for number in range(len(shapes))]
    loads = None if households is None else np.array(households, dtype=np.float64)
    return Net(
        codes, shapes, loads, [(c, s, n) for n, (c, s) in enumerate(zip(codes, shapes, strict=True), 1)]
    )


def saved(folder: Path, net: Net, name: str, **more: Any) -> str:
    columns: dict[str, Any] = {"code": net.codes, **more}
    if net.households is not None:
        columns["households"] = net.households.tolist()
    path = folder / f"{name}.gpkg"
    path.write_bytes(write_layer(GeoFormat.GEOPACKAGE, name, columns, net.shapes)[2])
    return str(path)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """(exit code, rows, report) of the command."""

    def go(*words: str) -> tuple[int, list[dict[str, str]], dict[str, Any]]:
        out, report = tmp_path / "pairs.csv", tmp_path / "report.json"
        given = ["crosswalk", *words, "--out", str(out), "--report", str(report), "--quiet"]
        code = main(given)
        if code:
            return code, [], {"said": capsys.readouterr().err, "out": out.exists()}
        with out.open(encoding="utf-8", newline="") as handle:
            return code, list(csv.DictReader(handle)), json.loads(report.read_text("utf-8"))

    return go


loads = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(0, 40), min_size=1, max_size=12
)


@settings(max_examples=150, deadline=None)
@given(loads)
def test_no_other_choice_of_partners_moves_less(load: dict[tuple[str, str], int]) -> None:
    pairs = [Pair(a, b, None, 0.5, 0.5, float(value)) for (a, b), value in sorted(load.items())]
    agreed = fewest_changes(pairs)
    assert len(set(agreed.partners.values())) == len(agreed.partners)
    assert set(agreed.partners.items()) <= set(load)
    best = max(
        sum(load.get((a, b), 0) for a, b in zip("abcd", order, strict=True)) for order in permutations("wxyz")
    )
    assert agreed.stays == best
    assert agreed.moves == sum(load.values()) - best == sum(one.weight for one in agreed.changes)
    for one in agreed.changes:
        assert agreed.partners.get(one.pair.a, "") == one.to_b != one.pair.b
        assert one.to_a == "" or agreed.partners[one.to_a] == one.pair.b


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.integers(0, 500))
def test_every_square_metre_stands_in_one_pair(seed: int, other: int) -> None:
    a = net_of(list(lattice(3, 3, seed).values()), "a", [100.0] * 9)
    moved = shapely.transform(
        np.array(list(lattice(3, 2, other).values()), dtype=object), lambda xy: xy + np.array([4e-4, 3e-4])
    )
    b = net_of(list(moved), "b")
    overlay = of_polygons(a, b, None, 0.0)
    for net, name in ((a, "a"), (b, "b")):
        for code, shape in zip(net.codes, net.shapes, strict=True):
            mine = [pair for pair in overlay.pairs if getattr(pair, name) == code]
            assert sum(pair.area_m2 or 0 for pair in mine) == pytest.approx(area_m2(shape), rel=1e-6)
            assert sum(getattr(pair, f"share_{name}") for pair in mine) == pytest.approx(1.0, rel=1e-6)
    assert sum(pair.households or 0.0 for pair in overlay.pairs) == pytest.approx(900.0)
    back = of_polygons(b, a, None, 0.0)
    turned = {(pair.b, pair.a): pair.area_m2 for pair in back.pairs}
    assert {(pair.a, pair.b) for pair in overlay.pairs} == set(turned)
    assert all(turned[pair.a, pair.b] == pytest.approx(pair.area_m2) for pair in overlay.pairs)


def test_the_same_net_twice_needs_no_change_and_a_sliver_is_none(run: Any, tmp_path: Path) -> None:
    shapes = list(lattice(3, 3, 7).values())
    a = net_of(shapes, "a", [300.0] * 9)
    b = net_of(
        [shapely.transform(shape, lambda xy: xy + 1e-6) for shape in shapes], "b"
    )  # a hand's breadth aside
    code, rows, report = run("--a", saved(tmp_path, a, "a"), "--b", saved(tmp_path, b, "b"))
    assert code == 0
    assert [(row["a"], row["b"]) for row in rows] == list(zip(a.codes, b.codes, strict=True))
    assert report["fewest_changes"]["moves"] == 0
    assert report["relations_a"] == {"same": 9}
    assert report["ignored"]["count"] > 0
    assert report["households_from"] == "a by area"


def test_relations_say_who_is_split_and_who_is_part(run: Any, tmp_path: Path) -> None:
    shapes = lattice(4, 1, 3)
    a = net_of([shapely.union(shapes[0, 0], shapes[1, 0]), shapes[2, 0], shapes[3, 0]], "a")
    b = net_of([shapes[0, 0], shapes[1, 0], shapely.union(shapes[2, 0], shapes[3, 0])], "b")
    overlay = of_polygons(a, b, None, 0.5)
    of_a, of_b = relations(overlay.pairs)
    assert of_a == {"a00": Relation.SPLIT, "a01": Relation.PART, "a02": Relation.PART}
    assert of_b == {"b00": Relation.PART, "b01": Relation.PART, "b02": Relation.SPLIT}
    agreed = fewest_changes(overlay.pairs)
    areas = {pair.a + pair.b: pair.area_m2 or 0 for pair in overlay.pairs}
    assert agreed.moves == pytest.approx(
        min(areas["a00b00"], areas["a00b01"]) + min(areas["a01b02"], areas["a02b02"])
    )
    assert (len(agreed.alone_a), len(agreed.alone_b)) == (1, 1)


def test_households_stand_where_the_buildings_are(run: Any, tmp_path: Path) -> None:
    shapes = lattice(2, 1, 5)
    a = net_of(list(shapes.values()), "a", [1.0, 1.0])
    b = net_of([shapely.union_all(list(shapes.values()))], "b")
    west, east = (shapely.point_on_surface(shape) for shape in shapes.values())
    units = tmp_path / "units.csv"
    units.write_text(
        "id,lon,lat,households\n"
        f"u1,{west.x},{west.y},40\nu2,{east.x},{east.y},25\nu3,,,9\nu4,10,10,7\nu5,{east.x},{east.y},-3\n",
        encoding="utf-8",
    )
    given = ("--a", saved(tmp_path, a, "a"), "--b", saved(tmp_path, b, "b"), "--units", str(units))
    code, rows, report = run(*given)
    assert code == 0
    assert [float(row["households"]) for row in rows] == [40.0, 25.0]
    assert report["households_in_neither"] == 7.0
    assert report["rejected"] == {"bad_weight": 1, "no_place": 1}
    (change,) = report["fewest_changes"]["changes"]
    assert (change["a"], change["households"], change["unit_ids"]) == ("a01", 25.0, ["u2"])
    assert run(*given, "--strict")[0] == 2


def test_two_tables_of_units_are_laid_over_each_other(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "unit,grid,households\n1,A,10\n2,A,20\n3,B,30\n4,B,5\n5,,1\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text("unit,grid\n1,X\n2,Y\n3,Y\n4,X\n6,Z\n", encoding="utf-8")
    code, rows, report = run("--a", str(tmp_path / "a.csv"), "--b", str(tmp_path / "b.csv"))
    assert code == 0
    assert {(row["a"], row["b"]): float(row["households"]) for row in rows} == {
        ("A", "X"): 10, ("A", "Y"): 20, ("B", "X"): 5, ("B", "Y"): 30, ("", "Z"): 0,
    }  # fmt: skip
    assert report["fewest_changes"]["partners"] == {"A": "X", "B": "Y"}
    assert report["fewest_changes"]["moves"] == 25
    assert report["rejected"] == {"no_code": 1}


def test_conflicts_inside_a_net_are_told_with_their_place(run: Any, tmp_path: Path) -> None:
    shapes = list(lattice(3, 3, 2).values())
    whole = net_of(shapes, "b")
    shapes = [shapely.union(shapes[0], shapely.buffer(shapes[1].centroid, 4e-4)), *shapes[1:4], *shapes[5:]]
    code, rows, report = run(
        "--a", saved(tmp_path, net_of(shapes, "a"), "a"), "--b", saved(tmp_path, whole, "b")
    )
    assert code == 0
    assert report["conflicts"]["a"]["gap"] == 1
    assert report["conflicts"]["a"]["overlap"] == 1
    assert report["conflicts"]["b"] == {}
    assert all(one["lon"] and one["area_m2"] for one in report["conflicts_list"]["a"])
    assert report["only_b_m2"] == pytest.approx(area_m2(whole.shapes[4]), rel=0.01)
    assert any(row["a"] == OPEN and row["b"] == "b04" for row in rows)


def test_another_datum_and_a_picture(run: Any, tmp_path: Path) -> None:
    shapes = list(lattice(3, 2, 4).values())
    bent = [shapely.transform(s, lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T))) for s in shapes]
    given = ("--a", saved(tmp_path, net_of(shapes, "a"), "a"), "--b", saved(tmp_path, net_of(bent, "b"), "b"))
    picture = tmp_path / "nets.png"
    code, _, report = run(*given, "--datum-b", Datum.GCJ02.value, "--plot", str(picture))
    assert (code, report["fewest_changes"]["moves"]) == (0, 0)
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert run(*given)[2]["fewest_changes"]["share"] > 0.3, "unturned they lie half a kilometre apart"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--a", "{net}", "--b", "{table}"), "nets_differ"),
        (("--a", "{net}", "--b", "{net}", "--code-b", "nothing"), "column_missing"),
        (("--a", "{net}", "--b", "{missing}"), "no_such_file"),
        (("--a", "{table}", "--b", "{table}", "--units", "{table}"), "units_with_tables"),
        (("--a", "{net}", "--b", "{odd}"), "unknown_format"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    run: Any, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "t.csv").write_text("unit,grid\n1,A\n", encoding="utf-8")
    told = {
        "net": saved(tmp_path, net_of(list(lattice(2, 1, 1).values()), "a"), "n"),
        "table": str(tmp_path / "t.csv"),
        "missing": str(tmp_path / "none.geojson"),
        "odd": str(tmp_path / "net.docx"),
    }
    code, _, report = run(*(word.format(**told) for word in words))
    assert code == 2
    assert said in report["said"]
    assert not report["out"]


def test_a_large_matching_is_found_at_once() -> None:
    rng = np.random.default_rng(1)
    load = {
        (f"a{i}", f"b{j}"): float(w)
        for i, j, w in zip(*rng.integers(0, 3_000, (2, 15_000)), rng.random(15_000) * 99, strict=True)
    }
    partners = heaviest_matching(load)
    greedy: dict[str, str] = {}
    for (a, b), _ in sorted(load.items(), key=lambda one: -one[1]):
        if a not in greedy and b not in greedy.values():
            greedy[a] = b
        if len(greedy) > 300:
            break
    assert sum(load[a, b] for a, b in partners.items()) > sum(load[a, b] for a, b in greedy.items())
