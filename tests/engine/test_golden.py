"""The golden record: the engine's rule is the naive rule, does not depend on order, and is not outvoted by copies."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.reference_golden import Candidate, golden
from wangge_engine.frame.cli import main
from wangge_engine.golden import choosing
from wangge_engine.golden.learning import learn, score

SOURCES = ("public_security", "grid_office", "health", "hotline", "elsewhere")
RANKS = {
    ("phone", "grid_office"): 8,
    ("phone", "health"): 7,
    ("name", "public_security"): 9,
    ("name", "hotline"): 1,
}
VALUES = {"phone": ("1", "2", "3"), "name": ("王", "李"), "id_no": ("x", "y", "z")}
TELLING = st.builds(
    lambda entity, field_value, source, as_of, band, verified, tier, bonus: (
        entity, *field_value, source, as_of, band, verified, tier, bonus
    ),
    st.integers(0, 5),
    st.sampled_from([(f, v) for f, vs in VALUES.items() for v in vs]),
    st.sampled_from(SOURCES),
    st.sampled_from(["", "2019-01-01", "2026-05-01"]),
    st.integers(0, 4),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([1, 1, 1, 0]),
    st.sampled_from([0.0, 2.0, -3.0]),
)  # fmt: skip


def as_candidates(rows: list[tuple]) -> list[Candidate]:
    return [
        Candidate(str(e), field, source, f"r{i}", value, as_of, verified, tier, bonus, band)
        for i, (e, field, value, source, as_of, band, verified, tier, bonus) in enumerate(rows)
    ]


def by_engine(told: list[Candidate], ranks: dict) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    columns = (
        "entity_id",
        "field",
        "source",
        "record_id",
        "value",
        "as_of",
        "verified",
        "tier",
        "bonus",
        "band",
    )
    rows = [
        (c.entity, c.field, c.source, c.record, c.value, c.as_of, c.verified, c.tier, c.bonus, c.band)
        for c in told
    ]
    con.register("__c", pa.table({n: [r[i] for r in rows] for i, n in enumerate(columns)}))
    con.execute("CREATE TABLE candidates AS SELECT * REPLACE (CAST(bonus AS DOUBLE) AS bonus) FROM __c")
    con.execute("CREATE TABLE authority (field VARCHAR, source VARCHAR, rank INTEGER)")
    for (field, source), rank in ranks.items():
        con.execute("INSERT INTO authority VALUES (?, ?, ?)", [field, source, rank])
    learn(con)
    score(con, "candidates")
    return con


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TELLING, min_size=1, max_size=40))
def test_the_engine_chooses_as_the_naive_rule_does(rows: list[tuple]) -> None:
    told = as_candidates(rows)
    weights, copies, values = golden(told, RANKS)
    con = by_engine(told, RANKS)
    for field, source, band, share in con.execute(
        "SELECT field, source, band, share FROM weights"
    ).fetchall():
        assert share == pytest.approx(weights[field, source, band], abs=1e-6)
    assert {(s, o): share for s, o, share in con.execute("FROM copies").fetchall()} == copies
    found = con.execute("SELECT entity_id, field, value, p, place = 1 FROM scored").fetchall()
    assert {(e, f, v): chosen for e, f, v, _, chosen in found} == {k: c for k, (_, c) in values.items()}
    for e, f, v, p, _ in found:
        assert p == pytest.approx(values[e, f, v][0], abs=1e-6)


def town(people: int, seed: int, *, careful: str, copier: bool, seen: float = 0.0) -> list[Candidate]:
    """Names told by careful sources and one careless one, perhaps by one that copies it, and some seen at the door."""
    draw = random.Random(seed)
    told = []
    for person in range(people):
        right = f"n{person}"
        careless = right if draw.random() > 0.15 else f"{right}?{draw.randrange(30)}"
        values = {"careless": careless, **({"copier": careless} if copier else {})}
        for source in careful:
            if draw.random() < 0.65:
                values[source] = right if draw.random() > 0.02 else f"{right}?{draw.randrange(30)}"
        told += [
            Candidate(str(person), "name", s, f"{s}{person}", v, "", False, 1, 0.0, 4)
            for s, v in values.items()
        ]
        if draw.random() < seen:
            told.append(
                Candidate(str(person), "name", "visit", f"v{person}", right, "2026-01-01", True, 1, 0.0, 0)
            )
    return told


def right_share(con: duckdb.DuckDBPyConnection) -> float:
    found = con.execute("SELECT avg((value = 'n' || entity_id)::INT) FROM scored WHERE place = 1").fetchone()
    assert found is not None
    return float(found[0])


def pairs(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return {(s, o) for s, o, _ in con.execute("FROM copies").fetchall()}


COPYING = {("careless", "copier"), ("copier", "careless")}


def test_a_copy_does_not_outvote_the_source_that_is_right() -> None:
    """Where one right source stands against a wrong one and its copy, a majority is wrong."""
    plain, copied = (by_engine(town(600, 3, careful="abc", copier=c), {}) for c in (False, True))
    assert pairs(plain) == set() and pairs(copied) == COPYING
    assert right_share(copied) >= right_share(plain) - 0.005
    assert right_share(copied) > 0.95


def test_a_few_visits_tell_who_copies_whom_where_the_files_alone_cannot() -> None:
    """Two careful sources against a careless one and its copy look alike from outside, until somebody has looked."""
    blind = by_engine(town(600, 3, careful="ab", copier=True), {})
    looked = by_engine(town(600, 3, careful="ab", copier=True, seen=0.15), {})
    assert right_share(blind) < 0.9 and pairs(blind) != COPYING
    assert pairs(looked) == COPYING and right_share(looked) > 0.95


def test_the_order_of_rows_does_not_matter() -> None:
    told = town(80, 5, careful="abc", copier=True)
    shuffled = told[:]
    random.Random(1).shuffle(shuffled)
    query = "SELECT entity_id, value, score, round(p, 9) FROM scored ORDER BY ALL"
    assert by_engine(told, {}).execute(query).fetchall() == by_engine(shuffled, {}).execute(query).fetchall()


def told_of(con: duckdb.DuckDBPyConnection, field: str) -> list[tuple]:
    return con.execute(
        "SELECT value, place, p FROM scored WHERE field = ? ORDER BY place", [field]
    ).fetchall()


def one(*rows: tuple[str, str, str, bool, int]) -> duckdb.DuckDBPyConnection:
    """Phones of one person: (source, value, as_of, verified, band)."""
    return by_engine(
        [Candidate("1", "phone", s, f"r{i}", v, day, seen, 1, 0.0, band) for i, (s, v, day, seen, band) in enumerate(rows)],
        {},
    )  # fmt: skip


def test_what_was_seen_at_the_door_stands_against_everything_told_before() -> None:
    con = one(("a", "1", "2026-01-01", False, 0), ("b", "1", "2026-02-01", False, 0), ("c", "1", "2025-02-01", False, 0),
              ("visit", "2", "2026-03-01", True, 0))  # fmt: skip
    assert told_of(con, "phone")[0][0] == "2"
    con = one(
        ("a", "1", "2026-04-01", False, 0),
        ("b", "1", "2026-05-01", False, 0),
        ("visit", "2", "2020-03-01", True, 2),
    )
    assert told_of(con, "phone")[0][0] == "1", "two that came after an old visit are believed again"


def test_the_newer_of_two_equals_survives() -> None:
    con = one(("a", "1", "2010-01-01", False, 3), ("b", "2", "2026-01-01", False, 0))
    assert [v for v, _, _ in told_of(con, "phone")] == ["2", "1"]


PEOPLE = """source,record_id,name,id_no,birth,phone,as_of
police,p1,王建国,120110198503120015,1985-03-12,13812345678,2026-01-01
police,p2,李梅,120110199001010021,1990-01-01,,2026-01-01
health,h1,王建国,120110198503120011,1985-03-12,13951234567,2019-01-01
health,h2,李梅,,1990-01-01,13812300002,2025-01-01
"""


def files(folder: Path) -> list[str]:
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    with (folder / "clusters.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("source", "record_id", "entity_id"), ("police", "p1", "A"), ("health", "h1", "A"), ("police", "p2", "B"),
             ("health", "h2", "B"), ("health", "h9", "B")]
        )  # fmt: skip
    return ["golden", "--input", str(folder / "people.csv"), "--clusters", str(folder / "clusters.csv"), "--quiet",
            "--out", str(folder / "out")]  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_writes_the_record_its_grounds_and_whom_to_ask(tmp_path: Path, capsys) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("entity_id,name,phone\nA,王建国,13812345678\nB,李梅,13812300002\n", encoding="utf-8")
    assert main([*files(tmp_path), "--truth", str(truth), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    golden = {row["entity_id"]: row for row in table(tmp_path / "out" / "golden.csv")}
    assert golden["A"]["phone"] == "13812345678" and golden["A"]["phone_different"] == "2"
    assert golden["A"]["name_agreeing"] == "2" and float(golden["A"]["name_sure"]) > 0.9
    doubts = {(r["record_id"], r["field"]): r for r in table(tmp_path / "out" / "doubts.csv")}
    wrong = [r for r in doubts.values() if r["reason"] == "check_digit"]
    assert wrong and {r["field"] for r in wrong} == {"id_no"}
    assert report["truth"]["rules"]["wangge"]["all"]["share"] == 1.0
    assert report["rejects"] == {"record_not_found": 1}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--verified", "nobody"], "unknown_source"),
        (["--dated", "nothing"], "no_such_column"),
        (["--authority", "people.csv"], "bad_authority"),
        (["--truth", "clusters.csv"], "bad_truth"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys, given: list[str], code: str
) -> None:
    arguments = files(tmp_path)
    given = [str(tmp_path / g) if g.endswith(".csv") else g for g in given]
    assert main([*arguments, *given]) == 2
    assert code in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_the_report_names_the_rule() -> None:
    assert choosing.p.RULE == "survivorship-2"
