"""The pairs that share something are those that the rules, asked as joins, would find."""

import random

import pytest

from wangge_engine.frame.tables import connect
from wangge_engine.link import candidates, score
from wangge_engine.link.candidates import blocked_pairs

RULES = (
    "l.number = r.number",
    "l.name = r.name AND l.place = r.place",
    "l.place = r.place AND l.phone = r.phone AND (l.kind = 'partial' OR r.kind = 'partial')",
    "l.place = r.place AND l.phone = r.phone AND (l.former IS NOT NULL OR r.former IS NOT NULL)",
)


@pytest.fixture
def records():
    chance = random.Random(8)
    con = connect()
    con.execute(
        "CREATE TABLE records (uid INTEGER, number VARCHAR, name VARCHAR, place VARCHAR, phone VARCHAR,"
        " kind VARCHAR, former VARCHAR)"
    )
    rows = [
        (uid, *(chance.choice([None, *"abcdefghij"[:size]]) for size in (10, 6, 4, 5)),
         chance.choice(["full", "full", "partial", None]), chance.choice([None, None, None, "x"]))
        for uid in range(400)
    ]  # fmt: skip
    con.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return con


def joined(con, rules):
    asked = " OR ".join(f"({rule})" for rule in rules)
    return con.execute(
        f"SELECT l.uid, r.uid FROM records l JOIN records r ON l.uid < r.uid AND ({asked}) ORDER BY ALL"
    ).fetchall()


@pytest.mark.parametrize("rules", [RULES[:1], RULES[1:2], RULES[2:3], RULES[2:], RULES])
def test_pairs_are_those_of_the_joins(records, rules):
    left, right = blocked_pairs(records, rules, 400)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == joined(records, rules)


def test_too_many_pairs_are_left_to_the_database(records, monkeypatch):
    monkeypatch.setattr(candidates, "SPARE", 0)
    monkeypatch.setattr(candidates, "PAIRS_AT_MOST", 2)
    assert blocked_pairs(records, RULES, 400) is None
    asked = []
    monkeypatch.setattr(score, "separate", lambda settings: None)
    monkeypatch.setattr(score, "predict_with_splink", lambda *found: asked.append(found))
    model = type("Rules", (), {"blocking": RULES})
    score.predict(records, model, {})
    assert asked == [(records, model, {})]


def test_nobody_pairs_with_nobody():
    con = connect()
    con.execute("CREATE TABLE records (uid INTEGER, number VARCHAR)")
    left, right = blocked_pairs(con, RULES[:1], 0)
    assert len(left) == len(right) == 0
