"""Area tiers: the rules as they are written, the day they change, replay of a past day, and bad input."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge_engine.frame.cli import main
from wangge_engine.frame.problems import Refused
from wangge_engine.tiers.grading import Case, tier
from wangge_engine.tiers.rules import pack_names, read_pack

DAY = date(2020, 3, 1)
NATIONAL = read_pack("national-2020-02")
cases = st.lists(
    st.builds(
        Case,
        st.integers(-40, 3).map(lambda days: DAY + timedelta(days=days)),
        st.booleans(),
        st.sampled_from([None, "k", "l"]),
    ),
    max_size=60,
)


def national_by_hand(told, day):
    known = [case for case in told if case.onset <= day]
    if not any((day - case.onset).days < 14 for case in known):
        return "low"
    clustered = any(case.cluster and (day - case.onset).days < 14 for case in known)
    return "high" if len(known) > 50 and clustered else "medium"


@settings(max_examples=60, deadline=None)
@given(cases, st.sampled_from(pack_names()))
def test_the_colour_changes_by_itself_on_the_day_that_is_told_and_not_before(told, name):
    pack = read_pack(name)
    now = tier(told, pack, DAY)
    known = [case for case in told if case.onset <= DAY]
    later = [tier(known, pack, DAY + timedelta(days=ahead)).rule.colour for ahead in range(1, 60)]
    first = next((i for i, colour in enumerate(later, 1) if colour != now.rule.colour), None)
    assert now.changes_on == (DAY + timedelta(days=first) if first else None)
    if name == NATIONAL.id:
        assert now.rule.id == national_by_hand(told, DAY)


@settings(max_examples=20, deadline=None)
@given(cases)
def test_cases_of_later_days_do_not_change_a_past_day(told):
    assert tier(told, NATIONAL, DAY) == tier([case for case in told if case.onset <= DAY], NATIONAL, DAY)


def on(days_ago, number=1, cluster=None):
    return [Case(DAY - timedelta(days=days_ago), True, cluster)] * number


@pytest.mark.parametrize(
    ("told", "rule", "change"),
    [
        ([], "low", None),
        (on(14), "low", None),
        (on(13), "medium", 1),
        (on(0, 50, "k"), "medium", 14),
        (on(0, 51), "medium", 14),
        ([*on(20, 50), *on(3, 1, "k")], "high", 11),
        ([*on(20, 50, "k"), *on(3)], "medium", 11),
        ([*on(9, 51, "k"), *on(2)], "high", 5),
    ],
)
def test_the_national_rule_at_its_edges(told, rule, change):
    found = tier(told, NATIONAL, DAY)
    assert found.rule.id == rule
    assert found.changes_on == (DAY + timedelta(days=change) if change else None)


def written(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])
    return str(path)


def told(tmp_path, rows, *more, rules="national-2020-02", as_of="2020-03-01"):
    files = [
        "--cases", written(tmp_path / "c.csv", "case_id,area_id,onset,local,cluster_id", rows),
        "--areas", written(tmp_path / "a.csv", "area_id,name", [["a", "甲"], ["a", "again"], ["b", "乙"]]),
    ]  # fmt: skip
    out = tmp_path / "o.csv"
    return main(["tiers", *files, "--rules", rules, "--as-of", as_of, "--out", str(out), "--quiet", *more])


def test_bad_rows_are_named_and_a_picture_is_drawn(tmp_path, capsys):
    rows = [["1", "a", "2020-02-28", 1, ""], ["1", "b", "2020-02-28", 1, ""], ["2", "x", "2020-02-28", 1, ""],
            ["3", "b", "soon", 1, ""], ["4", "b", "2020-02-28", 7, ""], ["", "b", "2020-02-28", 1, ""]]  # fmt: skip
    assert told(tmp_path, rows, "--json", "--plot", str(tmp_path / "p.png")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["colours"] == {"green": 1, "yellow": 1}
    assert set(report["rejects"]) == {"bad_date", "bad_local", "no_case_id", "repeated_area", "repeated_case", "unknown_area"}  # fmt: skip
    assert (tmp_path / "p.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("rules", "as_of", "code"),
    [
        ("national-2020-02", "2020-01-01", "rules_not_in_force"),
        ("national-2020-02", "2026-01-01", "rules_not_in_force"),
        ("no-such", "2020-03-01", "no_such_rules"),
    ],
)
def test_a_pack_that_cannot_be_used_is_refused(tmp_path, capsys, rules, as_of, code):
    assert told(tmp_path, [], rules=rules, as_of=as_of) == 2
    assert code in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


GOOD = """id = "x"
source = "s"
valid_from = 2020-01-01
[facts]
new = { count = "cases", days = 7 }
[[rule]]
id = "red"
colour = "red"
when = [["new", ">", 0]]
[[rule]]
id = "green"
colour = "green"
when = []
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "x"', "id ="),
        ("valid_from = 2020-01-01", 'valid_from = "soon"'),
        ('"cases"', '"people"'),
        ("days = 7", "days = 0"),
        ('"new", ">"', '"old", ">"'),
        ('">", 0', '"~", 0'),
        ("when = []", 'when = [["new", "==", 0]]'),
        ('id = "green"', 'id = "red"'),
    ],
)
def test_a_pack_of_ones_own_is_checked_before_it_decides(tmp_path, old, new):
    path = tmp_path / "pack.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert tier(on(6), read_pack(str(path)), DAY).changes_on == DAY + timedelta(days=1)
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match="bad_rules"):
        read_pack(str(path))
