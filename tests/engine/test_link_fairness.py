"""Precision and recall by group: recomputed pair by pair, and nobody left behind."""

from itertools import combinations

import pytest

from benchmarks.city import make, sources
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

HARDEST = {"partial", "none or latin"}  # 王先生 without a number is nobody in particular


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    make(folder, 3_000, 5, lambda text: None)
    con = connect()
    request = Request(
        inputs=[Input(source, path) for source, path in sources(folder).items()],
        schema=read_schema("person-zh"),
        truth=folder / "truth.csv",
    )
    report = link(con, request, Rejects(), Stages(quiet=True))
    return con, report


def test_no_group_falls_more_than_a_point_behind(judged):
    _, report = judged
    groups = report["groups"]
    assert {"2 characters", "3 characters", "compound surname", "transliterated", "partial"} <= set(
        groups["name_shape"]
    )
    assert {"06-17", "18-39", "40-59", "60-79", "80 and over"} <= set(groups["age"])
    behind = [
        name
        for kind in groups.values()
        for name, row in kind.items()
        if row["behind"] and name not in HARDEST
    ]
    assert behind == []


def test_the_figures_of_a_group_are_those_of_its_pairs(judged):
    con, report = judged
    rows = con.execute(
        "SELECT made, true_id, name_kind = 'transliterated', id_number, birth, phone_key, door"
        " FROM judged JOIN records USING (uid)"
    ).fetchall()
    made, true, both = (
        {
            (a, b)
            for members in _groups(rows, key).values()
            for a, b in combinations(members, 2)
            if rows[a][2] or rows[b][2]
        }
        for key in (lambda row: row[0], lambda row: row[1], lambda row: row[:2])
    )
    found = report["groups"]["name_shape"]["transliterated"]
    assert found["true_pairs"] == len(true)
    assert found["precision"] == pytest.approx(len(both) / len(made), abs=1e-6)
    assert found["recall"] == pytest.approx(len(both) / len(true), abs=1e-6)
    chained = 0
    for person in {rows[a][1] for a, _ in true}:
        members = [row for row in rows if row[1] == person]
        group = {i: {i} for i in range(len(members))}
        for i, j in combinations(group, 2):
            if any(x is not None and x == y for x, y in zip(members[i][3:], members[j][3:], strict=True)):
                merged = group[i] | group[j]
                for node in merged:
                    group[node] = merged
        chained += sum(j in group[i] and (members[i][2] or members[j][2]) for i, j in combinations(group, 2))
    assert found["ceiling"] == pytest.approx(chained / len(true), abs=1e-6)


def _groups(rows, key):
    held = {}
    for i, row in enumerate(rows):
        held.setdefault(key(row), []).append(i)
    return held
