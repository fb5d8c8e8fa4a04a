"""The examples of the manual, run as files through the command."""

import csv
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import wangge_engine.link
from wangge_engine.frame.cli import main
from wangge_engine.text.credit_codes import parse_credit_code
from wangge_engine.text.identity import parse_identity

BOOK = tomllib.loads((Path(wangge_engine.link.__file__).parent / "examples.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", BOOK["example"], ids=[e["en"][:40] for e in BOOK["example"]])
def test_example(example, tmp_path):
    path = tmp_path / "records.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(example["columns"])
        writer.writerows(example["rows"])
    schema = example.get("schema", "person-zh")
    arguments = ["--input", str(path), "--schema", schema, "--out", str(tmp_path / "out"), "--quiet"]
    assert main(["link", *arguments]) == 0
    groups = defaultdict(set)
    with (tmp_path / "out" / "clusters.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            groups[row["entity_id"]].add(row["record_id"])
    assert sorted(map(sorted, groups.values())) == sorted(map(sorted, example["together"]))


def test_numbers_in_the_examples_are_what_the_examples_need():
    doubtful = {"120110198807073223"}  # the swapped one
    for example in BOOK["example"]:
        for row in example["rows"]:
            for cell in row:
                if len(cell) == 18 and cell.isascii() and example.get("schema") == "organisation":
                    assert parse_credit_code(cell).valid, (example["en"], cell)
                elif len(cell) == 18 and cell.isascii():
                    assert parse_identity(cell).valid == (cell not in doubtful), (example["en"], cell)
