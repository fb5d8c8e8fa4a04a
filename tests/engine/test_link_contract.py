"""The contract of the command: formats, schemas, modes, figures that anyone can recompute."""

import csv
import json
import math
from collections import Counter, defaultdict
from itertools import combinations

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.population import Population, write
from wangge_engine.frame.cli import main

HEADERS = ("编号", "姓名", "身份证号", "手机号码", "家庭住址")
PEOPLE = [
    ("1", "赵志刚", "110101199003077758", "13912345678", "海颂园3-2-501"),
    ("2", "趙志剛", "", "13912345678", "海颂园3号楼2单元501"),
    ("3", "李娜", "", "13911112222", "海颂园3-2-502"),
]


def read(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def linked(tmp_path, *arguments):
    report = tmp_path / "report.json"
    code = main(["link", *arguments, "--out", str(tmp_path / "out"), "--report", str(report), "--quiet"])
    assert code == 0
    return json.loads(report.read_text(encoding="utf-8"))


def as_csv(path):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([HEADERS, *PEOPLE])


def as_bom_csv(path):
    as_csv(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def as_parquet(path):
    columns = list(zip(*PEOPLE, strict=True))
    pq.write_table(
        pa.table({h: pa.array([v or None for v in c]) for h, c in zip(HEADERS, columns, strict=True)}), path
    )


def as_xlsx(path):
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    for row in PEOPLE:
        book.active.append([int(row[0]), *row[1:3], int(row[3]), row[4]])
    book.save(path)


@pytest.mark.parametrize(
    ("suffix", "make"), [("csv", as_csv), ("csv", as_bom_csv), ("parquet", as_parquet), ("xlsx", as_xlsx)]
)
def test_one_input_in_any_format_gives_one_result(tmp_path, suffix, make):
    path = tmp_path / f"people.{suffix}"
    make(path)
    report = linked(tmp_path, "--input", f"s={path}")
    entity = {row["record_id"]: row["entity_id"] for row in read(tmp_path / "out" / "clusters.csv")}
    assert report["rows"] == {"s": 3}
    assert entity["1"] == entity["2"] != entity["3"]


def test_parquet_output_holds_the_same_rows(tmp_path):
    as_csv(tmp_path / "people.csv")
    linked(tmp_path, "--input", f"s={tmp_path / 'people.csv'}")
    other = tmp_path / "other"
    other.mkdir()
    linked(other, "--input", f"s={tmp_path / 'people.csv'}", "--format", "parquet")
    for name in ("clusters", "households"):
        assert pq.read_table(other / "out" / f"{name}.parquet").to_pylist() == read(
            tmp_path / "out" / f"{name}.csv"
        )


def test_a_schema_file_names_columns(tmp_path):
    (tmp_path / "people.csv").write_text(
        "k,who,line\n1,赵志刚,13912345678\n2,赵志刚,13912345678\n", encoding="utf-8"
    )
    (tmp_path / "own.toml").write_text(
        'base = "person-zh"\n[columns]\nrecord_id = "k"\nname = ["who"]\nphone = "line"\n', encoding="utf-8"
    )
    report = linked(
        tmp_path, "--input", f"s={tmp_path / 'people.csv'}", "--schema", str(tmp_path / "own.toml")
    )
    assert (report["records"], report["entities"]) == (2, 1)


@pytest.mark.parametrize(
    "body",
    ["", "columns = 3", 'base = "x"\n[columns]\n', 'base = "person"\n[columns]\nno_such = "a"\n', "[["],
)
def test_a_bad_schema_file_is_refused(tmp_path, body):
    as_csv(tmp_path / "people.csv")
    (tmp_path / "own.toml").write_text(body, encoding="utf-8")
    arguments = ["--input", f"s={tmp_path / 'people.csv'}", "--schema", str(tmp_path / "own.toml")]
    assert main(["link", *arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 2


def test_between_links_no_two_records_of_one_file(tmp_path):
    rows = [HEADERS, *PEOPLE, ("4", *PEOPLE[0][1:])]
    for name in ("a", "b"):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(rows)
    inputs = [part for name in ("a", "b") for part in ("--input", f"{name}={tmp_path / name}.csv")]
    linked(tmp_path, *inputs, "--mode", "between")
    held = Counter((row["source"], row["entity_id"]) for row in read(tmp_path / "out" / "clusters.csv"))
    assert max(held.values()) == 1
    assert len({entity for _, entity in held}) < len(held)


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    files = write(folder, Population(250, seed=8))
    inputs = [part for source, path in files.items() for part in ("--input", f"{source}={path}")]
    return folder, linked(folder, *inputs, "--truth", str(folder / "truth.csv"))


def test_figures_can_be_recomputed_from_the_files(village):
    folder, report = village
    made = {
        (row["source"], row["record_id"]): row["entity_id"] for row in read(folder / "out" / "clusters.csv")
    }
    true = {(row["source"], row["record_id"]): row["entity_id"] for row in read(folder / "truth.csv")}

    def groups(labels):
        found = defaultdict(set)
        for record, label in labels.items():
            found[label].add(record)
        return found

    def pairs(labels):
        return {pair for members in groups(labels).values() for pair in combinations(sorted(members), 2)}

    ours, theirs = pairs(made), pairs(true)
    precision, recall = len(ours & theirs) / len(ours), len(ours & theirs) / len(theirs)
    figures = report["truth"]
    assert figures["pairwise"]["precision"] == pytest.approx(precision, abs=1e-6)
    assert figures["pairwise"]["recall"] == pytest.approx(recall, abs=1e-6)
    assert figures["pairwise"]["f1"] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-6)
    by_made, by_true = groups(made), groups(true)
    b_precision = sum(len(by_made[made[r]] & by_true[true[r]]) / len(by_made[made[r]]) for r in made) / len(
        made
    )
    b_recall = sum(len(by_made[made[r]] & by_true[true[r]]) / len(by_true[true[r]]) for r in made) / len(made)
    assert figures["b_cubed"]["precision"] == pytest.approx(b_precision, abs=1e-6)
    assert figures["b_cubed"]["recall"] == pytest.approx(b_recall, abs=1e-6)
    exact = sum(members in by_made.values() for members in by_true.values())
    assert figures["exactly_right"] == pytest.approx(exact / len(by_true), abs=1e-6)
    assert {stage["name"] for stage in report["stages"]} >= {"read", "normalise", "score", "cluster", "write"}
    assert report["peak_memory_mb"] > 0


def test_the_evidence_adds_up_to_the_weight_and_the_weight_to_the_probability(village):
    folder, report = village
    prior = report["model"]["prior"]
    rows = [row for row in read(folder / "out" / "links.csv") if row["kind"] == "scored"]
    assert rows
    for row in rows:
        parts = sum(float(value) for name, value in row.items() if name.startswith("w_"))
        weight = float(row["weight"])
        assert weight == pytest.approx(math.log2(prior / (1 - prior)) + parts, abs=0.04)
        assert float(row["probability"]) == pytest.approx(1 / (1 + 2**-weight), abs=0.01)


def test_every_entity_has_one_household_and_review_asks_about_pairs_left_apart(village):
    folder, report = village
    entity = {
        (row["source"], row["record_id"]): row["entity_id"] for row in read(folder / "out" / "clusters.csv")
    }
    households = Counter(row["entity_id"] for row in read(folder / "out" / "households.csv"))
    assert set(households) == set(entity.values())
    assert max(households.values()) == 1
    worth = []
    for row in read(folder / "out" / "review.csv"):
        assert entity[row["source_a"], row["record_a"]] != entity[row["source_b"], row["record_b"]]
        worth.append(float(row["worth"]))
    assert worth == sorted(worth, reverse=True)
    assert len(worth) == report["review"]
