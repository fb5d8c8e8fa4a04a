"""The examples of the manual pages that are files in and one file out, each run through its command."""

from __future__ import annotations

import csv
import tomllib

import pytest

from wangge_engine.frame.cli import main
from wangge_engine.frame.registry import ROOT

EXAMPLES = [
    (path.parent.name.replace("_", "-"), example)
    for path in sorted(ROOT.glob("*/examples.toml"))
    for example in tomllib.loads(path.read_text(encoding="utf-8"))["example"]
    if "files" in example
]


def same(found: str, told: object) -> bool:
    if isinstance(told, float):
        return float(found) == pytest.approx(told, rel=1e-3, abs=5e-4)
    return found == str(told)


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{n}: {e['en'][:40]}" for n, e in EXAMPLES])
def test_example(name, example, tmp_path):
    arguments = [*example.get("arguments", [])]
    for option, table in example["files"].items():
        path = tmp_path / f"{option}.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([table["columns"], *table["rows"]])
        arguments += [f"--{option}", str(path)]
    out = tmp_path / "out.csv"
    assert main([name, *arguments, "--out", str(out), "--quiet"]) == 0
    with out.open(encoding="utf-8", newline="") as handle:
        found = [[row[column] for column in example["out"]["columns"]] for row in csv.DictReader(handle)]
    assert len(found) == len(example["out"]["rows"])
    for row, told in zip(found, example["out"]["rows"], strict=True):
        assert all(map(same, row, told)), (row, told)
