"""Chains: the definitions of the veterinary literature, odd input, and a naive reference on random small networks."""

import csv
import itertools
import json
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge_engine.frame.cli import main

START = date(2020, 1, 1)


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write(path, head, lines):
    path.write_text("\n".join([head, *(",".join(map(str, line)) for line in lines)]) + "\n", encoding="utf-8")
    return path


def chains(tmp_path, contacts, roots, direction, *more, out="o.csv", head="root"):
    told = [
        "--contacts", str(write(tmp_path / "c.csv", "source,destination,date", contacts)),
        "--roots", str(write(tmp_path / "r.csv", head, roots)), "--direction", direction, "--out", str(tmp_path / out),
        "--sizes", str(tmp_path / "s.csv"), "--quiet",
    ]  # fmt: skip
    return main(["chains", *told, *more])


def paths(contacts, low, high):
    """Every chain of contacts, by brute force: no date goes back, no node comes twice."""
    usable = [c for c in set(contacts) if low <= c[2] <= high and c[0] != c[1]]
    found = [[c] for c in usable]
    while found:
        yield from found
        found = [
            [*path, c] for path in found for c in usable
            if c[0] == path[-1][1] and c[2] >= path[-1][2] and c[1] not in {n for p in path for n in p[:2]}
        ]  # fmt: skip


def reference(contacts, roots, direction):
    """{(root, node): (fewest steps, earliest arrival, first dates that paths so arriving may have)}."""
    told = {}
    for root, low, high in roots:
        ends = {}
        for path in paths(contacts, low, high):
            if path[0 if direction == "out" else -1][0 if direction == "out" else 1] == root:
                node = path[-1][1] if direction == "out" else path[0][0]
                ends.setdefault(node, []).append(path)
        for node, own in ends.items():
            arrival = min(path[-1][2] for path in own)
            first = [path for path in own if path[-1][2] == arrival]
            least = min(map(len, first))
            told[root, node] = (min(map(len, own)), arrival, {p[0][2] for p in first if len(p) == least})
    return told


names = st.sampled_from("ABCDE")
days = st.integers(0, 5).map(lambda n: START + timedelta(days=n))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contacts=st.lists(st.tuples(names, names, days), min_size=1, max_size=9),
    windows=st.lists(st.tuples(days, days).map(sorted), min_size=2, max_size=2),
    direction=st.sampled_from(["in", "out"]),
)
def test_equals_the_naive_reference(tmp_path, contacts, windows, direction):
    roots = [(name, *windows[n % 2]) for n, name in enumerate("ABCF")]
    assert chains(tmp_path, contacts, roots, direction, head="root,from,to") == 0
    told = reference(contacts, roots, direction)
    found = rows(tmp_path / "o.csv")
    assert [(r["root"], r["node"]) for r in found] == sorted(told)
    for row in found:
        steps, last, firsts = told[row["root"], row["node"]]
        assert (int(row["distance"]), date.fromisoformat(row["last_date"])) == (steps, last)
        assert date.fromisoformat(row["first_date"]) in firsts
    for row, (root, low, high) in zip(rows(tmp_path / "s.csv"), roots, strict=True):
        own, other = (0, 1) if direction == "out" else (1, 0)
        met = {c[other] for c in contacts if c[own] == root and low <= c[2] <= high} - {root}
        assert (row["root"], int(row["direct"])) == (root, len(met))
        assert int(row["chain"]) == sum(one == root for one, _ in told)


def test_the_published_cases_of_chain_sizes(tmp_path):
    """Sizes that the R package's own tests state (facts): ingoing 7 and 3; a pair that meets in a circle on one day: 1."""
    days_of = lambda *numbers: [date(1970, 1, 1) + timedelta(days=n) for n in numbers]  # noqa: E731
    first = list(
        zip(
            range(1, 8),
            (4, 5, 5, 6, 8, 8, 8),
            days_of(14849, 14846, 14847, 14850, 14848, 14851, 14852),
            strict=True,
        )
    )
    assert chains(tmp_path, first, [(8,)], "in", "--from", "2010-08-22", "--to", "2010-10-01") == 0
    assert [r["chain"] for r in rows(tmp_path / "s.csv")] == ["7"]
    second = list(zip((1, 2, 3, 3), (3, 3, 4, 4), days_of(14834, 14838, 14836, 14841), strict=True))
    assert chains(tmp_path, second, [(4,)], "in", "--from", "2010-07-22", "--to", "2010-08-21") == 0
    assert [r["chain"] for r in rows(tmp_path / "s.csv")] == ["3"]
    circle = [(1, 2, "2010-08-13"), (2, 1, "2010-08-13")]
    assert chains(tmp_path, circle, [(1,), (2,)], "in") == 0
    assert [(r["direct"], r["chain"]) for r in rows(tmp_path / "s.csv")] == [("1", "1"), ("1", "1")]
    again = [(1, 2, f"2010-10-{n:02}") for n in (1, 10, 20, 30)] + [
        (2, 3, "2010-10-05"),
        (2, 3, "2010-10-15"),
        (3, 4, "2010-10-25"),
    ]
    assert chains(tmp_path, again, [(1,)], "out", "--from", "2010-10-10", "--to", "2010-10-20") == 0
    assert [(r["direct"], r["chain"]) for r in rows(tmp_path / "s.csv")] == [("1", "2")]


