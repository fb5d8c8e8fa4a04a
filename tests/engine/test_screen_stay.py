"""Stays in affected areas: windows, cut stays, odd input, and a naive reference on random small tables."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge_engine.frame.cli import main
from wangge_engine.screen_stay.command import COLUMNS

NOON = datetime(2020, 2, 1, 12, tzinfo=UTC)


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def screen(tmp_path, stays, areas, *more, out="o.csv"):
    if isinstance(stays, str):
        (tmp_path / "s.csv").write_text(f"person_id,area_id,start,end\n{stays}", encoding="utf-8")
        stays = tmp_path / "s.csv"
    (tmp_path / "a.csv").write_text(f"area_id,from,to\n{areas}", encoding="utf-8")
    told = [
        "--stays",
        str(stays),
        "--areas",
        str(tmp_path / "a.csv"),
        "--out",
        str(tmp_path / out),
        "--quiet",
    ]
    return main(["screen-stay", *told, "--threads", "1", *more])


def test_a_date_counts_whole_days_and_an_instant_counts_exactly(tmp_path):
    stays = "A,1,2020-01-17 00:00,2020-01-17 02:00\nB,1,2020-01-16 22:00,2020-01-17 00:00\nC,1,2020-02-01 22:00,2020-02-02 02:00\n"
    assert screen(tmp_path, stays, "1,,\n", "--as-of", "2020-02-01") == 0
    found = rows(tmp_path / "o.csv")
    assert tuple(found[0]) == COLUMNS
    assert [(r["person_id"], r["minutes"]) for r in found] == [("A", "120"), ("C", "120")]
    assert screen(tmp_path, stays, "1,,\n", "--as-of", "2020-02-01T23:00:00+08:00", "--min-stay", "60m") == 0
    assert [(r["person_id"], r["minutes"]) for r in rows(tmp_path / "o.csv")] == [("C", "60")]


span = st.tuples(st.integers(-60, 60), st.integers(0, 30))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stays=st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("XY"), span), max_size=10),
    areas=st.lists(st.tuples(st.sampled_from("XYZ"), span), max_size=3),
    least=st.integers(1, 20),
)
def test_equals_the_naive_reference(tmp_path, stays, areas, least):
    """Hour by hour: which of the window's hours did a person spend in an affected area?"""
    moment = lambda hour: (NOON + timedelta(hours=hour)).isoformat()  # noqa: E731
    hours = {}
    for person, area, (start, length) in stays:
        for hour in range(start, start + length):
            if -48 <= hour < 0 and any(a == area and s <= hour < s + n for a, (s, n) in areas):
                hours.setdefault((person, area), set()).add(hour)
    told = [
        (*who, str(len(own) * 60), moment(min(own)), moment(max(own) + 1))
        for who, own in sorted(hours.items()) if len(own) >= least
    ]  # fmt: skip
    lines = "".join(f"{p},{a},{moment(s)},{moment(s + n)}\n" for p, a, (s, n) in stays)
    zones = "".join(f"{a},{moment(s)},{moment(s + n)}\n" for a, (s, n) in areas)
    more = ["--as-of", NOON.isoformat(), "--window", "2d", "--min-stay", f"{least}h", "--tz", "UTC"]
    assert screen(tmp_path, lines, zones, *more) == 0
    assert [tuple(r.values()) for r in rows(tmp_path / "o.csv")] == told


def test_rejects_report_and_strict(tmp_path, capsys):
    stays = "A,1,2020-01-30 10:00,2020-01-30 09:00\n,1,2020-01-30 10:00,2020-01-30 11:00\nB,1,x,2020-01-30 11:00\nC,1,2020-01-30,2020-01-30\n"
    areas = "1,,\n2,2020-02-02,2020-02-01\n3,soon,\n,,\n"
    assert screen(tmp_path, stays, areas, "--as-of", "2020-02-01", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["rejects"] == {"bad_time": 2, "end_before_start": 2, "missing": 2}
    assert [(r["person_id"], r["minutes"]) for r in rows(tmp_path / "o.csv")] == [("C", "1440")]
    assert screen(tmp_path, stays, areas, "--as-of", "2020-02-01", "--strict", out="strict.csv") == 2
    assert not (tmp_path / "strict.csv").exists()


def test_parquet_with_numbers_for_ids_and_a_picture(tmp_path):
    start = pa.array([datetime(2020, 1, 30, 2, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    end = pa.array([datetime(2020, 1, 30, 5, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    pq.write_table(
        pa.table({"person_id": [5], "area_id": [420100], "start": start, "end": end, "note": ["n"]}),
        tmp_path / "s.parquet",
    )
    more = ["--as-of", "2020-02-01", "--plot", str(tmp_path / "p.png")]
    assert screen(tmp_path, tmp_path / "s.parquet", "420100,,\n0420100,,\n", *more, out="o.parquet") == 0
    (row,) = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert (row["person_id"], row["area_id"], row["minutes"], row["note"]) == ("5", "420100", 180, "n")
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--as-of", "soon"], "bad_date"),
        (["--as-of", "2020-02-01", "--window", "15"], "bad_duration"),
        (["--as-of", "2020-02-01", "--min-stay", "two"], "bad_duration"),
        (["--as-of", "2020-02-01", "--out", "/tmp/x.xlsx"], "unknown_format"),
    ],
)
def test_refusals_leave_nothing(tmp_path, capsys, change, code):
    assert screen(tmp_path, "A,1,2020-01-30,2020-01-30\n", "1,,\n", *change) == 2
    assert code in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "s.csv"]
