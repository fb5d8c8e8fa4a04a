"""Both sides of a pair as numbers and texts say what the records say."""

import numpy as np
import pyarrow as pa
import pytest

from wangge_engine.frame.tables import connect
from wangge_engine.link.candidates import _neighbours, _Sorted, told_exactly
from wangge_engine.link.sides import read_sides, told_in_full

ROWS = [
    (2, "王伟", "甲", None, True, 3),
    (0, "李丽", None, 1.5, None, None),
    (3, None, "乙", 2.5, False, 0),
    (1, "王伟", "甲", 0.0, True, -1),
]


@pytest.mark.parametrize(
    ("condition", "full"),
    [
        ("a_l = a_r AND (b_l IS NULL OR NOT b_l <> b_r) OR c_r IS NOT NULL", set()),
        ("a_l IS NOT DISTINCT FROM a_r AND NOT (b_l = b_r)", set()),
        ("a_l = b_r", {"a", "b"}),
        ("length(a_l) = length(a_r) AND b_l = b_r", {"a"}),
        ("a_l = a_r[1:2] OR b_l || c_l = c_r AND d_l = d_r || 'x'", {"a", "b", "c", "d"}),
        ("abs(a_l - a_r) = 1 AND a_l = a_r", {"a"}),
        ("contains(a_l, b_l) AND c_l = 'x'", {"a", "b", "c"}),
    ],
)
def test_only_equality_may_do_without_the_value(condition, full):
    assert told_in_full([condition]) == full


def test_sides_are_the_records():
    con = connect()
    con.execute(
        "CREATE TABLE records (uid INTEGER, name VARCHAR, place VARCHAR, w DOUBLE, sure BOOLEAN, n TINYINT)"
    )
    con.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    con.execute("CREATE TABLE places AS SELECT '甲' AS place, 0.25 AS tf_place")
    sides = read_sides(con, 4, {"name"}, ["name", "n", "place", "sure", "uid", "w"], {"place": "places"})
    con.register("taken", pa.Table.from_batches([sides.take(np.array([3, 1, 0, 1, 2]))]))
    found = con.execute("SELECT uid, name, place, tf_place, w, sure, n FROM taken").fetchall()
    told = {row[0]: row for row in ROWS}
    hashed = dict(con.execute("SELECT uid, hash(place) FROM records WHERE place IS NOT NULL").fetchall())
    assert found == [
        (u, told[u][1], hashed.get(u), 0.25 if told[u][2] == "甲" else None, *told[u][3:])
        for u in (3, 1, 0, 1, 2)
    ]
    assert sides.take(np.array([], dtype=np.int64)).num_rows == 0


def test_hashes_that_agree_in_part_only_make_no_pair():
    uid = np.arange(3, dtype=np.uint64)
    same = np.array([True, True])  # three records of one shortened value
    hashes = np.array([20, 21, 20], dtype=np.uint64)  # the second meets the others by chance
    found = np.concatenate(list(_neighbours(_Sorted(uid, same, hashes), None)))
    assert [(int(p) >> 32, int(p) & 0xFFFFFFFF) for p in found] == [(0, 2)]


def test_rules_that_ask_more_are_asked_again():
    assert told_exactly(["l.a = r.a AND (l.b = 'x' OR r.b = 'x')", "l.a = r.a AND l.c[1:2] = r.c[1:2]"])
    assert not told_exactly(["l.a = r.a", "l.a = r.a AND l.source <> r.source"])
    assert not told_exactly(["l.a = r.a AND l.b = r.c"])
