"""Rounds for one grid: the limits of rest hold, every home is verified, good hours are kept, the walk is the shortest."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge_engine.frame.cli import main
from wangge_engine.patrol.days import longest_run, working_days
from wangge_engine.patrol.intake import minutes_of
from wangge_engine.patrol.kinds import Home, Terms
from wangge_engine.patrol.neighbourhoods import neighbourhoods
from wangge_engine.patrol.walking import walk

HEAD = ("id", "x", "y", "priority", "good_from", "good_to")
TERMS = Terms(minutes=90, visit=10.0, metres_a_minute=4000 / 60, starts=((540,), (900,)))


def write_homes(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows)
    return path


def planned(out: Path) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """(date, round) -> (home, arrival in minutes), in order."""
    rounds: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    with out.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = minutes_of(row["arrive"])
            assert at is not None
            rounds[row["date"], row["round"]].append((row["id"], at))
            assert int(row["order"]) == len(rounds[row["date"], row["round"]])
    return rounds


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2000, 2100),
    st.integers(1, 12),
    st.integers(0, 31),
    st.sets(st.dates(date(2000, 1, 1), date(2100, 12, 31)), max_size=5),
)
def test_rest_is_never_broken(year: int, month: int, most: int, off: set[date]) -> None:
    days = working_days(year, month, most=most, off=off)
    assert len(days) <= most and not set(days) & off and len(set(days)) == len(days)
    assert all(day.year == year and day.month == month and day.weekday() != 6 for day in days)
    following = date(year, month, 28) + timedelta(days=7)
    both = {*days, *working_days(following.year, following.month, most=31)}
    assert longest_run(both) <= 6


def test_a_month_is_twenty_two_days_where_it_has_them() -> None:
    assert len(working_days(2026, 11, most=22)) == 22  # 21 weekdays and one Saturday
    assert all(day.weekday() < 5 for day in working_days(2026, 12, most=22))
    golden_week = {date(2026, 10, n) for n in range(1, 8)}
    assert not golden_week & set(working_days(2026, 10, most=22, off=golden_week))


spots = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600)), min_size=1, max_size=5)
hours = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(520, 600), st.integers(5, 60))), min_size=5, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(spots, hours)
def test_the_walk_is_the_shortest_that_keeps_the_hours(
    places: list[tuple[int, int]], windows: list[tuple[int, int] | None]
) -> None:
    homes = [
        Home(str(i), x, y, 0, (w[0], w[0] + w[1]) if w else None)
        for i, ((x, y), w) in enumerate(zip(places, windows, strict=False))
    ]
    best = None
    for order in permutations(range(len(homes))):
        now = 540.0
        for step, i in enumerate(order):
            if step:
                before = homes[order[step - 1]]
                metres = ((homes[i].x - before.x) ** 2 + (homes[i].y - before.y) ** 2) ** 0.5
                now += 10 + metres / TERMS.metres_a_minute
            good = homes[i].good or (540, 10**6)
            now = max(now, good[0])
            if now > min(good[1] - 1, 620):
                break
        else:
            best = now + 10 if best is None else min(best, now + 10)
    found = walk(homes, range(len(homes)), 540, TERMS)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert found.end == pytest.approx(best)
        assert sorted(found.order) == list(range(len(homes)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40), st.integers(1, 8))
def test_neighbourhoods_are_small_and_whole(places: list[tuple[int, int]], size: int) -> None:
    homes = [Home(str(i), x, y, 0, None) for i, (x, y) in enumerate(places)]
    labels = neighbourhoods(homes, size).tolist()
    assert all(labels.count(label) <= size for label in set(labels))
    assert set(labels) == set(range(len(set(labels))))


def test_a_grid_is_verified_within_the_month(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[object, ...]] = [
        (
            f"h{i}",
            (i % 8) * 30,
            (i // 8 % 5) * 40,
            2 if i % 20 == 0 else 0,
            *(("18:00", "20:00") if i % 6 == 1 else ("", "")),
        )
        for i in range(60)
    ]
    rows.append(("night", 5, 5, 0, "23:00", "23:30"))  # no round can keep it, it is visited all the same
    homes = write_homes(tmp_path / "h.csv", rows)
    command = ["patrol", "--homes", str(homes), "--month", "2026-11", "--json", "--quiet"]
    command += ["--effort", "0.2", "--days", "6", "--rest", "2026-11-09..2026-11-13"]
    assert main([*command, "--out", str(tmp_path / "a.csv")]) == 0
    report = json.loads(capsys.readouterr().out)
    rounds = planned(tmp_path / "a.csv")
    assert report["verified"] == 61 and not report["left_out"] and len({day for day, _ in rounds}) <= 6
    assert not any("2026-11-09" <= day <= "2026-11-13" for day, _ in rounds)
    place = {str(row[0]): (row[1], row[2]) for row in rows}
    visits: dict[str, list[str]] = defaultdict(list)
    for (day, number), stops in rounds.items():
        first, last = stops[0][1], stops[-1][1]
        assert last + 10 - first <= 90 and (first >= 14 * 60) == (number == "2")
        for (a, at), (b, then) in pairwise(stops):
            metres = sum((p - q) ** 2 for p, q in zip(place[a], place[b], strict=True)) ** 0.5  # type: ignore[operator]
            assert then - at >= 10 + metres / TERMS.metres_a_minute - 1
        for home, at in stops:
            visits[home].append(day)
            if home != "night" and int(home[1:]) % 6 == 1:
                assert 18 * 60 <= at < 20 * 60
    for i in range(60):
        assert len(set(visits[f"h{i}"])) == (2 if i % 20 == 0 else 1)
    assert main([*command, "--out", str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


def test_what_does_not_fit_is_said_and_not_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = write_homes(tmp_path / "h.csv", [(f"h{i}", i * 5, 0, int(i < 3), "", "") for i in range(40)])
    command = [
        "patrol",
        "--homes",
        str(homes),
        "--month",
        "2026-02",
        "--days",
        "2",
        "--times",
        "1=1",
        "--effort",
        "0.2",
    ]
    assert main([*command, "--out", str(tmp_path / "r.csv"), "--json", "--quiet"]) == 0
    report = json.loads(capsys.readouterr().out)
    left = {one["id"] for one in report["left_out"]}
    seen = {home for stops in planned(tmp_path / "r.csv").values() for home, _ in stops}
    assert seen | left == {f"h{i}" for i in range(40)} and not seen & left
    assert len(seen) >= 4 * 7 and report["rounds"]["longest_minutes"] <= 90


def test_bad_rows_are_told_and_bad_words_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[object, ...]] = [
        ("a", 1, 1, "", "", ""),
        ("", 1, 1, 0, "", ""),
        ("b", "here", 1, 0, "", ""),
        ("a", 2, 2, 0, "", ""),
        ("c", 3, 3, "high", "20:00", "18:00"),
    ]
    homes = write_homes(tmp_path / "h.csv", rows)
    command = ["patrol", "--homes", str(homes), "--out", str(tmp_path / "r.csv"), "--json", "--quiet"]
    assert main([*command, "--month", "2026-11"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verified"] == 2
    told = {"bad_hours": 1, "bad_priority": 1, "id_again": 1, "id_missing": 1, "no_place": 1}
    assert report["rejected"] == told
    for words in (
        ["--month", "2026-13"],
        ["--month", "2026-11", "--starts", "09:00-10:30 11:00"],
        ["--month", "2026-11", "--visit", "100"],
        ["--month", "2026-11", "--off", "soon"],
        ["--month", "2026-11", "--strict"],
    ):
        (tmp_path / "r.csv").unlink(missing_ok=True)
        assert main([*command, *words]) == 2
        assert not (tmp_path / "r.csv").exists()
        assert "refused" in capsys.readouterr().err