def test_rejects_report_and_what_is_left_out(tmp_path, capsys):
    contacts = [
        ("A", "B", "2020-01-02"),
        ("B", "B", "2020-01-02"),
        ("A", "", "2020-01-02"),
        ("A", "C", "2 Jan"),
        ("A", "D", ""),
    ]
    roots = [("A", "", ""), ("A", "", ""), ("B", "2020-02-01", "2020-01-01"), ("Z", "", "x"), ("", "", "")]
    assert chains(tmp_path, contacts, roots, "out", "--json", head="root,from,to") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["rejects"] == {"bad_time": 2, "end_before_start": 1, "missing": 3, "repeated_root": 1}
    assert (report["with_oneself"], report["rows"], report["roots"]) == (1, 1, 1)
    assert {r["file"] for r in rows(tmp_path / "o.rejects.csv")} == {"c.csv", "r.csv"}
    assert chains(tmp_path, contacts, roots, "out", "--strict", out="strict.csv", head="root,from,to") == 2
    assert not (tmp_path / "strict.csv").exists()


def test_parquet_and_odd_names_and_nothing_at_all(tmp_path):
    contacts = [('"A, the first"', "B", "2020-01-02T08:00:00+08:00"), ("B", "C", "2020-01-02T07:00:00+08:00")]
    assert (
        chains(tmp_path, contacts, [('"A, the first"', "x")], "out", out="o.parquet", head="root,note") == 0
    )
    told = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert [(r["root"], r["node"], r["first_date"], r["note"]) for r in told] == [
        ("A, the first", node, date(2020, 1, 2), "x") for node in "BC"
    ]
    assert chains(tmp_path, contacts, [('"A, the first"',)], "out") == 0
    assert [r["root"] for r in rows(tmp_path / "o.csv")] == ["A, the first"] * 2
    assert chains(tmp_path, [], [("Q",)], "in") == 0
    assert rows(tmp_path / "o.csv") == []
    assert rows(tmp_path / "s.csv") == [{"root": "Q", "direct": "0", "chain": "0"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--from", "2020-13-01"], "bad_date"),
        (["--from", "2020-02-01", "--to", "2020-01-01"], "end_before_start"),
        (["--contacts", "/no/such.csv"], "no_such_file"),
        (["--sizes", "s.txt"], "unknown_format"),
        (["--tz", "Mars/Base"], "unknown_zone"),
    ],
)
def test_refusals_leave_nothing(tmp_path, capsys, change, code):
    assert chains(tmp_path, [("A", "B", "2020-01-02")], [("A",)], "out", *change) == 2
    assert code in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "r.csv"]


def test_batches_change_nothing(tmp_path, monkeypatch):
    contacts = [
        (a, b, START + timedelta(days=(ord(a) * 7 + ord(b) * 5) % 9))
        for a, b in itertools.permutations("ABCDEFGH", 2)
    ]
    told = []
    for cells in (1, 20, 10**4):
        monkeypatch.setattr("wangge_engine.chains.reach.CELLS", cells)
        for direction in ("in", "out"):
            assert chains(tmp_path, contacts, [(n,) for n in "HGFEDCBA"], direction) == 0
            told.append((direction, (tmp_path / "o.csv").read_bytes()))
    assert len(set(told)) == 2
    assert chains(tmp_path, contacts, [("A",)], "in", "--plot", str(tmp_path / "p.svg")) == 0
    assert (tmp_path / "p.svg").read_bytes()[:5] == b"<?xml"
