"""Conditions in plain Python hold for the same pairs as in the database, on odd values, and distances are the same."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_link_spark import odd_rows
from wangge_engine.frame.tables import connect
from wangge_engine.link.few import Unknown, compiled, damerau_levenshtein, levenshtein
from wangge_engine.link.model_zh import MODEL

SHORT = st.text(alphabet="ab1张伟", max_size=6)
CON = connect()


def test_every_condition_holds_for_the_same_pairs():
    con = connect()
    declared, held = odd_rows(MODEL, random.Random(5), 250)
    con.execute(f"CREATE TABLE pairs (row INTEGER, {declared})")
    con.executemany(
        f"INSERT INTO pairs VALUES ({', '.join('?' * (1 + len(held[0])))})",
        [[at, *row] for at, row in enumerate(held)],
    )
    conditions = [
        sql for c in MODEL.comparisons for sql in (c.missing, *(lv.sql for lv in c.levels)) if sql != "ELSE"
    ]
    expected = con.execute(
        f"SELECT {', '.join(f'({sql})' for sql in conditions)} FROM pairs ORDER BY row"
    ).fetchall()
    names = [part.split()[0] for part in declared.split(", ")]
    asked = [compiled(sql) for sql in conditions]
    assert len(conditions) > 30
    for row, told in zip(held, expected, strict=True):
        pair = dict(zip(names, row, strict=True))
        assert [ask(pair) for ask in asked] == list(told), pair


@given(SHORT, SHORT)
def test_distances_are_the_databases(one, other):
    found = CON.execute("SELECT levenshtein($1, $2), damerau_levenshtein($1, $2)", [one, other]).fetchall()[0]
    assert (levenshtein(one, other), damerau_levenshtein(one, other)) == found


def test_what_is_not_known_is_left_to_the_database():
    with pytest.raises(Unknown):
        compiled("regexp_matches(name_l, name_r)")
    with pytest.raises(Unknown):
        compiled("name_l NOT LIKE 'x'")
